/**
 * Puts values into Node-RED's context before the flows that they are for start. Node-RED keeps context of flows that are about to run,
 * and drops the rest when it has stopped the old ones (@node-red/runtime 5.0 lib/flows/index.js, context.clean).
 */
import { createRequire } from 'node:module'
import type { RpcParams } from '../../base/rpc.ts'
import type { FlowNode } from '../api/flows.ts'
import type { runtimeRpc } from './contract.ts'

type Brought = NonNullable<RpcParams<typeof runtimeRpc, 'deploy'>['context']>

interface Context {
  get(key: string, store: string | undefined, done: (error: unknown, value?: unknown) => void): void
  set(key: string, value: unknown, store: string | undefined, done: (error: unknown) => void): void
}
/** @node-red/runtime lib/nodes/context/index.js */
interface Contexts {
  get(nodeId: string, flowId?: string): Context
  /** `parentFlowId` counts where it is made: it becomes its `$parent`. */
  getFlowContext(flowId: string, parentFlowId: string): Context
}

const MOST_DEPTH = 20
const require = createRequire(import.meta.url)
const contexts = () => createRequire(require.resolve('node-red'))('@node-red/runtime/lib/nodes/context') as Contexts

/** @param flows that are about to run: they say which flow lies in which */
export async function bringContext(brought: Brought, flows: readonly FlowNode[]): Promise<void> {
  const all = contexts()
  const homes = new Map(flows.map(({ id, z }) => [id, typeof z === 'string' ? z : undefined]))
  const flowContext = (id: string, depth = 0): Context => {
    const home = homes.get(id)
    // an instance of a subflow is a flow within the one that it stands on
    if (home !== undefined && depth < MOST_DEPTH) flowContext(home, depth + 1)
    return all.getFlowContext(id, home ?? 'global')
  }
  for (const { scope, flow = '', node = '', key, value } of brought) {
    const place = scope === 'global' ? undefined : flowContext(flow)
    const context = place === undefined ? all.get('global') : scope === 'flow' ? place : all.get(node, flow)
    const known = await new Promise<unknown>((resolve, reject) => context.get(key, undefined, (error, found) => (error ? reject(error) : resolve(found))))
    if (known !== undefined) continue
    await new Promise<void>((resolve, reject) => context.set(key, value, undefined, (error) => (error ? reject(error) : resolve())))
  }
}
