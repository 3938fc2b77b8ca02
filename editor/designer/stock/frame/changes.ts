/** What a dialog changed, said as changes of the flow file. No frame, no view. */
import { change, removeNodes } from '../../model/commands.ts'
import type { Draft, FlowModel } from '../../model/flow-model.ts'
import { type FlowNode, sameJson, wiresOf } from '../../model/raw.ts'

/** From an output's number before to its number now; `-1`: it is gone. */
export type OutputMap = Readonly<Record<string, string | number>>

interface NodeChange {
  id: string
  properties: Record<string, unknown>
  outputMap?: OutputMap
}

export interface DialogChanges {
  /** Config nodes made inside, without their credentials. */
  added: FlowNode[]
  changed: NodeChange[]
  removed: string[]
  /** New secrets by node. */
  credentials: Record<string, Record<string, unknown>>
}

/** The file's own business, not a dialog's: place, wires, membership. */
const NOT_IN_A_DIALOG: ReadonlySet<string> = new Set(['id', 'type', 'x', 'y', 'w', 'h', 'g', 'wires', 'nodes', 'in', 'out', 'status', 'credentials', 'locked'])
/** Left out of a converted node when they are as usual. */
const LEFT_OUT = ['info', 'd', 'icon', 'l', 'inputLabels', 'outputLabels', 'env', 'name']

/**
 * What is another in a node after its dialog was saved.
 *
 * @param before as in the file
 * @param after as the stock editor would write it
 * @param options.isEdited its own dialog was saved, so what is missing now was taken out; else only what the node's type
 * declares counts, since the rest may only be written in another way
 */
export function propertiesChanged(before: FlowNode, after: FlowNode, options: { isEdited: boolean; declared: ReadonlySet<string> }): Record<string, unknown> {
  const { isEdited, declared } = options
  const found: Record<string, unknown> = {}
  const names = new Set([...Object.keys(after), ...(isEdited ? LEFT_OUT : [])])
  const isConfig = !(Object.hasOwn(before, 'x') && Object.hasOwn(before, 'y'))
  for (const name of names) {
    if (NOT_IN_A_DIALOG.has(name) || (name === 'z' && !isConfig)) continue
    if (!isEdited && !declared.has(name)) continue
    const value = after[name]
    if (value === undefined ? !Object.hasOwn(before, name) : sameJson(before[name], value)) continue
    // an empty list of values is written by the one and left out by the other
    if (name === 'env' && isEmptyList(before[name]) && isEmptyList(value)) continue
    found[name] = value
  }
  // the scope of a config node: none is global
  if (isEdited && isConfig && before.z !== undefined && before.z !== '' && !after.z) found.z = undefined
  return found
}

const isEmptyList = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)

/** The wires of a node whose outputs were moved, added or taken away. */
export function movedWires(wires: readonly (readonly string[])[], outputs: number, map: OutputMap): string[][] {
  const moved: string[][] = Array.from({ length: outputs }, () => [])
  wires.forEach((targets, port) => {
    const to = Object.hasOwn(map, port) ? Number(map[port]) : port
    const list = moved[to]
    if (list) for (const target of targets) if (!list.includes(target)) list.push(target)
  })
  return moved
}

/** Takes a dialog's changes over as one step. @returns whether there were any */
export function takeOver(model: FlowModel, changes: DialogChanges): boolean {
  const { added, changed, removed } = changes
  if (added.length === 0 && changed.length === 0 && removed.length === 0) return false
  model.edit(removed.length > 0 && changed.length === 0 ? 'remove' : 'change', (draft) => {
    for (const node of added) draft.put(node)
    for (const one of changed) changeNode(model, draft, one)
    const gone = removed.filter((id) => draft.get(id))
    if (gone.length > 0) removeNodes(model, gone)
  })
  return true
}

function changeNode(model: FlowModel, draft: Draft, { id, properties, outputMap }: NodeChange): void {
  const before = draft.get(id)
  if (!before) return
  const wires = wiresOf(before)
  if (outputMap && Array.isArray(before.wires)) {
    const outputs = typeof properties.outputs === 'number' ? properties.outputs : wires.length
    draft.patch(id, { wires: movedWires(wires, outputs, outputMap) })
  }
  change(model, id, properties)
  const now = draft.get(id)
  const outputs = properties.outputs
  // more outputs have their (empty) places in the file, as Node-RED writes them
  if (now && typeof outputs === 'number' && Array.isArray(now.wires) && now.wires.length < outputs) {
    draft.patch(id, { wires: [...wiresOf(now), ...Array.from({ length: outputs - now.wires.length }, () => [])] })
  }
}
