/** Moves, turns, mirrors and scales a program: each line says the same to other places. */
import { AXIS_LETTERS } from '../contract.ts'
import { type Arc, type AskedMove, askedLike, isMoving, lengthOf, type MoveShape, planeAxes, pointAt, shapeOf } from './asked-move.ts'
import type { Emission, Stage } from './emission.ts'
import { TransformFailed } from './failure.ts'
import { givenAxes, KnownPlace } from './known-place.ts'
import { LineWriter, type WrittenMove } from './line-writer.ts'
import { circleMap, inputsOf, largestFactor, mapAxis, type PointMap } from './point-map.ts'
import type { KeptMotion, ReadLine } from './reading.ts'
import { codesOf } from './source-line.ts'

/** Share of the tolerance that a chord may be off; the rest is for rounding. */
const CHORD_SHARE = 0.8

interface AffineOptions {
  map: PointMap
  toleranceMm: number
  startMm: readonly number[]
}

export function affineStage(options: AffineOptions): Stage {
  const stage = new AffineStage(options)
  return { line: (line) => [stage.line(line)], end: () => [], notes: () => stage.notes() }
}

class AffineStage {
  private readonly map: PointMap
  private readonly tolerance: number
  private readonly writer: LineWriter
  /** Where the new program is to stand. */
  private place: number[]
  private readonly knows = new KnownPlace()
  private readonly offsetsUsed = new Set<number>()

  constructor({ map, toleranceMm, startMm }: AffineOptions) {
    this.map = map
    this.tolerance = toleranceMm
    this.place = [...startMm]
    this.writer = new LineWriter(startMm)
  }

  line(line: ReadLine): Emission {
    this.knows.followFrame(line, this.map.name)
    const emission = this.changed(line)
    // whether it is run is for the operator to say
    if (line.source.isBlockDelete) this.knows.forget(givenAxes(line))
    return emission
  }

  private changed(line: ReadLine): Emission {
    const before = this.place
    switch (line.use) {
      case 'none':
        return this.unchanged(line, [])
      case 'machine':
        this.goToMachine(line)
        return this.unchanged(line, [this.asked(line, lastMotion(line), before, { kind: 'line' }, true)])
      case 'home':
        return this.home(line)
      case 'work':
        return this.work(line)
      default:
        return line.use satisfies never
    }
  }

  notes(): string[] {
    const notes: string[] = []
    if (this.offsetsUsed.size > 1) notes.push('The program uses several work offsets: the change is made in the coordinates of each of them.')
    this.map.shift.forEach((shift, axis) => {
      if (shift !== 0 && this.knows.hasMoved && !this.knows.wasEverKnown[axis])
        notes.push(`The program never says where it is in ${AXIS_LETTERS[axis]} (absolute, G90), so nothing was moved in ${AXIS_LETTERS[axis]}.`)
    })
    return notes
  }

  private unchanged(line: ReadLine, asked: AskedMove[]): Emission {
    return { lines: [this.writer.keep(line, this.place)], asked, sources: [line] }
  }

  /** G53: the machine's own coordinates stay what they are. */
  private goToMachine(line: ReadLine): void {
    const place = [...this.place]
    for (const axis of givenAxes(line)) place[axis] = line.position[axis] as number
    this.knows.forget(givenAxes(line))
    this.knows.hasMoved = true
    this.place = place
  }

