/** Two states of the flows beside each other: what is drawn, what runs, or a version; the differences as a list, and one of them at a time. No view. */
import { byId, diffFlows, type NodeDiff } from '../model/diff.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import { Workspace } from '../workspace.ts'

/** One of the two sides. */
export type Side = { is: 'draft' } | { is: 'running' } | { is: 'version'; id: string; at: string; flows: ReadonlyMap<string, FlowNode> }
const DRAFT: Side = { is: 'draft' }

export class Comparison {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  #against: Side | undefined
  #shown: Side = DRAFT
  #picture: Workspace | undefined
  #isListOpen = false
  #known: { version: number; list: NodeDiff[]; byId: ReadonlyMap<string, NodeDiff> } | undefined
  #at = -1
  #version = 0

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    workspace.model.watch(() => {
      if (this.#against) this.#tell()
    })
  }

  /** The side that is compared with; undefined: nothing is compared. */
  get against(): Side | undefined {
    return this.#against
  }
  /** The side that is shown on the canvas. */
  get shown(): Side {
    return this.#shown
  }
  /** The flows that are shown where they are not the drawing: to be looked at only. */
  get picture(): Workspace | undefined {
    return this.#picture
  }
  /** Whether the differences stand there as a list, too. */
  get isListOpen(): boolean {
    return this.#isListOpen
  }
  showList(isOpen: boolean): void {
    this.#isListOpen = isOpen
    this.#tell()
  }
  /** Which difference was gone to last, from 1; 0: none. */
  get at(): number {
    return this.#at + 1
  }
  get version(): number {
    return this.#version
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @param shown the later side; left out: what is drawn */
  begin(against: Side, shown: Side = DRAFT): void {
    this.#against = against
    this.#shown = shown
    this.#picture = shown.is === 'draft' ? undefined : this.#pictureOf(this.after)
    this.#known = undefined
    this.#at = -1
    this.#tell()
  }

  end(): void {
    if (!this.#against) return
    this.#against = undefined
    this.#shown = DRAFT
    this.#picture = undefined
    this.#known = undefined
    this.#isListOpen = false
    this.#tell()
  }

  /** The objects of the side that is compared with. */
  get before(): ReadonlyMap<string, FlowNode> {
    return this.#flowsOf(this.#against ?? DRAFT)
  }
  /** The objects of the side that is shown. */
  get after(): ReadonlyMap<string, FlowNode> {
    return this.#flowsOf(this.#shown)
  }

  #flowsOf(side: Side): ReadonlyMap<string, FlowNode> {
    const { model } = this.#workspace
    return side.is === 'version' ? side.flows : side.is === 'running' ? model.deployed() : byId(model.export())
  }

  /** Places that are gone are there too, empty: what was on them is drawn there. */
  #pictureOf(flows: ReadonlyMap<string, FlowNode>): Workspace {
    const picture = new Workspace()
    picture.setTypes([...this.#workspace.types.values()])
    const gone = [...this.before.values()].filter(({ id, type }) => (type === 'tab' || type === 'subflow') && !flows.has(id))
    picture.model.load([...flows.values(), ...gone])
    const place = this.#workspace.place
    const first = diffFlows(this.before, flows)
      .map(({ node }) => (node.type === 'tab' ? node.id : String(node.z ?? '')))
      .find((id) => picture.model.get(id))
    if (place !== undefined && picture.model.get(place)) picture.open(place)
    else if (first !== undefined) picture.open(first)
    return picture
  }

  /** The differences, tab by tab in reading order. Empty while nothing is compared. */
  get list(): readonly NodeDiff[] {
    return this.#differences().list
  }
  of(id: string): NodeDiff | undefined {
    return this.#differences().byId.get(id)
  }

  /** Goes to the next or the previous difference that can be shown. @returns it */
  step(by: 1 | -1): NodeDiff | undefined {
    const { list } = this.#differences()
    if (list.length === 0) return undefined
    this.#at = (this.#at + by + list.length + (this.#at < 0 && by < 0 ? 1 : 0)) % list.length
    const diff = list[this.#at]
    if (diff) this.show(diff)
    this.#tell()
    return diff
  }

  /** Shows the place of a difference: the node, or the tab where it was. */
  show({ id, node, kind }: NodeDiff): void {
    const on = this.#picture ?? this.#workspace
    if (kind !== 'removed') on.reveal(id)
    else on.open(typeof node.z === 'string' && node.z ? node.z : id)
  }

  #differences() {
    const { model } = this.#workspace
    if (!this.#against) return NOTHING
    if (this.#known?.version !== model.version) {
      const list = sorted(
        diffFlows(this.before, this.after),
        model.tabs().map(({ id }) => id),
      )
      this.#known = { version: model.version, list, byId: new Map(list.map((diff) => [diff.id, diff])) }
    }
    return this.#known
  }

  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

const NOTHING: { list: NodeDiff[]; byId: ReadonlyMap<string, NodeDiff> } = { list: [], byId: new Map() }

/** Tabs in their order, on each from top to bottom; what has no place comes last. */
export function sorted(diffs: readonly NodeDiff[], tabs: readonly string[]): NodeDiff[] {
  const place = new Map(tabs.map((id, index) => [id, index]))
  const tabOf = ({ node }: NodeDiff) => place.get(node.type === 'tab' ? node.id : String(node.z)) ?? tabs.length
  const isFirst = ({ node }: NodeDiff) => (node.type === 'tab' ? 0 : kindOf(node) === 'config' ? 2 : 1)
  const number = (value: unknown) => (typeof value === 'number' ? value : 0)
  return diffs.toSorted((a, b) => tabOf(a) - tabOf(b) || isFirst(a) - isFirst(b) || number(a.node.y) - number(b.node.y) || number(a.node.x) - number(b.node.x))
}
