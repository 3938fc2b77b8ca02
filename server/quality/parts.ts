/** The composition of everything that is quality: measuring, studies, lots, gauges, documents, reports, AQDEF, inspection. A part of `gateway.ts`. */
import type { Registry } from 'prom-client'
import type { OnClose } from '../closing.ts'
import type { FlowsPart } from '../flows/index.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { Store } from '../store/index.ts'
import { ofSignal, type TriggersPart } from '../triggers/index.ts'
import { createAqdef } from './aqdef/index.ts'
import { createDocuments } from './documents/index.ts'
import { createGauges } from './gauges/index.ts'
import { countQuality, createQuality, type QualityDeps } from './index.ts'
import { createInspections, type InspectionDeps } from './inspection/index.ts'
import { createLots } from './lots/index.ts'
import { createReports } from './reports/index.ts'
import { createStudies } from './studies/index.ts'

type DocumentsDeps = Parameters<typeof createDocuments>[0]

interface QualityPartsDeps extends Pick<QualityDeps, 'log' | 'audit' | 'runs'>, Pick<DocumentsDeps, 'live' | 'versions' | 'machines' | 'shop'> {
  store: Store
  steps: InspectionDeps['steps']
  triggers: Pick<TriggersPart, 'happenedWithin'>
  flows: Pick<FlowsPart, 'serve'>
  metrics: Registry
  onClose: OnClose
}

interface QualityParts {
  readonly gauges: ReturnType<typeof createGauges>
  readonly routes: readonly RouteHandler[]
  start(): Promise<void>
}

export function createQualityParts(deps: QualityPartsDeps): QualityParts {
  const { store, log, live, audit, shop, steps, flows, onClose } = deps
  const { happenedWithin } = deps.triggers
  const quality = createQuality({ ...deps, firings: { store: (within, signals) => happenedWithin(within, signals.map(ofSignal)) } })
  onClose('quality', () => quality.close())
  countQuality(deps.metrics, quality.counts, store)
  const { core } = quality
  const studies = createStudies({ db: store.db, audit, live, shop, happenedWithin })
  const lots = createLots({ db: store.db, log, audit, live, steps, happenedWithin })
  const gauges = createGauges({ store, audit, live })
  const documents = createDocuments(deps)
  onClose('documents of quality', () => documents.close())
  const reports = createReports({ core, shop })
  const aqdef = createAqdef({ store, core, audit })
  const inspections = createInspections({ store, log, live, audit, core, steps, shop })
  onClose('inspections', () => inspections.close())
  for (const part of [quality, studies, lots, documents, inspections]) flows.serve(part.rpc)
  return {
    gauges,
    routes: [quality, studies, lots, documents, reports, inspections, aqdef, gauges].flatMap(({ routes }) => routes),
    async start() {
      await lots.start()
      await documents.start()
      await inspections.start()
    },
  }
}
