/** Everywhere a carriage has been, and when it began and ceased to move. */
import { AXES, type Vector } from './vector.ts'

export class Footprint {
  readonly low: Vector
  readonly high: Vector
  private isMoving = false
  private readonly onMoving: (isMoving: boolean) => void

  constructor(from: Vector, onMoving: (isMoving: boolean) => void) {
    this.low = [...from]
    this.high = [...from]
    this.onMoving = onMoving
  }

  /** Straight ways only: told at their ends, nothing between them is missed. */
  note(at: Vector, isMoving: boolean): void {
    for (const axis of AXES) {
      if (at[axis] < this.low[axis]) this.low[axis] = at[axis]
      if (at[axis] > this.high[axis]) this.high[axis] = at[axis]
    }
    if (isMoving === this.isMoving) return
    this.isMoving = isMoving
    this.onMoving(isMoving)
  }
}
