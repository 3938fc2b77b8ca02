/** A program in, a program out, with the proof that its path is the one asked for. */
import type { ProgramTransform, TransformReport } from '../../program.ts'
import { affineStage } from './affine.ts'
import type { Emission, Stage } from './emission.ts'
import { type SimpleProgram, simpleProgram } from './expand.ts'
import { TooFarOff, TransformFailed } from './failure.ts'
import { checkHeightMap } from './height-map.ts'
import { levelStage } from './level.ts'
import { optimiseStage } from './optimise.ts'
import { pointMapOf } from './point-map.ts'
import { Proof } from './proof.ts'
import { neutralModel, ProgramReading } from './reading.ts'

/** Lines between two breaths: about ten milliseconds. */
const LINES_PER_STEP = 1000
const PIECE_CHARACTERS = 65_536
/** For changes that name no tolerance of their own: rounding, and arcs that become lines. */
const DEFAULT_TOLERANCE_MM = 0.005
/** Rounding to 0.1 µm and back, seen over three axes and an arc's centre: no tolerance is finer. */
const ROUNDING_MM = 0.0005

/** Where the proof finds the path too far off, it is made anew with a part of the tolerance. */
const SHARES = [1, 0.6, 0.3] as const

export interface TransformOptions {
  /** Where the transform names none. @defaultValue 0.005 */
  toleranceMm?: number
}

export interface TransformResult {
  /** The new program. */
  pieces: Uint8Array[]
  report: TransformReport
  /** What a person should know, in whole sentences. */
  notes: string[]
}

/**
 * Makes a new program from one. The result is read again by the engine and its path compared with the path asked for: what
 * is farther off than the tolerance is not handed out.
 *
 * Works for about ten milliseconds at a time, so that a server's or a page's thread stays free for others.
 * @param input the whole program, or its pieces
 * @throws TransformFailed with line and reason, where the change has no right answer or the proof fails
 */
export async function transformProgram(
  input: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  transform: ProgramTransform,
  options: TransformOptions = {},
): Promise<TransformResult> {
  const pieces: Uint8Array[] = []
  if (input instanceof Uint8Array) pieces.push(input)
  else for await (const piece of input) pieces.push(piece)
  const work = transformSteps(pieces, transform, options)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await new Promise((resolve) => setTimeout(resolve))
  }
}

/** As {@link transformProgram}, at one go: for a worker thread, or a small program. @throws TransformFailed */
export function transformProgramSync(input: Uint8Array | Iterable<Uint8Array>, transform: ProgramTransform, options: TransformOptions = {}): TransformResult {
  const work = transformSteps(input instanceof Uint8Array ? [input] : [...input], transform, options)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

function* transformSteps(pieces: readonly Uint8Array[], transform: ProgramTransform, options: TransformOptions): Generator<void, TransformResult> {
  const program = yield* simpleProgram(pieces)
  const toleranceMm = toleranceOf(transform, options)
  for (const share of SHARES) {
    try {
      const result = yield* attempt(program, transform, { toleranceMm, share })
      return { ...result, report: { ...result.report, bytesBefore: pieces.reduce((sum, piece) => sum + piece.length, 0) } }
    } catch (error) {
      if (!(error instanceof TooFarOff) || share === SHARES.at(-1)) throw error
    }
  }
  throw new Error('There was no attempt at all')
}

function* attempt(
  program: SimpleProgram,
  transform: ProgramTransform,
  { toleranceMm, share }: { toleranceMm: number; share: number },
): Generator<void, TransformResult> {
  const { rules } = program
  const model = neutralModel(rules)
  const { stage, stepMm } = stageOf(transform, { toleranceMm: toleranceMm * share, startMm: Array.from(model.positionMm) })
  const reading = new ProgramReading(model)
  const proof = new Proof({ rules, toleranceMm, unmap: stage.unmap, ...(stepMm === undefined ? {} : { stepMm }) })
  const output = new OutputPieces(program.eol)
  const take = (emissions: readonly Emission[]) => {
    for (const emission of emissions) {
      proof.take(emission)
      for (const line of emission.lines) output.add(line)
    }
  }
  let linesBefore = 0
  for (const line of program.lines) {
    linesBefore += 1
    take(stage.line(reading.read(line, program.inert.has(linesBefore))))
    if (linesBefore % LINES_PER_STEP === 0) yield
  }
  take(stage.end())
  proof.end(reading.modal)
  const made = output.end(program.endsWithEol)
  return {
    pieces: made,
    report: {
      linesBefore,
      linesAfter: output.lines,
      bytesBefore: 0,
      bytesAfter: made.reduce((sum, piece) => sum + piece.length, 0),
      largestDeviationMm: proof.largestDeviationMm,
      toleranceMm,
    },
    notes: [...(program.isExpanded ? ['Expressions, subprograms or canned cycles were written out as simple lines before the change.'] : []), ...stage.notes()],
  }
}

function toleranceOf(transform: ProgramTransform, options: TransformOptions): number {
  const wanted = transform.kind === 'level' || transform.kind === 'optimise' ? transform.toleranceMm : (options.toleranceMm ?? DEFAULT_TOLERANCE_MM)
  return Math.max(wanted, ROUNDING_MM)
}

function stageOf(transform: ProgramTransform, common: { toleranceMm: number; startMm: readonly number[] }): { stage: Stage; stepMm?: number } {
  switch (transform.kind) {
    case 'offset':
    case 'rotate':
    case 'mirror':
    case 'scale':
      return { stage: affineStage({ ...common, map: pointMapOf(transform) }) }
    case 'level': {
      const problem = checkHeightMap(transform.map)
      if (problem !== undefined) throw new TransformFailed(0, problem)
      return levelStage({ ...common, map: transform.map })
    }
    case 'optimise':
      return { stage: optimiseStage({ ...transform, ...common }) }
    default:
      return transform satisfies never
  }
}

/** Lines to bytes, in pieces. */
class OutputPieces {
  lines = 0
  private readonly eol: string
  private readonly pieces: Uint8Array[] = []
  private text: string[] = []
  private characters = 0

  constructor(eol: string) {
    this.eol = eol
  }

  add(line: string): void {
    if (this.lines > 0) this.text.push(this.eol)
    this.text.push(line)
    this.lines += 1
    this.characters += line.length + this.eol.length
    if (this.characters >= PIECE_CHARACTERS) this.flush()
  }

  end(endsWithEol: boolean): Uint8Array[] {
    if (endsWithEol && this.lines > 0) this.text.push(this.eol)
    this.flush()
    return this.pieces
  }

  private flush(): void {
    const text = this.text.join('')
    const bytes = new Uint8Array(text.length)
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i)
    if (bytes.length > 0) this.pieces.push(bytes)
    this.text = []
    this.characters = 0
  }
}
