/**
 * The iron around the controller: where the carriage really is, its limit switches, what stands in its way. The
 * firmware counts steps from wherever it was switched on; this is what the steps meet.
 */
import { isTouching, mmToContact, mmToRelease, type Scene, type Solid, type Tool } from './scene.ts'
import { AXES, type Axis, eachAxis, type Point, pointOf, type Vector, vectorOf } from './vector.ts'

/** The room the carriage has, mm (degrees): three axes or more. */
export interface Envelope {
  min: Point
  max: Point
}

/** A limit switch is this far outside the envelope. */
const SWITCH_CLEARANCE_MM = 1
/** The carriage stands on whole steps: where it stopped at a switch is up to a step off. */
const SWITCH_PLAY_MM = 0.005

/** The point of the envelope nearest to 0,0,0: where a new machine stands, so that its first machine position is true. */
export function birthplace({ min, max }: Envelope): Vector {
  const low = vectorOf(min)
  const high = vectorOf(max)
  return eachAxis((axis) => Math.min(Math.max(0, low[axis]), high[axis]))
}

export class Machine {
  readonly envelope: Envelope
  /** The axes it has. */
  readonly axes: readonly Axis[]
  /** Carriage position at machine position 0. */
  private origin: Vector
  scene: Scene
  /** Machine Z at which a probe touches, null when there is nothing to touch. */
  touchPlateZ: number | null = null
  isDoorOpen = false
  /** A switch that never opens, or never closes. */
  readonly faultySwitches = new Map<Axis, 'stuck' | 'dead'>()
  private readonly low: Vector
  private readonly high: Vector

  /** @param options.carriage where the carriage stands at power-on, in the envelope's coordinates */
  constructor(options: { envelope: Envelope; axisCount: number; carriage: Vector; scene: Scene }) {
    this.envelope = options.envelope
    this.axes = AXES.slice(0, options.axisCount)
    this.origin = [...options.carriage]
    this.scene = options.scene
    this.low = vectorOf(options.envelope.min)
    this.high = vectorOf(options.envelope.max)
  }

  get axisCount(): number {
    return this.axes.length
  }

  point(vector: Vector): Point {
    return pointOf(vector, this.axes.length)
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
    return this.axes.filter((axis) => this.isPressed(axis, carriage))
  }

  private isPressed(axis: Axis, carriage: Vector): boolean {
    const fault = this.faultySwitches.get(axis)
    if (fault) return fault === 'stuck'
    return carriage[axis] >= this.switchAt(axis, 1) - SWITCH_PLAY_MM || carriage[axis] <= this.switchAt(axis, -1) + SWITCH_PLAY_MM
  }

  /** After how many mm along a line a limit switch is pressed that is free at its start. */
  mmToLimit(from: Vector, unit: Vector, axes: readonly Axis[] = this.axes): number {
    const start = this.carriageAt(from)
    let nearest = Number.POSITIVE_INFINITY
    for (const axis of axes) {
      if (unit[axis] === 0 || this.faultySwitches.get(axis) === 'dead') continue
      const way = (this.switchAt(axis, unit[axis] > 0 ? 1 : -1) - start[axis]) / unit[axis]
      if (way > 0 && way < nearest) nearest = way
    }
    return nearest
  }

  /** After how many mm along a line the tool touches something, or (`isAway`) no longer does. */
  mmToProbe(line: { from: Vector; unit: Vector; lengthMm: number }, isAway: boolean): number {
    const { from, unit, lengthMm } = line
    const plate = this.mmToPlate(from, unit, isAway)
    if (!this.scene.solids.length) return plate
    const carriage = this.carriageAt(from)
    const move = { from: [carriage[0], carriage[1], carriage[2]] as const, unit: [unit[0], unit[1], unit[2]] as const, lengthMm }
    return Math.min(plate, isAway ? mmToRelease(this.scene, move) : mmToContact(this.scene, move))
  }

  private mmToPlate(from: Vector, unit: Vector, isAway: boolean): number {
    if (this.touchPlateZ === null || (isAway ? unit[2] <= 0 : unit[2] >= 0)) return Number.POSITIVE_INFINITY
    return Math.max((this.touchPlateZ - from[2]) / unit[2], 0)
  }

  /** The probe input. */
  isTouching(position: Vector): boolean {
    if (this.touchPlateZ !== null && position[2] <= this.touchPlateZ) return true
    if (!this.scene.solids.length) return false
    const [x, y, z] = this.carriageAt(position)
    return isTouching(this.scene, [x, y, z])
  }

  setSolids(solids: Solid[]): void {
    this.scene = { ...this.scene, solids }
  }
  setTool(tool: Tool): void {
    this.scene = { ...this.scene, tool }
  }

  private switchAt(axis: Axis, side: 1 | -1): number {
    return side === 1 ? this.high[axis] + SWITCH_CLEARANCE_MM : this.low[axis] - SWITCH_CLEARANCE_MM
  }
}

/** Travel of an envelope, as `$130`..`$135` have it. */
export function travelOf({ min, max }: Envelope): number[] {
  return max.map((high, axis) => high - (min[axis] ?? 0))
}
