/** For tests: the gateway's part of rehearsals over a real store; host processes and all behind them are real. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { type AnyRoute, type ConnectionSamples, capabilitiesOf, type FlowNode, getRehearsal, type Rehearsal, type Role } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createPins } from '../runs/pins.ts'
import type { Store } from '../store/index.ts'
import { createRehearsals, type RehearsalPart } from './index.ts'

export interface TestPart {
  part: RehearsalPart
  audit: { action: string; detail?: unknown }[]
  workDir: string
  /** The flows that run. */
  deployed: FlowNode[]
  call<T>(route: AnyRoute, input?: { body?: unknown; params?: unknown; query?: unknown; by?: Caller }): Promise<T>
  /** Asks until it has ended. */
  ended(id: string, by?: Caller): Promise<Rehearsal>
  close(): Promise<void>
}

export const person = (name: string, role: Role = 'engineer'): Caller => ({
  userId: name,
  userName: name,
  name,
  role,
  capabilities: capabilitiesOf(role),
  via: 'session',
  session: name,
})
const ANNA = person('anna')

export async function startTestPart(store: Store, options: { forgottenMs?: number; samples?: ConnectionSamples[] } = {}): Promise<TestPart> {
  const workDir = await mkdtemp(join(tmpdir(), 'cw-r-'))
  const audit: TestPart['audit'] = []
  const deployed: FlowNode[] = []
  const part = createRehearsals({
    store,
    log: createLog('test', 'silent'),
    audit: { record: (entry) => void audit.push(entry) },
    flows: {
      async requireDeployable(flows) {
        if (flows.some(({ type }) => type === 'exec')) throw new UserError({ code: 'node-type-not-allowed', status: 403, message: 'Not for you.' })
      },
      current: async () => ({ flows: deployed, rev: 'r' }),
    },
    machines: { list: () => [] },
    programs: { list: async () => [], find: () => Promise.reject(new Error('none')), path: () => '' },
    runs: { flush: async () => {}, pins: createPins(store.db) },
    connections: async () => options.samples ?? [],
    allowedModules: () => [],
    paletteDir: '/nowhere',
    workDir,
    ...(options.forgottenMs === undefined ? {} : { forgottenMs: options.forgottenMs }),
  })
  const call: TestPart['call'] = async <T>(route: AnyRoute, input: Parameters<TestPart['call']>[1] = {}) => {
    const found = part.routes.find((each) => each.route === route)
    if (!found) throw new Error(`nothing answers ${route.id}`)
    return (await found.run({ params: input.params ?? {}, query: input.query ?? {}, body: input.body, caller: input.by ?? ANNA } as never)) as T
  }
  return {
    part,
    audit,
    workDir,
    deployed,
    call,
    async ended(id, by) {
      for (;;) {
        const view = await call<Rehearsal>(getRehearsal, { params: { rehearsalId: id }, ...(by ? { by } : {}) })
        if (view.state === 'ended') return view
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async close() {
      await part.close()
      await rm(workDir, { recursive: true, force: true })
    },
  }
}

const at = { z: 'tab', x: 1, y: 1 }
/** A number goes in; over 3 it leads to `big`, else to `small`. */
export const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  { id: 'in', type: 'inject', ...at, props: [{ p: 'payload' }], payload: '5', payloadType: 'num', wires: [['out']] },
  {
    id: 'out',
    type: 'switch',
    ...at,
    property: 'payload',
    propertyType: 'msg',
    rules: [{ t: 'gt', v: '3', vt: 'num' }, { t: 'else' }],
    checkall: 'true',
    outputs: 2,
    wires: [['big'], ['small']],
  },
  { id: 'big', type: 'debug', ...at, wires: [] },
  { id: 'small', type: 'debug', ...at, wires: [] },
]

/** The same without an end: what is big comes again a second later. */
export const ENDLESS: FlowNode[] = FLOWS.map((node) =>
  node.id === 'big'
    ? {
        id: 'big',
        type: 'delay',
        ...at,
        pauseType: 'delay',
        timeout: '1',
        timeoutUnits: 'seconds',
        rate: '1',
        nbRateUnits: '1',
        rateUnits: 'second',
        drop: false,
        outputs: 1,
        wires: [['out']],
      }
    : node,
)
