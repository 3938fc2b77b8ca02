/**
 * Which groups are shown folded up, as one box. That is how one person looks at flows, so it is never in the flow file
 * (Node-RED's editor drops what it does not know there): it is kept in the browser, per person.
 *
 * A folded group is drawn as one node of kind `group` with the group's id; what is in it is not drawn, and wires over its
 * edge lead to the box: `sceneOf(model, place, types, measure, collapsed.ids)`.
 */
import type { FlowModel } from './flow-model.ts'
import { GROUP_LABEL_HEIGHT, GROUP_MARGIN, heightFor, type Ported, widthFor } from './ports.ts'
import { type FlowNode, kindOf, textOf } from './raw.ts'
import type { Measure, PortEnd, Scene, SceneGroup, SceneNode, SceneWire } from './scene-types.ts'

const KEY = 'cellwright-collapsed-groups'
/** Groups that are gone are not forgotten at once (undo brings them back), so the list has an end. */
const KEPT = 2_000

export class CollapsedGroups {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined
  readonly #listeners = new Set<() => void>()
  #key = KEY
  #ids: ReadonlySet<string>

  /** @param storage where it is kept; without one it is for this page only */
  constructor(storage?: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage
    this.#ids = this.#read()
  }

  /** The folded groups; a new set after every change. */
  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  set(ids: Iterable<string>, isCollapsed: boolean): void {
    const next = new Set(this.#ids)
    for (const id of ids) {
      // the latest stand last
      next.delete(id)
      if (isCollapsed) next.add(id)
    }
    if (next.size === this.#ids.size && [...next].every((id) => this.#ids.has(id))) return
    this.#ids = next
    this.#write()
    this.#tell()
  }

  toggle(id: string): void {
    this.set([id], !this.has(id))
  }

  /** Unfolds every group around an object, so that it can be seen. */
  expandAround(model: FlowModel, id: string): void {
    this.set(
      groupsAround(model, id).filter((group) => this.has(group)),
      false,
    )
  }

  /** From here on it is this person's. */
  keepFor(person: string): void {
    const key = `${KEY}-${person}`
    if (key === this.#key) return
    this.#key = key
    this.#ids = this.#read()
    this.#tell()
  }

  /** Calls back after every change. @returns what ends it */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #read(): ReadonlySet<string> {
    try {
      const value: unknown = JSON.parse(this.#storage?.getItem(this.#key) ?? '[]')
      return new Set(Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [])
    } catch {
      // storage is switched off or holds something else: nothing is folded
      return new Set()
    }
  }

  #write(): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify([...this.#ids].slice(-KEPT)))
    } catch {
      // storage is full or switched off: it lasts as long as the page
    }
  }
}

/** The groups an object is in, from the inside out; a circle in a broken file ends. */
export function groupsAround(model: FlowModel, id: string): string[] {
  const around: string[] = []
  for (let group = model.get(id)?.g; typeof group === 'string' && isGroup(model.get(group)) && !around.includes(group); group = model.get(group)?.g)
    around.push(group)
  return around
}

/** The box an object is drawn in: the outermost folded group around it, or itself where it is folded or no group. */
export function drawnAs(model: FlowModel, id: string, collapsed: ReadonlySet<string>): string {
  return collapsed.size === 0 ? id : (groupsAround(model, id).findLast((group) => collapsed.has(group)) ?? id)
}

/** The scene with folded groups as boxes. */
export function foldGroups(scene: Scene, model: FlowModel, collapsed: ReadonlySet<string>, measure: Measure): Scene {
  const folded = scene.groups.filter((group) => collapsed.has(group.id) && drawnAs(model, group.id, collapsed) === group.id)
  if (folded.length === 0) return scene
  const boxes = new Set(folded.map((group) => group.id))
  const boxOf = (id: string) => drawnAs(model, id, boxes)
  const wires = new Map<string, SceneWire>()
  const entered = new Set<string>()
  const left = new Set<string>()
  for (const wire of scene.wires.values()) {
    const from = endIn(boxes, boxOf(wire.from.id), wire.from)
    const to = endIn(boxes, boxOf(wire.to.id), wire.to)
    if (from.id === to.id && boxes.has(from.id)) continue
    if (from !== wire.from) left.add(from.id)
    if (to !== wire.to) entered.add(to.id)
    const id = from === wire.from && to === wire.to ? wire.id : `${from.id}:${from.port}:${to.id}`
    if (!wires.has(id)) wires.set(id, { id, from, to })
  }
  const nodes = new Map([...scene.nodes].filter(([id]) => boxOf(id) === id))
  for (const group of folded) {
    const object = model.get(group.id)
    if (!object) continue
    const members = Array.isArray(object.nodes) ? object.nodes.length : 0
    const label = `${group.label || contentsOf(model, object)} (${members})`
    nodes.set(group.id, box({ object, label, members, inputs: entered.has(group.id) ? 1 : 0, outputs: left.has(group.id) ? 1 : 0 }, group, measure))
  }
  const open = scene.groups.filter((group) => !boxes.has(group.id) && boxOf(group.id) === group.id)
  return { nodes, wires, groups: tightened(open, nodes, model, boxes) }
}

/** Groups around a folded one are drawn as small as what is left of it lets them; the flow file keeps their size. */
function tightened(groups: readonly SceneGroup[], nodes: ReadonlyMap<string, SceneNode>, model: FlowModel, folded: ReadonlySet<string>): SceneGroup[] {
  const around = new Set([...folded].flatMap((id) => groupsAround(model, id)))
  const drawn = new Map(groups.map((group) => [group.id, group]))
  // inner ones first
  for (const group of groups.toReversed()) {
    const object = model.get(group.id)
    if (!around.has(group.id) || !Array.isArray(object?.nodes)) continue
    let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const id of object.nodes) {
      const inner = drawn.get(String(id))
      const node = nodes.get(String(id))
      const box = inner ?? (node && { x: node.x - node.width / 2, y: node.y - node.height / 2, width: node.width, height: node.height })
      if (!box) continue
      left = Math.min(left, box.x)
      top = Math.min(top, box.y)
      right = Math.max(right, box.x + box.width)
      bottom = Math.max(bottom, box.y + box.height)
    }
    if (left > right) continue
    const header = GROUP_MARGIN + (group.label === '' ? 0 : GROUP_LABEL_HEIGHT)
    const corner = { x: left - GROUP_MARGIN, y: top - header }
    drawn.set(group.id, { ...group, ...corner, width: right + GROUP_MARGIN - corner.x, height: bottom + GROUP_MARGIN - corner.y })
  }
  return [...drawn.values()]
}

