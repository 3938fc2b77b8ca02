/** Lists of quality over a real database, as another part of the gateway meets them; for tests. */

import { createLog } from '../../base/log.ts'
import type { AnyRoute } from '../api/index.ts'
import { createInspectionPlan, createSamplingPlan, createStudy, type InspectionPlanDefinition, type SamplingDefinition } from '../api/index.ts'
import type { RouteHandler } from '../http/handler.ts'
import { createInspections } from './inspection/index.ts'
import { createLots } from './lots/index.ts'
import { createStudies } from './studies/index.ts'
import { callerWith, startTestQuality, type TestQuality } from './testing.ts'

export interface TestLists {
  db: TestQuality['db']
  /** Each answers the id of what it has put on its list. */
  characteristic: TestQuality['add']
  samplingPlan(definition: Partial<SamplingDefinition> & { name: string }): Promise<string>
  study(name: string): Promise<string>
  inspectionPlan(definition: Partial<InspectionPlanDefinition> & { part: string }): Promise<string>
  close(): Promise<void>
}

export async function startTestLists(): Promise<TestLists> {
  const shop = await startTestQuality()
  const audit = { record: () => {} }
  const live = { publish: () => {}, provide: () => {} } as never
  const log = createLog('test', 'silent')
  const steps = { raiseEvent: async () => ({ woken: 0 }) } as never
  const happenedWithin = async () => () => {}
  const lots = createLots({ db: shop.db, audit, live, log, steps, happenedWithin })
  const studies = createStudies({ db: shop.db, audit, live, shop: () => 'Shop', happenedWithin })
  const inspections = createInspections({ store: shop.store, log, live, audit: audit as never, core: shop.quality.core, steps, shop: () => 'Shop' })
  const put = async (routes: readonly RouteHandler[], route: AnyRoute, definition: object): Promise<string> => {
    const handler = routes.find((each) => each.route === route)
    if (!handler) throw new Error(`no handler for ${route.id}`)
    const made = (await handler.run({ params: {}, query: {}, body: { definition }, caller: callerWith() } as never)) as { id: string }
    return made.id
  }
  return {
    db: shop.db,
    characteristic: shop.add,
    samplingPlan: (definition) =>
      put(lots.routes, createSamplingPlan, {
        edition: 'ansi-z1.4',
        level: 'II',
        aql: 1,
        counts: 'items',
        allowsReduced: false,
        discontinueAfter: 5,
        defects: [],
        isRetired: false,
        ...definition,
      }),
    study: (name) =>
      put(studies.routes, createStudy, {
        name,
        gauge: 'C-12',
        characteristic: 'width',
        unit: 'mm',
        decimals: 2,
        design: { kind: 'bias', parts: [{ name: '1', reference: 6 }], appraiser: 'Ann', trials: 10, confidence: 0.95 },
        limits: { acceptablePercent: 10, unacceptablePercent: 30, ndc: 5, of: 'study', source: 'AIAG MSA, 4th edition' },
      }),
    inspectionPlan: (definition) =>
      put(inspections.routes, createInspectionPlan, {
        isFirstArticle: true,
        needsSecondPerson: true,
        balloons: [{ number: '1', kind: 'attribute', requirement: 'All edges broken', sampling: { kind: 'all' } }],
        product: [],
        isRetired: false,
        ...definition,
      }),
    async close() {
      inspections.close()
      await shop.close()
    },
  }
}
