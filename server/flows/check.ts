/**
 * What is wrong with flows, found before Node-RED sees them: it stops everything over one unknown type and answers
 * 200 all the same (reference: trap 3), and takes a config node's id for a reference wherever it reads it (trap 10).
 */
import type { TSchema } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { type Checker, checker } from '../../base/schema.ts'
import { inSteps, type Steps } from '../../base/steps.ts'
import { checkConfig as checkOurs, NODES } from '../../nodes/index.ts'
import { type Finding, type FindingBlanks, type FindingCode, type FlowNode, type FlowProblem, finding, type NodeType } from '../api/index.ts'
import { nameOf } from './fence.ts'
import { brokenShape, containersInThemselves, nodesOnCircles } from './shape.ts'

/** Parts of the flow format that are no node types. */
const FORMAT = new Set(['tab', 'group', 'subflow'])
const SUBFLOW = 'subflow:'
const ours = new Set<string>(NODES.map(({ type }) => type))

export interface FlowCheck {
  /** Types that are not installed. */
  unknown: FlowProblem[]
  /** Everything else. */
  invalid: FlowProblem[]
}

export type FlowChecker = (flows: readonly FlowNode[], types: readonly NodeType[]) => Promise<FlowCheck>

/** Keeps the compiled schemas of our nodes between calls. */
export function createFlowChecker(): FlowChecker {
  const schemas = new Map<string, { text: string; schema: Checker<TSchema> }>()
  const schemaOf = (type: NodeType): Checker<TSchema> | undefined => {
    if (type.configSchema === undefined) return undefined
    const text = JSON.stringify(type.configSchema)
    const known = schemas.get(type.type)
    if (known?.text === text) return known.schema
    const schema = checker(type.configSchema as TSchema)
    schemas.set(type.type, { text, schema })
    return schema
  }

  function* steps(flows: readonly FlowNode[], types: readonly NodeType[]): Steps<FlowCheck> {
    const byType = new Map(types.map((type) => [type.type, type]))
    const byId = new Map<string, FlowNode>()
    const invalid: FlowProblem[] = []
    const unknown: FlowProblem[] = []
    const wrong: Wrong = (node, code, blanks, property) => void invalid.push(problemOf(node, finding(code, blanks), property))

    for (const node of flows) {
      if (byId.has(node.id)) wrong(node, 'id-twice', { id: node.id })
      byId.set(node.id, node)
      yield
    }
    for (const node of flows) {
      yield
      const isInstance = node.type.startsWith(SUBFLOW)
      if (isInstance ? byId.get(node.type.slice(SUBFLOW.length))?.type !== 'subflow' : !FORMAT.has(node.type) && !byType.has(node.type))
        unknown.push(problemOf(node, finding(isInstance ? 'subflow-missing' : 'type-missing', {})))
      const broken = brokenShape(node)
      if (broken) {
        invalid.push(problemOf(node, broken.found, broken.property))
        continue
      }
      if (typeof node.z === 'string' && node.z && !isPlace(byId.get(node.z))) wrong(node, 'place-missing', {}, 'z')
      checkWires(node, byId, wrong)
      if (isOff(node, byId)) continue
      const type = byType.get(node.type)
      if (type) checkConfig(node, { type, schema: schemaOf(type), byId, wrong })
      if (node.type === 'ui-base' && node.path !== '/dashboard') wrong(node, 'dashboard-path', {}, 'path')
    }
    for (const { node, found, property } of yield* containersInThemselves(flows, byId)) invalid.push(problemOf(node, found, property))
    for (const node of yield* circular(flows)) wrong(node, 'refers-to-itself', {})
    return { unknown, invalid }
  }
  return (flows, types) => inSteps(steps(flows, types))
}

/** @throws UserError `node-type-unknown`, `flows-invalid` (422) with every problem */
export function requireSound({ unknown, invalid }: FlowCheck): void {
  const problems = [...unknown, ...invalid]
  const [first] = problems
  if (!first) return
  throw new UserError({
    code: unknown.length ? 'node-type-unknown' : 'flows-invalid',
    status: 422,
    message: `${first.message}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''} Nothing was changed.`,
    details: { problems },
  })
}

type Wrong = <C extends FindingCode>(node: FlowNode, code: C, blanks: FindingBlanks[C], property?: string) => void

