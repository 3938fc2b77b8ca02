/**
 * The iron around the controller: where the carriage really is, its limit switches, a touch plate. The
 * firmware counts steps from wherever it was switched on; this is what the steps meet.
 */
import { AXES, type Axis, eachAxis, lengthOf, type Vector } from './vector.ts'

export interface Envelope {
  min: Vector
  max: Vector
}

/** A limit switch is this far outside the envelope. */
const SWITCH_CLEARANCE_MM = 1

/** The point of the envelope nearest to 0,0,0: where a new machine stands, so that its first machine position is true. */
export function birthplace({ min, max }: Envelope): Vector {
  return eachAxis((axis) => Math.min(Math.max(0, min[axis]), max[axis]))
}

export class Machine {
  readonly envelope: Envelope
  /** Carriage position at machine position 0. */
  private origin: Vector
  /** Machine Z at which a probe touches, null when there is nothing to touch. */
  touchPlateZ: number | null = null
  isDoorOpen = false

  /** @param carriage where the carriage stands at power-on, in the envelope's coordinates */
  constructor(envelope: Envelope, carriage: Vector) {
    this.envelope = envelope
    this.origin = [...carriage]
  }

  carriageAt(position: Vector): Vector {
    return eachAxis((axis) => this.origin[axis] + position[axis])
  }

  /** The firmware decided to call the present place `now` what it called `before`. */
  rename(before: Vector, now: Vector): void {
    this.origin = eachAxis((axis) => this.origin[axis] + before[axis] - now[axis])
  }

  /** Which limit switches are pressed at this machine position. */
  limitsAt(position: Vector): Axis[] {
    const carriage = this.carriageAt(position)
    return AXES.filter((axis) => carriage[axis] >= this.switchAt(axis, 1) || carriage[axis] <= this.switchAt(axis, -1))
  }

  /** How far each axis is from its homing switch; `towardMin` is a bit of `$23`. */
  waysHome(position: Vector, towardMin: (axis: Axis) => boolean): Vector {
    const carriage = this.carriageAt(position)
    return eachAxis((axis) => (towardMin(axis) ? Math.max(carriage[axis] - this.switchAt(axis, -1), 0) : Math.max(this.switchAt(axis, 1) - carriage[axis], 0)))
  }

  /** After homing: the carriage stands `pullOff` away from its switches and is called `position`. */
  settleHome(options: { position: Vector; pullOff: number; towardMin: (axis: Axis) => boolean }): void {
    const { position, pullOff, towardMin } = options
    this.origin = eachAxis((axis) => (towardMin(axis) ? this.switchAt(axis, -1) + pullOff : this.switchAt(axis, 1) - pullOff) - position[axis])
  }

  /** After how many mm along a line a limit switch is pressed that is free at its start. */
  mmToLimit(from: Vector, unit: Vector): number {
    const start = this.carriageAt(from)
    const ways = AXES.filter((axis) => unit[axis] !== 0).map((axis) => (this.switchAt(axis, unit[axis] > 0 ? 1 : -1) - start[axis]) / unit[axis])
    return Math.min(...ways.filter((way) => way > 0), Number.POSITIVE_INFINITY)
  }

  /** After how many mm along a line a probe meets the touch plate from above. */
  mmToPlate(from: Vector, unit: Vector): number {
    if (this.touchPlateZ === null || unit[2] >= 0) return Number.POSITIVE_INFINITY
    return Math.max((this.touchPlateZ - from[2]) / unit[2], 0)
  }

  /** The probe input: at or below the plate. */
  isTouching(position: Vector): boolean {
    return this.touchPlateZ !== null && position[2] <= this.touchPlateZ
  }

  private switchAt(axis: Axis, side: 1 | -1): number {
    return side === 1 ? this.envelope.max[axis] + SWITCH_CLEARANCE_MM : this.envelope.min[axis] - SWITCH_CLEARANCE_MM
  }
}

/** Travel of an envelope, as `$130`..`$132` have it. */
export function travelOf({ min, max }: Envelope): Vector {
  return eachAxis((axis) => max[axis] - min[axis])
}

/** Seconds that homing takes: Z first, then X and Y together; seek, pull off, find slowly, pull off (limits.c). */
export function homingSeconds(options: { ways: Vector; seek: number; feed: number; pullOff: number; debounceMs: number }): number {
  const { ways, seek, feed, pullOff, debounceMs } = options
  const cycle = (way: number) => (way / seek + pullOff / seek + pullOff / feed + pullOff / seek) * 60 + (4 * debounceMs) / 1000
  return cycle(ways[2]) + cycle(lengthOf([ways[0], ways[1], 0]) === 0 ? 0 : Math.max(ways[0], ways[1]))
}
