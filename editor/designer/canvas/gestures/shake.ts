/** Something in the hand was moved quickly from side to side: three turns back within a moment. */

const TURNS = 3
const WITHIN_MS = 900
/** A swing is not shorter than this, in screen pixels: a hand that trembles shakes nothing. */
const SWING_PX = 20

export class Shake {
  #furthest: number | undefined
  #direction = 0
  #turns: number[] = []

  /** The pointer is here now. @returns whether that completes a shake */
  add({ clientX, timeStamp }: { clientX: number; timeStamp: number }): boolean {
    this.#furthest ??= clientX
    const moved = clientX - this.#furthest
    if (this.#direction !== 0 && Math.sign(moved) === this.#direction) this.#furthest = clientX
    else if (Math.abs(moved) >= SWING_PX) {
      if (this.#direction !== 0) this.#turns = [...this.#turns.filter((turn) => timeStamp - turn <= WITHIN_MS), timeStamp]
      this.#direction = Math.sign(moved)
      this.#furthest = clientX
    }
    if (this.#turns.length < TURNS) return false
    this.#turns = []
    return true
  }
}