const problemOf = (node: FlowNode, { code, params, sentence }: Finding, property?: string): FlowProblem => ({
  nodeId: node.id,
  ...(property === undefined ? {} : { property }),
  message: `${nameOf(node)} ${sentence}`,
  code,
  params,
})

const isPlace = (node: FlowNode | undefined) => node?.type === 'tab' || node?.type === 'subflow'

function isOff(node: FlowNode, byId: ReadonlyMap<string, FlowNode>): boolean {
  return node.d === true || (typeof node.z === 'string' && byId.get(node.z)?.disabled === true)
}

function checkWires(node: FlowNode, byId: ReadonlyMap<string, FlowNode>, wrong: Wrong): void {
  if (node.wires === undefined) return
  if (!Array.isArray(node.wires) || !node.wires.every((port) => Array.isArray(port))) {
    if (node.type !== 'tab') wrong(node, 'wires-shape', {}, 'wires')
    return
  }
  for (const target of node.wires.flat() as unknown[]) {
    const found = typeof target === 'string' ? byId.get(target) : undefined
    // Node-RED would drop such messages without a word
    if (!found) wrong(node, 'wire-to-nothing', { target: JSON.stringify(target) }, 'wires')
    else if (found.z !== node.z) wrong(node, 'wire-to-other-tab', { target: nameOf(found) }, 'wires')
  }
}

const isFromEnvironment = (value: unknown) => typeof value === 'string' && /^\$\{[^}]+\}$|^\$\([^)]+\)$/.test(value)

function checkConfig(
  node: FlowNode,
  { type, schema, byId, wrong }: { type: NodeType; schema: Checker<TSchema> | undefined; byId: ReadonlyMap<string, FlowNode>; wrong: Wrong },
): void {
  const missing = new Set<string>()
  for (const [property, wanted] of Object.entries(type.references ?? {})) {
    const id = node[property]
    if (typeof id !== 'string' || id === '' || isFromEnvironment(id)) continue
    const found = byId.get(id)
    if (found?.type === wanted) continue
    missing.add(property)
    if (found) wrong(node, 'reference-wrong', { target: nameOf(found), type: wanted }, property)
    else wrong(node, 'reference-missing', { type: wanted }, property)
  }
  if (!schema) return
  if (ours.has(node.type)) {
    // as the node reads it when it starts: an empty optional field is an absent one, and what belongs together is looked at together
    for (const { path, message } of checkOurs(node.type, node)) {
      const [property = ''] = path.slice(1).split('/')
      if (!missing.has(property)) wrong(node, 'setting-refused', { detail: message }, property || undefined)
    }
    return
  }
  for (const { path, message } of schema.errors(withDefaults(node, schema.schema))) {
    const [property = ''] = path.slice(1).split('/')
    if (missing.has(property) || isFromEnvironment(node[property])) continue
    if (property) wrong(node, 'setting-wrong', { property, detail: message }, property)
    else wrong(node, 'setting-missing', { detail: message })
  }
}

/** As the node will read it when it starts: what a flow from before a property was there leaves out has its default. */
function withDefaults(node: FlowNode, schema: TSchema): FlowNode {
  const { properties = {} } = schema as { properties?: Record<string, { default?: unknown }> }
  const left = Object.entries(properties).filter(([key, property]) => node[key] === undefined && property.default !== undefined)
  return left.length ? { ...Object.fromEntries(left.map(([key, property]) => [key, property.default])), ...node } : node
}

/**
 * Config nodes that Node-RED would find in a circle: every string property that equals a config node's id counts
 * as a reference (@node-red/runtime/lib/flows/Flow.js), also when it is plain text.
 */
function* circular(flows: readonly FlowNode[]): Steps<FlowNode[]> {
  const configs = new Map(flows.filter((node) => !FORMAT.has(node.type) && (node.x === undefined || node.y === undefined)).map((node) => [node.id, node]))
  const referred = (node: FlowNode) =>
    Object.entries(node).flatMap(([key, value]) => {
      const target = key !== 'id' && key !== 'z' && typeof value === 'string' ? configs.get(value) : undefined
      return target ? [target] : []
    })
  return yield* nodesOnCircles([...configs.values()], referred)
}
