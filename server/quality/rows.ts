/** Rows as the API shows them. */
import { type Selectable, sql } from 'kysely'
import type { Characteristic, CharacteristicDefinition, ControlLimits, EntryFlag, Mark, Measurement, SignalView } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Db, MeasurementQuery } from './contract.ts'
import { dueOf, partsSince } from './due.ts'

export type CharacteristicRow = Omit<Selectable<Database['characteristic']>, 'definition'> & { definition: CharacteristicDefinition }
export type MeasurementRow = Selectable<Database['measurement']>
type SignalRow = Selectable<Database['qualitySignal']> & { name: string }

/** What is not there is left out. */
const given = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }

/** Characteristics with their open signals and due times: three statements, however many they are. */
export async function viewCharacteristics(db: Db, rows: readonly CharacteristicRow[], now = Date.now()): Promise<Characteristic[]> {
  const open = rows.flatMap(({ openSignals }) => openSignals)
  const signals = open.length ? await readSignals(db, { ids: open }) : []
  const byParts = rows.filter(({ definition, isRetired }) => definition.sampling?.every === 'parts' && !isRetired)
  const parts = byParts.length
    ? await partsSince(
        db,
        byParts.map(({ id }) => id),
      )
    : new Map<string, number>()
  return rows.map((row) => {
    const { id, revision, definition, origin, seq, subgroup, openValues, limitId } = row
    const openSignals = signals.filter((signal) => signal.characteristicId === id && row.openSignals.includes(signal.id))
    const due = dueOf(row, parts.get(id), now)
    return {
      id,
      revision,
      definition,
      origin,
      measured: seq,
      points: openValues > 0 ? subgroup - 1 : subgroup,
      openValues,
      ...(row.lastAt === null || row.lastValue === null
        ? {}
        : {
            last: {
              at: row.lastAt.toISOString(),
              value: row.lastValue,
              isInTolerance: row.lastInTolerance ?? true,
              ...given({ size: row.lastSize, by: row.lastBy }),
            },
          }),
      ...given({ limitId }),
      openSignals,
      isLocked: row.openSignals.length > 0,
      ...(due ? { due } : {}),
    }
  })
}

export interface SignalQuery {
  ids?: readonly string[] | undefined
  characteristicId?: string | undefined
  subgroup?: number | undefined
  /** Points from and to, both counted. */
  between?: readonly [number, number] | undefined
  open?: boolean | undefined
  from?: Date | undefined
  limit?: number | undefined
}

/** Newest first. */
export async function readSignals(db: Db, { ids, characteristicId, subgroup, between, open, from, limit = 1000 }: SignalQuery): Promise<SignalView[]> {
  let query = db
    .selectFrom('qualitySignal')
    .innerJoin('characteristic', 'characteristic.id', 'qualitySignal.characteristicId')
    .selectAll('qualitySignal')
    .select('characteristic.name')
    .orderBy('n', 'desc')
    .limit(limit)
  if (ids) query = query.where('qualitySignal.id', 'in', ids.length ? [...ids] : [''])
  if (characteristicId !== undefined) query = query.where('qualitySignal.characteristicId', '=', characteristicId)
  if (subgroup !== undefined) query = query.where('qualitySignal.subgroup', '=', subgroup)
  if (between) query = query.where('qualitySignal.subgroup', '>=', between[0]).where('qualitySignal.subgroup', '<=', between[1])
  if (from) query = query.where('qualitySignal.at', '>=', from)
  if (open) query = query.where(sql<boolean>`characteristic."openSignals" @> to_jsonb("qualitySignal".id)`)
  return (await query.execute()).map(viewSignal)
}

export function viewSignal(row: SignalRow): SignalView {
  const { id, characteristicId, name, subgroup, chart, rule, text, subgroups, value, asks, at } = row
  return {
    id,
    characteristicId,
    name,
    subgroup,
    chart,
    rule,
    text,
    subgroups,
    value,
    asks,
    at: at.toISOString(),
    ...given({ side: row.side, lower: row.lower, center: row.center, upper: row.upper }),
  }
}

