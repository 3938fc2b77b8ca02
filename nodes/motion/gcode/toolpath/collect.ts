/** From moves to a drawing. */
import type { MachineModel, Motion, ProgramEvent, ProgramListener } from '../contract.ts'
import { SEGMENT_KINDS, type Toolpath, type ToolpathBox, type ToolpathMark } from './contract.ts'
import { coarserLevel, LevelBuilder } from './level.ts'

const RAPID = SEGMENT_KINDS.indexOf('rapid')
const FEED = SEGMENT_KINDS.indexOf('feed')
const ARC = SEGMENT_KINDS.indexOf('arc')
const PROBE = SEGMENT_KINDS.indexOf('probe')
const JUMP = SEGMENT_KINDS.indexOf('jump')
const MOST_MARKS = 1000
/** A chord of an arc never turns by more. */
const WIDEST_CHORD = Math.PI / 6
/** Farther than this from where the last move ended, and the drawing jumps. */
const JUMP_FROM = 1e-6

export interface ToolpathOptions {
  /** @defaultValue `machine` */
  frame?: 'machine' | 'work'
  /** How far a chord may be from its arc, mm. @defaultValue 0.01 */
  chordToleranceMm?: number
  /** Above this the finest level is thinned out. @defaultValue 2 000 000 (34 MB) */
  maxSegments?: number
  /** A second level with at most so many is made of a longer path. @defaultValue 150 000 */
  coarseSegments?: number
}

export interface ToolpathCollector {
  listener: Required<Pick<ProgramListener, 'motion' | 'event'>>
  /** Call once. */
  end(): Toolpath
}

/** Collects the path of a program while it is read. Rotary axes are not drawn. */
export function createToolpath(model: MachineModel, options: ToolpathOptions = {}): ToolpathCollector {
  const collector = new Collector(model, options)
  return {
    listener: { motion: (motion) => collector.motion(motion), event: (event) => collector.event(event) },
    end: () => collector.end(),
  }
}

class Collector {
  private readonly frame: 'machine' | 'work'
  private readonly chordTolerance: number
  private readonly coarseSegments: number
  private readonly level: LevelBuilder
  private readonly zero: Float64Array
  private readonly at = new Float64Array(3)
  private readonly bounds = openBox()
  private readonly cuttingBounds = openBox()
  private readonly marks: ToolpathMark[] = []
  private isBegun = false
  private isTopDown = true
  private lastLine = 0

  constructor(model: MachineModel, options: ToolpathOptions) {
    this.frame = options.frame ?? 'machine'
    this.chordTolerance = options.chordToleranceMm ?? 0.01
    this.coarseSegments = options.coarseSegments ?? 150_000
    this.level = new LevelBuilder({ toleranceMm: 0, maxSegments: options.maxSegments ?? 2_000_000 })
    this.zero = new Float64Array(model.positionMm.length)
  }

  motion(motion: Readonly<Motion>): void {
    const { from, to, line } = motion
    const offset = this.frame === 'machine' ? this.zero : motion.offsetMm
    const ox = offset[0] ?? 0
    const oy = offset[1] ?? 0
    const oz = offset[2] ?? 0
    const { at } = this
    const fx = (from[0] as number) - ox
    const fy = (from[1] as number) - oy
    const fz = (from[2] as number) - oz
    if (
      !this.isBegun ||
      Math.abs(fx - (at[0] as number)) > JUMP_FROM ||
      Math.abs(fy - (at[1] as number)) > JUMP_FROM ||
      Math.abs(fz - (at[2] as number)) > JUMP_FROM
    ) {
      this.isBegun = true
      this.level.vertex(fx, fy, fz, line, JUMP)
    }
    if (line < this.lastLine) this.isTopDown = false
    this.lastLine = line
    stretch(this.bounds, fx, fy, fz)
    if (motion.kind !== 'rapid') stretch(this.cuttingBounds, fx, fy, fz)
    switch (motion.kind) {
      case 'rapid':
        this.goTo((to[0] as number) - ox, (to[1] as number) - oy, (to[2] as number) - oz, line, RAPID)
        return
      case 'feed':
        this.goTo((to[0] as number) - ox, (to[1] as number) - oy, (to[2] as number) - oz, line, FEED)
        return
      case 'probe':
        this.goTo((to[0] as number) - ox, (to[1] as number) - oy, (to[2] as number) - oz, line, PROBE)
        return
      case 'arc':
        this.arc(motion, ox, oy, oz)
        return
      default:
        motion.kind satisfies never
    }
  }

