/** What an import makes of a template: nodes under ids of their own, and tests, with the parameters filled in. */
import type { FlowNode, FlowTest } from '../api/index.ts'
import { fillFlow, fillTest, NUMBER, numberText } from './fill.ts'
import { newNodeId, type References } from './new-ids.ts'
import type { TemplateContent } from './read-template.ts'

export interface Made {
  /** From node id in the template to node id in the flows; also of nodes that an earlier version had. */
  ids: ReadonlyMap<string, string>
  nodes: FlowNode[]
  tests: FlowTest[]
}

export interface Making {
  importId: string
  /** With their defaults. */
  parameters: Readonly<Record<string, unknown>>
  /** Which import of this template it is in this shop, from 1. */
  n: number
  /** What its flow is called, where somebody says so. */
  title?: string | undefined
  /** Ids of an earlier version. */
  before?: ReadonlyMap<string, string>
  references: References
}

export function make(content: TemplateContent, { importId, parameters, n, title, before = new Map(), references }: Making): Made {
  const ids = new Map(before)
  for (const { id } of content.flow) if (!ids.has(id)) ids.set(id, newNodeId())
  const values = new Map<string, unknown>([...Object.entries(parameters), [NUMBER, numberText(n)]])
  // what may be left empty and was: an empty text, as a form would give
  for (const key of Object.keys(content.manifest.parameters.properties)) if (!values.has(key)) values.set(key, '')
  const tabs = content.flow.filter(({ type }) => type === 'tab')
  const nodes = fillFlow(content.flow, { values, ids, references }).map((node): FlowNode => {
    if (node.type !== 'tab') return node
    const label = typeof node.label === 'string' ? node.label : content.manifest.name
    return { ...node, label: title !== undefined && tabs.length === 1 ? title : `${label}${numberText(n)}` }
  })
  return { ids, nodes, tests: content.tests.map((test, index) => fillTest(test, { id: `${importId}-${index + 1}`, values, ids })) }
}
