/**
 * What quality nodes pick and is not here, or not used any more: flows may come from another installation, and what was on a list may
 * be gone. Advice, as with machines: the flow runs, and can be mended while it does.
 */
import type { Steps } from '../../../base/steps.ts'
import { type FlowAdvice, type FlowNode, finding, type NodeType, type QualityPick } from '../../api/index.ts'
import type { QualityThing } from '../../quality/pickable.ts'
import { isOfQuality, picksOf } from '../picks.ts'
import { adviceOf } from './advice-of.ts'
import type { FlowGraph } from './graph.ts'

/** By kind, what is looked for. */
export type QualityWanted = Readonly<Partial<Record<QualityPick, readonly string[]>>>

/** What has to be asked for, by kind. */
export function* qualityNamed(nodes: readonly FlowNode[], types: readonly NodeType[]): Steps<ReadonlyMap<QualityPick, ReadonlySet<string>>> {
  const byType = new Map(types.map((type) => [type.type, type]))
  const named = new Map<QualityPick, Set<string>>()
  for (const node of nodes) {
    yield
    for (const { kind, value } of picksOf(node, byType.get(node.type))) {
      if (!isOfQuality(kind)) continue
      const ids = named.get(kind) ?? new Set()
      named.set(kind, ids.add(value))
    }
  }
  return named
}

export function* quality(graph: FlowGraph, here: readonly QualityThing[]): Steps<FlowAdvice[]> {
  const advice: FlowAdvice[] = []
  const known = Map.groupBy(here, ({ kind, id }) => `${kind} ${id}`)
  for (const node of graph.nodes) {
    yield
    for (const { kind, value } of picksOf(node, graph.typeOf(node))) {
      if (!isOfQuality(kind)) continue
      const there = known.get(`${kind} ${value}`) ?? []
      if (kind === 'inspection-plan') {
        if (!there.some((plan) => isPlanFor(node, plan))) advice.push(adviceOf('quality', node, finding('no-inspection-plan', wantedPlan(node, value))))
        continue
      }
      const [thing] = there
      if (!thing)
        advice.push(adviceOf('quality', node, finding('quality-unknown', { of: kind, id: value, does: startsRuns(graph, node) ? 'starts' : 'takes' })))
      else if (thing.isRetired) advice.push(adviceOf('quality', node, finding('quality-retired', { of: kind, name: thing.name })))
    }
  }
  return advice
}

/** Without an input, or set to listen. */
const startsRuns = (graph: FlowGraph, node: FlowNode) => graph.typeOf(node)?.inputs === 0 || node.does === 'listen'

function wantedPlan(node: FlowNode, part: string): { of: 'first-article' | 'plain'; part: string; revision?: string } {
  const revision = node.partRevisionType === 'str' && typeof node.partRevision === 'string' ? node.partRevision.trim() : ''
  return { of: node.kind === 'plain' ? 'plain' : 'first-article', part, ...(revision ? { revision } : {}) }
}

/** As an inspection looks for its plan when it begins; a revision that a message brings is not known yet. */
function isPlanFor(node: FlowNode, plan: QualityThing): boolean {
  const { of, revision } = wantedPlan(node, plan.id)
  return !plan.isRetired && plan.isFirstArticle === (of === 'first-article') && (revision === undefined || plan.revision === revision)
}
