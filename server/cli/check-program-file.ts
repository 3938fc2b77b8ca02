/** `cellwright program check`: the guard's own check of a program, on a file, without a machine. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { type CheckSetup, type Extents, modalStateFromWords, type Vector } from '../../nodes/motion/gcode/index.ts'
import { SMALLEST_CONTROLLER } from '../../nodes/motion/grbl/index.ts'
import { checkProgram } from '../../nodes/motion/guard/check-program.ts'
import { MachineSettings } from '../api/index.ts'
import { programText } from '../machines/program-text.ts'
import { fileProblem, readJsonFile } from './files.ts'

export interface FoundProgram {
  /** Lines that would be sent. */
  lines: number
  bytes: number
  sha256: string
  /** What the program moves through, in machine coordinates; absent without a move. */
  extentsMm?: Extents
  isEnvelopeChecked: boolean
}

const EVERYWHERE: CheckSetup['envelopeMm'] = {
  min: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  max: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
}
const settings = checker(MachineSettings)

async function envelopeIn(file: string): Promise<CheckSetup['envelopeMm']> {
  const { id: _, ...value } = (await readJsonFile(file)) as Record<string, unknown>
  return settings.parse(value, file).envelopeMm
}

function vectorFrom(text: string): Vector {
  const [x, y, z, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (x === undefined || y === undefined || z === undefined || rest.length || [x, y, z].some((value) => !Number.isFinite(value)))
    throw new UserError({ code: 'work-offset-invalid', message: `--work-offset must be three numbers such as 12.5,-40,0, not "${text}".` })
  return [x, y, z]
}

/** Reads it once as an upload would be read. */
async function factsOf(file: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  const text = programText()
  let bytes = 0
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      text.take(chunk)
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw fileProblem(file, error)
  }
  text.end()
  return { sha256: hash.digest('hex'), bytes }
}

/**
 * The machine is taken to stand at its work zero after a reset, with every other offset at zero.
 * @throws UserError program-invalid, line-refused, outside-envelope (with line and column), program-empty
 */
export async function checkProgramFile(file: string, options: { machineFile?: string; workOffset?: string }): Promise<FoundProgram> {
  const workOffset = options.workOffset === undefined ? ([0, 0, 0] satisfies Vector) : vectorFrom(options.workOffset)
  const envelopeMm = options.machineFile === undefined ? EVERYWHERE : await envelopeIn(options.machineFile)
  const { sha256, bytes } = await factsOf(file)
  const found = await checkProgram({
    path: file,
    sha256,
    maxLineLength: SMALLEST_CONTROLLER.maxLineLength,
    signal: new AbortController().signal,
    setup: {
      positionMm: workOffset,
      modal: modalStateFromWords(['G0', 'G54', 'G17', 'G21', 'G90', 'G94', 'F0']),
      workOffsetsMm: [0, 1, 2, 3, 4, 5].map(() => workOffset),
      g92Mm: [0, 0, 0],
      toolLengthMm: [0, 0, 0],
      g28Mm: [0, 0, 0],
      g30Mm: [0, 0, 0],
      envelopeMm,
    },
  })
  await found.file.close()
  return {
    lines: found.totalLines,
    bytes,
    sha256,
    ...(found.extentsMm ? { extentsMm: found.extentsMm } : {}),
    isEnvelopeChecked: options.machineFile !== undefined,
  }
}
