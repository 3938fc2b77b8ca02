/** What a person should know of one item before it is imported. */
import { NODES } from '../../../nodes/index.ts'
import type { CodeReason, FlowNode, MoveInLine } from '../../api/index.ts'
import { expression, smuggled } from '../../flows/fence-content.ts'
import { ruleOf } from '../../flows/fence-table.ts'
import { own, recordsIn } from '../json.ts'
import { line } from '../lines.ts'
import { type Item, nameOf } from './items.ts'

const OWN_TYPES: ReadonlySet<string> = new Set(NODES.map(({ type }) => type))

/** Rights that its nodes take, by the same table as a deploy. */
export function codeLines(nodes: readonly FlowNode[], isHere: (type: string) => boolean): MoveInLine[] {
  const byReason = new Map<CodeReason, Set<string>>()
  const inside = new Map<string, { why: CodeReason; text: string; nodes: Set<string> }>()
  for (const node of nodes) {
    if (node.type.startsWith('subflow:') || !isHere(node.type)) continue
    const rule = ruleOf(node.type, OWN_TYPES)
    if (rule.needs === 'flows.code') {
      const types = byReason.get(rule.why) ?? new Set()
      byReason.set(rule.why, types.add(node.type))
      continue
    }
    const found = smuggled(node) ?? expression(node)
    if (!found) continue
    const key = `${found.why} ${found.text ?? ''}`
    const known = inside.get(key) ?? { why: found.why, text: found.text ?? '', nodes: new Set() }
    known.nodes.add(nameOf(node))
    inside.set(key, known)
  }
  return [
    ...[...byReason].map(([why, types]) => line('needs-code', { types: [...types], why })),
    ...[...inside.values()].map((found) => line('gives-code', { why: found.why, text: found.text, nodes: [...found.nodes] })),
  ]
}

const address = (node: FlowNode) => `${String(node.method ?? 'get').toUpperCase()} /${String(node.url ?? '').replace(/^\/+/, '')}`

/** Addresses that its flows answer. @param taken those that are answered here, but by the item itself */
export function httpLines(nodes: readonly FlowNode[], taken: ReadonlyMap<string, string>): MoveInLine[] {
  const own = nodes.filter(({ type }) => type === 'http in')
  if (!own.length) return []
  const ids = new Set(nodes.map(({ id }) => id))
  const clashing = own.filter((node) => {
    const other = taken.get(address(node))
    return other !== undefined && !ids.has(other)
  })
  return [
    line('http-address', { addresses: [...new Set(own.map(address))] }),
    ...(clashing.length ? [line('http-collides', { addresses: clashing.map(address) })] : []),
  ]
}

/** Who answers which address here, by node id. */
export const answeredHere = (flows: Iterable<FlowNode>): Map<string, string> => {
  const taken = new Map<string, string>()
  for (const node of flows) if (node.type === 'http in') taken.set(address(node), node.id)
  return taken
}

/** Names that Node-RED itself gives to a flow's environment (@node-red/runtime lib/flows/util.js). */
const GIVEN = /^(NR_(NODE|FLOW|GROUP|SUBFLOW)_\w+|\$parent\..*)$/
const WHOLE = /^\$(?:\{([^}]+)\}|\(([^)]+)\))$/

