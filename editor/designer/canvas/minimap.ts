/** The whole flow, small, in a corner: where one is in it, and a place to go by pointing. Painted seldom; only its frame moves with the view. */
import type { FlowCanvas } from './flow-canvas.ts'
import type { Rect } from './grid.ts'

const SIZE = { width: 200, height: 132 }
const PAINT_MS = 120
/** Of a flow this small there is nothing to find. */
const NODES_MIN = 6

export class Minimap {
  readonly #canvas: FlowCanvas
  readonly #element = document.createElement('div')
  readonly #picture = document.createElement('canvas')
  readonly #frame = document.createElement('div')
  readonly #abort = new AbortController()
  readonly #ends: (() => void)[]
  #timer: ReturnType<typeof setTimeout> | undefined
  #map: { left: number; top: number; scale: number } | undefined
  #isHeld = false
  #isOn = true

  constructor(place: HTMLElement, canvas: FlowCanvas) {
    this.#canvas = canvas
    this.#element.className = 'canvas-map'
    this.#element.dataset.testid = 'minimap'
    this.#element.dataset.notCanvas = ''
    // everything it does can be done by keys and by the outline
    this.#element.setAttribute('aria-hidden', 'true')
    this.#frame.className = 'canvas-map-frame'
    this.#element.append(this.#picture, this.#frame)
    place.append(this.#element)
    const { signal } = this.#abort
    this.#element.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    this.#element.addEventListener('pointermove', (event) => this.#isHeld && this.#go(event), { signal })
    for (const end of ['pointerup', 'pointercancel'] as const) {
      this.#element.addEventListener(
        end,
        () => {
          this.#isHeld = false
        },
        { signal },
      )
    }
    this.#element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault()
        void canvas.view.zoomBy(Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) * 0.002))
      },
      { signal, passive: false },
    )
    this.#ends = [canvas.onPicture(() => this.#later()), canvas.onMove(() => this.#placeFrame())]
    this.#later()
  }

  set isOn(isOn: boolean) {
    this.#isOn = isOn
    this.#later()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#abort.abort()
    for (const end of this.#ends) end()
    this.#element.remove()
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#paint()
    }, PAINT_MS)
  }

  #paint(): void {
    const { area, scene, colours, workspace } = this.#canvas
    const bounds = this.#canvas.bounds()
    this.#element.hidden = !this.#isOn || !bounds || scene.nodes.size < NODES_MIN
    const context = this.#picture.getContext('2d')
    if (this.#element.hidden || !bounds || !context) return
    const ratio = window.devicePixelRatio || 1
    const [width, height] = [SIZE.width * ratio, SIZE.height * ratio]
    if (this.#picture.width !== width) {
      this.#picture.width = width
      this.#picture.height = height
    }
    const scale = Math.min((SIZE.width - 16) / (bounds.right - bounds.left), (SIZE.height - 16) / (bounds.bottom - bounds.top), 0.2)
    const map = {
      scale,
      left: bounds.left - (SIZE.width / scale - (bounds.right - bounds.left)) / 2,
      top: bounds.top - (SIZE.height / scale - (bounds.bottom - bounds.top)) / 2,
    }
    this.#map = map
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, width, height)
    context.setTransform(ratio * scale, 0, 0, ratio * scale, -map.left * ratio * scale, -map.top * ratio * scale)
    context.lineWidth = 1 / scale
    context.strokeStyle = colours.line
    for (const group of scene.groups) context.strokeRect(group.x, group.y, group.width, group.height)
    const least = 2 / scale
    const boxes = new Map<string, Path2D>()
    const put = (colour: string, box: Rect) => {
      let path = boxes.get(colour)
      if (!path) {
        path = new Path2D()
        boxes.set(colour, path)
      }
      path.rect(box.left, box.top, Math.max(box.right - box.left, least), Math.max(box.bottom - box.top, least))
    }
    for (const [id, view] of area.views) {
      const { width: wide, height: high, family } = view.node.scene
      const { x, y } = view.position
      const colour = workspace.problems.has(id) ? colours.alarm : workspace.selection.has(id) ? colours.accent : colours.family(family)
      put(colour, { left: x, top: y, right: x + wide, bottom: y + high })
    }
    for (const [colour, path] of boxes) {
      context.fillStyle = colour
      context.fill(path)
    }
    this.#placeFrame()
  }

  #placeFrame(): void {
    const map = this.#map
    if (!map || this.#element.hidden) return
    const { left, top, right, bottom } = this.#canvas.view.visible
    // all is seen already, and the map would lie over it
    const all = this.#canvas.bounds()
    const isAll = all !== undefined && left <= all.left && top <= all.top && right >= all.right && bottom >= all.bottom
    if (isAll && !this.#isHeld) this.#element.dataset.all = ''
    else delete this.#element.dataset.all
    const { style } = this.#frame
    style.transform = `translate(${(left - map.left) * map.scale}px, ${(top - map.top) * map.scale}px)`
    style.width = `${(right - left) * map.scale}px`
    style.height = `${(bottom - top) * map.scale}px`
  }

  #down(event: PointerEvent): void {
    event.preventDefault()
    event.stopPropagation()
    this.#isHeld = true
    this.#element.setPointerCapture(event.pointerId)
    this.#go(event)
  }

  #go(event: PointerEvent): void {
    const map = this.#map
    if (!map) return
    const box = this.#picture.getBoundingClientRect()
    const share = box.width / SIZE.width || 1
    const at = { x: map.left + (event.clientX - box.left) / share / map.scale, y: map.top + (event.clientY - box.top) / share / map.scale }
    void this.#canvas.view.centreOn(at)
  }
}