  /** G28, G30: over a place in work coordinates to one of the machine. */
  private home(line: ReadLine): Emission {
    const given = givenAxes(line)
    const asked: AskedMove[] = []
    const before = this.place
    let text: string[] | undefined
    const via = given.length > 0 ? (line.motions[0] as KeptMotion) : undefined
    // where it stands already, said as a place: that place is another now
    if (via && (isMoving(via) || !line.modal.isIncremental)) {
      const [target, must] = this.target(line, via.to, given)
      const extra = AXIS_LETTERS.findIndex((_, axis) => !given.includes(axis) && (must[axis] || target[axis] !== before[axis]))
      if (extra >= 0)
        throw new TransformFailed(
          line.number,
          `${codesOf(line.source, 'G').includes(280) ? 'G28' : 'G30'} goes over a place that after ${this.map.name} needs ${AXIS_LETTERS[extra]}, too, but a ${AXIS_LETTERS[extra]} here would send that axis home. Move to the place in a line of its own first.`,
        )
      this.place = target
      asked.push(this.asked(line, via, before, { kind: 'line' }, true))
      text = this.writer.write(line, [{ to: target, must: AXIS_LETTERS.map((_, axis) => given.includes(axis)) }])
    }
    const between = this.place
    this.place = this.place.map((value, axis) => (given.length === 0 || given.includes(axis) ? (line.position[axis] as number) : value))
    this.knows.forget(given.length === 0 ? [0, 1, 2] : given)
    asked.push(this.asked(line, lastMotion(line), between, { kind: 'line' }, true))
    this.knows.hasMoved = true
    if (!text) return this.unchanged(line, asked)
    this.place.forEach((value, axis) => {
      this.writer.place[axis] = value
    })
    return { lines: text, asked, sources: [line] }
  }

  private work(line: ReadLine): Emission {
    const motion = lastMotion(line)
    this.offsetsUsed.add(motion.workOffset)
    const given = givenAxes(line)
    const before = this.place
    const knew = [...this.knows.isKnown]
    const [target, must] = this.target(line, line.position, given)
    this.place = target
    this.knows.hasMoved = true
    const shape = motion.kind === 'arc' ? this.arcShape(line, motion, before, knew) : ({ kind: 'line' } as const)
    const asked = this.asked(line, motion, before, shape)
    const length = lengthOf({ ...motion, shape: shapeOf(motion) })
    const slack = shape.kind === 'curve' ? 1e-3 : 1e-6
    if (line.modal.feedMode === 930 && motion.kind !== 'rapid' && Math.abs(lengthOf(asked) - length) > slack * (1 + length))
      throw new TransformFailed(
        line.number,
        `The program uses inverse time (G93), where F says how long a move takes, and after ${this.map.name} this move is longer or shorter. Rewrite the program with G94.`,
      )
    // a probe stops where it touches
    if (motion.kind === 'probe') this.knows.forget(given)
    const feed = line.modal.feedMode === 930 && motion.kind !== 'rapid' && shape.kind === 'curve' ? { feed: motion.feedMmPerMin } : {}
    let moves: WrittenMove[]
    if (shape.kind === 'curve') {
      moves = Array.from({ length: shape.pieces }, (_, i) => {
        const share = (i + 1) / shape.pieces
        const [x, y, z] = i + 1 === shape.pieces ? (target as [number, number, number]) : shape.at(share)
        const rotary = target.slice(3).map((value, at) => (before[at + 3] as number) + (value - (before[at + 3] as number)) * share)
        return { motion: 10, to: [x, y, z, ...rotary], must: i + 1 === shape.pieces ? must : [], ...feed }
      })
    } else if (shape.kind === 'arc') moves = [{ motion: shape.sweep < 0 ? 20 : 30, to: target, arc: shape, must }]
    else moves = [{ motion: line.modal.motion, to: target, must }]
    return { lines: this.writer.write(line, moves), asked: [asked], sources: [line] }
  }

