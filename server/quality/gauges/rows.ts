/** Gauges as their rows say: the newest revision of the definition, the newest calibration. */
import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { Calibration, Gauge, GaugeDefinition } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'
import type { Db } from '../contract.ts'
import { calibrationState } from './state.ts'

type RevisionRow = Selectable<Database['gaugeRevision']>
type CalibrationRow = Selectable<Database['gaugeCalibration']>

export function calibrationOf({ id, calibratedAt, dueAt, passed, certificate, lab, comment, by, at }: CalibrationRow): Calibration {
  return {
    id,
    at: calibratedAt.toISOString(),
    dueAt: dueAt.toISOString(),
    passed,
    ...(certificate === null ? {} : { certificate }),
    ...(lab === null ? {} : { lab }),
    ...(comment === null ? {} : { comment }),
    by,
    enteredAt: at.toISOString(),
  }
}

export function gaugeOf(
  { gaugeId, revision, definition }: Pick<RevisionRow, 'gaugeId' | 'revision' | 'definition'>,
  newest: CalibrationRow | undefined,
): Gauge {
  return {
    id: gaugeId,
    revision,
    definition: definition as GaugeDefinition,
    state: calibrationState(newest, Date.now()),
    ...(newest ? { calibration: calibrationOf(newest) } : {}),
  }
}

/** One that was noted later for the same moment takes the place of the other. */
const newestFirst = <O>(query: SelectQueryBuilder<Database, 'gaugeCalibration', O>) => query.orderBy('calibratedAt', 'desc').orderBy('n', 'desc')

export const calibrationsOf = (db: Db, gaugeId: string): Promise<CalibrationRow[]> =>
  newestFirst(db.selectFrom('gaugeCalibration').selectAll().where('gaugeId', '=', gaugeId)).execute()

/** All of them, by name. */
export async function readGauges(db: Db): Promise<Gauge[]> {
  const revisions = await db.selectFrom('gaugeRevision').selectAll().distinctOn('gaugeId').orderBy('gaugeId').orderBy('revision', 'desc').execute()
  const calibrations = await newestFirst(db.selectFrom('gaugeCalibration').selectAll().distinctOn('gaugeId').orderBy('gaugeId')).execute()
  const newest = new Map(calibrations.map((row) => [row.gaugeId, row]))
  return revisions
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: 'base' }))
    .map((row) => gaugeOf(row, newest.get(row.gaugeId)))
}

/** Newest first; none for a gauge that there is not. */
export const revisionsOf = (db: Db, gaugeId: string): Promise<RevisionRow[]> =>
  db.selectFrom('gaugeRevision').selectAll().where('gaugeId', '=', gaugeId).orderBy('revision', 'desc').execute()

/** Whoever adds or renames a gauge does it alone: two of one name cannot be told apart at the machine. */
export const lockNames = (db: Db) => sql`select pg_advisory_xact_lock(hashtext('cellwright gauge names'))`.execute(db)
