/** What the designer's parts share: the flows, where one is in them, what is selected, and what is known live. No view. */
import type { FlowProblem, NodeStatus, NodeType } from '../../server/api/flows.ts'
import { type ShownType, shownType } from '../shared/node-words.ts'
import { germanNodeState } from '../shared/text/de/node-states.ts'
import type { Language } from '../shared/text/index.ts'
import { NewSecrets } from './config/secrets.ts'
import { CollapsedGroups } from './model/collapsed.ts'
import { FlowModel } from './model/flow-model.ts'
import { kindOf } from './model/raw.ts'

/** What may change, for those who listen. */
export interface WorkspaceEvents {
  /** Objects of the flows; undefined: any. */
  model: ReadonlySet<string> | undefined
  /** Another tab or subflow is shown. */
  place: undefined
  selection: undefined
  types: undefined
  /** The nodes whose status changed. */
  status: ReadonlySet<string>
  problems: undefined
  /** What the keyboard or an error list leads to: bring it into view. */
  reveal: string
}
type Listener<K extends keyof WorkspaceEvents> = (data: WorkspaceEvents[K]) => void

export class Workspace {
  readonly model = new FlowModel()
  /** The groups this person has folded up. */
  readonly collapsed = new CollapsedGroups(storage())
  /** New passwords and keys, which never stand in the flows; they go along with the next deploy. */
  readonly secrets = new NewSecrets()
  /** Installed node types by name, in the person's language. */
  types: ReadonlyMap<string, ShownType> = new Map()
  #toldTypes: readonly NodeType[] = []
  #language: Language = 'en'
  readonly statuses = new Map<string, NodeStatus>()
  readonly #toldStatuses = new Map<string, NodeStatus>()
  /** By node id; problems without a node are under `''`. */
  problems: ReadonlyMap<string, FlowProblem[]> = new Map()
  #place: string | undefined
  #selection: ReadonlySet<string> = new Set()
  #wires: ReadonlySet<string> = new Set()
  readonly #listeners = new Map<keyof WorkspaceEvents, Set<Listener<never>>>()
  readonly #versions = new Map<keyof WorkspaceEvents, number>()

  constructor() {
    this.model.watch((touched) => {
      this.#forgetWhatIsGone()
      this.#tell('model', touched)
    })
  }

  /** The tab or subflow that is shown. */
  get place(): string | undefined {
    return this.#place
  }

  open(place: string): void {
    if (place === this.#place || !this.model.get(place)) return
    this.#place = place
    this.select([])
    this.#tell('place', undefined)
  }

  /** Selected nodes and groups, and wires by their scene ids. */
  get selection(): ReadonlySet<string> {
    return this.#selection
  }
  get selectedWires(): ReadonlySet<string> {
    return this.#wires
  }

  select(ids: Iterable<string>, wires: Iterable<string> = []): void {
    const next = new Set(ids)
    const nextWires = new Set(wires)
    if (next.size === 0 && nextWires.size === 0 && this.#selection.size === 0 && this.#wires.size === 0) return
    this.#selection = next
    this.#wires = nextWires
    this.#tell('selection', undefined)
  }

  setTypes(types: readonly NodeType[]): void {
    this.#toldTypes = types
    this.#showTypes()
  }

  /** Says what node types are called, and their forms, in this language. */
  speak(language: Language): void {
    if (language === this.#language) return
    this.#language = language
    this.#showTypes()
    this.setStatuses([...this.#toldStatuses.values()], true)
  }

  #showTypes(): void {
    this.types = new Map(this.#toldTypes.map((type) => [type.type, shownType(type, this.#language)]))
    this.#tell('types', undefined)
  }

  setStatuses(statuses: readonly NodeStatus[], isSnapshot: boolean): void {
    const touched = new Set(statuses.map((status) => status.nodeId))
    if (isSnapshot) {
      for (const id of this.statuses.keys()) touched.add(id)
      this.statuses.clear()
      this.#toldStatuses.clear()
    }
    for (const status of statuses) {
      if (status.text || status.fill || status.shape) {
        this.#toldStatuses.set(status.nodeId, status)
        this.statuses.set(status.nodeId, this.#language === 'de' ? this.#inGerman(status) : status)
      } else {
        this.#toldStatuses.delete(status.nodeId)
        this.statuses.delete(status.nodeId)
      }
    }
    this.#tell('status', touched)
  }

  /** A package's own German, and of our nodes what is in the catalogue. */
  #inGerman(status: NodeStatus): NodeStatus {
    if (status.german) return { ...status, text: status.german }
    // before the flows are read, nobody knows whose it is
    const isOurs = this.model.get(status.nodeId)?.type.startsWith('cw-') ?? true
    return isOurs && status.text ? { ...status, text: germanNodeState(status.text) } : status
  }

  setProblems(problems: readonly FlowProblem[]): void {
    this.problems = Map.groupBy(problems, (problem) => problem.nodeId ?? '')
    this.#tell('problems', undefined)
  }

  /** Shows a node: its tab, its place on it, selected. Config nodes and tabs have no place: their tab is opened. */
  reveal(id: string): void {
    const node = this.model.get(id)
    if (!node) return
    const kind = kindOf(node)
    if (kind === 'tab' || kind === 'subflow') {
      this.open(id)
      return
    }
    const parent = node.z
    if (typeof parent === 'string' && this.model.get(parent)) this.open(parent)
    if (kind === 'config') return
    this.collapsed.expandAround(this.model, id)
    this.select([id])
    this.#tell('reveal', id)
  }

  on<K extends keyof WorkspaceEvents>(event: K, listener: Listener<K>): () => void {
    const set = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, set)
    set.add(listener as Listener<never>)
    return () => set.delete(listener as Listener<never>)
  }

  /** Grows whenever the event happens. */
  version(event: keyof WorkspaceEvents): number {
    return this.#versions.get(event) ?? 0
  }

  #tell<K extends keyof WorkspaceEvents>(event: K, data: WorkspaceEvents[K]): void {
    this.#versions.set(event, this.version(event) + 1)
    for (const listener of [...(this.#listeners.get(event) ?? [])]) (listener as Listener<K>)(data)
  }

  #forgetWhatIsGone(): void {
    if (this.#place !== undefined && !this.model.get(this.#place)) this.#place = undefined
    if (this.#place === undefined) {
      this.#place = this.model.tabs()[0]?.id
      this.#tell('place', undefined)
    }
    const there = [...this.#selection].filter((id) => this.model.get(id) || id.includes('#'))
    if (there.length !== this.#selection.size) this.select(there)
  }
}

/** Undefined in tests without a browser, and where the browser keeps nothing for this site. */
function storage(): Storage | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}