/** Environment variables that it reads and nobody sets. @param known by the global environment, here or brought along */
export function environmentLines(nodes: readonly FlowNode[], known: ReadonlySet<string>): MoveInLine[] {
  const set = new Set<string>(known)
  const read = new Set<string>()
  for (const node of nodes) {
    for (const { name } of recordsIn(node, 'env')) if (typeof name === 'string') set.add(name)
    if (node.type === 'function' && typeof node.func === 'string')
      for (const [, name] of node.func.matchAll(/\benv\.get\(\s*["'`]([^"'`]+)["'`]/g)) if (name !== undefined) read.add(name)
    readIn(node, read, 0)
  }
  const names = [...read].filter((name) => !set.has(name) && !GIVEN.test(name))
  return names.length ? [line('env-missing', { names })] : []
}

function readIn(value: unknown, read: Set<string>, depth: number): void {
  if (depth > 6 || typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') {
      readIn(inner, read, depth + 1)
      continue
    }
    const whole = WHOLE.exec(inner)
    if (whole) read.add(whole[1] ?? whole[2] ?? '')
    // a typed value: `x` with `xType: "env"` (or `t`, `pt`, `tot`, `vt` in rules)
    else if (inner === 'env' && /(Type|type|^pt|^tot|^vt)$/.test(key)) {
      const name = (value as Record<string, unknown>)[key.replace(/(Type|type)$/, '').replace(/^(p|to|v)t$/, '$1')]
      if (typeof name === 'string' && /^\w+$/.test(name)) read.add(name)
    }
  }
}

/** What function, file and exec nodes bring from the old computer. @param globals that its settings.js gave functions */
export function oldComputerLines(nodes: readonly FlowNode[], globals: readonly string[]): MoveInLine[] {
  const modules = new Set<string>()
  const used = new Set<string>()
  const paths = new Set<string>()
  const commands = new Set<string>()
  for (const node of nodes) {
    if (node.type === 'function') {
      for (const lib of recordsIn(node, 'libs')) if (typeof lib.module === 'string' && lib.module) modules.add(lib.module)
      const text = ['func', 'initialize', 'finalize']
        .map((key) => node[key])
        .filter((value) => typeof value === 'string')
        .join('\n')
      for (const name of globals) if (new RegExp(`global\\.(get\\(\\s*["'\`]${escaped(name)}["'\`]|${escaped(name)}\\b)`).test(text)) used.add(name)
    }
    if ((node.type === 'file' || node.type === 'file in') && typeof node.filename === 'string' && isAbsolute(node.filename)) paths.add(node.filename)
    if (node.type === 'watch' && typeof node.files === 'string') for (const path of node.files.split(',')) if (isAbsolute(path.trim())) paths.add(path.trim())
    if (node.type === 'tls-config') for (const key of ['cert', 'key', 'ca']) if (isAbsolute(String(own(node, key) ?? ''))) paths.add(String(node[key]))
    if (node.type === 'exec' && typeof node.command === 'string' && node.command.trim()) commands.add(node.command.trim().slice(0, 80))
  }
  return [
    ...(modules.size ? [line('function-modules', { modules: [...modules] })] : []),
    ...(used.size ? [line('function-globals', { names: [...used] })] : []),
    ...(paths.size ? [line('paths-elsewhere', { paths: [...paths] })] : []),
    ...(commands.size ? [line('commands-here', { commands: [...commands] })] : []),
  ]
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const isAbsolute = (path: string) => /^(\/|[A-Za-z]:[\\/])/.test(path)

/** Types of Node-RED itself that are of little use without a password, and when (their own dialogs ask for one). */
function asksForSecret(node: FlowNode): boolean {
  switch (node.type) {
    case 'http request':
    case 'http proxy':
      return typeof node.authType === 'string' && node.authType !== ''
    case 'e-mail':
    case 'e-mail in':
      return true
    default:
      return recordsIn(node, 'env').some(({ type }) => type === 'cred')
  }
}

export function secretLines(item: Item, has: (id: string) => boolean, state: 'none' | 'open' | 'locked'): MoveInLine[] {
  const found = item.nodes.filter(({ id }) => has(id)).map(nameOf)
  // nodes that take no code take no password either
  if (state === 'locked')
    return item.nodes.some((node) => asksForSecret(node) || ruleOf(node.type, OWN_TYPES).needs === 'flows.code') ? [line('secrets-locked', {})] : []
  const missing = item.nodes.filter((node) => asksForSecret(node) && !has(node.id)).map(nameOf)
  return [...(found.length ? [line('secrets-come', { nodes: found })] : []), ...(missing.length ? [line('secrets-missing', { nodes: missing })] : [])]
}
