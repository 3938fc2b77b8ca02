/**
 * The proof of a transform: the new program is read by the engine as a controller would read it, and its moves and events
 * are held against those asked for, group by group, as they are made.
 */
import type { ModalState, ProgramEvent, ProgramReader } from '../contract.ts'
import { readProgram } from '../reader.ts'
import { type AskedMove, askedLike, distance, lengthOf, pointAt, shapeOf } from './asked-move.ts'
import type { Emission, Stage } from './emission.ts'
import { TooFarOff, TransformFailed } from './failure.ts'
import { type Point, type Polyline, pathDistance } from './path-distance.ts'
import { type KeptMotion, keepMotion, lineBytes, neutralModel, type Rules } from './reading.ts'

/** Chords of an arc stay this near to it when paths are compared, mm. */
const CHORD_MM = 0.0002
/** Degrees. */
const ROTARY_TOLERANCE = 0.001
/** Moves shorter than this are no moves: rounding makes and swallows them. mm */
const NO_MOVE_MM = 0.0003

interface ProofOptions {
  rules: Rules
  toleranceMm: number
  unmap?: Stage['unmap']
  /** A surface is followed: how near to each other points of the path made are looked at, mm. */
  stepMm?: number
}

export class Proof {
  largestDeviationMm = 0
  private readonly reader: ProgramReader
  private motions: KeptMotion[] = []
  private events: { event: ProgramEvent; movesBefore: number }[] = []
  private readonly tolerance: number
  private readonly unmap: Stage['unmap']
  private readonly step: number
  private problem: string | undefined

  constructor(options: ProofOptions) {
    this.tolerance = options.toleranceMm
    this.unmap = options.unmap
    this.step = options.stepMm ?? Number.POSITIVE_INFINITY
    this.reader = readProgram(neutralModel(options.rules), {
      motion: (motion) => this.motions.push(keepMotion(motion)),
      event: (event) => this.events.push({ event, movesBefore: this.motions.length }),
      finding: ({ severity, text }) => {
        if (severity === 'error') this.problem ??= text
      },
    })
  }

  /** The new program's lines up to here. @throws TransformFailed when they do not do what is asked */
  take(emission: Emission): void {
    this.motions = []
    this.events = []
    const isInert = emission.sources[0]?.isInert === true
    for (const line of emission.lines) this.reader.add(lineBytes(isInert ? '' : line))
    const at = emission.sources[0]?.number ?? 0
    if (this.problem !== undefined) throw new TransformFailed(at, `The line made of it would not be taken by a controller: ${this.problem}`)
    const made = this.motions.map((motion) =>
      askedLike(motion, { from: motion.from, to: motion.to, shape: shapeOf(motion), isInverseTime: this.reader.state.modal.feedMode === 930 }),
    )
    const problem = this.compareMoves(emission.asked, made) ?? this.compareEvents(emission)
    if (this.largestDeviationMm > this.tolerance)
      throw new TooFarOff(
        at,
        `The path made is ${this.largestDeviationMm.toFixed(4)} mm from the one asked for; ${this.tolerance} mm are allowed. Nothing was made of the program; please keep it as an example of this fault.`,
      )
    if (problem !== undefined) throw new TransformFailed(at, `${problem} Nothing was made of the program; please keep it as an example of this fault.`)
  }

  /** @param modal at the end of the old program @throws TransformFailed */
  end(modal: Readonly<ModalState>): void {
    const facts = this.reader.end()
    if (facts.errors > 0) throw new TransformFailed(0, `The program made would not be taken by a controller: ${this.problem ?? ''}`)
    const made = this.reader.state.modal
    for (const key of ['plane', 'isInches', 'isIncremental', 'isArcAbsolute', 'feedMode', 'workOffset', 'spindle', 'isFloodOn', 'isMistOn', 'tool'] as const)
      if (made[key] !== modal[key]) throw new TransformFailed(0, `The program made ends in another state (${key}). Nothing was made of the program.`)
  }

  private compareMoves(asked: readonly AskedMove[], made: readonly AskedMove[]): string | undefined {
    let [wanted, got] = [runsOf(asked, NO_MOVE_MM), runsOf(made, NO_MOVE_MM)]
    // rounding put one on the other side of that limit
    if (wanted.length !== got.length) [wanted, got] = [runsOf(asked, 2 * NO_MOVE_MM), runsOf(made, 2 * NO_MOVE_MM)]
    if (wanted.length !== got.length) return `The program made moves ${got.length} times here where ${wanted.length} were asked for.`
    for (let i = 0; i < wanted.length; i += 1) {
      const problem = this.compareRun(wanted[i] as AskedMove[], got[i] as AskedMove[])
      if (problem !== undefined) return problem
    }
    // where nothing moves, both still have to stand at the same place
    const last = asked.at(-1)
    const stands = made.at(-1)
    if (last && stands && last.isDirect) this.note(distance(last.to, stands.to))
    return undefined
  }

