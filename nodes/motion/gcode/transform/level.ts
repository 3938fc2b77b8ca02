/**
 * Follows a surface: every height of the program is taken over the surface instead of over a plane. Long moves are cut
 * where the surface bends; arcs in XY stay arcs, rising and falling with it.
 */
import type { HeightMap } from '../../action.ts'
import { AXIS_LETTERS } from '../contract.ts'
import { type AskedMove, askedLike, distance, isMoving, pointAt, shapeOf } from './asked-move.ts'
import type { Emission, Stage } from './emission.ts'
import { TransformFailed } from './failure.ts'
import { heightAt, isInsideMap } from './height-map.ts'
import { givenAxes, KnownPlace } from './known-place.ts'
import { LineWriter, type WrittenMove } from './line-writer.ts'
import type { KeptMotion, ReadLine } from './reading.ts'
import { type GroundWay, surfaceCuts } from './surface-cut.ts'

/** Share of the tolerance that the cutting may use up, less what rounding takes. */
const CUT_SHARE = 0.85
const ROUNDING_MM = 0.0003
/** For arcs that stand upright: half for their chords, half for the surface. */
const UPRIGHT_SHARE = 0.4
/** An arc that is cut has no piece that comes near a full circle: its ends could not tell which way round. */
const MOST_TURN = 1.5 * Math.PI

interface LevelOptions {
  map: HeightMap
  toleranceMm: number
  startMm: readonly number[]
}

export function levelStage(options: LevelOptions): { stage: Stage; stepMm: number } {
  const { map } = options
  const stage = new LevelStage(options)
  const cell = Math.min((map.maxMm[0] - map.minMm[0]) / (map.columns - 1), (map.maxMm[1] - map.minMm[1]) / (map.rows - 1))
  return {
    stage: { line: (line) => [stage.line(line)], end: () => [], notes: () => stage.notes(), unmap: (point) => stage.unmap(point) },
    stepMm: cell / 16,
  }
}

class LevelStage {
  private readonly map: HeightMap
  private readonly tolerance: number
  private readonly writer: LineWriter
  private readonly knows = new KnownPlace()
  private readonly highest: number
  private place: number[]
  private offset: readonly number[] = [0, 0, 0]
  private firstOutside = 0

  constructor({ map, toleranceMm, startMm }: LevelOptions) {
    this.map = map
    this.tolerance = toleranceMm
    this.highest = map.heightsMm.reduce((most, height) => Math.max(most, height), 0)
    this.place = [...startMm]
    this.writer = new LineWriter(startMm)
  }

  line(line: ReadLine): Emission {
    this.knows.followFrame(line, 'levelling')
    this.offset = line.offset
    const emission = this.changed(line)
    // whether it is run is for the operator to say
    if (line.source.isBlockDelete) this.knows.forget(givenAxes(line))
    return emission
  }

  private changed(line: ReadLine): Emission {
    switch (line.use) {
      case 'none':
        return { lines: [this.writer.keep(line, this.place)], asked: [], sources: [line] }
      case 'machine':
        return this.toMachine(line)
      case 'home':
        return this.home(line)
      case 'work':
        return this.work(line)
      default:
        return line.use satisfies never
    }
  }

  notes(): string[] {
    return this.firstOutside > 0
      ? [`From line ${this.firstOutside} on the program cuts outside the height map; there the height of the map's edge is used.`]
      : []
  }

  unmap(point: readonly [number, number, number]): [number, number, number] {
    return [point[0], point[1], point[2] - this.height(point[0], point[1])]
  }

  /** Of the surface at a place in machine coordinates. */
  private height(x: number, y: number): number {
    return heightAt(this.map, x - (this.offset[0] as number), y - (this.offset[1] as number))
  }

  private toMachine(line: ReadLine): Emission {
    const before = this.place
    const given = givenAxes(line)
    this.place = before.map((value, axis) => (given.includes(axis) ? (line.position[axis] as number) : value))
    this.knows.forget(given)
    this.knows.hasMoved = true
    return { lines: [this.writer.keep(line, this.place)], asked: [this.direct(line, before)], sources: [line] }
  }

