/**
 * Flows as files that people read and compare: a folder for each flow, its nodes in an order that does not change, code and pages as
 * files of their own. Pure. Secrets are left out before (`server/templates/secrets.ts`).
 */
import type { FlowNode } from '../api/index.ts'

export type Layout = Map<string, string>

/** Properties that are whole texts in some language, by type; the ending tells which. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, (node: FlowNode) => string>>>> = {
  function: { func: () => 'js', initialize: () => 'initialize.js', finalize: () => 'finalize.js' },
  template: { template: ({ format }) => ENDINGS[String(format)] ?? 'txt' },
  'ui-template': { format: () => 'vue' },
  ui_template: { format: () => 'html' },
  'cw-script': { source: () => 'js' },
}
const ENDINGS: Readonly<Record<string, string>> = {
  handlebars: 'mustache',
  html: 'html',
  json: 'json',
  javascript: 'js',
  css: 'css',
  markdown: 'md',
  python: 'py',
  sql: 'sql',
  yaml: 'yaml',
}
/** What stands first in a node; the rest by name. */
const FIRST = ['id', 'type', 'name', 'label']
const DESCRIPTION = 'info'

const order = (a: string, b: string) => {
  const [left, right] = [FIRST.indexOf(a), FIRST.indexOf(b)]
  return (left < 0 ? FIRST.length : left) - (right < 0 ? FIRST.length : right) || (a < b ? -1 : 1)
}
const byId = (a: FlowNode, b: FlowNode) => (a.id < b.id ? -1 : 1)

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted(order)
      .map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}
const json = (value: unknown) => `${JSON.stringify(sorted(value), null, 2)}\n`

/** As part of a file's name on every system. */
export function slug(text: string): string {
  return (
    text
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .toLowerCase()
      .slice(0, 40) || 'unnamed'
  )
}

/** Gives each a name that no other in the same folder has, also where case does not count. */
function namer() {
  const taken = new Set<string>()
  return (title: string, id: string, ending = ''): string => {
    const bare = id.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
    const tries = [`${slug(title)}-${bare.slice(0, 8)}`, `${slug(title)}-${bare}`]
    for (let n = 0; ; n += 1) {
      const name = `${tries[n] ?? `${slug(title)}-${bare}-${n}`}${ending}`
      if (taken.has(name)) continue
      taken.add(name)
      return name
    }
  }
}

const titleOf = (node: FlowNode): string => String(node.label || node.name || node.type)

/** What is in each file of the flows; the same flows are the same files, in whatever order their nodes stood. */
export function layoutOf(flows: readonly FlowNode[], { installation }: { installation: string }): Layout {
  const files: Layout = new Map()
  const children = Map.groupBy(flows, ({ z }) => (typeof z === 'string' ? z : ''))
  const list: string[] = []
  for (const [type, folder, title] of [
    ['tab', 'flows', 'Flows'],
    ['subflow', 'subflows', 'Subflows'],
  ] as const) {
    const nameIn = namer()
    const places = flows.filter((node) => node.type === type).toSorted(byId)
    if (places.length) list.push('', `## ${title}`, '')
    const lines: string[] = []
    for (const place of places) {
      const inside = (children.get(place.id) ?? []).toSorted(byId)
      const path = `${folder}/${nameIn(titleOf(place), place.id)}`
      putPlace(files, path, place, inside)
      const count = inside.filter((node) => node.type !== 'group').length
      lines.push(
        `- [${escaped(titleOf(place))}](${path}/flow.json): ${count} ${count === 1 ? 'node' : 'nodes'}${place.disabled === true ? ', switched off' : ''}`,
      )
    }
    list.push(...lines.toSorted())
  }
  const places = new Set(flows.filter(({ type }) => type === 'tab' || type === 'subflow').map(({ id }) => id))
  const shared = flows.filter(({ type, z }) => type !== 'tab' && type !== 'subflow' && !(typeof z === 'string' && places.has(z))).toSorted(byId)
  const nameIn = namer()
  if (shared.length) list.push('', '## Shared settings', '')
  const lines: string[] = []
  for (const node of shared) {
    const path = `shared/${nameIn(`${node.type} ${String(node.name || '')}`, node.id, '.json')}`
    files.set(path, json(node))
    lines.push(`- [${escaped(String(node.name || node.type))}](${path}): ${escaped(node.type)}`)
  }
  list.push(...lines.toSorted())
  files.set('README.md', readme(installation, list))
  return files
}

const escaped = (text: string) => text.replaceAll(/[\\[\]()<>*_`#|]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ')

function readme(installation: string, list: readonly string[]): string {
  return [
    `# Flows of ${escaped(installation)}`,
    '',
    'Written by Cellwright: one commit for each version, with its author, reason and time. What is changed here changes nothing there:',
    'this mirror is outgoing only. It holds no credentials, and what looks like a secret is left out.',
    '',
    'Each flow has a folder: `flow.json` holds its nodes in the order of their ids; `{"$file": "…"}` stands for a text that is a file beside it.',
    ...list,
    '',
  ].join('\n')
}

function putPlace(files: Layout, path: string, place: FlowNode, inside: readonly FlowNode[]): void {
  const nameIn = namer()
  // not taken by a node's text
  nameIn('flow', '', '.json')
  const withFiles = (node: FlowNode): unknown => {
    const next: Record<string, unknown> = { ...node }
    const own = TEXTS[node.type] ?? {}
    for (const [key, ending] of [...Object.entries(own), [DESCRIPTION, () => 'md'] as const]) {
      const text = node[key]
      if (typeof text !== 'string' || text.trim() === '') continue
      const file = nameIn(titleOf(node), node.id, `.${ending(node)}`)
      files.set(`${path}/${file}`, text.endsWith('\n') ? text : `${text}\n`)
      next[key] = { $file: file }
    }
    return next
  }
  files.set(`${path}/flow.json`, json({ ...(withFiles(place) as object), nodes: inside.map(withFiles) }))
}
