/**
 * Groups as Node-RED has them: a group names its members (`nodes`), each member names its group (`g`), and the file holds the
 * group's box, which is the members' box and a margin.
 */
import { groupsAround, isGroup } from './collapsed.ts'
import type { FlowModel } from './flow-model.ts'
import { GROUP_LABEL_HEIGHT, GROUP_MARGIN, NODE_HEIGHT } from './ports.ts'
import { type FlowNode, kindOf, newId, numberOf, parentOf } from './raw.ts'

/** Half sizes of nodes are only known to who measures text; the canvas says them here. */
let sizeOf: (node: FlowNode) => { width: number; height: number } = () => ({ width: 120, height: NODE_HEIGHT })
export function measureNodesWith(measure: typeof sizeOf): void {
  sizeOf = measure
}

/** The ids in a group, broken entries left out. */
export function membersOf(group: FlowNode | undefined): string[] {
  return isGroup(group) && Array.isArray(group.nodes) ? group.nodes.filter((id): id is string => typeof id === 'string') : []
}

/** Fits the groups around these objects, and those that are groups, to their members; inner groups first. */
export function fitGroups(model: FlowModel, ids: Iterable<string>): void {
  const depths = new Map<string, number>()
  for (const id of ids) {
    const around = groupsAround(model, id)
    if (isGroup(model.get(id))) around.unshift(id)
    around.forEach((group, index) => {
      depths.set(group, around.length - index)
    })
  }
  if (depths.size === 0) return
  model.edit('move', (draft) => {
    for (const [id] of [...depths].sort(([, a], [, b]) => b - a)) {
      const group = draft.get(id)
      const boxes = membersOf(group)
        .map((member) => draft.get(member))
        .filter((node): node is FlowNode => node !== undefined)
        .map(boxOf)
      if (!group || boxes.length === 0) continue
      const isLabelled = typeof group.name === 'string' && group.name !== ''
      const left = Math.min(...boxes.map((box) => box.left)) - GROUP_MARGIN
      const top = Math.min(...boxes.map((box) => box.top)) - GROUP_MARGIN - (isLabelled ? GROUP_LABEL_HEIGHT : 0)
      const right = Math.max(...boxes.map((box) => box.right)) + GROUP_MARGIN
      const bottom = Math.max(...boxes.map((box) => box.bottom)) + GROUP_MARGIN
      draft.patch(id, { x: left, y: top, w: right - left, h: bottom - top })
    }
  })
}

/** A longer name makes a wider node, a group's first name makes room for it: what is around follows. */
export function fitAfterChange(model: FlowModel, before: FlowNode | undefined, after: FlowNode | undefined): void {
  if (!before || !after || parentOf(after) === undefined) return
  const [old, now] = [sizeOf(before), sizeOf(after)]
  const isResized = kindOf(after) === 'group' ? before.name !== after.name : old.width !== now.width || old.height !== now.height
  if (isResized) fitGroups(model, [after.id])
}

/** The box of a node or group, as it stands in the file. */
function boxOf(node: FlowNode): { left: number; top: number; right: number; bottom: number } {
  const x = numberOf(node, 'x')
  const y = numberOf(node, 'y')
  if (kindOf(node) === 'group') return { left: x, top: y, right: x + numberOf(node, 'w'), bottom: y + numberOf(node, 'h') }
  const { width, height } = sizeOf(node)
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 }
}

/** What of a selection can be in a group, without what is there already because its group is selected, too. */
export function topmost(model: FlowModel, ids: Iterable<string>): FlowNode[] {
  const chosen = new Set(ids)
  return [...chosen]
    .filter((id) => !groupsAround(model, id).some((group) => chosen.has(group)))
    .map((id) => model.get(id))
    .filter((node): node is FlowNode => node !== undefined && ['node', 'junction', 'group'].includes(kindOf(node)))
}

export type WhyNoGroup = 'nothing' | 'several-places'

