/** Runs, jobs, connections, quality and the operator panel: wired to each other and to the flow runtime. */
import type { Logger } from '../base/log.ts'
import type { Audit } from './audit/contract.ts'
import { createConnections } from './connections/index.ts'
import type { Runtime } from './flows/contract.ts'
import type { RouteHandler } from './http/handler.ts'
import type { LiveHub } from './http/live-hub.ts'
import { createJobs, type JobsPart } from './jobs/index.ts'
import type { Machines, Programs } from './machines/contract.ts'
import { createPanel } from './panel/index.ts'
import { createQuality } from './quality/index.ts'
import { createRuns, type RunsPart } from './runs/index.ts'
import type { Secrets } from './secrets/index.ts'
import type { Store } from './store/index.ts'

export type Work = Awaited<ReturnType<typeof createWork>>

/**
 * Builds the parts; nothing begins before `start`.
 * @param options.redisUrl Redis for dispatching jobs @defaultValue PostgreSQL
 */
export async function createWork(options: {
  store: Store
  log: Logger
  live: LiveHub
  secrets: Secrets
  machines: Machines
  programs: Programs
  runtime: Runtime
  audit: Audit
  database: string
  redisUrl: string | undefined
  connectorSocket: string
  connectorToken: string
}) {
  const { connectorSocket: socket, connectorToken: token, ...deps } = options
  const closers: (() => void | Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const runs: RunsPart = createRuns(deps)
    closers.push(() => runs.close())
    const jobs: JobsPart = await createJobs({ ...deps, runs })
    closers.push(() => jobs.close())
    const connections = await createConnections({ ...deps, runs, jobs, socket, token })
    closers.push(() => connections.close())
    const quality = createQuality({ ...deps, runs })
    const panel = createPanel({ ...deps, runs })
    closers.push(() => panel.close())
    return {
      runs,
      jobs,
      routes: [...runs.routes, ...jobs.routes, ...connections.routes, ...panel.routes] as readonly RouteHandler[],
      /** What these parts answer to the runtime. */
      rpc: {
        requests: { ...jobs.rpc.requests, ...connections.rpc.requests, ...quality.rpc.requests },
        notifications: { ...runs.rpc.notifications, ...panel.rpc.notifications },
      },
      /** Settles what an earlier life left, then begins. Call it before the runtime is let in: what that tells then is news. */
      async start(): Promise<void> {
        await runs.start()
        await jobs.start(connections.sender)
        await connections.start()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
