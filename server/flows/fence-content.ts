/**
 * What settings turn a safe node type into code. Each of these was seen running code, or changing what code nodes
 * do, in Node-RED 5.0.7; fence.test.ts shows the ways in.
 *
 * Two kinds. *Smuggling* hides nodes or takes another node's place, and makes the node a code node through and
 * through. An *expression* can reach the JavaScript engine: its settings may not be written without `flows.code`,
 * but the node may be wired, moved and switched like any safe one.
 */
import type { FlowNode, Why } from '../api/index.ts'
import { isCoreType } from './fence-table.ts'
import { isSafeJsonata } from './safe-jsonata.ts'

/** Nested deeper than this, settings are not looked at but refused. */
export const MAX_DEPTH = 100

/** The runtime fills these in for a subflow itself, and starts whatever it finds in them. */
const SUBFLOW_INSIDES = ['subflows', 'nodes', 'configs', 'groups', 'instances']

/**
 * What is hidden in a node so that the runtime starts more than the list of nodes shows.
 */
export function smuggled(node: FlowNode): Why | undefined {
  for (const key in node) {
    // Flow.js starts any node with this property as an instance of that subflow, whatever its type
    if (key === 'subflow') return { why: 'hidden-subflow' }
    // `_alias` gives a node the credentials and the context of another one
    if (key[0] === '_') return { why: 'runtime-property', text: key }
  }
  if (node.type === 'subflow') {
    const inside = SUBFLOW_INSIDES.find((key) => Object.hasOwn(node, key))
    if (inside !== undefined) return { why: 'hidden-nodes', text: inside }
  }
  // the runtime keeps nodes by id in plain objects
  if (node.id in Object.prototype) return { why: 'engine-id', text: node.id }
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
 * What in a safe node's settings only somebody with `flows.code` may write.
 */
export function expression(node: FlowNode): Why | undefined {
  if (node.type === 'comment') return undefined
  // 17-split.js: in automatic mode the path that is joined stands in msg.parts.property
  if (node.type === 'join' && node.mode !== 'custom') {
    return { why: node.mode === 'reduce' ? 'jsonata' : 'join-by-message' }
  }
  const isCore = isCoreType(node.type)
  const reckons = RECKONS.has(node.type) || node.type.startsWith('cw-')
  for (const key in node) {
    if (NO_SETTING.has(key) || key === 'id' || key === 'type' || (reckons && isArithmetic(node, key))) continue
    const found = inValue(key, node[key], { isCore, reckons }, 0)
    if (found !== undefined) return found
  }
  return undefined
}

/** Types of which it is known where the expression stands that a kind of value belongs to. */
const RECKONS: ReadonlySet<string> = new Set(['change', 'switch'])
/** Of rules of change and switch nodes (15-change.js, 10-switch.js). */
const EXPRESSION_OF: Readonly<Record<string, string>> = { tot: 'to', fromt: 'from', vt: 'v', v2t: 'v2' }

/** `jsonata` beside an expression that only reckons (safe-jsonata.ts). */
function isArithmetic(holder: Readonly<Record<string, unknown>>, key: string): boolean {
  const kind = holder[key]
  const place = kind === 'jsonata' ? (EXPRESSION_OF[key] ?? /^(.+)Type$/.exec(key)?.[1]) : kind === 'jsonata_exp' && key === 't' ? 'v' : undefined
  const text = place !== undefined && Object.hasOwn(holder, place) ? holder[place] : undefined
  return typeof text === 'string' && isSafeJsonata(text)
}

interface Within {
  isCore: boolean
  /** Of a type in whose settings an expression is found. */
  reckons: boolean
}

function inValue(key: string, value: unknown, within: Within, depth: number): Why | undefined {
  if (typeof value === 'string') return inText(key, value, within.isCore)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= MAX_DEPTH) return { why: 'too-deep' }
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = inValue(key, item, within, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  for (const inner of Object.keys(value)) {
    if (inner === '__proto__') return { why: 'proto' }
    if (within.reckons && isArithmetic(value as Record<string, unknown>, inner)) continue
    const found = inValue(inner, (value as Record<string, unknown>)[inner], within, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function inText(key: string, text: string, isCore: boolean): Why | undefined {
  // `jsonata` names a kind of value; $globalContext("constr" & "uctor...") gets at Function, so no list of bad words holds, and what
  // is known to be harmless was passed over before this
  if (text === 'jsonata' || text === 'jsonata_exp') return { why: 'jsonata' }
  if (INTO_THE_ENGINE.test(text)) return { why: 'into-engine', text: short(text) }
  if (NAMED_BY_THE_MESSAGE.test(text)) return { why: 'named-by-message', text: short(text) }
  // elsewhere than in core nodes a path alone only reads; the kind of value must stand there in so many words
  if (SUBSTITUTED.test(text) && (isCore || /type$/i.test(key))) return { why: 'from-environment', text: short(text) }
  return undefined
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** The runtime also takes wires in shapes that a reader of the flows would not see as wires. */
export function wiresAreIds({ type, wires, links }: FlowNode): boolean {
  const areIds = (list: unknown) => Array.isArray(list) && list.every((id) => typeof id === 'string')
  if (wires !== undefined && !(Array.isArray(wires) && wires.every(areIds))) return false
  return links === undefined || areIds(links) || (type === 'link call' && typeof links === 'string')
}
