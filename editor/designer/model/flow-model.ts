/**
 * The flows being edited, without any view: every object of the flow file in its order, changed only in transactions
 * that can be undone. Objects are replaced, never mutated, so that a reference says whether something changed.
 */
import type { Change, Place } from './change.ts'
import { type FlowNode, kindOf, parentOf, sameJson, subflowPorts, wiresOf } from './raw.ts'
import { type Refusal, refusalOf } from './rules.ts'

interface Transaction {
  label: string
  changes: Change[]
  /** Transactions with the same token become one: a held arrow key, a field being typed in. */
  join: unknown
}

/** What a transaction may do. It reads its own changes. */
export interface Draft {
  get(id: string): FlowNode | undefined
  /** Replaces an object, or appends a new one (at `index`, or at the end). */
  put(node: FlowNode, index?: number): void
  /** Replaces some properties; `undefined` removes one. Does nothing when the object is gone. */
  patch(id: string, properties: Record<string, unknown>): void
  remove(id: string): void
  /** Moves an object in the file: the order of tabs. */
  reorder(id: string, index: number): void
  readonly model: FlowModel
}

/** The ids whose objects changed; `undefined` when everything may have. */
export type Touched = ReadonlySet<string> | undefined

export class FlowModel {
  #nodes = new Map<string, FlowNode>()
  #order: string[] = []
  #children = new Map<string, Set<string>>()
  /** By target: the nodes with a wire to it. */
  #sources = new Map<string, Set<string>>()
  #past: Transaction[] = []
  #future: Transaction[] = []
  #recording: Change[] | undefined
  #baseline = new Map<string, FlowNode>()
  #baselineTabs = ''
  #dirty = new Set<string>()
  #version = 0
  readonly #listeners = new Set<(touched: Touched) => void>()
  readonly #refusals = new Set<(refusal: Refusal) => void>()
  /** Where each object stands in the order, while that is worth knowing. */
  #indexes: Map<string, number> | undefined
  #searches = 0

  constructor(flows: readonly FlowNode[] = []) {
    this.load(flows)
  }

  /** Takes these flows for the deployed ones; history begins anew. */
  load(flows: readonly FlowNode[]): void {
    this.#fill(flows)
    this.#past = []
    this.#future = []
    this.markDeployed(this.export())
    this.#tell(undefined)
  }

  /** The flow file: every object, in order. */
  export(): FlowNode[] {
    return this.#order.map((key) => this.#nodes.get(key) as FlowNode)
  }

