/**
 * How long a program takes on a machine, from its moves: GRBL's planner as documented (grbl 1.1: planner.c, motion_control.c,
 * gcode.c), fed without pause. Overrides are as given; waits for people count nothing; a spindle's run-up is unknown to GRBL too.
 */
import { AXIS_COUNT, type MachineModel, type Motion, type ProgramEvent } from '../contract.ts'
import { LookAhead } from './look-ahead.ts'
import { TimelineBuilder, type TimelineData } from './timeline.ts'
import { ToolSummary } from './tool-summary.ts'

/** mm/s: nothing is planned slower (config.h: MINIMUM_FEED_RATE 1 mm/min). */
const MIN_SPEED = 1 / 60
const STRAIGHT_COSINE = 0.999999
const TURN = 2 * Math.PI
/** An arc is planned in at most so many blocks a turn, with the limits of the true number. */
const BLOCKS_PER_TURN = 64
/** Where the machine does not say: a middling router, mm/min and mm/s². */
const DEFAULT_RATE = 3000
const DEFAULT_ACCELERATION = 250

export interface EstimatorOptions {
  /** 1 is as programmed. */
  feedOverride?: number
  rapidOverride?: number
}

export interface Estimate {
  seconds: number
  /** By source line: right for programs that run from top to bottom. */
  bySourceLine: TimelineData
  /** By the number of lines sent to the controller: right for every program. */
  bySentLine: TimelineData
  tools: ToolSummary
}

export class Estimator {
  private readonly lookAhead: LookAhead
  private readonly tools = new ToolSummary()
  private readonly sourceLines = new TimelineBuilder()
  private readonly sentLines = new TimelineBuilder()
  private readonly rate = new Float64Array(AXIS_COUNT)
  private readonly acceleration = new Float64Array(AXIS_COUNT)
  private readonly axes: number
  private readonly blocks: number
  private readonly junctionDeviation: number
  private readonly arcTolerance: number
  private readonly feedOverride: number
  private readonly rapidOverride: number
  /** Direction of the last block, and of the one being added. */
  private readonly last = new Float64Array(AXIS_COUNT)
  private readonly unit = new Float64Array(AXIS_COUNT)
  private readonly offset = new Float64Array(AXIS_COUNT).fill(Number.NaN)
  private workOffset = -1
  private spindle: 3 | 4 | 5
  private spindleRpm: number
  private isFloodOn: boolean
  private isMistOn: boolean
  private now = 0

