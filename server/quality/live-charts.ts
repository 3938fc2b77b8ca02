/**
 * The charts that judge what is entered: one stream for each characteristic, in memory, made again from the last rows after a restart,
 * and whenever the row of the characteristic says that something else has been entered or changed meanwhile (another host, a
 * correction). A new point costs the same however many there are.
 */
import { ChartError, type ChartStream, chartStream, type Verdict } from '../../nodes/quality/engine/charts/index.ts'
import type { CharacteristicDefinition } from '../api/index.ts'
import type { Db } from './contract.ts'
import { chartOptions } from './definition.ts'
import { type PhaseLimit, type Point, phaseTeller, subgroupOf } from './phases.ts'
import { readLimits, readPoints } from './points.ts'

/** What the row of a characteristic says of its points. */
export interface Stand {
  id: string
  revision: number
  definition: CharacteristicDefinition
  changes: number
}

export interface Judged {
  verdict: Verdict
  /** The number of the point that the engine calls 0. */
  first: number
  limit: PhaseLimit
}

interface Live {
  revision: number
  changes: number
  /** Points up to this one are in it. */
  upTo: number
  stream: ChartStream | undefined
  /** The number of the point that the stream calls 0. */
  first: number
  tell: (point: Pick<Point, 'subgroup' | 'at'>) => PhaseLimit | undefined
}

/** Charts kept in memory; those not used for longest are made again when they are needed. */
const MOST = 2000
/** More than the longest pattern of any rule (50), so that what is judged next is judged as if all were there. */
export const LEAD_IN = 120
/** EWMA and CUSUM remember since their phase began. */
const LONGEST_PHASE = 100_000

export interface LiveCharts {
  /** Judges a point that is whole: undefined while there are no limits. `stand` is from before it was added. */
  judge(db: Db, stand: Stand, point: Point): Promise<Judged | undefined>
  /** What was judged has not been stored, or points have changed: it is made anew from the rows when it is needed. */
  forget(characteristicId: string): void
}

export function createLiveCharts(): LiveCharts {
  const charts = new Map<string, Live>()

  return {
    async judge(db, stand, point) {
      const before = point.subgroup - 1
      let live = charts.get(stand.id)
      if (live?.revision !== stand.revision || live.changes !== stand.changes || live.upTo !== before) live = await make(db, stand, before)
      // newest use last
      charts.delete(stand.id)
      charts.set(stand.id, live)
      const [oldest] = charts.keys()
      if (charts.size > MOST && oldest !== undefined) charts.delete(oldest)
      return add(live, stand.definition, point)
    },
    forget(characteristicId) {
      charts.delete(characteristicId)
    },
  }
}

async function make(db: Db, { id, revision, definition, changes }: Stand, upTo: number): Promise<Live> {
  const limits = await readLimits(db, id)
  const live: Live = { revision, changes, upTo: 0, stream: undefined, first: 0, tell: phaseTeller(limits) }
  if (limits.length) {
    const { kind } = definition.chart
    const remembers = kind === 'ewma' || kind === 'cusum'
    try {
      live.stream = chartStream(chartOptions(definition.chart, Object.fromEntries(limits.map((limit) => [limit.id, limit.given]))))
      const points = await readPoints(db, id, { to: upTo, last: remembers ? LONGEST_PHASE : LEAD_IN })
      for (const point of points) add(live, definition, point)
    } catch (error) {
      if (!(error instanceof ChartError)) throw error
      // limits of before, that this kind of chart cannot use: it judges nothing until new ones are set, and the chart says so
      live.stream = undefined
    }
  }
  live.upTo = upTo
  return live
}

function add(live: Live, { chart }: CharacteristicDefinition, point: Point): Judged | undefined {
  live.upTo = point.subgroup
  const limit = live.tell(point)
  // nothing is judged before there are limits
  if (!live.stream || !limit) return undefined
  const verdict = live.stream.add(subgroupOf(chart, point, limit.id))
  if (verdict.at === 0) live.first = point.subgroup
  return { verdict, first: live.first, limit }
}
