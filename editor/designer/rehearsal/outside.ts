/** The nodes of a flow that are stood in for, or may be: what the list of answers shows before the first rehearsal. No view. */

import { OUTSIDE_CALLS } from '../../../server/api/rehearsal.ts'
import type { RunPin } from '../../../server/api/runs.ts'
import { type FlowNode, kindOf, wiresOf } from '../model/raw.ts'
import type { Case } from './rehearsal-store.ts'
import type { AnswerDrafts, Parts } from './steps.ts'

/** A node and what it can be answered from. */
export interface StoodIn {
  id: string
  /** It acts on the outside world: it is stood in for in any case. Else it runs, unless it has answers. */
  isOutside: boolean
  /** Nothing comes back of it, whatever happens. */
  isSilent: boolean
}

/** In the order of the canvas; what has answers is there wherever it lies. */
export function stoodIn({ model, types }: Parts, place: string, answers: AnswerDrafts, called: readonly string[]): StoodIn[] {
  const here = model.childrenOf(place).filter((node) => kindOf(node) === 'node' && node.d !== true && actsOutside(node))
  const ids = new Set([...here.sort(byPlace).map(({ id }) => id), ...called, ...Object.keys(answers)])
  return [...ids].flatMap((id): StoodIn[] => {
    const node = model.get(id)
    if (!node) return [{ id, isOutside: true, isSilent: false }]
    const outputs = types.get(node.type)?.outputs ?? wiresOf(node).length
    return [{ id, isOutside: actsOutside(node), isSilent: node.type !== 'cw-confirm' && outputs === 0 }]
  })
}

const actsOutside = ({ type }: FlowNode): boolean => OUTSIDE_CALLS.has(type) || type === 'cw-confirm'

/** Nodes that run in a rehearsal and could be stood in for: those with an input and an output. */
export function replaceable({ model, types }: Parts, place: string, answers: AnswerDrafts): FlowNode[] {
  return model
    .childrenOf(place)
    .filter(
      (node) =>
        kindOf(node) === 'node' &&
        node.d !== true &&
        !actsOutside(node) &&
        !Object.hasOwn(answers, node.id) &&
        (types.get(node.type)?.inputs ?? 0) > 0 &&
        wiresOf(node).length > 0 &&
        !node.type.startsWith('subflow:'),
    )
    .sort(byPlace)
}

/** Pins of nodes of this flow that nothing is taken from yet. */
export function unusedPins({ model }: Parts, place: string, { answers, steps }: Pick<Case, 'answers' | 'steps'>, pins: readonly RunPin[]): RunPin[] {
  return pins.filter(
    ({ nodeId, runId, seq }) =>
      runId !== undefined &&
      seq !== undefined &&
      model.get(nodeId)?.z === place &&
      !steps.some(({ origin }) => origin?.from === 'recorded' && origin.runId === runId && origin.seq === seq) &&
      !(answers[nodeId] ?? []).some((answer) => answer.from === 'recorded' && answer.runId === runId && answer.seq === seq),
  )
}

const byPlace = (a: FlowNode, b: FlowNode) => Number(a.y) - Number(b.y) || Number(a.x) - Number(b.x)