  /**
   * Where a line in work coordinates goes after the change.
   * @returns the place, and the axes whose words must be written
   */
  private target(line: ReadLine, to: readonly number[], given: readonly number[]): [number[], boolean[]] {
    const { map, knows } = this
    const { offset, positionBefore, modal } = line
    knows.followWords(line)
    const [x, y, z] = [0, 1, 2].map((axis) => (to[axis] as number) - (offset[axis] as number)) as [number, number, number]
    const target = to.map((value, axis) => (axis < 3 ? (this.place[axis] as number) : value))
    const must = to.map((_, axis) => axis >= 3 && given.includes(axis))
    for (let axis = 0; axis < 3; axis += 1) {
      const inputs = inputsOf(map, axis)
      if (!inputs.some((input) => given.includes(input))) continue
      const unknown = inputs.find((input) => !knows.isKnown[input])
      if (unknown === undefined) target[axis] = mapAxis(map, axis, x, y, z) + (offset[axis] as number)
      else if (modal.isIncremental)
        target[axis] = inputs.reduce(
          (sum, input) => sum + ((map.matrix[axis] as readonly number[])[input] as number) * ((to[input] as number) - (positionBefore[input] as number)),
          this.place[axis] as number,
        )
      else
        throw new TransformFailed(
          line.number,
          `After ${map.name}, ${AXIS_LETTERS[axis]} depends on ${AXIS_LETTERS[unknown]}, too, and the program has not said where it is in ${AXIS_LETTERS[unknown]}. Give X and Y in this line.`,
        )
      must[axis] = true
    }
    return [target, must]
  }

  private arcShape(line: ReadLine, motion: KeptMotion, before: readonly number[], knew: readonly boolean[]): MoveShape {
    const { map } = this
    const [a, b, across] = planeAxes(motion.plane)
    const needed = [a, b].flatMap((axis) => inputsOf(map, axis))
    const isKnown = needed.every((axis) => knew[axis])
    if (!isKnown && !line.modal.isIncremental)
      throw new TransformFailed(line.number, 'An arc begins here at a place the program has not said in work coordinates. Move to its start in X and Y first.')
    const circle = circleMap(map, a, b, across)
    // by differences from the start, which works wherever that is
    const part = (row: number, column: number) => (map.matrix[row] as readonly number[])[column] as number
    const dA = motion.centreA - (motion.from[a] as number)
    const dB = motion.centreB - (motion.from[b] as number)
    if (circle) {
      const arc: Arc = {
        plane: motion.plane,
        centreA: (before[a] as number) + part(a, a) * dA + part(a, b) * dB,
        centreB: (before[b] as number) + part(b, a) * dA + part(b, b) * dB,
        radius: motion.radius * circle.factor,
        sweep: circle.isFlipped ? -motion.sweep : motion.sweep,
      }
      return { kind: 'arc', ...arc }
    }
    const start = [...before]
    const end = [...this.place]
    const original = { from: motion.from, to: motion.to, shape: shapeOf(motion) }
    const at = (share: number): [number, number, number] => {
      if (share <= 0) return [start[0] as number, start[1] as number, start[2] as number]
      if (share >= 1) return [end[0] as number, end[1] as number, end[2] as number]
      const point = pointAt(original, share)
      const moved = [0, 1, 2].map((axis) => (point[axis] as number) - (motion.from[axis] as number))
      return [0, 1, 2].map((axis) => (start[axis] as number) + [0, 1, 2].reduce((sum, column) => sum + part(axis, column) * (moved[column] as number), 0)) as [
        number,
        number,
        number,
      ]
    }
    const size = motion.radius * largestFactor(map)
    const chord = size > this.tolerance ? 2 * Math.acos(1 - (CHORD_SHARE * this.tolerance) / size) : Math.PI / 4
    return { kind: 'curve', at, pieces: Math.max(Math.ceil(Math.abs(motion.sweep) / Math.min(chord, Math.PI / 4)), 2) }
  }

  private asked(line: ReadLine, motion: KeptMotion, from: readonly number[], shape: MoveShape, isDirect = false): AskedMove {
    return askedLike(motion, { from: [...from], to: [...this.place], shape, isInverseTime: line.modal.feedMode === 930, isDirect })
  }
}

function lastMotion(line: ReadLine): KeptMotion {
  return line.motions.at(-1) as KeptMotion
}
