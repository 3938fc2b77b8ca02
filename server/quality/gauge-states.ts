/** How the calibration of a gauge stands, for whoever enters with it: read from its newest rows within their transaction. */
import type { Db, GaugeStates } from './contract.ts'
import { calibrationState } from './gauges/state.ts'

export function gaugeStates(db: Db, now: () => number = Date.now): GaugeStates {
  return {
    async of(gaugeId, within = db) {
      const gauge = await within
        .selectFrom('gaugeRevision')
        .select(['name', 'isRetired'])
        .where('gaugeId', '=', gaugeId)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!gauge) return undefined
      const newest = await within
        .selectFrom('gaugeCalibration')
        .select(['calibratedAt', 'dueAt', 'passed'])
        .where('gaugeId', '=', gaugeId)
        .orderBy('calibratedAt', 'desc')
        .orderBy('n', 'desc')
        .limit(1)
        .executeTakeFirst()
      return { ...gauge, state: calibrationState(newest, now()), ...(newest ? { calibratedAt: newest.calibratedAt, dueAt: newest.dueAt } : {}) }
    },
  }
}
