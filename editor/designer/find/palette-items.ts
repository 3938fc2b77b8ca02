/** What the command palette offers for a query: commands, flows, nodes, types. No view. */
import type { NodeType } from '../../../server/api/flows.ts'
import { otherWordsOf } from '../../shared/node-words.ts'
import type { Action } from '../host/action.ts'
import { type FlowNode, kindOf, subflowOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { flowName } from '../tabs/flows.ts'
import type { Workspace } from '../workspace.ts'
import { type Offer, offers, scoreOf } from './commands.ts'

export type PaletteItem =
  | ({ kind: 'command' } & Offer)
  | { kind: 'flow'; node: FlowNode; name: string }
  | { kind: 'node'; node: FlowNode; name: string; place: string }
  | { kind: 'type'; type: NodeType }
  | { kind: 'search' }

export interface PaletteSection {
  kind: 'recent' | PaletteItem['kind']
  items: PaletteItem[]
}

const NODES_MOST = 20
const TYPES_MOST = 8

export interface PaletteAsk {
  query: string
  isCommandsOnly: boolean
  actions: readonly Action[]
  workspace: Workspace
  types: readonly NodeType[]
  recent: readonly string[]
  groupName: (action: Action) => string
}

/** The best of each kind, the kind with the best hit first. */
export function paletteSections({ query, isCommandsOnly, actions, workspace, types, recent, groupName }: PaletteAsk): PaletteSection[] {
  const wanted = query.replace(/^>/, '').trim()
  const only = isCommandsOnly || query.startsWith('>')
  const commands = offers(actions, wanted, { groupName, recent }).map((offer): PaletteItem => ({ kind: 'command', ...offer }))
  if (wanted === '') {
    const lately = recent.flatMap((id) => commands.filter((item) => item.kind === 'command' && item.action.id === id))
    return [
      { kind: 'recent' as const, items: lately.slice(0, 5) },
      { kind: 'command' as const, items: commands.filter((item) => !lately.slice(0, 5).includes(item)) },
    ].filter(({ items }) => items.length > 0)
  }
  const sections: { section: PaletteSection; best: number }[] = []
  const put = (kind: PaletteItem['kind'], items: PaletteItem[], best: number) => {
    if (items.length > 0) sections.push({ section: { kind, items }, best })
  }
  const first = commands[0]
  put('command', commands, first?.kind === 'command' ? scoreOf(wanted, first.action.title, `${first.action.words ?? ''} ${groupName(first.action)}`) + 0.5 : 0)
  if (!only) {
    const flows = ranked(flowsOf(workspace), wanted, ({ name }) => [name, ''])
    put('flow', flows.list.slice(0, NODES_MOST), flows.best + 0.4)
    const nodes = ranked(nodesOf(workspace), wanted, ({ name, node }) => [name, `${node.type} ${node.id}`])
    put('node', nodes.list.slice(0, NODES_MOST), nodes.best + 0.3)
    const found = ranked(
      types.filter((type) => !type.isConfig).map((type) => ({ kind: 'type' as const, type })),
      wanted,
      ({ type }) => [type.label, `${type.type} ${type.family} ${otherWordsOf(type)}`],
    )
    put('type', found.list.slice(0, TYPES_MOST), found.best + 0.2)
  }
  sections.sort((a, b) => b.best - a.best)
  const list = sections.map(({ section }) => section)
  return only ? list : [...list, { kind: 'search', items: [{ kind: 'search' }] }]
}

function ranked<T>(items: readonly T[], query: string, words: (item: T) => [title: string, more: string]): { list: T[]; best: number } {
  const scored = items
    .map((item) => ({ item, score: scoreOf(query, ...words(item)) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
  return { list: scored.map(({ item }) => item), best: scored[0]?.score ?? 0 }
}

function flowsOf({ model }: Pick<Workspace, 'model'>): Extract<PaletteItem, { kind: 'flow' }>[] {
  return [...model.tabs(), ...model.subflows()].map((node) => ({ kind: 'flow', node, name: flowName(node) }))
}

function nodesOf({ model, types }: Workspace): Extract<PaletteItem, { kind: 'node' }>[] {
  const names = new Map(flowsOf({ model }).map(({ node, name }) => [node.id, name]))
  return model
    .export()
    .filter((node) => kindOf(node) === 'node' || kindOf(node) === 'config' || kindOf(node) === 'group')
    .map((node) => {
      const subflow = subflowOf(node)
      const name = kindOf(node) === 'group' ? textOf(node, 'name') : labelOf(node, types.get(node.type), subflow === undefined ? undefined : model.get(subflow))
      return { kind: 'node', node, name: name || node.type, place: names.get(String(node.z ?? '')) ?? '' }
    })
}
