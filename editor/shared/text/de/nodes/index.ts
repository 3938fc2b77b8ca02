/**
 * German for everything node types are declared with (`defineNode` in `nodes/`): labels, summaries, names of outputs, fields.
 * The English text is the key, so that a text that changes has no German until somebody has looked at it: `test/node-texts.test.ts`
 * walks every declaration and fails for what is missing here, and for what nothing says any more.
 */
import { jobs } from './jobs.ts'
import { motion } from './motion.ts'
import { operator } from './operator.ts'
import { orchestration } from './orchestration.ts'
import { qualityAndErp } from './quality-and-erp.ts'
import { shared } from './shared.ts'
import { triggers } from './triggers.ts'

/** By node type, and there by the English text. */
export const ownTexts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...motion,
  ...triggers,
  ...jobs,
  ...operator,
  ...orchestration,
  ...qualityAndErp,
}
/** By the English text, for every type whose own texts do not have it. */
export const sharedTexts: Readonly<Record<string, string>> = shared

/** @returns undefined where there is no German */
export function germanOf(type: string, english: string): string | undefined {
  const own = ownTexts[type]
  if (own && Object.hasOwn(own, english)) return own[english]
  return Object.hasOwn(shared, english) ? shared[english] : undefined
}
