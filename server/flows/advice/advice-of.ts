/** One piece of advice about a node. */
import type { Finding, FlowAdvice, FlowNode } from '../../api/index.ts'
import { nameOf } from '../fence.ts'

/** @param way other nodes that belong to it */
export const adviceOf = (about: FlowAdvice['about'], node: FlowNode, { code, params, sentence }: Finding, way?: string[]): FlowAdvice => ({
  about,
  nodeId: node.id,
  message: `${nameOf(node)} ${sentence}`,
  code,
  params,
  ...(way && { way }),
})
