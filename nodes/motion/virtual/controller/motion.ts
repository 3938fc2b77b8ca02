/**
 * The planner and the motors: a queue of lines, look-ahead over their junctions, trapezoids with the
 * accelerations of `$120`..`$125`, feed hold by deceleration along the path (grbl 1.1: planner.c,
 * stepper.c). Time moves only in {@link Motion.elapse}.
 *
 * Not simulated: step pulses, the segment buffer's 30..50 ms delay between plan and motors.
 */
import { perAxis, type Settings } from './settings.ts'
import { AXES, eachAxis, lengthOf, type Vector, zero } from './vector.ts'

/** GRBL's: 15 blocks. */
export const PLANNER_BLOCKS = 15
/** mm/s: nothing is planned slower (config.h: MINIMUM_FEED_RATE 1 mm/min). */
const MIN_SPEED = 1 / 60
const STRAIGHT_COSINE = 0.999999

/** A line as the parser hands it over. */
export interface PlannedLine {
  /** Machine mm. */
  target: Vector
  /** mm/min, or lines per minute when `isInverseTime`. Ignored for rapids. */
  feed: number
  isRapid: boolean
  isInverseTime: boolean
  /** Jogs and probing keep their feed. */
  ignoresFeedOverride: boolean
  /** `N` word, 0 for none. */
  lineNumber: number
  spindleRpm: number
}

/** A line that the motors begin. */
export interface BegunLine extends PlannedLine {
  /** Machine mm, on whole steps. */
  from: Vector
  to: Vector
  unit: Vector
  lengthMm: number
}

interface QueuedLine extends BegunLine {
  /** mm/s², the most that no axis exceeds along this line. */
  acceleration: number
  /** mm/s, the most that no axis exceeds. */
  maxSpeed: number
  /** mm/s at 100 %. */
  programmedSpeed: number
  /** mm/s that the corner into this line allows. */
  cornerSpeed: number
  /** mm/s with the overrides of now. */
  nominalSpeed: number
  /** mm/s, as planned. */
  entrySpeed: number
}

/** The settings that planning needs, axis by axis. */
interface Limits {
  stepsPerMm: Vector
  /** mm/min */
  rate: Vector
  /** mm/s² */
  acceleration: Vector
}

/** A stretch of constant acceleration. */
interface Phase {
  seconds: number
  lengthMm: number
  startSpeed: number
  endSpeed: number
}

/** What happened at the end of {@link Motion.elapse}. */
export type MotionEvent = 'line-done' | 'all-done' | 'held' | 'contact'

export class Motion {
  private settings: Settings
  private limits: Limits
  private readonly blocks: number
  private readonly queue: QueuedLine[] = []
  private plannedEnd: Vector = zero()
  private isMoving = false
  private isHolding = false
  /** Of the first line in the queue. */
  private doneMm = 0
  private speed = 0
  private phases: Phase[] = []
  private overrides = { feed: 100, rapid: 100 }
  private standing: Vector = zero()
  /** Where along the first line something is touched: a probe plate, a limit switch. */
  private contactMm = Number.POSITIVE_INFINITY
  /** Asked whenever a line begins: after how many mm of it something is touched. */
  private readonly findContact: (line: BegunLine) => number

  /** @param options.blocks how many lines the planner takes, 15 when absent */
  constructor(options: { settings: Settings; findContact: (line: BegunLine) => number; blocks?: number }) {
    this.settings = options.settings
    this.limits = limitsOf(options.settings)
    this.findContact = options.findContact
    this.blocks = options.blocks ?? PLANNER_BLOCKS
  }

  get queuedLines(): number {
    return this.queue.length
  }
  get isFull(): boolean {
    return this.queue.length >= this.blocks
  }
  get freeBlocks(): number {
    return this.blocks - this.queue.length
  }
  get isEmpty(): boolean {
    return this.queue.length === 0
  }
  /** mm/min, 0 when standing. */
  get feedMmPerMin(): number {
    return this.isMoving ? this.speed * 60 : 0
  }
  get current(): BegunLine | undefined {
    return this.queue[0]
  }

