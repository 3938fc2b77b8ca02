/** Searching all flows: names, types, settings, code, notes. No view. */
import { type FlowNode, kindOf, subflowOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import type { Workspace } from '../workspace.ts'
import { hiddenTabs } from './kept.ts'
import { type Entry, entriesOf, uses } from './references.ts'

export interface SearchHit {
  node: FlowNode
  name: string
  /** Where the words were found, unless that is the name or the type. */
  entry: Entry | undefined
}

export interface Query {
  words: string[]
  types: string[]
  uses: string[]
  /** Names or ids of flows, `current` for the one that is shown. */
  flows: string[]
  is: string[]
}

const STATES = ['changed', 'problem', 'disabled', 'locked', 'hidden', 'unused', 'unwired', 'config', 'subflow', 'group', 'link', 'unknown'] as const

/** What Node-RED's search calls them (@node-red/editor-client, search.js). */
const ALSO: ReadonlyMap<string, (typeof STATES)[number]> = new Map([
  ['invalid', 'problem'],
  ['modified', 'changed'],
  ['uncoupled', 'unwired'],
])

/** `"two words" type:mqtt uses:<id> flow:"Line 1" is:disabled`. What is no known filter is a word. */
export function readQuery(text: string): Query {
  const query: Query = { words: [], types: [], uses: [], flows: [], is: [] }
  for (const [, quoted, plain] of text.matchAll(/"([^"]*)"?|(\w+:"[^"]*"|\S+)/g)) {
    const filter = /^(type|uses|flow|is):"?([^"]+)"?$/i.exec(plain ?? '')
    const value = filter?.[2] ?? ''
    switch (filter?.[1]?.toLowerCase()) {
      case 'type':
        query.types.push(value.toLowerCase())
        break
      case 'uses':
        query.uses.push(value)
        break
      case 'flow':
        query.flows.push(value.toLowerCase())
        break
      case 'is':
        query.is.push(ALSO.get(value.toLowerCase()) ?? value.toLowerCase())
        break
      default: {
        const word = (quoted ?? plain ?? '').toLowerCase()
        if (word !== '') query.words.push(word)
      }
    }
  }
  return query
}

const isEmpty = ({ words, types, uses: used, flows, is }: Query) => words.length + types.length + used.length + flows.length + is.length === 0

export interface SearchAsk {
  query: string
  workspace: Workspace
  /** Names of machines, programs and connections by id: found by name, stored by id. */
  names?: ReadonlyMap<string, string>
}

/** Hits in names first, then in types, then in settings; those of one flow together, the flow with the best hit first. */
export function searchFlows({ query, workspace, names = new Map() }: SearchAsk): SearchHit[] {
  const asked = readQuery(query)
  if (isEmpty(asked)) return []
  const { model } = workspace
  const used = asked.is.includes('unused') ? usedIds(model.export()) : undefined
  const hits: { hit: SearchHit; rank: number }[] = []
  for (const node of model.export()) {
    if (!asked.is.every((state) => isState(workspace, node, state, used))) continue
    if (!asked.types.every((type) => node.type.toLowerCase().includes(type))) continue
    if (!asked.flows.every((flow) => isOnFlow(workspace, node, flow))) continue
    const use = asked.uses.map((id) => uses(node, id))
    if (use.some((entry) => entry === undefined)) continue
    const name = nameOf(workspace, node)
    const found = asked.words.length === 0 ? { rank: 0, entry: use[0] } : wordsIn(asked.words, node, name, names)
    if (found) hits.push({ hit: { node, name, entry: found.entry ?? use[0] }, rank: found.rank })
  }
  hits.sort((a, b) => a.rank - b.rank)
  return [...Map.groupBy(hits, ({ hit }) => flowOf(workspace, hit.node)).values()].flat().map(({ hit }) => hit)
}

/** The tab or subflow something is on, or is; undefined: shared settings of all flows. */
export function flowOf({ model }: Workspace, node: FlowNode): string | undefined {
  const kind = kindOf(node)
  if (kind === 'tab' || kind === 'subflow') return node.id
  return typeof node.z === 'string' && model.get(node.z) ? node.z : undefined
}