/** Newest first, as they count now. Measurements that have stayed by name alone are not among them. */
export async function readMeasurements(db: Db, query: MeasurementQuery): Promise<Measurement[]> {
  const { characteristicId, ids, entryIds, subgroup, serial, lot, before, since, until, limit = 1000 } = query
  let select = db.selectFrom('measurement').selectAll().where('characteristicId', 'is not', null)
  if (characteristicId !== undefined) select = select.where('characteristicId', '=', characteristicId)
  if (ids) select = select.where('id', 'in', ids.length ? [...ids] : [''])
  if (entryIds) select = select.where('entryId', 'in', entryIds.length ? [...entryIds] : [''])
  if (subgroup !== undefined) select = select.where('subgroup', '=', subgroup)
  if (serial !== undefined) select = select.where('partSerial', '=', serial)
  if (lot !== undefined) select = select.where('lot', '=', lot)
  if (before !== undefined) select = select.where('seq', '<', before)
  if (since) select = select.where('at', '>=', since)
  if (until) select = select.where('at', '<', until)
  // `subgroup` first: the index of a characteristic goes by it, and both grow together
  const ordered =
    characteristicId === undefined ? select.orderBy('at', 'desc').orderBy('id', 'desc') : select.orderBy('subgroup', 'desc').orderBy('seq', 'desc')
  const rows = await ordered.limit(limit).execute()
  if (!rows.length) return []
  const corrections = await db
    .selectFrom('measurementCorrection')
    .selectAll()
    .where(
      'measurementId',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('n')
    .execute()
  const byMeasurement = Map.groupBy(corrections, ({ measurementId }) => measurementId)
  return rows.map((row) => viewMeasurement(row, byMeasurement.get(row.id) ?? []))
}

function viewMeasurement(row: MeasurementRow, corrections: readonly Selectable<Database['measurementCorrection']>[]): Measurement {
  const newest = corrections.at(-1)
  return {
    id: row.id,
    seq: row.seq ?? 0,
    subgroup: row.subgroup ?? 0,
    at: row.at.toISOString(),
    value: newest?.value ?? row.value,
    unit: row.unit,
    nominal: row.nominal,
    lower: row.lower,
    upper: row.upper,
    isInTolerance: newest?.isInTolerance ?? row.isInTolerance,
    source: row.source,
    flags: row.flags as EntryFlag['code'][],
    revision: row.revision ?? 1,
    ...given({
      entryId: row.entryId,
      size: newest?.size ?? row.size,
      serial: row.partSerial,
      lot: row.lot,
      machineId: row.machineId,
      program: row.program,
      tool: row.tool,
      workOrder: row.workOrder,
      runId: row.runId,
      by: row.by,
      gaugeId: row.gaugeId,
      gaugeCalibratedAt: row.gaugeCalibratedAt?.toISOString(),
      gaugeDueAt: row.gaugeDueAt?.toISOString(),
      comment: row.comment,
    }),
    ...(corrections.length
      ? {
          corrections: corrections.map(({ id, value, size, reason, by, at }, i) => ({
            id,
            from: corrections[i - 1]?.value ?? row.value,
            value,
            ...given({ size }),
            reason,
            by,
            at: at.toISOString(),
          })),
        }
      : {}),
  }
}

export function viewMark({ id, kind, subgroup, signalId, entryId, title, text, by, at }: Selectable<Database['measurementMark']>): Mark {
  return { id, kind, subgroup, by, at: at.toISOString(), ...given({ signalId, entryId, title, text }) }
}

export function viewLimits({ id, phase, validFrom, source, given: lines, basis, by, reason, at }: Selectable<Database['controlLimit']>): ControlLimits {
  return { id, phase, validFrom: validFrom.toISOString(), source, given: lines, ...given({ basis }), by, reason, at: at.toISOString() }
}