  get(id: string): FlowNode | undefined {
    return this.#nodes.get(id)
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  tabs(): FlowNode[] {
    return this.export().filter((node) => kindOf(node) === 'tab')
  }

  subflows(): FlowNode[] {
    return this.export().filter((node) => kindOf(node) === 'subflow')
  }

  /** Everything on a tab or in a subflow, groups, junctions and scoped config nodes included; in no order. */
  childrenOf(parent: string): FlowNode[] {
    return [...(this.#children.get(parent) ?? [])].map((id) => this.#nodes.get(id) as FlowNode)
  }

  /** Config nodes of one type, or all. */
  configNodes(type?: string): FlowNode[] {
    return this.export().filter((node) => kindOf(node) === 'config' && (type === undefined || node.type === type))
  }

  /** Who has a wire to this node: nodes, junctions and subflow definitions. */
  sourcesOf(id: string): FlowNode[] {
    return [...(this.#sources.get(id) ?? [])].map((source) => this.#nodes.get(source)).filter((node): node is FlowNode => node !== undefined)
  }

  /** Who names this config node in a property. */
  usersOf(configId: string): FlowNode[] {
    return this.export().filter(
      (node) => node.id !== configId && Object.entries(node).some(([key, value]) => key !== 'z' && key !== 'g' && key !== 'wires' && value === configId),
    )
  }

  /**
   * Changes the flows as one step of the history.
   * Nothing is recorded when nothing changed; when `work` throws, nothing is changed. What the rules forbid (`rules.ts`:
   * a locked tab, a subflow inside itself) is taken back at once, and {@link onRefused} says why.
   * @returns false when it was refused
   */
  edit(label: string, work: (draft: Draft) => void, join?: unknown): boolean {
    return this.#edit(label, work, join, true)
  }

  #edit(label: string, work: (draft: Draft) => void, join: unknown, isChecked: boolean): boolean {
    if (this.#recording) {
      // an edit inside an edit is part of it
      work(this.#draft)
      return true
    }
    const changes: Change[] = []
    this.#recording = changes
    try {
      work(this.#draft)
    } catch (error) {
      for (const change of changes.toReversed()) this.#apply(inverse(change))
      throw error
    } finally {
      this.#recording = undefined
    }
    if (changes.length === 0) return true
    const touched = new Set(changes.map((change) => change.key))
    const refusal = isChecked ? refusalOf(this, changes) : undefined
    if (refusal) {
      for (const change of changes.toReversed()) this.#apply(inverse(change))
      // what was shown ahead of the change goes back to where it was
      this.#tell(touched)
      for (const listener of [...this.#refusals]) listener(refusal)
      return false
    }
    const last = this.#past.at(-1)
    if (join !== undefined && last?.join === join && this.#future.length === 0) last.changes.push(...changes)
    else this.#past.push({ label, changes, join })
    this.#future = []
    this.#tell(touched)
    return true
  }

  /** The name of the step that {@link undo} takes back. */
  get undoLabel(): string | undefined {
    return this.#past.at(-1)?.label
  }
  get redoLabel(): string | undefined {
    return this.#future.at(-1)?.label
  }

  undo(): void {
    const transaction = this.#past.pop()
    if (!transaction) return
    for (const change of transaction.changes.toReversed()) this.#apply(inverse(change))
    this.#future.push(transaction)
    this.#tell(new Set(transaction.changes.map((change) => change.key)))
  }

  redo(): void {
    const transaction = this.#future.pop()
    if (!transaction) return
    for (const change of transaction.changes) this.#apply(change)
    this.#past.push(transaction)
    this.#tell(new Set(transaction.changes.map((change) => change.key)))
  }

  /** Replaces everything by these flows as one step that can be undone; no rule stands against it. */
  adopt(label: string, flows: readonly FlowNode[]): void {
    const { keys, nodes } = keyed(flows)
    const work = () => {
      for (const key of [...this.#order]) if (!nodes.has(key)) this.#change(key, undefined)
      keys.forEach((key, index) => {
        const node = nodes.get(key) as FlowNode
        const known = this.#nodes.get(key)
        // what is equal stays the same object
        if (known && sameJson(known, node)) this.#change(key, { node: known, index })
        else this.#change(key, { node, index })
      })
    }
    this.#edit(label, work, undefined, false)
  }

  /** Says what runs on the server; {@link dirty} is counted against it. */
  markDeployed(flows: readonly FlowNode[]): void {
    this.#baseline = keyed(flows).nodes
    this.#baselineTabs = tabOrder(flows)
    this.#dirty = new Set()
    for (const key of new Set([...this.#nodes.keys(), ...this.#baseline.keys()])) this.#judge(key)
    this.#tell(undefined)
  }

  /** What runs on the server. */
  deployed(): ReadonlyMap<string, FlowNode> {
    return this.#baseline
  }

  /** The objects that differ from what runs. */
  get dirty(): ReadonlySet<string> {
    return this.#dirty
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0 || tabOrder(this.export()) !== this.#baselineTabs
  }

  /** Calls back when an edit was not allowed. @returns what ends it */
  onRefused(listener: (refusal: Refusal) => void): () => void {
    this.#refusals.add(listener)
    return () => this.#refusals.delete(listener)
  }

  /** Calls back after every change. @returns what ends it */
  watch(listener: (touched: Touched) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly #draft: Draft = {
    get: (id) => this.#nodes.get(id),
    put: (node, index) => {
      const at = this.#nodes.has(node.id) ? this.#indexOf(node.id) : Math.min(index ?? this.#order.length, this.#order.length)
      this.#change(node.id, { node, index: at })
    },
    patch: (id, properties) => {
      const node = this.#nodes.get(id)
      if (!node) return
      const next: Record<string, unknown> = { ...node }
      for (const [key, value] of Object.entries(properties)) {
        if (value === undefined) delete next[key]
        else next[key] = value
      }
      if (!sameJson(node, next)) this.#change(id, { node: next as FlowNode, index: this.#indexOf(id) })
    },
    remove: (id) => {
      if (this.#nodes.has(id)) this.#change(id, undefined)
    },
    reorder: (id, index) => {
      const node = this.#nodes.get(id)
      if (node) this.#change(id, { node, index })
    },
    model: this,
  }

  #change(key: string, after: Place | undefined): void {
    const node = this.#nodes.get(key)
    const before = node && { node, index: this.#indexOf(key) }
    if (before && after && before.node === after.node && before.index === after.index) return
    const change: Change = { key, ...(before && { before }), ...(after && { after }) }
    this.#recording?.push(change)
    this.#apply(change)
  }

  #apply({ key, before, after }: Change): void {
    if (before) this.#unlink(key, before.node)
    if (before?.index !== after?.index) {
      this.#indexes = undefined
      this.#searches = 0
    }
    if (before && (!after || after.index !== before.index)) this.#order.splice(before.index, 1)
    if (after) {
      if (!before || after.index !== before.index) this.#order.splice(after.index, 0, key)
      this.#nodes.set(key, after.node)
      this.#link(key, after.node)
    } else this.#nodes.delete(key)
    this.#judge(key)
  }

  /** Many objects patched in a row are not each searched for: 5,000 moved nodes would take 12 million steps. */
  #indexOf(key: string): number {
    this.#searches += 1
    if (this.#searches > 50) this.#indexes ??= new Map(this.#order.map((one, index) => [one, index]))
    return this.#indexes?.get(key) ?? this.#order.indexOf(key)
  }

  #judge(key: string): void {
    const now = this.#nodes.get(key)
    const then = this.#baseline.get(key)
    if (now === then || (now && then && sameJson(now, then))) this.#dirty.delete(key)
    else this.#dirty.add(key)
  }

  #link(key: string, node: FlowNode): void {
    const parent = parentOf(node)
    if (parent) addTo(this.#children, parent, key)
    for (const target of targetsOf(node)) addTo(this.#sources, target, key)
  }

  #unlink(key: string, node: FlowNode): void {
    const parent = parentOf(node)
    if (parent) this.#children.get(parent)?.delete(key)
    for (const target of targetsOf(node)) this.#sources.get(target)?.delete(key)
  }

  #fill(flows: readonly FlowNode[]): void {
    const { keys, nodes } = keyed(flows)
    this.#order = keys
    this.#indexes = undefined
    this.#searches = 0
    this.#nodes = nodes
    this.#children = new Map()
    this.#sources = new Map()
    for (const [key, node] of nodes) this.#link(key, node)
  }

  #tell(touched: Touched): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener(touched)
  }
}

const inverse = ({ key, before, after }: Change): Change => ({ key, ...(after && { before: after }), ...(before && { after: before }) })

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

/** Everything an object's wires lead to. A subflow's definition has its inputs' wires. */
function targetsOf(node: FlowNode): string[] {
  if (kindOf(node) === 'subflow') return subflowPorts(node, 'in').flatMap((port) => port.wires.map((wire) => wire.id))
  return wiresOf(node).flat()
}

/** A second object with a known id is kept in its place under a key that no id can be. */
function keyed(flows: readonly FlowNode[]): { keys: string[]; nodes: Map<string, FlowNode> } {
  const nodes = new Map<string, FlowNode>()
  const keys = flows.map((node, index) => {
    const key = nodes.has(node.id) ? `${node.id}\0${index}` : node.id
    nodes.set(key, node)
    return key
  })
  return { keys, nodes }
}

function tabOrder(flows: readonly FlowNode[]): string {
  return flows
    .filter((node) => node.type === 'tab')
    .map((node) => node.id)
    .join()
}
