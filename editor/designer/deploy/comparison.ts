/** What is drawn, compared with what runs or with a version: the differences as a list, and one of them at a time. No view. */
import { diffFlows, type NodeDiff } from '../model/diff.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'

/** What the drawing is compared with. */
export type Against = { is: 'running' } | { is: 'version'; id: string; at: string; flows: ReadonlyMap<string, FlowNode> }

export class Comparison {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  #against: Against | undefined
  #known: { version: number; list: NodeDiff[]; byId: ReadonlyMap<string, NodeDiff> } | undefined
  #at = -1
  #version = 0

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    workspace.model.watch(() => {
      if (this.#against) this.#tell()
    })
  }

  get against(): Against | undefined {
    return this.#against
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

  begin(against: Against): void {
    this.#against = against
    this.#known = undefined
    this.#at = -1
    this.#tell()
  }

  end(): void {
    if (!this.#against) return
    this.#against = undefined
    this.#known = undefined
    this.#tell()
  }

  /** The other side's objects. */
  get before(): ReadonlyMap<string, FlowNode> {
    return this.#against?.is === 'version' ? this.#against.flows : this.#workspace.model.deployed()
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
    if (kind !== 'removed') this.#workspace.reveal(id)
    else if (typeof node.z === 'string') this.#workspace.open(node.z)
  }

  #differences() {
    const { model } = this.#workspace
    if (!this.#against) return NOTHING
    if (this.#known?.version !== model.version) {
      const after = new Map(model.export().map((node) => [node.id, node]))
      const list = sorted(
        diffFlows(this.before, after),
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
