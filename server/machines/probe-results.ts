/** What probing cycles found, kept: a height map levels programs later, on any page. */
import type { Logger } from 'pino'
import { newId } from '../../base/ids.ts'
import type { ProbeResult } from '../../nodes/motion/action.ts'
import type { KeptProbe } from '../api/index.ts'
import { json, type Store } from '../store/index.ts'

export interface ProbeResults {
  /** Never rejects: what was found is also in the answer to who asked, and a full disk must not turn a good touch into a failed one. */
  keep(found: { machineId: string; by: string; result: ProbeResult }): Promise<void>
  /** Newest first. */
  list(wanted: { machineId: string; cycle?: string | undefined; limit: number }): Promise<KeptProbe[]>
}

export function createProbeResults({ store: { db }, log }: { store: Store; log: Pick<Logger, 'error'> }): ProbeResults {
  return {
    async keep({ machineId, by, result }) {
      try {
        await db
          .insertInto('probeResult')
          .values({ id: newId('prb'), machineId, cycle: result.cycle, result: json(result), by })
          .execute()
      } catch (error) {
        log.error({ error, machineId, cycle: result.cycle }, 'a probe result was not kept')
      }
    },
    async list({ machineId, cycle, limit }) {
      const ofMachine = db.selectFrom('probeResult').selectAll().where('machineId', '=', machineId)
      const wanted = cycle === undefined ? ofMachine : ofMachine.where('cycle', '=', cycle)
      const rows = await wanted.orderBy('at', 'desc').limit(limit).execute()
      return rows.map(({ id, by, at, result }) => ({ id, machineId, by, at: at.toISOString(), result: result as ProbeResult }))
    },
  }
}
