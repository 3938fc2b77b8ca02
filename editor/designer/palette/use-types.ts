import { useMemo } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { subflowPorts, textOf } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'

/** Installed types, and the flows' own subflows as types. */
export function useAllTypes(): NodeType[] {
  const { types, model } = useWorkspace('types', 'model')
  const subflows = model
    .subflows()
    .map(
      (node) =>
        `${node.id}\0${textOf(node, 'name')}\0${subflowPorts(node, 'in').length}\0${subflowPorts(node, 'out').length}\0${textOf(node, 'info').slice(0, 200)}`,
    )
    .join('\u0001')
  return useMemo(() => {
    const made = subflows
      .split('\u0001')
      .filter(Boolean)
      .map((line): NodeType => {
        const [id = '', name = '', inputs = '0', outputs = '0', info = ''] = line.split('\0')
        return {
          type: `subflow:${id}`,
          label: name || 'Subflow',
          family: 'subflows',
          module: '',
          isConfig: false,
          inputs: Number(inputs),
          outputs: Number(outputs),
          outputLabels: [],
          summary: info,
          defaults: {},
          needs: 'flows.deploy',
        }
      })
    return [...types.values(), ...made]
  }, [types, subflows])
}