/** Whether these can become one group. They may come from different groups: then the new one stands where all of them are. */
export function whyNoGroup(model: FlowModel, ids: Iterable<string>): WhyNoGroup | undefined {
  const nodes = topmost(model, ids)
  if (nodes.length === 0) return 'nothing'
  return new Set(nodes.map(parentOf)).size > 1 ? 'several-places' : undefined
}

/** Puts nodes and groups into a new group. @returns its id; undefined where {@link whyNoGroup} says why */
export function groupNodes(model: FlowModel, ids: Iterable<string>, properties: Record<string, unknown> = {}): string | undefined {
  const nodes = topmost(model, ids)
  const parent = nodes[0] && parentOf(nodes[0])
  if (parent === undefined || nodes.some((node) => parentOf(node) !== parent)) return undefined
  const id = newId()
  const outer = commonGroup(model, nodes)
  const isDone = model.edit('group', (draft) => {
    draft.put({ id, type: 'group', z: parent, name: '', style: { label: true }, nodes: [], ...properties, x: 0, y: 0, w: 0, h: 0 })
    if (outer) join(model, outer, [id])
    moveInto(
      model,
      id,
      nodes.map((node) => node.id),
    )
  })
  return isDone ? id : undefined
}

/** The innermost group that all of them are in. */
export function commonGroup(model: FlowModel, nodes: readonly FlowNode[]): string | undefined {
  const [first, ...rest] = nodes.map((node) => groupsAround(model, node.id))
  return first?.find((group) => rest.every((groups) => groups.includes(group)))
}

/** Takes groups away and leaves what is in them, in the group around. @returns what was in them */
export function ungroup(model: FlowModel, ids: Iterable<string>): Set<string> {
  const freed = new Set<string>()
  const groups = [...ids].filter((id) => isGroup(model.get(id)))
  model.edit('ungroup', (draft) => {
    const outers = new Set<string>()
    for (const id of groups) {
      const members = membersOf(draft.get(id)).filter((member) => draft.get(member)?.g === id)
      const [outer] = groupsAround(model, id)
      for (const member of members) {
        freed.add(member)
        draft.patch(member, { g: undefined })
      }
      if (outer === undefined) continue
      leave(model, [id])
      join(model, outer, members)
      outers.add(outer)
    }
    // all at the end: taking out is what makes places in the file to be looked for anew
    for (const id of groups) {
      draft.remove(id)
      freed.delete(id)
    }
    fitGroups(model, outers)
  })
  return freed
}

/** Puts objects into a group that is there; what is around the group stays out. */
export function addToGroup(model: FlowModel, group: string, ids: Iterable<string>): void {
  const target = model.get(group)
  if (!isGroup(target)) return
  const around = new Set([group, ...groupsAround(model, group)])
  const nodes = topmost(model, ids).filter((node) => !around.has(node.id) && node.g !== group && parentOf(node) === parentOf(target))
  if (nodes.length === 0) return
  model.edit('group', () =>
    moveInto(
      model,
      group,
      nodes.map((node) => node.id),
    ),
  )
}

/** Takes objects out of the group they are in, into the one around it. A group left empty goes. */
export function removeFromGroup(model: FlowModel, ids: Iterable<string>): void {
  const nodes = topmost(model, ids).filter((node) => isGroup(model.get(String(node.g ?? ''))))
  if (nodes.length === 0) return
  model.edit('ungroup', (draft) => {
    for (const node of nodes) {
      const group = draft.get(String(node.g))
      const outer = group?.g
      leave(model, [node.id])
      if (typeof outer === 'string' && isGroup(draft.get(outer))) join(model, outer, [node.id])
      if (group) {
        dropIfEmpty(model, group.id)
        fitGroups(model, [group.id])
      }
    }
  })
}

