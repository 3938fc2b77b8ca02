/** What is wrong with a form's fields, by path: seen here as one types, and what only the server could tell. */
import { useMemo } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import type { FlowNode } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { checkConfig } from './check.ts'

export function useWrong(node: FlowNode, type: NodeType | undefined, values: FlowNode): ReadonlyMap<string, string> {
  const words = useDesignerText().wrong
  const { problems } = useWorkspace('problems')
  const known = problems.get(node.id)
  return useMemo(() => {
    const found = new Map(type?.configSchema ? checkConfig(type, values, words).map(({ path, message }) => [path, message]) : [])
    // as long as the field was not touched
    for (const { property, message, code, params } of known ?? []) {
      // at its field the sentence stands alone, without what a list needs before it
      const said = code === 'setting-refused' && typeof params?.detail === 'string' ? params.detail : message
      if (property && !found.has(property) && values[property] === node[property]) found.set(property, said)
    }
    return found
  }, [type, values, words, known, node])
}