const NAMED = 2

/** A group without a name goes by what is in it. */
function contentsOf(model: FlowModel, group: FlowNode): string {
  const ids: unknown[] = Array.isArray(group.nodes) ? group.nodes : []
  const names = ids.map((id) => model.get(String(id))).flatMap((node) => (node && node.type !== 'junction' ? [textOf(node, 'name') || node.type] : []))
  return names.length > NAMED ? `${names.slice(0, NAMED).join(', ')} …` : names.join(', ')
}

function endIn(boxes: ReadonlySet<string>, box: string, end: PortEnd): PortEnd {
  return boxes.has(box) ? { id: box, port: 0 } : end
}

type Folded = { object: FlowNode; label: string; members: number } & Pick<Ported, 'inputs' | 'outputs'>

/** Its upper left corner is the group's, so that unfolding does not jump. */
function box({ object, label, members, inputs, outputs }: Folded, corner: { x: number; y: number }, measure: Measure): SceneNode {
  const width = widthFor(measure(label))
  const height = heightFor(outputs)
  return {
    id: object.id,
    kind: 'group',
    type: 'group',
    family: 'group',
    label,
    isLabelHidden: false,
    isDisabled: object.d === true,
    isUnknown: false,
    outputLabels: [],
    members,
    x: corner.x + width / 2,
    y: corner.y + height / 2,
    width,
    height,
    inputs,
    outputs,
  }
}

/** Whether an object is a folded group or can be one. */
export const isGroup = (node: FlowNode | undefined): node is FlowNode => node !== undefined && kindOf(node) === 'group'
