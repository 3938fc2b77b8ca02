/**
 * Quality: what is measured of parts, judged, charted and kept. `createQuality` is what the gateway's composition root calls; other
 * parts use `core` (contract.ts). README.md says what can go wrong and what it costs.
 */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import { listMeasurements, type QualityNews } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import { catalogueRoutes } from './catalogue.ts'
import { createCharacteristics } from './characteristics.ts'
import { createCharts } from './charts/index.ts'
import { keyedQueue, type QualityContext, readCharacteristic, type SignalFirings } from './context.ts'
import type { Entered, GaugeStates, QualityCore } from './contract.ts'
import { correctionRoutes } from './corrections.ts'
import { createEntering } from './enter.ts'
import { createFlowEntries } from './from-flows.ts'
import { gaugeStates } from './gauge-states.ts'
import { limitRoutes } from './limits.ts'
import { createLiveCharts } from './live-charts.ts'
import { markRoutes } from './marks.ts'
import { noCounts, type QualityCounts } from './metrics.ts'
import { type OffsetCorrectionRequests, offsetCorrectionRequests } from './offset-corrections/index.ts'
import { readMeasurements, readSignals } from './rows.ts'
import { openSignals, signalRoutes } from './signals.ts'
import { todayRoutes } from './today.ts'

export { countQuality } from './metrics.ts'

type Asks = RpcHandlers<typeof gatewayRpc>['requests']

export interface QualityPart {
  readonly core: QualityCore
  /** News for pages: for parts that keep tables of their own. */
  publish(news: QualityNews): void
  readonly routes: RouteHandler[]
  readonly rpc: { requests: Pick<Asks, 'enterMeasurement' | 'characteristics' | 'capabilityNow'> & OffsetCorrectionRequests }
  readonly counts: Readonly<QualityCounts>
  close(): Promise<void>
}

export interface QualityDeps {
  store: Store
  log: Logger
  live: Pick<LiveHub, 'publish' | 'provide'>
  audit: Audit
  runs: Pick<Runs, 'linkOnce'>
  /** Stores firings of the nodes that wait for signals, in the transaction of the signal. @defaultValue nobody waits */
  firings?: SignalFirings
  /** @defaultValue read from the tables */
  gauges?: GaugeStates
  /** Epoch ms. @defaultValue Date.now */
  now?: () => number
}

export function createQuality(deps: QualityDeps): QualityPart {
  const { store, log, live, audit, runs, now = Date.now } = deps
  const listeners = new Set<(entered: Entered) => void>()
  const context: QualityContext = {
    store,
    log,
    live,
    audit,
    runs,
    charts: createLiveCharts(),
    gauges: deps.gauges ?? gaugeStates(store.db, now),
    firings: deps.firings ?? { store: async () => () => {} },
    counts: noCounts(),
    oneAtATime: keyedQueue(),
    publish: (news) => live.publish('quality', news),
    entered(what) {
      for (const listener of listeners) {
        try {
          listener(what)
        } catch (error) {
          // what was entered is stored, whatever a listener makes of it
          log.error({ err: error, reason: messageOf(error) }, 'a listener of measurements failed')
        }
      }
    },
    now,
  }
  live.provide('quality', async () => ({ open: await openSignals(store.db) }))
  const characteristics = createCharacteristics(context)
  const entering = createEntering(context)
  const charts = createCharts(context)
  const flows = createFlowEntries(context, { entering, charts })

  return {
    core: {
      enter: entering.enter,
      characteristic: characteristics.characteristic,
      characteristics: characteristics.characteristics,
      addCharacteristic: characteristics.addCharacteristic,
      changeCharacteristic: characteristics.changeCharacteristic,
      measurements: (query, db = store.db) => readMeasurements(db, query),
      signals: (query, db = store.db) => readSignals(db, query),
      chart: charts.chart,
      capability: charts.capability,
      gauges: context.gauges,
      onEntered(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    publish: context.publish,
    routes: [
      ...characteristics.routes,
      ...flows.routes,
      handle(listMeasurements, async ({ params: { id }, query }) => {
        await readCharacteristic(store.db, id)
        return readMeasurements(store.db, { characteristicId: id, ...query })
      }),
      ...correctionRoutes(context),
      ...markRoutes(context),
      ...catalogueRoutes(context),
      ...limitRoutes(context),
      ...charts.routes,
      ...signalRoutes(context),
      ...todayRoutes(store),
    ],
    rpc: { requests: { ...flows.rpc.requests, ...offsetCorrectionRequests(context) } },
    counts: context.counts,
    close: () => charts.close(),
  }
}
