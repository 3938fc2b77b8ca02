/** Charts and capability of a characteristic, read from its rows. */
import { UserError } from '../../../base/errors.ts'
import { parseJsonInSlices } from '../../../base/json-slices.ts'
import { type CapabilityView, type ChartView, getCapability, getChart, type PointChoice } from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import { type QualityContext, readCharacteristic } from '../context.ts'
import type { Db } from '../contract.ts'
import { LEAD_IN } from '../live-charts.ts'
import { readLimits, readPoints } from '../points.ts'
import { type CharacteristicRow, readSignals, viewMark } from '../rows.ts'
import type { ChartQuestion } from './chart-view.ts'
import { createReckoner } from './reckoner.ts'

/** Marks and signals in one answer. */
const MOST_SAID = 2_000
/** CUSUM remembers since its phase began. */
const LONGEST_MEMORY = 100_000
/** What of an EWMA's past is small enough to be left out. */
const FORGOTTEN = 1e-9

export interface Charts {
  chart(characteristicId: string, choice: PointChoice): Promise<ChartView>
  capability(characteristicId: string, choice: PointChoice): Promise<CapabilityView>
  routes: RouteHandler[]
  close(): Promise<void>
}

export function createCharts({ store, now }: Pick<QualityContext, 'store' | 'now'>): Charts {
  const { db } = store
  const reckoner = createReckoner()

  const draw = async (id: string, choice: PointChoice) => {
    const row = await readCharacteristic(db, id)
    const { question, total } = await questionOf(db, row, choice)
    const { points, leadIn } = question
    const first = points[leadIn]?.subgroup
    const last = points.at(-1)?.subgroup
    const [marks, signals] = await Promise.all([
      readMarks(db, id, first, last),
      first === undefined || last === undefined ? [] : readSignals(db, { characteristicId: id, between: [first, last], limit: MOST_SAID }),
    ])
    return reckoner.chart(question, {
      characteristicId: id,
      revision: row.revision,
      kind: row.definition.chart.kind,
      total,
      openValues: row.openValues,
      marks,
      signals,
    })
  }
  const capability = async (id: string, choice: PointChoice): Promise<CapabilityView> => {
    const row = await readCharacteristic(db, id)
    const { question } = await questionOf(db, row, choice, { isPlain: true })
    return reckoner.capability({ ...question, id, revision: row.revision, definition: row.definition })
  }

  return {
    async chart(id, choice) {
      const drawn = await draw(id, choice)
      return Buffer.isBuffer(drawn) ? ((await parseJsonInSlices(drawn)) as ChartView) : drawn
    },
    capability,
    routes: [
      handle(getChart, async ({ params: { id }, query, response }) => {
        const drawn = await draw(id, query)
        if (!Buffer.isBuffer(drawn)) return drawn
        // a long one comes as JSON from its thread
        response.status(200).setHeader('Cache-Control', 'no-store').type('json').send(drawn)
        return undefined as never
      }),
      handle(getCapability, ({ params: { id }, query }) => capability(id, query)),
    ],
    close: () => reckoner.close(),
  }

  async function questionOf(
    within: Db,
    row: CharacteristicRow,
    { last, from, to, lot, machineId }: PointChoice,
    { isPlain = false }: { isPlain?: boolean } = {},
  ): Promise<{ question: ChartQuestion; total: number }> {
    const plan = row.definition.chart
    const total = row.openValues > 0 ? row.subgroup - 1 : row.subgroup
    const since = timeOf(from)
    const until = timeOf(to)
    if (since && until && since >= until) throw new UserError({ code: 'query-invalid', message: 'The time begins after it ends: exchange them.' })
    const isChosen = since !== undefined || lot !== undefined || machineId !== undefined
    // points of one lot are a chart of their own
    const wanted = isPlain || isChosen ? 0 : memoryOf(row)
    const points = await readPoints(within, row.id, { to: total, since, until, lot, machineId, last: last + wanted })
    const limits = await readLimits(within, row.id)
    return { question: { plan, points, leadIn: Math.max(0, points.length - last), limits }, total }
  }

  function timeOf(text: string | undefined): Date | undefined {
    if (text === undefined) return undefined
    const at = Date.parse(text)
    return new Date(Number.isNaN(at) ? now() : at)
  }
}

/** How many points before the first one shown have a say in what is shown. */
function memoryOf({ definition: { chart }, limitId }: CharacteristicRow): number {
  // nothing is judged by limits that are made of the points shown
  if (limitId === null) return 0
  switch (chart.kind) {
    case 'cusum':
      return LONGEST_MEMORY
    case 'ewma': {
      const lambda = chart.ewma?.lambda ?? 0.2
      return lambda >= 1 ? LEAD_IN : Math.min(LONGEST_MEMORY, Math.max(LEAD_IN, Math.ceil(Math.log(FORGOTTEN) / Math.log(1 - lambda))))
    }
    default:
      return LEAD_IN
  }
}

async function readMarks(db: Db, id: string, first: number | undefined, last: number | undefined) {
  if (first === undefined || last === undefined) return []
  const rows = await db
    .selectFrom('measurementMark')
    .selectAll()
    .where('characteristicId', '=', id)
    .where('subgroup', '>=', first)
    .where('subgroup', '<=', last)
    .orderBy('n', 'desc')
    .limit(MOST_SAID)
    .execute()
  return rows.map(viewMark)
}
