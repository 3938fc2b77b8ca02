/** Names that the flows use already: what stands in the flow and global context, and which environment variables there are. No view. */
import type { FlowModel } from '../../model/flow-model.ts'
import { type FlowNode, kindOf, parentOf, textOf } from '../../model/raw.ts'

export type ContextScope = 'flow' | 'global'

const IN_CODE = /\b(flow|global)\.(?:get|set)\(\s*\[?\s*(['"])([^'"]+)\2/g

/** Context keys that any node of the flows reads or writes: typed values, rules of change and switch nodes, code. */
export function contextKeys(model: FlowModel, scope: ContextScope, parent: string | undefined): string[] {
  const found = new Map<string, number>()
  const add = (key: unknown) => {
    if (typeof key !== 'string' || key === '') return
    // `#:(store)::key` names a store first (@node-red/util, parseContextStore)
    const name = key.replace(/^#:\(\S+?\)::/, '')
    found.set(name, (found.get(name) ?? 0) + 1)
  }
  for (const node of model.export()) {
    if (scope === 'flow' && parentOf(node) !== parent) continue
    visit(node, scope, add)
  }
  return [...found].sort(([a, timesA], [b, timesB]) => timesB - timesA || a.localeCompare(b)).map(([key]) => key)
}

function visit(value: unknown, scope: ContextScope, add: (key: unknown) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, scope, add)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const record = value as Record<string, unknown>
  for (const [key, one] of Object.entries(record)) {
    if (typeof one === 'string') {
      // two properties a value, as typedInput stores it: `x` and `xType`, in change nodes `p` and `pt`, `to` and `tot`
      if (one === scope && key.endsWith('Type')) add(record[key.slice(0, -'Type'.length)])
      else if (one === scope && key.length <= 3 && key.endsWith('t')) add(record[key.slice(0, -1)])
      else if (one.includes(`${scope}.`)) for (const match of one.matchAll(IN_CODE)) if (match[1] === scope) add(match[3])
    } else visit(one, scope, add)
  }
}

// What Node-RED itself sets for every node (@node-red/runtime, flows/Flow.js, getSetting)
const BUILT_IN = [
  'NR_NODE_ID',
  'NR_NODE_NAME',
  'NR_NODE_PATH',
  'NR_GROUP_ID',
  'NR_GROUP_NAME',
  'NR_FLOW_ID',
  'NR_FLOW_NAME',
  'NR_SUBFLOW_ID',
  'NR_SUBFLOW_NAME',
]

export interface EnvName {
  name: string
  /** What it is now, as far as the flows say it; passwords are not said. */
  value: string | undefined
  /** The same as expressions get it: a number, a yes or no, an object. */
  typed: unknown
  isSecret: boolean
  /** The group, tab or subflow it is set in; undefined for the whole of the flows and Node-RED's own. */
  from: FlowNode | undefined
}

/** The environment a node sees: its groups', its tab's or subflow's, the global one, and Node-RED's own names. The nearest wins. */
export function environmentOf(model: FlowModel, node: FlowNode): EnvName[] {
  const found = new Map<string, EnvName>()
  const take = (holder: FlowNode, from: FlowNode | undefined) => {
    if (!Array.isArray(holder.env)) return
    for (const item of holder.env as { name?: unknown; value?: unknown; type?: unknown }[]) {
      if (typeof item?.name !== 'string' || found.has(item.name)) continue
      const isSecret = item.type === 'cred'
      found.set(item.name, {
        name: item.name,
        value: isSecret ? undefined : String(item.value ?? ''),
        typed: isSecret ? undefined : typedValue(item.type, item.value),
        isSecret,
        from,
      })
    }
  }
  let group = typeof node.g === 'string' ? model.get(node.g) : undefined
  // a broken file may hold a circle
  for (let depth = 0; group && depth < 50; depth += 1) {
    take(group, group)
    group = typeof group.g === 'string' ? model.get(group.g) : undefined
  }
  const parent = parentOf(node)
  const holder = parent === undefined ? undefined : model.get(parent)
  if (holder) take(holder, holder)
  for (const other of model.export()) if (other.type === 'global-config' && kindOf(other) === 'config') take(other, undefined)
  const builtIn = builtInOf(model, node, holder)
  for (const name of BUILT_IN) {
    const value = builtIn[name]
    if (!found.has(name)) found.set(name, { name, value, typed: value, isSecret: false, from: undefined })
  }
  return [...found.values()]
}

/** As Node-RED reads the value of an environment variable (@node-red/runtime, flows/util.js, evaluateEnvProperties). */
function typedValue(type: unknown, value: unknown): unknown {
  const text = String(value ?? '')
  switch (type) {
    case 'num':
      return Number(text)
    case 'bool':
      return value === true || /^true$/i.test(text)
    case 'json':
      try {
        return JSON.parse(text) as unknown
      } catch {
        // the runtime would refuse it; the form says so where it is edited
        return undefined
      }
    default:
      return text
  }
}

/** What Node-RED sets itself, of a node on a tab; in a subflow it depends on the instance. */
function builtInOf(model: FlowModel, node: FlowNode, holder: FlowNode | undefined): Readonly<Record<string, string | undefined>> {
  if (holder?.type !== 'tab') return {}
  const group = typeof node.g === 'string' ? model.get(node.g) : undefined
  return {
    NR_NODE_ID: node.id,
    NR_NODE_NAME: textOf(node, 'name'),
    NR_NODE_PATH: `${holder.id}/${node.id}`,
    ...(group && { NR_GROUP_ID: group.id, NR_GROUP_NAME: textOf(group, 'name') }),
    NR_FLOW_ID: holder.id,
    NR_FLOW_NAME: textOf(holder, 'label'),
  }
}