function isOnFlow(workspace: Workspace, node: FlowNode, asked: string): boolean {
  const flow = flowOf(workspace, node)
  if (flow === undefined) return false
  if (asked === 'current') return flow === workspace.place
  const shown = workspace.model.get(flow)
  return flow.toLowerCase() === asked || (shown !== undefined && nameOf(workspace, shown).toLowerCase().includes(asked))
}

export function nameOf({ model, types }: Workspace, node: FlowNode): string {
  const kind = kindOf(node)
  if (kind === 'tab') return textOf(node, 'label') || node.id
  if (kind === 'subflow' || kind === 'group') return textOf(node, 'name') || node.type
  const subflow = subflowOf(node)
  return labelOf(node, types.get(node.type), subflow === undefined ? undefined : model.get(subflow))
}

/** Every word must be somewhere; the place of the least obvious one is shown. */
function wordsIn(
  words: readonly string[],
  node: FlowNode,
  name: string,
  names: ReadonlyMap<string, string>,
): { rank: number; entry: Entry | undefined } | undefined {
  const lowName = name.toLowerCase()
  let rank = 0
  let entry: Entry | undefined
  for (const word of words) {
    if (lowName.includes(word)) continue
    if (node.type.toLowerCase().includes(word) || node.id === word) {
      rank = Math.max(rank, 1)
      continue
    }
    const found = entriesOf(node).find(({ value }) => value.toLowerCase().includes(word) || names.get(value)?.toLowerCase().includes(word))
    if (!found) return undefined
    rank = 2
    entry ??= names.has(found.value) ? { path: found.path, value: names.get(found.value) ?? found.value } : found
  }
  return { rank, entry }
}

function usedIds(nodes: readonly FlowNode[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const node of nodes) {
    for (const { value } of entriesOf(node)) ids.add(value)
    const subflow = subflowOf(node)
    if (subflow !== undefined) ids.add(subflow)
  }
  return ids
}

function isState(workspace: Workspace, node: FlowNode, state: string, used: ReadonlySet<string> | undefined): boolean {
  const { model, types, problems } = workspace
  const kind = kindOf(node)
  switch (state as (typeof STATES)[number]) {
    case 'changed':
      return model.dirty.has(node.id)
    case 'problem':
      return problems.has(node.id)
    case 'disabled':
      return node.d === true || node.disabled === true
    case 'locked':
      return node.locked === true
    case 'hidden':
      return kind === 'tab' && hiddenTabs.has(node.id)
    case 'group':
      return kind === 'group'
    case 'link':
      return /^link (in|out|call)$/.test(node.type)
    case 'unused':
      return (kind === 'config' || kind === 'subflow') && node.type !== 'global-config' && !used?.has(node.id)
    case 'unwired': {
      if (kind !== 'node' || node.type === 'comment') return false
      const isOut = Array.isArray(node.wires) && node.wires.some((targets) => Array.isArray(targets) && targets.length > 0)
      const type = types.get(node.type)
      const canBeWired = !type || type.inputs + type.outputs > 0
      return canBeWired && !isOut && model.sourcesOf(node.id).length === 0
    }
    case 'config':
      return kind === 'config'
    case 'subflow':
      return kind === 'subflow' || subflowOf(node) !== undefined
    case 'unknown':
      return (kind === 'node' || kind === 'config') && subflowOf(node) === undefined && !types.has(node.type)
    default:
      return false
  }
}

export interface Snippet {
  before: string
  hit: string
  after: string
}

const AROUND = 28

/** The text round the first word that is found in a value. */
export function snippetOf(value: string, query: string): Snippet {
  const flat = value.replaceAll(/\s+/g, ' ')
  const low = flat.toLowerCase()
  const word = readQuery(query).words.find((one) => low.includes(one))
  if (word === undefined) return { before: flat.slice(0, AROUND * 2), hit: '', after: flat.length > AROUND * 2 ? '…' : '' }
  const at = low.indexOf(word)
  const from = Math.max(0, at - AROUND)
  const to = Math.min(flat.length, at + word.length + AROUND * 2)
  return {
    before: `${from > 0 ? '…' : ''}${flat.slice(from, at)}`,
    hit: flat.slice(at, at + word.length),
    after: `${flat.slice(at + word.length, to)}${to < flat.length ? '…' : ''}`,
  }
}