  private home(line: ReadLine): Emission {
    const given = givenAxes(line)
    const before = this.place
    const asked: AskedMove[] = []
    let lines: string[] | undefined
    const via = line.motions[0] as KeptMotion
    if (given.length > 0 && isMoving(via)) {
      this.place = this.rapidTarget(line, via.to, given)
      asked.push(this.direct(line, before))
      lines = this.writer.write(line, [{ to: this.place, must: AXIS_LETTERS.map((_, axis) => given.includes(axis)) }])
    }
    const between = this.place
    this.place = between.map((value, axis) => (given.length === 0 || given.includes(axis) ? (line.position[axis] as number) : value))
    this.knows.forget(given.length === 0 ? [0, 1, 2] : given)
    this.knows.hasMoved = true
    asked.push(this.direct(line, between))
    if (!lines) return { lines: [this.writer.keep(line, this.place)], asked, sources: [line] }
    for (const [axis, value] of this.place.entries()) this.writer.place[axis] = value
    return { lines, asked, sources: [line] }
  }

  private work(line: ReadLine): Emission {
    const motion = line.motions.at(-1) as KeptMotion
    if (motion.kind === 'probe')
      throw new TransformFailed(line.number, 'The program probes. Where it touches is not known beforehand, so it cannot be levelled. Take the probing out.')
    const given = givenAxes(line)
    const knewAll = this.knows.isKnown.every(Boolean) && this.isOnSurface(motion.from)
    const knewGround = this.knows.isKnown[0] && this.knows.isKnown[1]
    this.knows.followWords(line)
    this.knows.hasMoved = true
    const knowsAll = this.knows.isKnown.every(Boolean)
    if (knewAll && knowsAll) return this.follow(line, motion, given)
    const isPlunge =
      knowsAll && knewGround && motion.from[0] === motion.to[0] && motion.from[1] === motion.to[1] && motion.kind === 'feed' && line.modal.feedMode !== 930
    if (motion.kind !== 'rapid' && !isPlunge)
      throw new TransformFailed(line.number, 'A cut begins here at a place the program has not said in X, Y and Z. Say it with rapids (G90) before.')
    const before = this.place
    this.place = this.rapidTarget(line, line.position, given)
    const must = AXIS_LETTERS.map((_, axis) => given.includes(axis))
    return { lines: this.writer.write(line, [{ motion: line.modal.motion, to: this.place, must }]), asked: [this.direct(line, before)], sources: [line] }
  }

  /** Where a rapid ends that comes from, or goes to, a place not known in work coordinates. */
  private rapidTarget(line: ReadLine, to: readonly number[], given: readonly number[]): number[] {
    const { isKnown } = this.knows
    const target = this.place.map((value, axis) => {
      if (!given.includes(axis)) return value
      return line.modal.isIncremental && !isKnown[axis] ? value + ((to[axis] as number) - (line.positionBefore[axis] as number)) : (to[axis] as number)
    })
    if (!isKnown[2]) return target
    if (isKnown[0] && isKnown[1]) target[2] = (to[2] as number) + this.height(to[0] as number, to[1] as number)
    // somewhere over the work: as high as its highest place asks for
    else if (given.includes(2)) target[2] = (to[2] as number) + this.highest
    return target
  }

  /** Stands where the program believes to stand, height over the surface included. */
  private isOnSurface(from: readonly number[]): boolean {
    const [x, y, z] = from as [number, number, number]
    return distance(this.place, [x, y, z + this.height(x, y)]) < 1e-6
  }

  private follow(line: ReadLine, motion: KeptMotion, given: readonly number[]): Emission {
    const flat: Pick<AskedMove, 'from' | 'to' | 'shape'> = { from: motion.from, to: motion.to, shape: shapeOf(motion) }
    const isCut = motion.kind !== 'rapid'
    const isInverseTime = line.modal.feedMode === 930
    const arc = flat.shape.kind === 'arc' ? flat.shape : undefined
    const isUpright = arc !== undefined && arc.plane !== 170
    const shares = isUpright ? this.uprightCuts(motion) : this.cuts(motion)
    if (isCut && this.firstOutside === 0 && !this.isInside(motion)) this.firstOutside = line.number
    const must = AXIS_LETTERS.map((_, axis) => given.includes(axis))
    const moves = shares.map((share, index): WrittenMove => {
      const [x, y, z] = pointAt(flat, share)
      const rotary = motion.to.slice(3).map((value, at) => (motion.from[at + 3] as number) + (value - (motion.from[at + 3] as number)) * share)
      const before = index === 0 ? 0 : (shares[index - 1] as number)
      const isLast = index === shares.length - 1
      return {
        to: [x, y, z + this.height(x, y), ...rotary],
        must: isLast ? must : [],
        ...(arc && !isUpright
          ? { motion: arc.sweep < 0 ? 20 : 30, arc: { ...arc, sweep: arc.sweep * (share - before) } }
          : { motion: isUpright ? 10 : line.modal.motion }),
        ...(isInverseTime && isCut ? { feed: motion.feedMmPerMin } : {}),
      }
    })
    this.place = [...(moves.at(-1) as WrittenMove).to]
    return { lines: this.writer.write(line, moves), asked: [askedLike(motion, { ...flat, isInverseTime })], sources: [line] }
  }

