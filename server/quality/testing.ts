/** Quality over a real database, for tests. */
import { createLog } from '../../base/log.ts'
import {
  type AnyRoute,
  CAPABILITIES,
  type Capability,
  type CharacteristicDefinition,
  getCharacteristic,
  type QualityNews,
  type ResponseOf,
} from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import type { NewEntry } from './contract.ts'
import { createQuality, type QualityDeps, type QualityPart } from './index.ts'

export interface TestQuality extends TestStore {
  quality: QualityPart
  db: TestStore['store']['db']
  rpc: QualityPart['rpc']['requests']
  links: { runId: string; kind: string; id: string; text: string }[]
  news: QualityNews[]
  audited: { action: string; detail?: unknown }[]
  /** Another gateway on the same database. */
  another(more?: Partial<QualityDeps>): QualityPart
  call<T>(route: AnyRoute, context: { params?: object; query?: object; body?: object; caller?: Caller }, quality?: QualityPart): Promise<T>
  get(id: string): Promise<ResponseOf<typeof getCharacteristic>>
  add(definition: Partial<CharacteristicDefinition> & { name: string }): Promise<string>
  enter(characteristicId: string, values: number | number[], more?: Partial<NewEntry>): ReturnType<QualityPart['core']['enter']>
}

export const callerWith = (...capabilities: Capability[]): Caller => ({
  userId: 'u-ann',
  userName: 'ann',
  name: 'Ann',
  role: 'engineer',
  capabilities: new Set(capabilities.length ? capabilities : (Object.keys(CAPABILITIES) as Capability[])),
  via: 'session',
  session: 's1',
})

export const ordinary = (definition: Partial<CharacteristicDefinition> & { name: string }): CharacteristicDefinition => ({
  unit: 'mm',
  decimals: 3,
  nominal: 10,
  lower: 9.9,
  upper: 10.1,
  chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: 25 },
  overdueGauge: 'flag',
  asks: [],
  uniqueSerials: false,
  afterSignal: 'nothing',
  afterOutOfTolerance: 'nothing',
  isRetired: false,
  ...definition,
})

export async function startTestQuality(more: Partial<QualityDeps> = {}): Promise<TestQuality> {
  const shop = await startTestStore()
  const { store } = shop
  const links: TestQuality['links'] = []
  const news: QualityNews[] = []
  const audited: TestQuality['audited'] = []
  const parts: QualityPart[] = []
  const make = (own: Partial<QualityDeps>): QualityPart => {
    const part = createQuality({
      store,
      log: createLog('test', 'silent'),
      live: { provide() {}, publish: (_topic, change) => void news.push(change as QualityNews) },
      audit: { record: ({ action, detail }) => void audited.push({ action, detail }) },
      runs: { linkOnce: async (runId, link) => void links.push({ runId, ...link }) },
      ...more,
      ...own,
    })
    parts.push(part)
    return part
  }
  const quality = make({})
  let entries = 0
  const call: TestQuality['call'] = async (route, context, of = quality) => {
    const found = of.routes.find((each) => each.route === route)
    if (!found) throw new Error(`no handler for ${route.id}`)
    return (await found.run({ params: {}, query: {}, body: {}, caller: callerWith(), ...context } as never)) as never
  }
  return {
    ...shop,
    quality,
    db: store.db,
    rpc: quality.rpc.requests,
    links,
    news,
    audited,
    another: make,
    call,
    get: (id) => call(getCharacteristic, { params: { id } }),
    add: async (definition) => (await quality.core.addCharacteristic(ordinary(definition), { name: 'Ann' })).id,
    enter: (characteristicId, values, entry = {}) => {
      entries += 1
      return quality.core.enter({ entryId: `test_entry_${entries}`, characteristicId, values: [values].flat(), source: 'form', ...entry }, { name: 'Ann' })
    },
    async close() {
      for (const part of parts) await part.close()
      await shop.close()
    },
  }
}
