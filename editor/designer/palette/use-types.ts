import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import type { FlowModel } from '../model/flow-model.ts'
import { subflowPorts, textOf } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'

/** Installed types, and the flows' own subflows as types. The same array until one of them changes. */
export function useAllTypes(): NodeType[] {
  const workspace = useWorkspace('types')
  const { types, model } = workspace
  // most changes of the flows change no subflow's face
  const subflows = useSyncExternalStore(
    useCallback((changed) => workspace.on('model', changed), [workspace]),
    () => facesOf(model),
  )
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

/** What the palette shows of the flows' subflows, as one text. */
function facesOf(model: FlowModel): string {
  return model
    .subflows()
    .map(
      (node) =>
        `${node.id}\0${textOf(node, 'name')}\0${subflowPorts(node, 'in').length}\0${subflowPorts(node, 'out').length}\0${textOf(node, 'info').slice(0, 200)}`,
    )
    .join('\u0001')
}
