/** Words that float over the picture: elements of the page, so that they are sharp and have the page's colours. */
import { type Camera, Vector3 } from 'three'
import type { Label } from './drawing.ts'

export class Labels {
  readonly #box: HTMLElement
  readonly #onPick: (line: number) => void
  #shown: { element: HTMLElement; at: Vector3 }[] = []

  /** @param box over the canvas, of its size */
  constructor(box: HTMLElement, onPick: (line: number) => void) {
    this.#box = box
    this.#onPick = onPick
  }

  set(labels: readonly Label[]): void {
    this.#box.replaceChildren()
    this.#shown = labels.map(({ text, at, kind, line }) => {
      const element = document.createElement(line === undefined ? 'span' : 'button')
      element.className = 'path-label'
      element.dataset.kind = kind
      element.textContent = text
      if (line !== undefined) {
        element.tabIndex = -1
        element.addEventListener('click', () => this.#onPick(line))
      }
      this.#box.append(element)
      return { element, at: new Vector3(...at) }
    })
  }

  /** Puts each where its place is seen now. */
  place(camera: Camera, { width, height }: { width: number; height: number }): void {
    const point = new Vector3()
    for (const { element, at } of this.#shown) {
      point.copy(at).project(camera)
      const x = ((point.x + 1) / 2) * width
      const y = ((1 - point.y) / 2) * height
      element.style.visibility = x < 0 || y < 0 || x > width || y > height ? 'hidden' : ''
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    }
  }

  clear(): void {
    this.set([])
  }
}
