/** What flows name of their shop (machines, connections, programs, what quality keeps), and putting this shop's own in its place. Pure. */
import type { FlowNode, FlowTest, NodeType, PromotionReference } from '../../api/index.ts'
import { picksOf } from '../../flows/picks.ts'
import type { QualityThing } from '../../quality/pickable.ts'
import { valueAt, withValueAt } from '../../templates/select.ts'

/** The things of the shop that the flows come from, for what people call them. */
export interface ShopThings {
  machines: readonly { id: string; name: string }[]
  connections: readonly { id: string; name: string; connector: string }[]
  programs: readonly { id: string; name: string; sha256: string }[]
  /** Characteristics, sampling plans, gauge studies and inspection plans. */
  quality: readonly QualityThing[]
}

export const keyOf = ({ kind, value }: Pick<PromotionReference, 'kind' | 'value'>): string => `${kind} ${value}`

/** Found by the forms of the node types: what a person picks there is another thing in every shop. */
export function referencesIn(nodes: readonly FlowNode[], types: readonly NodeType[], things: ShopThings): PromotionReference[] {
  const byType = new Map(types.map((type) => [type.type, type]))
  const found = new Map<string, PromotionReference>()
  for (const node of nodes) {
    for (const { kind, value, path } of picksOf(node, byType.get(node.type))) {
      const key = keyOf({ kind, value })
      const known = found.get(key) ?? { ...describe(kind, value, things), places: [] }
      known.places.push({ nodeId: node.id, path })
      found.set(key, known)
    }
  }
  return [...found.values()]
}

function describe(
  kind: PromotionReference['kind'],
  value: string,
  { machines, connections, programs, quality }: ShopThings,
): Omit<PromotionReference, 'places'> {
  switch (kind) {
    case 'machine': {
      const machine = machines.find(({ id }) => id === value)
      return { kind, value, ...(machine ? { name: machine.name } : {}) }
    }
    case 'connection': {
      const connection = connections.find(({ id }) => id === value)
      return { kind, value, ...(connection ? { name: connection.name, connector: connection.connector } : {}) }
    }
    case 'program': {
      const program = programs.find(({ id, name }) => id === value || name === value)
      return { kind, value, ...(program ? { name: program.name, sha256: program.sha256 } : {}) }
    }
    case 'characteristic':
      return { kind, value }
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
    case 'inspection-plan': {
      const thing = quality.find((each) => each.kind === kind && each.id === value)
      if (!thing) return { kind, value }
      // nodes ask for the plan of a part; which revision is theirs to say
      if (kind === 'inspection-plan') return { kind, value, name: thing.name }
      return { kind, value, name: thing.name, ...(thing.part ? { part: thing.part } : {}), ...(thing.revision ? { revision: thing.revision } : {}) }
    }
    default:
      return kind satisfies never
  }
}

/** The nodes with this shop's things. @param values by {@link keyOf}; what is not named stays */
export function withThings(nodes: readonly FlowNode[], references: readonly PromotionReference[], values: ReadonlyMap<string, string>): FlowNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  for (const reference of references) {
    const value = values.get(keyOf(reference))
    if (value === undefined || value === reference.value) continue
    for (const { nodeId, path } of reference.places) {
      const node = byId.get(nodeId)
      if (node) byId.set(nodeId, withValueAt(node, path, value))
    }
  }
  return nodes.map((node) => byId.get(node.id) ?? node)
}

/** A test as it reads in this shop: machines, connections and programs stand in its orders and in what is expected. */
export function testWithThings(test: FlowTest, values: ReadonlyMap<string, string>): FlowTest {
  const here = (kind: PromotionReference['kind'], value: string) => values.get(keyOf({ kind, value })) ?? value
  return {
    ...test,
    steps: test.steps.map((step) => (step.do === 'order' || step.do === 'tag' ? { ...step, connectionId: here('connection', step.connectionId) } : step)),
    expect: test.expect.map((each) =>
      each.kind === 'motion'
        ? { ...each, machineId: here('machine', each.machineId), ...(each.what === undefined ? {} : { what: here('program', each.what) }) }
        : each,
    ),
  }
}

/** Says of the first place that does not hold what it is said to hold. */
export function falsePlace(nodes: readonly FlowNode[], references: readonly PromotionReference[]): string | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const own = new Set(['id', 'type', 'z', 'g', 'wires', 'x', 'y'])
  for (const { value, places } of references)
    for (const { nodeId, path } of places) {
      const node = byId.get(nodeId)
      if (!node || own.has(path.split('.')[0] ?? '') || valueAt(node, path) !== value) return `${path} of ${nodeId} does not hold "${value}"`
    }
  return undefined
}