  /** Machine mm, on the grid of whole steps as the firmware counts them. */
  get position(): Vector {
    const line = this.queue[0]
    if (!line) return [...this.standing]
    return this.onStepGrid(eachAxis((axis) => line.from[axis] + line.unit[axis] * this.doneMm))
  }

  /** Where everything queued ends. */
  get end(): Vector {
    return [...this.plannedEnd]
  }

  setSettings(settings: Settings): void {
    this.settings = settings
    this.limits = limitsOf(settings)
  }

  setOverrides(overrides: { feed: number; rapid: number }): void {
    this.overrides = overrides
    for (const line of this.queue) line.nominalSpeed = this.nominalSpeedOf(line)
    this.plan()
  }

  /** Standing motors are told where they are: power-on, homing. */
  setPosition(position: Vector): void {
    this.queue.length = 0
    this.standing = this.onStepGrid(position)
    this.plannedEnd = [...this.standing]
    this.halt()
  }

  /**
   * Queues a line; one that is shorter than a step is dropped.
   * @returns false when it was dropped
   */
  add(line: PlannedLine): boolean {
    const from = this.plannedEnd
    const to = this.onStepGrid(line.target)
    const way = eachAxis((axis) => to[axis] - from[axis])
    const lengthMm = lengthOf(way)
    if (lengthMm === 0) return false
    const unit = eachAxis((axis) => way[axis] / lengthMm)
    const acceleration = alongAxes(this.limits.acceleration, unit)
    const maxSpeed = alongAxes(this.limits.rate, unit) / 60
    const programmedSpeed = line.isRapid ? maxSpeed : (line.isInverseTime ? line.feed * lengthMm : line.feed) / 60
    const cornerSpeed = this.cornerSpeed(unit)
    const queued: QueuedLine = { ...line, from, to, unit, lengthMm, acceleration, maxSpeed, programmedSpeed, cornerSpeed, nominalSpeed: 0, entrySpeed: 0 }
    queued.nominalSpeed = this.nominalSpeedOf(queued)
    this.queue.push(queued)
    this.plannedEnd = to
    if (this.queue.length === 1) this.beginLine()
    this.plan()
    return true
  }

  /** Cycle start. */
  start(): void {
    this.isMoving = this.queue.length > 0
    this.isHolding = false
    this.plan()
  }

  /** Feed hold: brakes along the path; {@link elapse} tells `held` when the machine stands. */
  hold(): void {
    this.isHolding = true
    this.plan()
  }

  /** Stops at once, as a reset does, and forgets the queue. */
  abort(): void {
    this.setPosition(this.position)
  }

  /** Seconds until {@link elapse} has something to tell; infinite when nothing moves. */
  secondsToEvent(): number {
    return this.nextEvent().seconds
  }

  private nextEvent(): { seconds: number; isContact: boolean } {
    if (!this.isMoving) return { seconds: Number.POSITIVE_INFINITY, isContact: false }
    let seconds = 0
    let at = this.doneMm
    for (const phase of this.phases) {
      if (at + phase.lengthMm >= this.contactMm) return { seconds: seconds + secondsFor(phase, this.contactMm - at), isContact: true }
      at += phase.lengthMm
      seconds += phase.seconds
    }
    return { seconds, isContact: false }
  }

  /**
   * Lets time pass, at most up to the next event.
   * @returns the event when `seconds` reach it
   */
  elapse(seconds: number): MotionEvent | null {
    if (!this.isMoving) return null
    const event = this.nextEvent()
    let left = Math.min(seconds, event.seconds)
    while (this.phases.length) {
      const phase = this.phases[0]
      if (!phase) break
      if (left < phase.seconds) {
        this.advanceWithin(phase, left)
        break
      }
      left -= phase.seconds
      this.doneMm += phase.lengthMm
      this.speed = phase.endSpeed
      this.phases.shift()
    }
    if (seconds < event.seconds) return null
    return event.isContact ? this.touch() : this.arrive()
  }

