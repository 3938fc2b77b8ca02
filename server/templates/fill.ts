/** Fills the parameters of a template into its flow and its tests. */
import type { FlowNode, FlowTest, TemplateTest } from '../api/index.ts'
import { type References, withIds } from './new-ids.ts'

/**
 * For names that must be one of a kind in a shop (of jobs, of events): nothing at the first import of a template, ` 2` at the
 * second, and so on.
 */
export const NUMBER = '$n'
const PLACE = /\{\{(text |json )?(\$n|[a-zA-Z][a-zA-Z0-9]{0,39})\}\}/g
const WHOLE = /^\{\{(\$n|[a-zA-Z][a-zA-Z0-9]{0,39})\}\}$/

/** What stands for a value; `undefined` keys stay as they are, as in a mustache template of the flow's own. */
export type Values = ReadonlyMap<string, unknown>

export const numberText = (n: number): string => (n > 1 ? ` ${n}` : '')

/**
 * `"{{key}}"` as a whole text becomes the value with its type; inside of a longer text it becomes text, and so does `{{text key}}`:
 * Node-RED keeps many numbers as text. `{{json key}}` is a literal, for expressions: a quote in a text does not end it.
 */
function fillText(text: string, values: Values): unknown {
  const whole = WHOLE.exec(text)?.[1]
  if (whole !== undefined && values.has(whole)) return values.get(whole)
  return text.replaceAll(PLACE, (placeholder, as: string | undefined, key: string) =>
    !values.has(key) ? placeholder : as === 'json ' ? JSON.stringify(values.get(key)) : String(values.get(key)),
  )
}

function fill(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fillText(value, values)
  if (Array.isArray(value)) return value.map((each) => fill(each, values))
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, values)]))
  return value
}

/** The names that stand in it as placeholders. */
export function namesIn(value: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value === 'string') for (const [, , key] of value.matchAll(PLACE)) found.add(key ?? '')
  else if (Array.isArray(value)) for (const each of value) namesIn(each, found)
  else if (value && typeof value === 'object') for (const each of Object.values(value)) namesIn(each, found)
  return found
}

/** Nodes of a template under the ids they have here. Ids are no place for parameters: they stay as they are. */
export function fillFlow(flow: readonly FlowNode[], filling: { values: Values; ids: ReadonlyMap<string, string>; references: References }): FlowNode[] {
  const { values, ids, references } = filling
  return withIds(flow, ids, references).map((node) => ({ ...(fill(node, values) as FlowNode), id: node.id, type: node.type }))
}

/** A test of a template as it is kept with the flows. */
export function fillTest(test: TemplateTest, { id, values, ids }: { id: string; values: Values; ids: ReadonlyMap<string, string> }): FlowTest {
  const here = (nodeId: string) => ids.get(nodeId) ?? nodeId
  const filled = fill(test, values) as TemplateTest
  return {
    ...filled,
    id,
    flowId: here(test.flowId),
    steps: filled.steps.map((step) => ('nodeId' in step ? { ...step, nodeId: here(step.nodeId) } : step)),
    answers: Object.fromEntries(Object.entries(filled.answers).map(([nodeId, list]) => [here(nodeId), list])),
    expect: filled.expect.map((each) =>
      'nodeId' in each ? { ...each, nodeId: here(each.nodeId) } : 'from' in each ? { ...each, from: here(each.from) } : each,
    ),
  }
}
