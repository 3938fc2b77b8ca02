/** What was moved through, in machine and in work coordinates. */
import { AXIS_COUNT } from './contract.ts'

interface ExtentBox {
  min: Float64Array
  max: Float64Array
}

export class Extents {
  /** Moved through since the offset last changed; machine coordinates. Whoever moves adds to it. */
  readonly min = new Float64Array(AXIS_COUNT)
  readonly max = new Float64Array(AXIS_COUNT)
  /** No move yet since the offset last changed. */
  isFresh = true
  #hasMoved = false
  readonly #machine = emptyBox()
  readonly #work = emptyBox()

  /** The first move since the offset changed: its end counts in every axis, and where a cut begins, its start. */
  begin(isCut: boolean, from: Float64Array, to: Float64Array): void {
    this.isFresh = false
    this.#hasMoved = true
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      this.min[axis] = Math.min(to[axis] as number, isCut ? (from[axis] as number) : Number.POSITIVE_INFINITY)
      this.max[axis] = Math.max(to[axis] as number, isCut ? (from[axis] as number) : Number.NEGATIVE_INFINITY)
    }
  }

  /** Adds what was moved through under this offset; before it changes, and at the end. */
  fold(offset: Float64Array): void {
    if (this.isFresh) return
    this.isFresh = true
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      const by = offset[axis] as number
      const min = this.min[axis] as number
      const max = this.max[axis] as number
      this.#machine.min[axis] = Math.min(this.#machine.min[axis] as number, min)
      this.#machine.max[axis] = Math.max(this.#machine.max[axis] as number, max)
      this.#work.min[axis] = Math.min(this.#work.min[axis] as number, min - by)
      this.#work.max[axis] = Math.max(this.#work.max[axis] as number, max - by)
    }
  }

  /** Undefined without a move. */
  machine(axisCount: number): ExtentBox | undefined {
    return this.#hasMoved ? part(this.#machine, axisCount) : undefined
  }

  work(axisCount: number): ExtentBox | undefined {
    return this.#hasMoved ? part(this.#work, axisCount) : undefined
  }
}

const emptyBox = (): ExtentBox => ({
  min: new Float64Array(AXIS_COUNT).fill(Number.POSITIVE_INFINITY),
  max: new Float64Array(AXIS_COUNT).fill(Number.NEGATIVE_INFINITY),
})

const part = ({ min, max }: ExtentBox, axisCount: number): ExtentBox => ({ min: min.slice(0, axisCount), max: max.slice(0, axisCount) })