  private cuts(motion: KeptMotion): number[] {
    const way = this.wayOf(motion)
    const allowed = Math.max(this.tolerance * CUT_SHARE - ROUNDING_MM, this.tolerance / 2)
    const cuts = surfaceCuts(this.map, way, allowed)
    const turn = MOST_TURN / Math.abs(motion.sweep)
    const isTooLong = motion.kind === 'arc' && cuts.length > 1 && cuts.some((cut, index) => cut - (cuts[index - 1] ?? 0) > turn)
    return isTooLong ? surfaceCuts(this.map, way, allowed, turn) : cuts
  }

  private wayOf(motion: KeptMotion): GroundWay {
    const x = (motion.from[0] as number) - (this.offset[0] as number)
    const y = (motion.from[1] as number) - (this.offset[1] as number)
    if (motion.kind !== 'arc') {
      const dx = (motion.to[0] as number) - (motion.from[0] as number)
      const dy = (motion.to[1] as number) - (motion.from[1] as number)
      return { at: (share) => [x + dx * share, y + dy * share], lengthMm: Math.hypot(dx, dy), line: { x, y, dx, dy } }
    }
    const centreX = motion.centreA - (this.offset[0] as number)
    const centreY = motion.centreB - (this.offset[1] as number)
    const start = Math.atan2(y - centreY, x - centreX)
    const { radius, sweep } = motion
    return {
      at: (share) => [centreX + radius * Math.cos(start + sweep * share), centreY + radius * Math.sin(start + sweep * share)],
      lengthMm: radius * Math.abs(sweep),
      circle: { x: centreX, y: centreY, radius, start, sweep },
    }
  }

  /** An arc in a plane that stands upright becomes lines: cut for its roundness, and where the surface below bends. */
  private uprightCuts(motion: KeptMotion): number[] {
    const flat = { from: motion.from, to: motion.to, shape: shapeOf(motion) }
    const chord = 2 * Math.acos(Math.max(1 - (UPRIGHT_SHARE * this.tolerance) / motion.radius, 0))
    const count = Math.max(Math.ceil(Math.abs(motion.sweep) / Math.min(chord, Math.PI / 8)), 2)
    const cuts: number[] = []
    for (let i = 0; i < count; i += 1) {
      const [x0, y0] = pointAt(flat, i / count)
      const [x1, y1] = pointAt(flat, (i + 1) / count)
      const x = x0 - (this.offset[0] as number)
      const y = y0 - (this.offset[1] as number)
      const way: GroundWay = {
        at: (share) => [x + (x1 - x0) * share, y + (y1 - y0) * share],
        lengthMm: Math.hypot(x1 - x0, y1 - y0),
        line: { x, y, dx: x1 - x0, dy: y1 - y0 },
      }
      for (const share of surfaceCuts(this.map, way, this.tolerance * UPRIGHT_SHARE)) cuts.push((i + share) / count)
    }
    return cuts
  }

  private isInside(motion: KeptMotion): boolean {
    const flat = { from: motion.from, to: motion.to, shape: shapeOf(motion) }
    const count = motion.kind === 'arc' ? 8 : 1
    for (let i = 0; i <= count; i += 1) {
      const [x, y] = pointAt(flat, i / count)
      if (!isInsideMap(this.map, x - (this.offset[0] as number), y - (this.offset[1] as number))) return false
    }
    return true
  }

  private direct(line: ReadLine, from: readonly number[]): AskedMove {
    const motion = line.motions.at(-1) as KeptMotion
    return askedLike(motion, { from: [...from], to: [...this.place], shape: { kind: 'line' }, isInverseTime: line.modal.feedMode === 930, isDirect: true })
  }
}