/** Takes objects out of every group around them. A group left empty goes. */
export function takeOutOfGroups(model: FlowModel, ids: readonly string[]): void {
  const groups = new Set(ids.map((id) => groupsAround(model, id)[0]).filter((group) => group !== undefined))
  leave(model, ids)
  for (const group of groups) dropIfEmpty(model, group)
  fitGroups(model, groups)
}

/** Makes one group of several: the first takes what is in the others, and loose nodes among them. */
export function mergeGroups(model: FlowModel, ids: Iterable<string>): string | undefined {
  const nodes = topmost(model, ids)
  const [first, ...others] = nodes.filter(isGroup)
  if (!first || nodes.length < 2 || nodes.some((node) => parentOf(node) !== parentOf(first))) return undefined
  model.edit('group', (draft) => {
    for (const group of others) {
      const members = membersOf(group)
      moveInto(model, first.id, members)
      leave(model, [group.id])
      draft.remove(group.id)
    }
    moveInto(
      model,
      first.id,
      nodes.filter((node) => kindOf(node) !== 'group').map((node) => node.id),
    )
  })
  return first.id
}

/** Sets how groups look: Node-RED's own properties (`fill`, `stroke`, `label`, `color`, ...). */
export function styleGroups(model: FlowModel, ids: Iterable<string>, style: Record<string, unknown>): void {
  model.edit('style', (draft) => {
    for (const id of ids) {
      const group = draft.get(id)
      if (isGroup(group)) draft.patch(id, { style: { ...styleOf(group), ...style } })
    }
  })
}

export function styleOf(group: FlowNode): Record<string, unknown> {
  return typeof group.style === 'object' && group.style !== null && !Array.isArray(group.style) ? (group.style as Record<string, unknown>) : {}
}

/** Removed members are forgotten; a group that lost its last one goes, too. */
export function forgetInGroups(model: FlowModel, gone: ReadonlySet<string>): void {
  const left = new Set<string>()
  for (const id of gone) {
    const [group] = groupsAround(model, id)
    if (group !== undefined && !gone.has(group)) left.add(group)
  }
  model.edit('remove', (draft) => {
    for (const id of left) {
      draft.patch(id, { nodes: membersOf(draft.get(id)).filter((member) => !gone.has(member)) })
      dropIfEmpty(model, id)
    }
    fitGroups(model, left)
  })
}

/** Takes members out of wherever they are and puts them into a group. */
function moveInto(model: FlowModel, group: string, ids: readonly string[]): void {
  const before = new Set(ids.map((id) => model.get(id)?.g).filter((one): one is string => typeof one === 'string'))
  leave(model, ids)
  join(model, group, ids)
  for (const one of before) dropIfEmpty(model, one)
  fitGroups(model, [group, ...before])
}

function join(model: FlowModel, group: string, ids: readonly string[]): void {
  model.edit('group', (draft) => {
    const joining = new Set(ids)
    draft.patch(group, { nodes: [...membersOf(draft.get(group)).filter((id) => !joining.has(id)), ...ids] })
    for (const id of ids) draft.patch(id, { g: group })
  })
}

function leave(model: FlowModel, ids: readonly string[]): void {
  const gone = new Set(ids)
  model.edit('ungroup', (draft) => {
    const groups = new Set(ids.map((id) => draft.get(id)?.g).filter((group): group is string => typeof group === 'string'))
    for (const id of groups) {
      if (isGroup(draft.get(id))) draft.patch(id, { nodes: membersOf(draft.get(id)).filter((member) => !gone.has(member)) })
    }
    for (const id of ids) draft.patch(id, { g: undefined })
  })
}

function dropIfEmpty(model: FlowModel, id: string): void {
  const group = model.get(id)
  if (!isGroup(group) || membersOf(group).length > 0) return
  const [outer] = groupsAround(model, id)
  leave(model, [id])
  model.edit('ungroup', (draft) => draft.remove(id))
  if (outer !== undefined) dropIfEmpty(model, outer)
}
