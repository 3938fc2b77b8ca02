/** Entries as they come in: from forms and gauges over the API, from nodes over the runtime's pipe. */
import type { RpcHandlers } from '../../base/rpc.ts'
import { enterMeasurement } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Charts } from './charts/index.ts'
import { type QualityContext, readCharacteristic } from './context.ts'
import { type NewEntry, whoIs } from './contract.ts'
import type { Entering } from './enter.ts'
import { settleInline } from './inline.ts'

/** In one list. */
const MOST = 2000

type Asks = RpcHandlers<typeof gatewayRpc>['requests']

export interface FlowEntries {
  routes: RouteHandler[]
  rpc: { requests: Pick<Asks, 'enterMeasurement' | 'characteristics' | 'capabilityNow'> }
}

export function createFlowEntries(context: QualityContext, { entering, charts }: { entering: Entering; charts: Pick<Charts, 'capability'> }): FlowEntries {
  const { db } = context.store
  return {
    routes: [handle(enterMeasurement, ({ body, caller }) => entering.enter(body, whoIs(caller)))],
    rpc: {
      requests: {
        async enterMeasurement({ of, by, source = 'flow', ...rest }) {
          const who = { name: by ?? 'Flow' }
          const entry = (characteristicId: string): NewEntry => ({ ...rest, characteristicId, source })
          if ('inline' in of) {
            const { inline } = of
            const { characteristicId, differs } = await settleInline(context, inline, rest.nodeId)
            const result = await entering.enterWith(entry(characteristicId), who, { ...inline, differs })
            return { result, name: inline.name, unit: inline.unit, nominal: inline.nominal, lower: inline.lower, upper: inline.upper }
          }
          const result = await entering.enter(entry(of.characteristicId), who)
          const { name, definition } = await readCharacteristic(db, of.characteristicId)
          return { result, name, unit: definition.unit, nominal: definition.nominal, lower: definition.lower, upper: definition.upper }
        },
        async characteristics() {
          const rows = await db
            .selectFrom('characteristic')
            .select(['id', 'name', 'part'])
            .where('isRetired', '=', false)
            .orderBy('part')
            .orderBy('name')
            .limit(MOST)
            .execute()
          return rows.map(({ id, name, part }) => ({ id, name: part === null ? name : `${part} · ${name}` }))
        },
        async capabilityNow({ characteristicId, last, lot }) {
          const { name } = await readCharacteristic(db, characteristicId)
          return { name, capability: await charts.capability(characteristicId, { last, ...(lot === undefined ? {} : { lot }) }) }
        },
      },
    },
  }
}
