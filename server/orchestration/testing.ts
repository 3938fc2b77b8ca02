/**
 * Orchestration nodes in a real Node-RED, over the real step store on a real PostgreSQL; only the socket between them is
 * left out, and the clock is the test's. What kills processes is in `test/faults/orchestration.test.ts`.
 */
import { createLog } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import { startNodeRed, type TestNodeRed } from '../../nodes/testing/node-red.ts'
import { RecordingServices } from '../../nodes/testing/recording-services.ts'
import { type AnyRoute, type Capability, type FlowNode, ROLES, type StepView, type WaitingAsk } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import type { runtimeRpc } from '../runtime/contract.ts'
import type { GatewayLink } from '../runtime/gateway-link.ts'
import { createStepServices, type StepPart } from '../runtime/step-services.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createOrchestration, type OrchestrationPart } from './index.ts'

/** For what comes late on a busy machine. */
const PATIENCE_MS = 60_000

export interface Rig {
  red: TestNodeRed
  services: RecordingServices
  store: TestStore
  runs: RunsPart
  readonly orchestration: OrchestrationPart
  /** Deploys a tab, as a full deploy does. */
  deploy(nodes: object[]): Promise<void>
  /** The clock goes on by so much; what is due is woken. */
  pass(ms: number): void
  /** The gateway's clock is the computer's again; nodes always use that one. */
  resetClock(): void
  /** The clock is set. */
  setClock(byMs: number): void
  /** The gateway is killed and started again. */
  restartGateway(): Promise<void>
  /** The runtime is killed and started again with the same flows: what was in nodes is gone. */
  restartRuntime(): Promise<void>
  /** Asks a route as an admin. */
  ask<T>(id: string, input?: { params?: object; query?: object; body?: object; capabilities?: readonly Capability[]; by?: string }): Promise<T>
  steps(runId?: string): Promise<StepView[]>
  asks(): Promise<WaitingAsk[]>
  until(what: string, look: () => Promise<unknown> | unknown): Promise<void>
  /** Resolves when so many steps are open. */
  untilOpen(count: number): Promise<StepView[]>
  stopped: string[]
  close(): Promise<void>
}

export async function startRig(): Promise<Rig> {
  const store = await startTestStore()
  const services = new RecordingServices()
  const red = await startNodeRed(services)
  const log = createLog('test', process.env.CELLWRIGHT_TEST_LOG ?? 'silent')
  let shift = 0
  let set = 0
  const clock = { now: () => Date.now() + shift + set, elapsed: () => performance.now() + shift }
  const live = { provide: () => undefined, publish: () => undefined, refresh: () => undefined } as never
  const connection = new Set<(isConnected: boolean) => void>()
  const stopped: string[] = []
  let flows: FlowNode[] = []
  let revision = 0
  let part: StepPart | undefined
  let isGatewayThere = true

  const peer = {
    call: async (method: 'wakeStep', params: Parameters<RpcHandlers<typeof runtimeRpc>['requests']['wakeStep']>[0]) =>
      part?.requests[method](structuredClone(params)),
    notify: (_method: 'stepEnded', params: Parameters<RpcHandlers<typeof runtimeRpc>['notifications']['stepEnded']>[0]) =>
      part?.notifications.stepEnded(params),
  }
  const runtime = { peer: () => peer, onConnection: (listener: (isConnected: boolean) => void) => void connection.add(listener) } as never
  const runs = createRuns({ store: store.store, log, live, runtime } as Parameters<typeof createRuns>[0])
  await runs.start()

  const make = () =>
    createOrchestration({
      store: store.store,
      log,
      live,
      runtime,
      runs,
      audit: { record: () => undefined } as never,
      jobs: { cancelOfRuns: async () => 0 },
      currentFlows: async () => ({ flows, rev: String(revision) }),
      clock,
    })
  let orchestration = make()
  await orchestration.start()

  const newLife = () => {
    let isOver = false
    const listeners = new Set<(isConnected: boolean) => void>()
    const call = async (method: string, params: unknown) => {
      while (!isGatewayThere) await new Promise((resolve) => setTimeout(resolve, 5))
      // a process that was killed asks nothing any more
      if (isOver) await new Promise(() => {})
      const handler = (orchestration.rpc.requests as Record<string, (params: unknown) => unknown>)[method]
      return handler?.(structuredClone(params))
    }
    const link = {
      get isConnected() {
        return isGatewayThere
      },
      call,
      callPatiently: call,
      onConnection(listener: (isConnected: boolean) => void) {
        listeners.add(listener)
        listener(true)
        return () => listeners.delete(listener)
      },
    } as unknown as GatewayLink
    part = createStepServices({
      link,
      log,
      stopRuns: (ids) => void stopped.push(...ids),
      tracing: () =>
        ({
          withRun: services.withRun,
          currentRun: services.currentRun,
          newRun: services.newRun,
          holdRun: services.holdRun,
          endRun: services.endRun,
          flush: () => undefined,
        }) as never,
    })
    services.steps = part.services
    return {
      reconnect: () => {
        for (const listener of listeners) listener(true)
      },
      end: () => {
        isOver = true
      },
    }
  }
  let life = newLife()

  const rig: Rig = {
    red,
    services,
    store,
    runs,
    get orchestration() {
      return orchestration
    },
    stopped,
    async deploy(nodes) {
      flows = [
        { id: 'tab', type: 'tab', label: 'test' },
        ...nodes.map((node, index) => ('type' in node && node.type === 'cw-machine' ? node : { z: 'tab', x: 100 + index, y: 100, ...node })),
      ] as FlowNode[]
      revision += 1
      await red.deploy(flows)
      part?.ready()
    },
    pass(ms) {
      shift += ms
      orchestration.look()
    },
    resetClock() {
      shift = 0
      set = 0
    },
    setClock(byMs) {
      set += byMs
      orchestration.look()
    },
    async restartGateway() {
      isGatewayThere = false
      await orchestration.close()
      orchestration = make()
      await orchestration.start()
      isGatewayThere = true
      life.reconnect()
    },
    async restartRuntime() {
      life.end()
      for (const listener of connection) listener(false)
      life = newLife()
      await red.deploy(flows)
      part?.ready()
    },
    async ask(id, { params = {}, query = {}, body = {}, capabilities = ROLES.admin, by = 'Anna' } = {}) {
      const handler = orchestration.routes.find(({ route }: { route: AnyRoute }) => route.id === id)
      if (!handler) throw new Error(`no route ${id}`)
      const caller: Partial<Caller> = { userId: 'u1', name: by, capabilities: new Set(capabilities), via: 'session' }
      return (await handler.run({ params, query: { limit: 200, ...query }, body: { values: {}, ...body }, caller } as never)) as never
    },
    steps: (runId) => rig.ask<StepView[]>('listSteps', { query: runId === undefined ? {} : { runId } }),
    asks: () => rig.ask<WaitingAsk[]>('listAsks'),
    async until(what, look) {
      const deadline = Date.now() + PATIENCE_MS
      while (!(await look())) {
        if (Date.now() > deadline) throw new Error(`${what} did not happen; logged ${JSON.stringify(red.logged)}, open ${JSON.stringify(await rig.steps())}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async untilOpen(count) {
      const deadline = Date.now() + PATIENCE_MS
      for (;;) {
        const open = await rig.steps()
        if (open.length === count) return open
        if (Date.now() > deadline) throw new Error(`${count} open steps expected, there are ${JSON.stringify(open)}; logged ${JSON.stringify(red.logged)}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async close() {
      await red.close()
      await orchestration.close()
      await runs.close()
      await store.close()
    },
  }
  return rig
}
