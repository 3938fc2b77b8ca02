/**
 * The stock editor's own copy of the flows, kept as the designer's model is: dialogs choose among config nodes, list link nodes,
 * count users. It has no wires and no junctions, which no dialog reads, and it is brought up to date before a dialog opens.
 */
import { type FlowNode, kindOf } from '../../model/raw.ts'
import type { StockNode, StockWindow } from './stock-window.ts'

/** What is looked at between two looks at the clock. */
const AT_ONCE = 100
/** Tabs before what stands on them, config nodes before those who use them. */
const ORDER = { tab: 0, subflow: 1, config: 2, group: 3, node: 4, junction: 5 } as const
/** Properties of any node beside those of its type. */
const COMMON = ['name', 'info', 'env', 'icon', 'l', 'd', 'g', 'inputLabels', 'outputLabels']
const OF_SUBFLOW = ['name', 'info', 'category', 'color', 'icon', 'env', 'meta', 'inputLabels', 'outputLabels']
const OF_TAB = ['label', 'disabled', 'info', 'env']

export class Shadow {
  readonly #frame: StockWindow
  /** The model's objects as they were given: another reference means that something changed. */
  readonly #given = new Map<string, FlowNode>()
  /** Nothing of this is the person's doing. */
  isBusy = false

  constructor(frame: StockWindow) {
    this.#frame = frame
  }

  /** The dialog may have changed it in the frame only: it is given again. */
  forget(id: string): void {
    this.#given.delete(id)
  }

  /** What is stored is asked for anew, but for nodes of which something was typed that is not deployed yet. */
  forgetCredentials(keep: ReadonlySet<string>): void {
    const look = (node: StockNode) => {
      if (node.credentials && !keep.has(node.id)) delete node.credentials
    }
    this.#frame.RED.nodes.eachNode(look)
    this.#frame.RED.nodes.eachConfig(look)
  }

  /**
   * Brings the copy up to date.
   * @param untilMs stop at this time (performance.now); @defaultValue never
   * @returns whether it is complete
   */
  update(flows: readonly FlowNode[], untilMs = Number.POSITIVE_INFINITY): boolean {
    const { RED } = this.#frame
    const { notify } = RED
    this.isBusy = true
    // types that are not installed are told by the designer itself
    RED.notify = () => ({ close() {}, update() {}, hideNotification() {} })
    try {
      const now = new Map(flows.map((node) => [node.id, node]))
      this.#removeOthers(now)
      const fresh: FlowNode[] = []
      for (const [id, node] of now) {
        const given = this.#given.get(id)
        if (given === node || kindOf(node) === 'junction') continue
        const there = this.#find(id)
        if (there && this.#isSame(there, node)) this.#change(there, node)
        else {
          if (there) this.#remove(there)
          fresh.push(node)
        }
      }
      fresh.sort((a, b) => ORDER[kindOf(a)] - ORDER[kindOf(b)])
      for (let from = 0; from < fresh.length; from += AT_ONCE) {
        if (performance.now() > untilMs) return false
        this.#add(fresh.slice(from, from + AT_ONCE))
      }
      return true
    } finally {
      RED.notify = notify
      RED.history.clear()
      this.isBusy = false
    }
  }

  /** Objects of the frame's own realm. */
  #copy<T>(value: T): T {
    return value === undefined ? value : ((this.#frame as unknown as { JSON: JSON }).JSON.parse(JSON.stringify(value)) as T)
  }

  #find(id: string): StockNode | undefined {
    const { nodes } = this.#frame.RED
    return nodes.node(id) ?? nodes.workspace(id) ?? nodes.subflow(id) ?? nodes.group(id)
  }

  #isSame(there: StockNode, node: FlowNode): boolean {
    // moved to another tab: its place there is more than a property
    if (kindOf(node) === 'node' && there.z !== node.z) return false
    return there.type === node.type || (there.type === 'unknown' && (there._orig as FlowNode | undefined)?.type === node.type)
  }

  #add(batch: readonly FlowNode[]): void {
    const { nodes } = this.#frame.RED
    nodes.import(
      batch.map((node) => this.#copy(forDialogs(node))),
      { generateIds: false, reimport: true },
    )
    for (const node of batch) {
      this.#given.set(node.id, node)
      const there = typeof node.g === 'string' ? nodes.node(node.id) : null
      if (there) there.g = node.g
    }
  }

  #change(there: StockNode, node: FlowNode): void {
    const { nodes } = this.#frame.RED
    this.#given.set(node.id, node)
    if (there.type === 'unknown') {
      there._orig = this.#copy(node)
      return
    }
    const isSubflow = node.type === 'subflow'
    const names = isSubflow ? OF_SUBFLOW : node.type === 'tab' ? OF_TAB : [...Object.keys(there._def?.defaults ?? {}), ...COMMON]
    if (there._def) nodes.updateConfigNodeUsers(there, { action: 'remove', emitEvent: false })
    for (const name of names) {
      if (name === 'nodes') continue
      if (name === 'inputs' || name === 'outputs') {
        if (node[name] !== undefined) there[name] = Number.parseInt(String(node[name]), 10)
      } else if (Object.hasOwn(node, name)) there[name] = this.#copy(node[name])
      else delete there[name]
    }
    if (there._def?.category === 'config') there.z = typeof node.z === 'string' ? node.z : ''
    if (isSubflow) {
      const { in: inputs, out, status } = forDialogs(node)
      Object.assign(there, this.#copy({ in: inputs, out, ...(status === undefined ? {} : { status }) }))
    }
    if (there._def) nodes.updateConfigNodeUsers(there, { action: 'add', emitEvent: false })
  }

  /** What is not in the model: removed there, or made up by a dialog that was cancelled. */
  #removeOthers(now: ReadonlyMap<string, FlowNode>): void {
    for (const id of [...this.#given.keys()]) if (!now.has(id)) this.#given.delete(id)
    const { nodes } = this.#frame.RED
    const others: StockNode[] = []
    const look = (node: StockNode) => {
      if (!now.has(node.id)) others.push(node)
    }
    nodes.eachNode(look)
    nodes.eachConfig(look)
    nodes.eachGroup(look)
    nodes.eachSubflow(look)
    nodes.eachWorkspace(look)
    for (const node of others) this.#remove(node)
  }

  #remove(there: StockNode): void {
    const { RED } = this.#frame
    this.#given.delete(there.id)
    if (there.type === 'tab') {
      RED.workspaces.remove(there)
      RED.nodes.removeWorkspace(there.id)
    } else if (there.type === 'group') RED.nodes.removeGroup(there)
    else if (there.type === 'subflow') RED.subflow.removeSubflow(there.id)
    else RED.nodes.remove(there.id)
  }
}

/** As the frame gets it: no wires (their number says how many outputs there are), nobody's lock. */
function forDialogs(node: FlowNode): FlowNode {
  const wireless = (port: unknown) => ({ ...(port as object), wires: [] })
  const { locked: _, ...rest } = node
  const copy: FlowNode = { ...rest, id: node.id, type: node.type }
  if (Array.isArray(copy.wires)) copy.wires = copy.wires.map(() => [])
  if (copy.type === 'subflow') {
    copy.in = Array.isArray(copy.in) ? copy.in.map(wireless) : []
    copy.out = Array.isArray(copy.out) ? copy.out.map(wireless) : []
    if (copy.status) copy.status = wireless(copy.status)
  }
  if (copy.type === 'group') copy.nodes = []
  return copy
}
