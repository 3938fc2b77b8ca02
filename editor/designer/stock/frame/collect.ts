/** Listens to what the person does in the stock editor's dialogs and gathers what it means for the flows. */
import type { FlowModel } from '../../model/flow-model.ts'
import type { FlowNode } from '../../model/raw.ts'
import { type DialogChanges, type OutputMap, propertiesChanged } from './changes.ts'
import type { Shadow } from './shadow.ts'
import type { StockHistory, StockNode, StockWindow } from './stock-window.ts'

export interface Collector {
  /** Begins anew; until then, and while the copy is brought up to date, nothing counts. */
  begin(): void
  end(): void
}

/**
 * @param onChanges a dialog was saved, its own or one that was opened from it
 */
export function collect(
  frame: StockWindow,
  { model, shadow, onChanges }: { model: FlowModel; shadow: Shadow; onChanges: (changes: DialogChanges) => void },
): Collector {
  const { RED } = frame
  let isOn = false
  let isDue = false
  const edited = new Set<string>()
  const touched = new Set<string>()
  const removed = new Set<string>()
  let maps = new Map<string, OutputMap>()

  const counts = () => isOn && !shadow.isBusy

  const flush = () => {
    isDue = false
    if (!isOn) return
    const changes: DialogChanges = { added: [], changed: [], removed: [], credentials: {} }
    for (const id of new Set([...touched, ...edited])) {
      const node = RED.nodes.node(id)
      if (!node) continue
      // what the designer cannot tell by itself is never half written
      const after = JSON.parse(JSON.stringify(RED.nodes.convertNode(node, { credentials: true }))) as FlowNode
      const { credentials, ...plain } = after
      const before = model.get(id)
      if (!before) {
        if (node._def?.category === 'config') changes.added.push({ ...plain, id, type: after.type })
      } else {
        const properties = propertiesChanged(before, plain as FlowNode, {
          isEdited: edited.has(id),
          declared: new Set(Object.keys(node._def?.defaults ?? {})),
        })
        const outputMap = maps.get(id)
        if (Object.keys(properties).length > 0 || outputMap) changes.changed.push({ id, properties, ...(outputMap && { outputMap }) })
      }
      if (typeof credentials === 'object' && credentials !== null && (edited.has(id) || !before))
        changes.credentials[id] = newSecrets(credentials as Record<string, unknown>, node.credentials?._ ?? {})
    }
    for (const id of removed) if (model.get(id) && !RED.nodes.node(id)) changes.removed.push(id)
    edited.clear()
    touched.clear()
    removed.clear()
    maps = new Map()
    onChanges(changes)
  }
  const flushSoon = () => {
    if (isDue) return
    isDue = true
    // the dialog is still at it: what belongs to one press of its button is taken together
    frame.setTimeout(flush, 0)
  }

  const noteMaps = (event: StockHistory) => {
    if (event.outputMap && event.node) maps.set(event.node.id, event.outputMap)
    for (const inner of event.events ?? []) noteMaps(inner)
  }
  const push = RED.history.push.bind(RED.history)
  RED.history.push = (event) => {
    push(event)
    if (!counts()) return
    noteMaps(event)
    flushSoon()
  }
  const on = (name: string, listener: (node: StockNode) => void) =>
    RED.events.on(name, (node: StockNode) => {
      if (counts() && node) listener(node)
    })
  on('editor:save', (node) => {
    edited.add(node.id)
    flushSoon()
  })
  on('nodes:add', (node) => {
    touched.add(node.id)
    removed.delete(node.id)
  })
  on('nodes:change', (node) => touched.add(node.id))
  on('nodes:remove', (node) => removed.add(node.id))

  return {
    begin() {
      edited.clear()
      touched.clear()
      removed.clear()
      maps = new Map()
      isOn = true
    },
    end() {
      if (isDue) flush()
      isOn = false
    },
  }
}

/** An empty field takes away what is stored; where nothing is stored, it takes back what was typed and not deployed yet. */
function newSecrets(given: Readonly<Record<string, unknown>>, stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isStored = (name: string) => Boolean(stored[name]) || stored[`has_${name}`] === true
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === '' && !isStored(name) ? undefined : value]))
}