  event(event: ProgramEvent): void {
    if ((event.kind !== 'tool-change' && event.kind !== 'stop') || this.marks.length >= MOST_MARKS) return
    const [x = 0, y = 0, z = 0] = this.at
    this.marks.push({ kind: event.kind, line: event.line, tool: event.kind === 'tool-change' ? event.tool : 0, atMm: [x, y, z] })
  }

  end(): Toolpath {
    const finest = this.level.end()
    const bounds = closed(this.bounds)
    const cuttingBounds = closed(this.cuttingBounds)
    const size = bounds ? Math.max(...bounds.max.map((max, axis) => max - (bounds.min[axis] ?? 0))) : 0
    const coarse =
      finest.segments > this.coarseSegments ? [coarserLevel(finest, { toleranceMm: Math.max(size / 4000, 0.001), maxSegments: this.coarseSegments })] : []
    return {
      frame: this.frame,
      levels: [finest, ...coarse],
      ...(bounds ? { bounds } : {}),
      ...(cuttingBounds ? { cuttingBounds } : {}),
      marks: this.marks,
      isTopDown: this.isTopDown,
    }
  }

  private arc(motion: Readonly<Motion>, ox: number, oy: number, oz: number): void {
    const { from, to, line, radius, sweep, plane } = motion
    const widest = radius > this.chordTolerance ? 2 * Math.acos(1 - this.chordTolerance / radius) : WIDEST_CHORD
    const count = Math.max(Math.ceil(Math.abs(sweep) / Math.min(widest, WIDEST_CHORD)), 1)
    const a = plane === 170 ? 0 : plane === 180 ? 2 : 1
    const b = plane === 170 ? 1 : plane === 180 ? 0 : 2
    const linear = 3 - a - b
    const startA = (from[a] as number) - motion.centreA
    const startB = (from[b] as number) - motion.centreB
    const rise = (to[linear] as number) - (from[linear] as number)
    const point = [0, 0, 0]
    for (let i = 1; i < count; i += 1) {
      const share = i / count
      const cosine = Math.cos(sweep * share)
      const sine = Math.sin(sweep * share)
      point[a] = motion.centreA + startA * cosine - startB * sine
      point[b] = motion.centreB + startA * sine + startB * cosine
      point[linear] = (from[linear] as number) + rise * share
      this.goTo((point[0] as number) - ox, (point[1] as number) - oy, (point[2] as number) - oz, line, ARC)
    }
    this.goTo((to[0] as number) - ox, (to[1] as number) - oy, (to[2] as number) - oz, line, ARC)
  }

  private goTo(x: number, y: number, z: number, line: number, kind: number): void {
    this.level.vertex(x, y, z, line, kind)
    stretch(this.bounds, x, y, z)
    if (kind !== RAPID) stretch(this.cuttingBounds, x, y, z)
    this.at[0] = x
    this.at[1] = y
    this.at[2] = z
  }
}

function openBox(): Float64Array {
  const { POSITIVE_INFINITY: high, NEGATIVE_INFINITY: low } = Number
  return Float64Array.of(high, high, high, low, low, low)
}

function stretch(box: Float64Array, x: number, y: number, z: number): void {
  if (x < (box[0] as number)) box[0] = x
  if (y < (box[1] as number)) box[1] = y
  if (z < (box[2] as number)) box[2] = z
  if (x > (box[3] as number)) box[3] = x
  if (y > (box[4] as number)) box[4] = y
  if (z > (box[5] as number)) box[5] = z
}

function closed(box: Float64Array): ToolpathBox | undefined {
  const [minX = 0, minY = 0, minZ = 0, maxX = 0, maxY = 0, maxZ = 0] = box
  return maxX >= minX ? { min: [minX, minY, minZ], max: [maxX, maxY, maxZ] } : undefined
}