  private advanceWithin(phase: Phase, seconds: number): void {
    const rate = phase.seconds > 0 ? (phase.endSpeed - phase.startSpeed) / phase.seconds : 0
    const lengthMm = phase.startSpeed * seconds + (rate * seconds * seconds) / 2
    this.doneMm += lengthMm
    this.speed = phase.startSpeed + rate * seconds
    this.phases[0] = { seconds: phase.seconds - seconds, lengthMm: Math.max(phase.lengthMm - lengthMm, 0), startSpeed: this.speed, endSpeed: phase.endSpeed }
  }

  private touch(): MotionEvent {
    this.doneMm = this.contactMm
    this.contactMm = Number.POSITIVE_INFINITY
    return 'contact'
  }

  /** The line's end, or a standstill within it. */
  private arrive(): MotionEvent {
    const line = this.queue[0]
    if (line && this.isHolding && this.doneMm < line.lengthMm - 1e-6) {
      this.isMoving = false
      this.speed = 0
      this.phases = []
      return 'held'
    }
    if (line) this.standing = [...line.to]
    this.queue.shift()
    this.doneMm = 0
    if (this.queue.length) {
      this.beginLine()
      this.plan()
      return 'line-done'
    }
    const wasHolding = this.isHolding
    this.halt()
    return wasHolding ? 'held' : 'all-done'
  }

  private halt(): void {
    this.isMoving = false
    this.isHolding = false
    this.speed = 0
    this.doneMm = 0
    this.phases = []
    this.contactMm = Number.POSITIVE_INFINITY
  }

  private beginLine(): void {
    const line = this.queue[0]
    this.doneMm = 0
    this.contactMm = line ? this.findContact(line) : Number.POSITIVE_INFINITY
  }

  private onStepGrid(position: Vector): Vector {
    const steps = this.limits.stepsPerMm
    // rounded once more so that 10 mm of 0.003125 mm steps prints and compares as 10
    return eachAxis((axis) => (steps[axis] > 0 ? Math.round((Math.round(position[axis] * steps[axis]) / steps[axis]) * 1e7) / 1e7 : position[axis]))
  }

  /** How fast the corner from the last queued line into `unit` may be taken (junction deviation, `$11`). */
  private cornerSpeed(unit: Vector): number {
    const last = this.queue.at(-1)
    if (!last) return 0
    let cosine = 0
    for (const axis of AXES) cosine += last.unit[axis] * unit[axis]
    if (cosine < -STRAIGHT_COSINE) return 0
    if (cosine > STRAIGHT_COSINE) return Number.POSITIVE_INFINITY
    const turn = eachAxis((axis) => unit[axis] - last.unit[axis])
    const size = lengthOf(turn)
    const acceleration = alongAxes(
      this.limits.acceleration,
      eachAxis((axis) => turn[axis] / size),
    )
    const sineHalf = Math.sqrt((1 + cosine) / 2)
    return Math.sqrt((acceleration * this.settings[11] * sineHalf) / (1 - sineHalf))
  }

  private nominalSpeedOf(line: QueuedLine): number {
    const percent = line.isRapid ? this.overrides.rapid : line.ignoresFeedOverride ? 100 : this.overrides.feed
    return Math.max(Math.min((line.programmedSpeed * percent) / 100, line.maxSpeed), MIN_SPEED)
  }

  /** Entry speeds of the whole queue, then the phases of the line being executed. */
  private plan(): void {
    const first = this.queue[0]
    if (!first) return
    let exit = 0
    for (let i = this.queue.length - 1; i > 0; i--) {
      const line = this.queue[i]
      const before = this.queue[i - 1]
      if (!line || !before) continue
      const allowed = Math.min(line.cornerSpeed, line.nominalSpeed, before.nominalSpeed)
      line.entrySpeed = Math.min(allowed, Math.sqrt(exit * exit + 2 * line.acceleration * line.lengthMm))
      exit = line.entrySpeed
    }
    let speed = this.speed
    let length = first.lengthMm - this.doneMm
    for (let i = 0; i < this.queue.length - 1; i++) {
      const line = this.queue[i]
      const next = this.queue[i + 1]
      if (!line || !next) continue
      next.entrySpeed = Math.min(next.entrySpeed, Math.sqrt(speed * speed + 2 * line.acceleration * length))
      speed = next.entrySpeed
      length = next.lengthMm
    }
    if (this.isMoving) this.phases = this.isHolding ? this.brakingPhases(first) : this.travelPhases(first, this.queue[1]?.entrySpeed ?? 0)
  }

