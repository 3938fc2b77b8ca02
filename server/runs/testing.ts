/** A run history over a real database, and traces as a runtime would send them. For tests. */
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import type { FlowNode, Run, RunSummary } from '../api/index.ts'
import type { RouteHandler } from '../http/handler.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createRuns, type RunsPart } from './index.ts'
import { encodeTrace, HOP_WIDTH, type RunRecord, type TraceNode } from './trace.ts'

const NODES: TraceNode[] = [
  { id: 'n1', type: 'inject', name: 'tick', flowId: 'f1', flowName: 'Test' },
  { id: 'n2', type: 'cw-check' },
  { id: 'n3', type: 'debug', name: 'odd\0name' },
]
const TEXTS = ['value is missing', 'late failure', 'out of material']
/** node, from, at, outcome, text, done, bytes */
export const THREE_HOPS = [0, -1, 0, 1, -1, 3, -1, 1, 0, 5, 1, -1, 25, 12, 2, 1, 9, 0, -1, -1, -1]
export const FOURTH = [1, 2, 20, 1, -1, 21, -1]
export const ENDED = { isFailed: false, atTenths: 20, isBySettling: false, text: -1 }

/** A batch of the runtime, with what is not said filled in. */
export function batch(runs: Partial<RunRecord>[], dropped = 0): { ids: string[]; notice: { batch: string; dropped: number } } {
  const whole = runs.map((run) => ({
    id: newId('run'),
    isNew: true,
    startedAt: Date.now(),
    trigger: 0,
    hops: (run.detail?.length ?? 0) / HOP_WIDTH,
    firstSeq: 0,
    detail: [],
    late: [],
    messages: [],
    texts: TEXTS,
    end: null,
    ...run,
  }))
  const bytes = encodeTrace(whole, (index) => NODES[index] as TraceNode)
  return { ids: whole.map((run) => run.id), notice: { batch: bytes.toString('base64'), dropped } }
}

export interface TestHistory {
  test: TestStore
  runs: RunsPart
  /** What listeners of the live topic were told. */
  published: RunSummary[]
  runtimeGone(): void
  /** The gateway dies and another one begins. @param options of its own from now on */
  restart(options?: TestHistoryOptions): Promise<void>
  call(routeId: string, context: Record<string, unknown>): Promise<unknown>
  get(runId: string): Promise<Run>
  close(): Promise<void>
}

export interface TestHistoryOptions extends Partial<Parameters<typeof createRuns>[0]> {
  flows?: () => FlowNode[]
  /** What the runtime is asked. */
  ask?: (method: string, params: unknown) => unknown
}

export async function startTestHistory({ flows, ask, ...given }: TestHistoryOptions = {}): Promise<TestHistory> {
  let options = given
  const test = await startTestStore()
  let runtimeGone: () => void = () => {}
  const published: RunSummary[] = []
  const begin = () =>
    createRuns({
      store: test.store,
      log: createLog('test', 'silent'),
      live: { provide: () => {}, publish: (_topic, change) => published.push(change as RunSummary) },
      runtime: {
        onConnection: (listener) => {
          runtimeGone = () => listener(false)
        },
      },
      ...options,
    })
  const history: TestHistory = {
    test,
    runs: begin(),
    published,
    runtimeGone: () => runtimeGone(),
    async restart(others = {}) {
      options = { ...options, ...others }
      await history.runs.close()
      history.runs = begin()
      await history.runs.start()
    },
    async call(routeId, context) {
      const routes: RouteHandler[] = history.runs.routes({
        runtime: { peer: () => ({ call: async (method: string, params: unknown) => ask?.(method, params) ?? null }) as never },
        currentFlows: async () => ({ flows: flows?.() ?? [] }),
        audit: { record: () => {} },
      })
      const found = routes.find(({ route }) => route.id === routeId)
      if (!found) throw new Error(`no route ${routeId}`)
      return found.run(context as never)
    },
    get: async (runId) => (await history.call('getRun', { params: { runId } })) as Run,
    async close() {
      await history.runs.close()
      await test.close()
    },
  }
  return history
}
