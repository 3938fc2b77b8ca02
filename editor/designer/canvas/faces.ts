/** The faces of the nodes in sight: drawn at the next frame when something about a node has changed, statuses seldomer. */
import type { Workspace } from '../workspace.ts'
import type { FlowArea } from './flow-area.ts'
import type { MarkSource, NodeMark } from './layers.ts'
import { drawFace } from './node-face.ts'
import type { Colours } from './painter.ts'

/** Nobody reads statuses faster than this. */
const STATUS_MS = 50
/** How long a screen reader may be told the old name of a node that changes all the time. */
const NAMES_MS = 250

export interface FacesHost {
  area: FlowArea
  workspace: Workspace
  /** Node faces are named for screen readers in the person's language. */
  nameOf(id: string): string
  iconOf(type: string): string | undefined
  colours(): Colours
  /** Asks for the next frame. */
  schedule(): void
}

export class Faces {
  readonly #host: FacesHost
  readonly #marks = new Set<MarkSource>()
  readonly #asked = new Set<string>()
  readonly #statuses = new Set<string>()
  readonly #names = new Set<string>()
  #selected: ReadonlySet<string> = new Set()
  #statusTimer: ReturnType<typeof setTimeout> | undefined
  #nameTimer: ReturnType<typeof setTimeout> | undefined

  constructor(host: FacesHost) {
    this.#host = host
  }

  close(): void {
    clearTimeout(this.#statusTimer)
    clearTimeout(this.#nameTimer)
  }

  /** Puts signs at nodes; {@link redraw} when they change. @returns what ends it */
  addMarks(source: MarkSource): () => void {
    this.#marks.add(source)
    this.redraw()
    return () => {
      this.#marks.delete(source)
      this.redraw()
    }
  }

  /** Draws these, or all that are in sight, at the next frame. */
  redraw(ids: Iterable<string> = this.#host.area.shown): void {
    for (const id of ids) this.#asked.add(id)
    this.#host.schedule()
  }

  /** Draws those that are selected now or were before. */
  selectionChanged(): void {
    const before = this.#selected
    this.#selected = this.#host.workspace.selection
    this.redraw([...before, ...this.#selected])
  }

  statusChanged(touched: ReadonlySet<string>): void {
    for (const id of touched) if (this.#host.area.shown.has(id)) this.#statuses.add(id)
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined
      this.redraw(this.#statuses)
      this.#statuses.clear()
    }, STATUS_MS)
  }

  /** Draws what was asked for. */
  drawAsked(): void {
    for (const id of this.#asked) if (this.#host.area.views.get(id)?.isShown) this.draw(id)
    this.#asked.clear()
  }

  draw(id: string): void {
    const { area, workspace, iconOf, colours } = this.#host
    const view = area.views.get(id)
    if (!view) return
    const isSelected = workspace.selection.has(id)
    drawFace(view.element, view.node.scene, {
      isSelected,
      isChanged: workspace.model.dirty.has(id),
      problem: workspace.problems
        .get(id)
        ?.map((problem) => problem.message)
        .join('\n'),
      status: workspace.statuses.get(id),
      marks: this.#marksOf(id),
      icon: iconOf(view.node.scene.type),
      colour: colours().family(view.node.scene.family),
    })
    this.#names.add(id)
    if (isSelected) this.#writeName(id)
    else
      this.#nameTimer ??= setTimeout(() => {
        this.#nameTimer = undefined
        for (const one of this.#names) this.#writeName(one)
        this.#names.clear()
      }, NAMES_MS)
  }

  #writeName(id: string): void {
    const view = this.#host.area.views.get(id)
    if (!view?.isShown) return
    const name = [this.#host.nameOf(id), ...this.#marksOf(id).map(({ title }) => title)].join(', ')
    if (view.element.getAttribute('aria-label') !== name) view.element.setAttribute('aria-label', name)
  }

  #marksOf(id: string): NodeMark[] {
    return [...this.#marks].flatMap((source) => source(id) ?? [])
  }
}