  private compareRun(asked: readonly AskedMove[], made: readonly AskedMove[]): string | undefined {
    const [wanted, got] = [asked[0] as AskedMove, made[0] as AskedMove]
    if (wanted.class !== got.class) return `A ${got.class} was made of a ${wanted.class}.`
    if (wanted.tool !== got.tool || wanted.spindle !== got.spindle || wanted.spindleRpm !== got.spindleRpm || wanted.workOffset !== got.workOffset)
      return 'Tool, spindle or work offset are not what they were.'
    for (const move of made) {
      // in inverse time the feed is worked out from a rounded length
      const slack = wanted.isInverseTime ? 1e-3 + 4e-4 / Math.max(lengthOf(move), 1e-3) : 1e-6
      if (Math.abs(move.feed - wanted.feed) > slack * Math.max(wanted.feed, 1e-3))
        return `The feed became ${move.feed.toFixed(3)} mm/min; it was ${wanted.feed.toFixed(3)}.`
    }
    const [askedEnd, madeEnd] = [asked.at(-1) as AskedMove, made.at(-1) as AskedMove]
    for (let axis = 3; axis < askedEnd.to.length; axis += 1)
      if (Math.abs((askedEnd.to[axis] as number) - (madeEnd.to[axis] as number)) > ROTARY_TOLERANCE) return 'A rotary axis does not end where it did.'
    this.note(this.deviation(asked, made))
    return undefined
  }

  private note(deviation: number): void {
    if (deviation > this.largestDeviationMm) this.largestDeviationMm = deviation
  }

  private deviation(asked: readonly AskedMove[], made: readonly AskedMove[]): number {
    const [wanted, got] = [asked[0] as AskedMove, made[0] as AskedMove]
    if (asked.length === 1 && made.length === 1 && (this.unmap === undefined || wanted.isDirect)) {
      if (wanted.shape.kind === 'line' && got.shape.kind === 'line') return Math.max(distance(wanted.from, got.from), distance(wanted.to, got.to))
      if (wanted.shape.kind === 'arc' && got.shape.kind === 'arc' && Math.abs(wanted.shape.sweep - got.shape.sweep) < 0.01) {
        // the same arc: point by point at the same share of the way
        const count = Math.max(Math.ceil(Math.abs(wanted.shape.sweep) * 4), 4)
        let largest = 0
        for (let i = 0; i <= count; i += 1) largest = Math.max(largest, distance(pointAt(wanted, i / count), pointAt(got, i / count)))
        return largest
      }
    }
    const back = this.unmap
    const path = wanted.isDirect || !back ? polyline(made, 1) : polyline(made, 8, this.step).map((point) => back(point))
    return pathDistance(polyline(asked, 1), path, this.tolerance)
  }

  private compareEvents(emission: Emission): string | undefined {
    const asked = emission.sources.flatMap(({ events, motions }) =>
      events.map(({ event, movesBefore }) => ({ event, before: realMoves(motions.slice(0, movesBefore)), all: realMoves(motions) })),
    )
    if (asked.length !== this.events.length) return 'Spindle, coolant, tool changes, dwells or stops are not what they were.'
    const all = realMoves(this.motions)
    for (const [index, { event, before, all: allAsked }] of asked.entries()) {
      const made = this.events[index] as { event: ProgramEvent; movesBefore: number }
      const { line: _asked, ...wanted } = event
      const { line: _made, ...got } = made.event
      if (JSON.stringify(wanted) !== JSON.stringify(got)) return 'Spindle, coolant, tool changes, dwells or stops are not what they were.'
      const madeBefore = realMoves(this.motions.slice(0, made.movesBefore))
      if (allAsked > 0 && ((before === 0) !== (madeBefore === 0) || (before === allAsked && madeBefore !== all)))
        return 'Something that happened before a move would happen after it, or the other way round.'
    }
    return undefined
  }
}

function realMoves(motions: readonly KeptMotion[]): number {
  return motions.filter((motion) => lengthOf({ ...motion, shape: shapeOf(motion) }) > NO_MOVE_MM).length
}

/** Moves of one kind, feed, tool and so on together, without those that go no farther than `noMoveMm`. */
function runsOf(moves: readonly AskedMove[], noMoveMm: number): AskedMove[][] {
  const runs: AskedMove[][] = []
  for (const move of moves) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && isAlike(last, move)) run.push(move)
    else runs.push([move])
  }
  return runs.filter((run) => run.reduce((length, move) => length + lengthOf(move) + rotaryWay(move), 0) > noMoveMm)
}

function isAlike(one: AskedMove, other: AskedMove): boolean {
  return (
    one.class === other.class &&
    one.class !== 'probe' &&
    one.tool === other.tool &&
    one.spindle === other.spindle &&
    one.spindleRpm === other.spindleRpm &&
    one.workOffset === other.workOffset &&
    one.isInverseTime === other.isInverseTime &&
    Math.abs(one.feed - other.feed) <= (one.isInverseTime ? 0.01 : 1e-6) * Math.max(one.feed, 1e-3)
  )
}

function rotaryWay(move: AskedMove): number {
  let way = 0
  for (let axis = 3; axis < move.to.length; axis += 1) way += Math.abs((move.to[axis] as number) - (move.from[axis] as number))
  return way
}

/** @param least points on each straight move; at most `step` mm apart */
function polyline(moves: readonly AskedMove[], least: number, step = Number.POSITIVE_INFINITY): Polyline {
  const points: Point[] = []
  for (const move of moves) {
    if (points.length === 0) points.push(pointAt(move, 0))
    const count = Math.max(piecesOf(move), least, step < Number.POSITIVE_INFINITY ? Math.ceil(lengthOf(move) / step) : 1)
    for (let i = 1; i <= count; i += 1) points.push(pointAt(move, i / count))
  }
  return points
}

function piecesOf({ shape }: AskedMove): number {
  if (shape.kind === 'line') return 1
  if (shape.kind === 'curve') return 4 * shape.pieces
  const chord = shape.radius > CHORD_MM ? 2 * Math.acos(1 - CHORD_MM / shape.radius) : Math.PI / 2
  return Math.max(Math.ceil(Math.abs(shape.sweep) / Math.min(chord, Math.PI / 8)), 2)
}
