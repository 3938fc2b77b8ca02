/** The steps of the guided first flow: where to look, and when a step is done. No view. */
import type { DesignerHost } from '../host/designer-host.ts'
import type { FlowNode } from '../model/raw.ts'

type StepName = 'flow' | 'start' | 'end' | 'wire' | 'deploy' | 'look'

export interface Step {
  name: StepName
  /** What is ringed: the first of these that is on the page. */
  targets: (host: DesignerHost) => string[]
  isDone: (host: DesignerHost) => boolean
}

const here = ({ workspace: { model, place } }: DesignerHost): FlowNode[] => (place === undefined ? [] : model.childrenOf(place))

/** Begins a flow: sends without being sent to. */
const startsFlow = (host: DesignerHost, node: FlowNode) => {
  const type = host.workspace.types.get(node.type)
  return type !== undefined && !type.isConfig && type.inputs === 0 && type.outputs > 0
}
const start = (host: DesignerHost) => here(host).find((node) => startsFlow(host, node))
const end = (host: DesignerHost) => here(host).find((node) => node.type === 'debug')
const byTestId = (id: string) => `[data-testid="${CSS.escape(id)}"]`

export const STEPS: readonly Step[] = [
  { name: 'flow', targets: () => [byTestId('tab-add')], isDone: ({ workspace }) => workspace.place !== undefined },
  { name: 'start', targets: () => [byTestId('palette-inject'), byTestId('palette-toggle')], isDone: (host) => start(host) !== undefined },
  { name: 'end', targets: () => [byTestId('palette-debug'), byTestId('palette-toggle')], isDone: (host) => end(host) !== undefined },
  {
    name: 'wire',
    targets: (host) => [byTestId(`node-${start(host)?.id ?? ''}`)],
    isDone: (host) => {
      const debug = end(host)
      return debug !== undefined && host.workspace.model.sourcesOf(debug.id).length > 0
    },
  },
  {
    name: 'deploy',
    targets: () => [byTestId('deploy')],
    isDone: (host) => start(host) !== undefined && !here(host).some(({ id }) => host.workspace.model.dirty.has(id)),
  },
  { name: 'look', targets: () => ['.debug-message', byTestId('debug')], isDone: () => false },
]
