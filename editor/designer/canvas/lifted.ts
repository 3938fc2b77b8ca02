/**
 * Over the nodes: what follows the pointer while it is dragged. For the browser a layer of its own, always as large as the
 * window and painted apart: what moves in it makes neither the other nodes nor the rest of the page be put together anew.
 */
export class Lifted {
  readonly #layer = document.createElement('div')
  /** What is in it stands in canvas coordinates. */
  readonly content = document.createElement('div')
  #transform = ''

  constructor(container: HTMLElement) {
    this.#layer.className = 'flow-lifted'
    this.content.className = 'flow-lifted-content'
    this.#layer.append(this.content)
    container.append(this.#layer)
  }

  /** The view has moved. */
  place({ x, y, k }: { x: number; y: number; k: number }): void {
    const transform = `translate(${x}px, ${y}px) scale(${k})`
    if (transform === this.#transform) return
    this.#transform = transform
    this.content.style.transform = transform
  }

  close(): void {
    this.#layer.remove()
  }
}
