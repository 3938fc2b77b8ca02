/**
 * How far a place may lie from where it is counted, axis by axis: after a probe the tool stands somewhere between the begin and
 * the end of the probing move, and so do offsets that are set from there. Everything possible is held against the limits.
 */
import { AXIS_COUNT } from './contract.ts'

export class Slack {
  readonly low = new Float64Array(AXIS_COUNT)
  readonly high = new Float64Array(AXIS_COUNT)

  get isNone(): boolean {
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) if (!this.isNoneIn(axis)) return false
    return true
  }

  isNoneIn(axis: number): boolean {
    return this.low[axis] === 0 && this.high[axis] === 0
  }

  clear(): void {
    this.low.fill(0)
    this.high.fill(0)
  }

  set(other: Slack): void {
    this.low.set(other.low)
    this.high.set(other.high)
  }

  /** @param low at most 0 @param high at least 0 */
  setAxis(axis: number, low: number, high: number): void {
    this.low[axis] = low
    this.high[axis] = high
  }

  copyAxis(axis: number, other: Slack): void {
    this.setAxis(axis, other.low[axis] as number, other.high[axis] as number)
  }

  addAxis(axis: number, other: Slack): void {
    this.setAxis(axis, (this.low[axis] as number) + (other.low[axis] as number), (this.high[axis] as number) + (other.high[axis] as number))
  }

  subtractAxis(axis: number, other: Slack): void {
    this.setAxis(axis, (this.low[axis] as number) - (other.high[axis] as number), (this.high[axis] as number) - (other.low[axis] as number))
  }

  isSame(axis: number, other: Slack): boolean {
    return this.low[axis] === other.low[axis] && this.high[axis] === other.high[axis]
  }
}