  constructor(model: MachineModel, options: EstimatorOptions = {}) {
    this.axes = Math.min(Math.max(model.dialect.axisCount, 3), AXIS_COUNT)
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      this.rate[axis] = Math.max(positive(model.maxRateMmPerMin?.[axis], DEFAULT_RATE) / 60, MIN_SPEED)
      this.acceleration[axis] = positive(model.accelerationMmPerS2?.[axis], DEFAULT_ACCELERATION)
    }
    this.junctionDeviation = model.junctionDeviationMm ?? 0.01
    this.arcTolerance = positive(model.arcToleranceMm, 0.002)
    this.blocks = positive(model.plannerBlocks, 15)
    this.feedOverride = options.feedOverride ?? 1
    this.rapidOverride = options.rapidOverride ?? 1
    this.spindle = model.modal.spindle
    this.spindleRpm = model.modal.spindleRpm
    this.isFloodOn = model.modal.isFloodOn
    this.isMistOn = model.modal.isMistOn
    this.lookAhead = new LookAhead(this.blocks, (block) => {
      this.now += block.seconds
      this.tools.addSeconds(block.slot, block.seconds)
      this.sourceLines.add(block.sourceLine, this.now)
      this.sentLines.add(block.sentLine, this.now)
    })
  }

  /**
   * The next move.
   * @param sentLine 1-based number of the line sent to the controller, where it differs from the source line
   */
  motion(motion: Readonly<Motion>, sentLine: number = motion.line): void {
    const slot = this.tools.motion(motion)
    this.followOffset(motion)
    switch (motion.kind) {
      case 'rapid':
      case 'feed':
        this.line(motion, slot, sentLine)
        return
      case 'arc':
        this.arc(motion, slot, sentLine)
        return
      case 'probe':
        // GRBL waits for its planner before and after a probing move; how far it goes is not known, so all of it counts
        this.lookAhead.drain()
        this.line(motion, slot, sentLine)
        this.lookAhead.drain()
        return
      default:
        motion.kind satisfies never
    }
  }

  /** Whatever the controller does between moves: it waits for the planner to run empty (gcode.c, spindle_control.c, coolant_control.c). */
  event(event: ProgramEvent, sentLine: number = event.line): void {
    switch (event.kind) {
      case 'dwell':
        this.lookAhead.drain()
        this.now += event.seconds
        this.tools.addSeconds(this.tools.currentSlot, event.seconds)
        this.sourceLines.add(event.line, this.now)
        this.sentLines.add(sentLine, this.now)
        return
      case 'spindle':
        // a new speed for a spindle that stands changes nothing
        if (event.turn !== this.spindle || (event.turn !== 5 && event.rpm !== this.spindleRpm)) this.lookAhead.drain()
        this.spindle = event.turn
        this.spindleRpm = event.rpm
        return
      case 'coolant':
        if (event.isFloodOn !== this.isFloodOn || event.isMistOn !== this.isMistOn) this.lookAhead.drain()
        this.isFloodOn = event.isFloodOn
        this.isMistOn = event.isMistOn
        return
      case 'tool-change':
      case 'stop':
      case 'end':
        this.lookAhead.drain()
        return
      default:
        event satisfies never
    }
  }

  /** Seconds of everything whose speeds are settled: lags by the planner's blocks. */
  get secondsSoFar(): number {
    return this.now
  }

  /**
   * Call once, after the last move.
   * @param sourceLines lines of the program
   * @param sentLines lines for the controller
   */
  end(sourceLines = 0, sentLines = sourceLines): Estimate {
    this.lookAhead.drain()
    return { seconds: this.now, bySourceLine: this.sourceLines.end(sourceLines), bySentLine: this.sentLines.end(sentLines), tools: this.tools }
  }

  /** GRBL waits for its planner when the work zero moves (config.h: FORCE_BUFFER_SYNC_DURING_WCO_CHANGE). */
  private followOffset(motion: Readonly<Motion>): void {
    const { offset } = this
    let isSame = motion.workOffset === this.workOffset
    for (let axis = 0; axis < 3; axis += 1) if (motion.offsetMm[axis] !== offset[axis]) isSame = false
    if (isSame) return
    this.workOffset = motion.workOffset
    for (let axis = 0; axis < 3; axis += 1) offset[axis] = motion.offsetMm[axis] as number
    this.lookAhead.drain()
  }

  private line(motion: Readonly<Motion>, slot: number, sentLine: number): void {
    const { unit, axes } = this
    const { from, to } = motion
    let squared = 0
    for (let axis = 0; axis < axes; axis += 1) {
      const way = (to[axis] as number) - (from[axis] as number)
      unit[axis] = way
      squared += way * way
    }
    if (squared < 1e-14) return
    this.block(Math.sqrt(squared), motion, slot, sentLine, Number.POSITIVE_INFINITY, true)
  }

  /** The chords GRBL makes of an arc, several taken together where they are many (motion_control.c: mc_arc). */
  private arc(motion: Readonly<Motion>, slot: number, sentLine: number): void {
    const { axes, unit } = this
    const { from, to, radius, sweep } = motion
    const tolerance = Math.min(this.arcTolerance, radius)
    const trueCount = Math.max(Math.min(Math.floor(Math.abs(0.5 * sweep * radius) / Math.sqrt(tolerance * (2 * radius - tolerance))), 0xffff), 1)
    if (!(trueCount > 1)) {
      this.line(motion, slot, sentLine)
      return
    }
    const a = motion.plane === 170 ? 0 : motion.plane === 180 ? 2 : 1
    const b = motion.plane === 170 ? 1 : motion.plane === 180 ? 0 : 2
    const count = Math.min(trueCount, Math.ceil((Math.abs(sweep) / TURN) * BLOCKS_PER_TURN))
    let rest = 0
    for (let axis = 0; axis < axes; axis += 1) {
      if (axis === a || axis === b) continue
      const way = ((to[axis] as number) - (from[axis] as number)) / count
      unit[axis] = way
      rest += way * way
    }
    const step = sweep / count
    const chord = 2 * radius * Math.abs(Math.sin(step / 2))
    const swept = radius * Math.abs(step)
    const length = Math.sqrt((count === trueCount ? chord * chord : swept * swept) + rest)
    // direction of a chord: the tangent half a step on; the next one is turned by a whole step
    const middle = Math.atan2((from[b] as number) - motion.centreB, (from[a] as number) - motion.centreA) + step / 2
    const side = sweep >= 0 ? chord : -chord
    let directionA = -Math.sin(middle) * side
    let directionB = Math.cos(middle) * side
    const turnA = Math.cos(step)
    const turnB = Math.sin(step)
    const cornerFactor = count === trueCount ? Number.POSITIVE_INFINITY : cornerFactorOf(Math.cos(sweep / trueCount), this.junctionDeviation)
    const trueLength = (Math.abs(sweep) * radius) / trueCount
    const reach = 2 * (this.blocks - 1) * trueLength
    for (let i = 0; i < count; i += 1) {
      unit[a] = directionA
      unit[b] = directionB
      let limit = Number.POSITIVE_INFINITY
      if (cornerFactor !== Number.POSITIVE_INFINITY) {
        // what the corners between the true chords allow (towards the centre), and what the planner's blocks can brake from;
        // between two corners it speeds up and brakes again, half of which is the mean
        const size = chord || 1
        const inwards = Math.min(axisLimit(this.acceleration[a] as number, directionB / size), axisLimit(this.acceleration[b] as number, directionA / size))
        const along = Math.min(axisLimit(this.acceleration[a] as number, directionA / size), axisLimit(this.acceleration[b] as number, directionB / size))
        limit = Math.min(inwards * cornerFactor, along * reach) + 0.5 * along * trueLength
      }
      this.block(length, motion, slot, sentLine, limit, i === 0)
      // `block` has made unit vectors of the rest
      if (i + 1 < count)
        for (let axis = 0; axis < axes; axis += 1) if (axis !== a && axis !== b) unit[axis] = ((to[axis] as number) - (from[axis] as number)) / count
      const turned = directionA * turnA - directionB * turnB
      directionB = directionA * turnB + directionB * turnA
      directionA = turned
    }
  }

  /**
   * One straight block along `unit`, which comes in any length.
   * @param mostSquared of the speed within the block and, unless it has a corner of its own, at its begin
   */
  private block(length: number, motion: Readonly<Motion>, slot: number, sentLine: number, mostSquared: number, hasCorner: boolean): void {
    const { unit, last, axes, lookAhead } = this
    let squared = 0
    for (let axis = 0; axis < axes; axis += 1) squared += (unit[axis] as number) * (unit[axis] as number)
    const scale = 1 / Math.sqrt(squared)
    let acceleration = Number.POSITIVE_INFINITY
    let rate = Number.POSITIVE_INFINITY
    let cosine = 0
    for (let axis = 0; axis < axes; axis += 1) {
      const part = (unit[axis] as number) * scale
      unit[axis] = part
      if (part === 0) continue
      const size = Math.abs(part)
      const axisAcceleration = (this.acceleration[axis] as number) / size
      if (axisAcceleration < acceleration) acceleration = axisAcceleration
      const axisRate = (this.rate[axis] as number) / size
      if (axisRate < rate) rate = axisRate
      cosine += part * (last[axis] as number)
    }
    let nominal: number
    if (motion.kind === 'rapid') nominal = rate * this.rapidOverride
    // probing keeps its feed (gcode.c: PL_COND_FLAG_NO_FEED_OVERRIDE)
    else nominal = Math.min((motion.feedMmPerMin / 60) * (motion.kind === 'probe' ? 1 : this.feedOverride), rate)
    if (nominal * nominal > mostSquared) nominal = Math.sqrt(mostSquared)
    if (nominal < MIN_SPEED) nominal = MIN_SPEED
    let limit = 0
    if (!lookAhead.isEmpty) {
      const slower = Math.min(nominal, lookAhead.lastNominal)
      limit = hasCorner || mostSquared === Number.POSITIVE_INFINITY ? Math.min(slower * slower, this.cornerSquared(cosine)) : slower * slower
    }
    for (let axis = 0; axis < axes; axis += 1) last[axis] = unit[axis] as number
    lookAhead.add(length, acceleration, nominal, limit, slot, motion.line, sentLine)
  }

  /** Square of the speed the corner from `last` into `unit` may be taken with (junction deviation, `$11`). */
  private cornerSquared(cosine: number): number {
    if (cosine > STRAIGHT_COSINE) return Number.POSITIVE_INFINITY
    if (cosine < -STRAIGHT_COSINE) return 0
    const { unit, last, axes } = this
    const size = Math.sqrt(2 - 2 * cosine)
    let acceleration = Number.POSITIVE_INFINITY
    for (let axis = 0; axis < axes; axis += 1) {
      const turn = ((unit[axis] as number) - (last[axis] as number)) / size
      const limit = axisLimit(this.acceleration[axis] as number, turn)
      if (limit < acceleration) acceleration = limit
    }
    return acceleration * cornerFactorOf(cosine, this.junctionDeviation)
  }
}

/** @param options overrides; 1 is as programmed */
export function createEstimator(model: MachineModel, options: EstimatorOptions = {}): Estimator {
  return new Estimator(model, options)
}

/** Radius of the circle that touches both legs of a corner within the deviation (planner.c: plan_buffer_line). */
function cornerFactorOf(cosine: number, deviation: number): number {
  const sineHalf = Math.sqrt((1 + cosine) / 2)
  return (deviation * sineHalf) / (1 - sineHalf)
}

function axisLimit(limit: number, part: number): number {
  return part === 0 ? Number.POSITIVE_INFINITY : limit / Math.abs(part)
}

function positive(value: number | undefined, otherwise: number): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : otherwise
}
