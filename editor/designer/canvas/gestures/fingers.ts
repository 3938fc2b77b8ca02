/** The fingers on the canvas, and how far apart the first two of them are. */
type Place = Pick<PointerEvent, 'clientX' | 'clientY'>
type Finger = Place & Pick<PointerEvent, 'pointerId'>

export class Fingers {
  readonly #places = new Map<number, Place>()

  get count(): number {
    return this.#places.size
  }

  put(finger: Finger): void {
    this.#places.set(finger.pointerId, finger)
  }

  /** Other pointers are none of its business. */
  move(finger: Finger): void {
    if (this.#places.has(finger.pointerId)) this.put(finger)
  }

  lift({ pointerId }: Pick<Finger, 'pointerId'>): void {
    this.#places.delete(pointerId)
  }

  /** Their distance, at least 1, and the middle between them, in pixels of the window. */
  spread(): { distance: number; x: number; y: number } {
    const [a, b] = [...this.#places.values()]
    if (!a || !b) return { distance: 1, x: 0, y: 0 }
    return { distance: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 }
  }
}