  private brakingPhases(line: QueuedLine): Phase[] {
    const left = Math.max(line.lengthMm - this.doneMm, 0)
    const needed = (this.speed * this.speed) / (2 * line.acceleration)
    const endSpeed = needed <= left ? 0 : Math.sqrt(this.speed * this.speed - 2 * line.acceleration * left)
    return phase(this.speed, endSpeed, Math.min(needed, left), line.acceleration)
  }

  private travelPhases(line: QueuedLine, exitSpeed: number): Phase[] {
    const left = Math.max(line.lengthMm - this.doneMm, 0)
    const a = line.acceleration
    const nominal = line.nominalSpeed
    const start = this.speed
    // too fast for what is left (an override went down): brake all the way, the next line goes on braking
    if (start * start - exitSpeed * exitSpeed >= 2 * a * left) return phase(start, Math.sqrt(Math.max(start * start - 2 * a * left, 0)), left, a)
    if (start > nominal) {
      const braking = (start * start - nominal * nominal) / (2 * a)
      const stopping = (nominal * nominal - exitSpeed * exitSpeed) / (2 * a)
      return [...phase(start, nominal, braking, a), ...cruise(nominal, left - braking - stopping), ...phase(nominal, exitSpeed, stopping, a)]
    }
    const peak = Math.min(nominal, Math.sqrt(a * left + (start * start + exitSpeed * exitSpeed) / 2))
    const rising = Math.max((peak * peak - start * start) / (2 * a), 0)
    const falling = Math.max((peak * peak - exitSpeed * exitSpeed) / (2 * a), 0)
    return [...phase(start, peak, rising, a), ...cruise(peak, left - rising - falling), ...phase(peak, exitSpeed, falling, a)]
  }
}

function phase(startSpeed: number, endSpeed: number, lengthMm: number, acceleration: number): Phase[] {
  const seconds = Math.abs(endSpeed - startSpeed) / acceleration
  return lengthMm > 0 && seconds > 0 ? [{ seconds, lengthMm, startSpeed, endSpeed }] : []
}

function cruise(speed: number, lengthMm: number): Phase[] {
  return lengthMm > 1e-9 ? [{ seconds: lengthMm / speed, lengthMm, startSpeed: speed, endSpeed: speed }] : []
}

/** How long a phase takes for its first `lengthMm`. */
function secondsFor(phase: Phase, lengthMm: number): number {
  if (lengthMm <= 0) return 0
  const rate = phase.seconds > 0 ? (phase.endSpeed - phase.startSpeed) / phase.seconds : 0
  if (Math.abs(rate) < 1e-12) return lengthMm / phase.startSpeed
  const speed = Math.sqrt(Math.max(phase.startSpeed ** 2 + 2 * rate * lengthMm, 0))
  return Math.min((speed - phase.startSpeed) / rate, phase.seconds)
}

/** The largest value along `unit` that exceeds no axis' own limit. */
function alongAxes(limits: Vector, unit: Vector): number {
  let least = Number.POSITIVE_INFINITY
  for (const axis of AXES) if (unit[axis] !== 0) least = Math.min(least, Math.abs(limits[axis] / unit[axis]))
  return Math.max(least, 1e-3)
}

function limitsOf(settings: Settings): Limits {
  return { stepsPerMm: perAxis(settings, 100), rate: perAxis(settings, 110), acceleration: perAxis(settings, 120) }
}
