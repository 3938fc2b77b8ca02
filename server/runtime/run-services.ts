/** What the gateway asks of the runtime for the run history, and for what a person cancelled. */
import { UserError } from '../../base/errors.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { runtimeRpc } from './contract.ts'
import type { Message, NodeRed } from './node-red.ts'
import type { StoppedRuns } from './stopped-runs.ts'
import type { Tracing } from './tracing.ts'

export function createRunServices({
  red,
  tracing,
  stopped,
  isJobAwaited,
}: {
  red: Pick<NodeRed, 'nodes'>
  tracing: () => Tracing
  stopped: StoppedRuns
  isJobAwaited: (jobId: string) => boolean
}): Pick<RpcHandlers<typeof runtimeRpc>['requests'], 'replay' | 'halt'> {
  return {
    halt({ runIds, jobIds, reason }) {
      stopped.runs(runIds, reason)
      stopped.jobs(jobIds)
      for (const id of runIds) tracing().endRun(id, { state: 'failed', text: reason })
      tracing().flush()
      return { awaited: jobIds.filter(isJobAwaited) }
    },
    replay({ runId, triggerId, deliveries }) {
      // all or nothing: every node must be there before the first gets its message
      const nodes = deliveries.map(({ nodeId, msg }) => ({ node: red.nodes.getNode(nodeId), nodeId, msg }))
      const gone = nodes.find(({ node }) => !node)
      if (gone)
        throw new UserError({
          code: 'node-gone',
          status: 409,
          message: `The running flows have no node ${gone.nodeId} of its own that could take the message: it was removed, or it is inside a subflow. Replay the run from its beginning.`,
        })
      tracing().withRun(
        runId,
        () => {
          for (const { node, msg } of nodes) node?.receive(revive(msg) as Message)
        },
        triggerId,
      )
      return null
    },
  }
}

/** Binary data stands in JSON as Node.js writes it. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value !== 'object' || value === null) return value
  const { type, data } = value as { type?: unknown; data?: unknown }
  if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data as number[])
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]))
}
