/**
 * What settings turn a safe node type into code. Each of these was seen running code, or changing what code nodes
 * do, in Node-RED 5.0.7; fence.test.ts shows the ways in.
 *
 * Two kinds. *Smuggling* hides nodes or takes another node's place, and makes the node a code node through and
 * through. An *expression* can reach the JavaScript engine: its settings may not be written without `flows.code`,
 * but the node may be wired, moved and switched like any safe one.
 */
import type { FlowNode } from '../api/index.ts'
import { isCoreType } from './fence-table.ts'

/** Nested deeper than this, settings are not looked at but refused. */
export const MAX_DEPTH = 100

/** The runtime fills these in for a subflow itself, and starts whatever it finds in them. */
const SUBFLOW_INSIDES = ['subflows', 'nodes', 'configs', 'groups', 'instances']

/**
 * What is hidden in a node so that the runtime starts more than the list of nodes shows. Ends a sentence that begins "it ...".
 */
export function smuggled(node: FlowNode): string | undefined {
  for (const key in node) {
    // Flow.js starts any node with this property as an instance of that subflow, whatever its type
    if (key === 'subflow') return 'carries a hidden reference to a subflow'
    // `_alias` gives a node the credentials and the context of another one
    if (key[0] === '_') return `carries the property "${key}", which belongs to the runtime`
  }
  if (node.type === 'subflow') {
    const inside = SUBFLOW_INSIDES.find((key) => Object.hasOwn(node, key))
    if (inside !== undefined) return `carries nodes of its own in the property "${inside}"`
  }
  // the runtime keeps nodes by id in plain objects
  if (node.id in Object.prototype) return `has the id "${node.id}", which JavaScript uses itself`
  return undefined
}

/** Never read as a value, and free to change on any safe node. Wires and links are looked at by themselves. */
export const NO_SETTING: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h', 'z', 'g', 'd', 'l', 'wires', 'links', 'name', 'info'])

// util.js getObjectProperty walks prototypes: `constructor.constructor` is Function, `constructor.prototype` all objects
const INTO_THE_ENGINE = /__proto__|\bconstructor\b|\.prototype\b|\[["']prototype["']/
// `a[msg.key]`: the message names the property, so it may name those above
const NAMED_BY_THE_MESSAGE = /\[msg[.[]/
// a whole value that the runtime replaces from the environment, also a path or the name of a kind of value
const SUBSTITUTED = /^\$(?:\(\S+\)|\{\S+\})$/

/**
 * What in a safe node's settings only somebody with `flows.code` may write. Ends a sentence that begins "it ...".
 */
export function expression(node: FlowNode): string | undefined {
  if (node.type === 'comment') return undefined
  // 17-split.js: in automatic mode the path that is joined stands in msg.parts.property
  if (node.type === 'join' && node.mode !== 'custom') {
    return node.mode === 'reduce' ? 'uses JSONata expressions, which can run code' : 'joins what the message names (choose the manual mode instead)'
  }
  const isCore = isCoreType(node.type)
  for (const key in node) {
    if (NO_SETTING.has(key) || key === 'id' || key === 'type') continue
    const found = inValue(key, node[key], isCore, 0)
    if (found !== undefined) return found
  }
  return undefined
}

function inValue(key: string, value: unknown, isCore: boolean, depth: number): string | undefined {
  if (typeof value === 'string') return inText(key, value, isCore)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= MAX_DEPTH) return 'has settings that are nested too deep to be checked'
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = inValue(key, item, isCore, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  for (const inner of Object.keys(value)) {
    if (inner === '__proto__') return 'has a property named "__proto__", which changes what an object is'
    const found = inValue(inner, (value as Record<string, unknown>)[inner], isCore, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function inText(key: string, text: string, isCore: boolean): string | undefined {
  // `jsonata` names a kind of value; $globalContext("constr" & "uctor...") gets at Function, so no list of bad words holds
  if (text === 'jsonata' || text === 'jsonata_exp') return 'uses JSONata expressions, which can run code'
  if (INTO_THE_ENGINE.test(text)) return `reaches into the JavaScript engine with "${short(text)}"`
  if (NAMED_BY_THE_MESSAGE.test(text)) return `lets the message name a property in "${short(text)}"`
  // elsewhere than in core nodes a path alone only reads; the kind of value must stand there in so many words
  if (SUBSTITUTED.test(text) && (isCore || /type$/i.test(key))) return `takes the setting "${key}" from the environment as "${short(text)}"`
  return undefined
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** The runtime also takes wires in shapes that a reader of the flows would not see as wires. */
export function wiresAreIds({ type, wires, links }: FlowNode): boolean {
  const areIds = (list: unknown) => Array.isArray(list) && list.every((id) => typeof id === 'string')
  if (wires !== undefined && !(Array.isArray(wires) && wires.every(areIds))) return false
  return links === undefined || areIds(links) || (type === 'link call' && typeof links === 'string')
}
