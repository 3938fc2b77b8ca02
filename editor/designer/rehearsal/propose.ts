/** A first proposal of steps: what starts the flow, then its buttons and questions in the order of the wires. No view. */
import type { WorkOrder } from '../../../server/api/work.ts'
import { type FlowNode, kindOf, textOf, wiresOf } from '../model/raw.ts'
import { asksOf, emptyStep, type Parts, type StepDraft, startsWork, stepFor, tagsOf } from './steps.ts'

/** The newest order of a connection, where one is known. */
export type KnownOrder = (connectionId: string) => WorkOrder | undefined

/** @param from begin at this node, and with nothing that comes before it */
export function proposeSteps(parts: Parts, place: string, { from, order }: { from?: string; order: KnownOrder }): StepDraft[] {
  const all = parts.model.childrenOf(place).filter((node) => kindOf(node) === 'node' && node.d !== true)
  const first = from === undefined ? firstOf(all) : parts.model.get(from)
  if (!first) return []
  const steps = [beginAt(first, parts, order)]
  for (const node of behind(first, parts, all)) {
    if (node.id === first.id) continue
    if (node.type === 'cw-button' || node.type === 'cw-form') steps.push(emptyStep('press', { nodeId: node.id, values: valuesFor(node, all) }))
    if (node.type === 'cw-wait-person' || node.type === 'cw-approval') steps.push(emptyStep('answer', { nodeId: node.id, values: valuesFor(node, all) }))
  }
  return steps.filter((step) => step !== undefined).slice(0, 100)
}

/** One step at a node, filled in as far as can be known. */
export function beginAt(node: FlowNode, parts: Parts, order: KnownOrder): StepDraft | undefined {
  const kind = stepFor(node, parts)
  switch (kind) {
    case 'order': {
      const connectionId = textOf(node, 'connectionId')
      const known = order(connectionId)
      return emptyStep('order', { connectionId, order: { ...known }, quantity: String(known?.quantity ?? 1) })
    }
    case 'tag':
      return emptyStep('tag', tagsOf(node)[0])
    case 'press':
    case 'answer':
      return emptyStep(kind, { nodeId: node.id, values: valuesFor(node, parts.model.childrenOf(textOf(node, 'z'))) })
    case 'give':
      return emptyStep('give', { nodeId: node.id, message: startsWork(node) ? '' : '{\n  "payload": ""\n}' })
    default:
      return undefined
  }
}

function firstOf(all: readonly FlowNode[]): FlowNode | undefined {
  const byPlace = [...all].sort((a, b) => Number(a.y) - Number(b.y) || Number(a.x) - Number(b.x))
  const wired = new Set(all.flatMap((node) => wiresOf(node).flat()))
  return (
    byPlace.find(({ type }) => type === 'cw-work-orders') ??
    byPlace.find(startsWork) ??
    byPlace.find(({ id, type }) => type === 'cw-form' || (type === 'cw-button' && !wired.has(id)))
  )
}

/** In the order of the wires; a queued job goes on where the job is taken. */
function behind(first: FlowNode, { model }: Parts, all: readonly FlowNode[]): FlowNode[] {
  const seen = new Set([first.id])
  for (const id of seen) {
    const node = model.get(id)
    if (!node) continue
    for (const next of wiresOf(node).flat()) seen.add(next)
    if (node.type === 'cw-enqueue')
      for (const other of all) if (other.type === 'cw-job-in' && textOf(other, 'jobName') === textOf(node, 'jobName')) seen.add(other.id)
    if (node.type === 'link out' && Array.isArray(node.links)) for (const link of node.links) seen.add(String(link))
  }
  return [...seen].flatMap((id) => model.get(id) ?? [])
}

/** A value that is then checked is proposed as it should be. */
function valuesFor(button: FlowNode, all: readonly FlowNode[]): Record<string, string> {
  const filled: Record<string, string> = {}
  for (const { key } of asksOf(button)) {
    const check = all.find((node) => (node.type === 'cw-measure' || node.type === 'cw-check') && node.value === `values.${key}`)
    const nominal = check?.nominal
    if (typeof nominal === 'number' || (typeof nominal === 'string' && nominal !== '')) filled[key] = String(nominal)
  }
  return filled
}
