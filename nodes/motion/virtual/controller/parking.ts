/**
 * Parking at the safety door: the Z axis slowly out of the work, then fast to its parking place, and back (grbl 1.1:
 * protocol.c with PARKING_ENABLE, config.h; grblHAL `$56` to `$59`). The program's own queue stays as it was held.
 */
import { Motion } from './motion.ts'
import type { Settings } from './settings.ts'
import type { Vector } from './vector.ts'

/** config.h: PARKING_PULLOUT_INCREMENT, PARKING_PULLOUT_RATE, PARKING_TARGET, PARKING_RATE. */
const GRBL = { pulloutMm: 5, pulloutRate: 100, targetMm: -5, rate: 500 }

const Z = 2

export class Parking {
  private readonly motion: Motion
  private readonly work: Vector
  private readonly waypointMm: number
  private readonly build: typeof GRBL
  private leg: 'none' | 'out' | 'up' | 'down' | 'plunge' = 'none'
  private onOut: () => void = () => {}

  /** @param options.from where the work was left */
  constructor(options: { from: Vector; settings: Settings; isHal: boolean }) {
    const { from, settings, isHal } = options
    this.build = isHal ? { pulloutMm: settings[56], pulloutRate: settings[57], targetMm: settings[58], rate: settings[59] } : GRBL
    this.motion = new Motion({ settings, findContact: () => Number.POSITIVE_INFINITY })
    this.motion.setPosition(from)
    this.work = this.motion.position
    this.waypointMm = Math.min(this.work[Z] + this.build.pulloutMm, this.build.targetMm)
  }

  get position(): Vector {
    return this.motion.position
  }
  get feedMmPerMin(): number {
    return this.motion.feedMmPerMin
  }
  get isMoving(): boolean {
    return !this.motion.isEmpty
  }
  /** Back in the work. */
  get isHome(): boolean {
    return this.motion.isEmpty && this.position[Z] === this.work[Z]
  }

  /**
   * Out of the work, then up; breaks a way back off.
   * @param onOut the tool is out: spindle and coolant may go off
   * @returns false where there is no way to go
   */
  retract(onOut: () => void): boolean {
    // a stop on the way back: these motions are slow, they end without a ramp worth telling
    this.motion.abort()
    this.onOut = onOut
    if (this.goTo(this.waypointMm, this.build.pulloutRate, 'out')) return true
    onOut()
    return this.goTo(this.build.targetMm, this.build.rate, 'up')
  }

  /** Fast down to just over the work. @returns false where there is no way to go */
  descend(): boolean {
    return this.position[Z] > this.waypointMm && this.goTo(this.waypointMm, this.build.rate, 'down', true)
  }

  /** Slowly into the work. @returns false where there is no way to go */
  plunge(): boolean {
    return this.position[Z] > this.work[Z] && this.goTo(this.work[Z], this.build.pulloutRate, 'plunge', true)
  }

  secondsToEvent(): number {
    return this.motion.secondsToEvent()
  }

  /** Lets time pass. @returns whether the way is at its end */
  elapse(seconds: number): boolean {
    const isOver = this.motion.elapse(seconds) === 'all-done'
    if (!isOver) return false
    const { leg } = this
    this.leg = 'none'
    if (leg !== 'out') return true
    this.onOut()
    return !this.goTo(this.build.targetMm, this.build.rate, 'up')
  }

  private goTo(z: number, feed: number, leg: typeof this.leg, isDown = false): boolean {
    const from = this.position
    if (isDown ? z >= from[Z] : z <= from[Z]) return false
    const target: Vector = [...from]
    target[Z] = z
    this.motion.add({ target, feed, isRapid: false, isInverseTime: false, ignoresFeedOverride: true, lineNumber: 0, spindleRpm: 0 })
    this.motion.start()
    this.leg = leg
    return true
  }
}
