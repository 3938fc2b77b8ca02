/** A finger that rests where it was put. */
const LONG_PRESS_MS = 500
const LONG_PRESS_PX = 10

type Place = Pick<PointerEvent, 'clientX' | 'clientY'>

export class LongPress {
  #held: { timer: ReturnType<typeof setTimeout>; at: Place } | undefined

  /** @param act called once, when the finger has rested for long enough */
  begin({ clientX, clientY }: Place, act: () => void): void {
    const timer = setTimeout(() => {
      this.#held = undefined
      act()
    }, LONG_PRESS_MS)
    this.#held = { timer, at: { clientX, clientY } }
  }

  /** A finger that moves further than fingers tremble does not rest. */
  move({ clientX, clientY }: Place): void {
    const at = this.#held?.at
    if (at && Math.hypot(clientX - at.clientX, clientY - at.clientY) > LONG_PRESS_PX) this.end()
  }

  end(): void {
    clearTimeout(this.#held?.timer)
    this.#held = undefined
  }
}
