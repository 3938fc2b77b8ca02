/** Finding node types by what they are called, are for, and do. */
import type { NodeType } from '../../../server/api/flows.ts'
import { otherWordsOf } from '../../shared/node-words.ts'

/** Our own families first, in the order of a job through the shop; then Node-RED's, then what was installed. */
const ORDER = [
  'operator',
  'triggers',
  'motion',
  'jobs',
  'orchestration',
  'macros',
  'quality',
  'erp',
  'mes',
  'cadcam',
  'data',
  'script',
  'common',
  'function',
  'network',
  'sequence',
  'parser',
  'storage',
  'subflows',
]

export interface Family {
  name: string
  types: NodeType[]
}

/** Types that can stand on a canvas, by family. */
export function familiesOf(types: Iterable<NodeType>): Family[] {
  const byFamily = Map.groupBy(
    [...types].filter((type) => !type.isConfig && !type.replacedBy && !type.type.startsWith('unknown')),
    (type) => type.family,
  )
  const rank = (name: string) => {
    const at = ORDER.indexOf(name.toLowerCase())
    return at < 0 ? ORDER.length : at
  }
  return [...byFamily].map(([name, list]) => ({ name, types: list })).sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name))
}

/** Every word of the query must occur; a hit in the name counts most, then the type, the family, the rest. Best first. */
export function searchTypes(types: Iterable<NodeType>, query: string): NodeType[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const scored: { type: NodeType; score: number }[] = []
  for (const type of types) {
    if (type.isConfig || type.replacedBy) continue
    const score = words.reduce((sum, word) => (sum < 0 ? sum : addScore(sum, scoreOf(type, word))), 0)
    if (score >= 0) scored.push({ type, score })
  }
  return scored.sort((a, b) => b.score - a.score || a.type.label.localeCompare(b.type.label)).map(({ type }) => type)
}

const addScore = (sum: number, score: number) => (score === 0 ? -1 : sum + score)

function scoreOf(type: NodeType, word: string): number {
  const label = type.label.toLowerCase()
  if (label === word) return 10
  if (label.startsWith(word)) return 8
  if (label.includes(word)) return 6
  if (type.type.toLowerCase().includes(word)) return 5
  if (type.family.toLowerCase().includes(word)) return 3
  if (`${type.summary ?? ''} ${otherWordsOf(type)}`.toLowerCase().includes(word)) return 2
  return plainText(type.helpHtml ?? '').includes(word) ? 1 : 0
}

const texts = new Map<string, string>()
function plainText(html: string): string {
  let text = texts.get(html)
  if (text === undefined) {
    text = html.replace(/<[^>]*>/g, ' ').toLowerCase()
    texts.set(html, text)
  }
  return text
}
