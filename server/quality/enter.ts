/**
 * Entering what was measured: one transaction stores the values, their place on the chart, what the chart and the tolerance say of
 * them, first limits, and the firings of flows that wait for signals. Nothing is answered before it is committed.
 */
import { type Insertable, sql } from 'kysely'
import { messageOf, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { ChartError } from '../../nodes/quality/engine/charts/index.ts'
import { judge as judgeValue } from '../../nodes/quality/judge.ts'
import type { CharacteristicDefinition, EntryFlag, EntryResult, SignalView } from '../api/index.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import { checkGauge, checkOpen, checkSerial, checkValues, timeOf } from './checks.ts'
import { lockCharacteristic, type QualityContext } from './context.ts'
import type { Db, NewEntry, QualityCore, Who } from './contract.ts'
import { makeFirstLimits } from './first-limits.ts'
import type { Judged, Stand } from './live-charts.ts'
import type { Point } from './phases.ts'
import { readPoints } from './points.ts'
import { type CharacteristicRow, type MeasurementRow, readSignals, viewCharacteristics } from './rows.ts'
import { type NewSignal, outOfTolerance, signalsOf, storeSignals } from './signals.ts'
import { flagInWords, measuredInWords, toleranceInWords } from './words.ts'

/** A tolerance that a flow gives with the value: it judges, whatever the list says. */
interface OwnTolerance {
  nominal: number
  lower: number
  upper: number
  decimals: number
  /** Another than that of the list. */
  differs: boolean
}

export interface Entering {
  enter: QualityCore['enter']
  enterWith(entry: NewEntry, who: Who, own: OwnTolerance): Promise<EntryResult>
}

interface Done {
  result: EntryResult
  panels: Judged['verdict']['panels']
  row: CharacteristicRow
  at: Date
  values: number[]
  fired: () => void
}

export function createEntering(context: QualityContext): Entering {
  const { store, charts, counts, runs, log } = context

  async function enter(entry: NewEntry, who: Who, { also, own }: { also?: Parameters<QualityCore['enter']>[2]; own?: OwnTolerance }): Promise<EntryResult> {
    const { characteristicId: id } = entry
    let done: Done
    try {
      done = await context.oneAtATime(id, async () => {
        try {
          return await store.db.transaction().execute((tx) => within(tx, { entry, who, also, own }))
        } catch (error) {
          // the chart in memory may hold what was not stored
          charts.forget(id)
          throw error
        }
      })
    } catch (error) {
      if (error instanceof UserError) counts.refused += 1
      if ((error as { constraint?: string }).constraint === 'measurement_entry') throw entryIdUsed(entry)
      throw error
    }
    const { result } = done
    // the run is told again by a repeat: the first answer may have been lost before it was
    const told = () =>
      entry.runId === undefined
        ? undefined
        : runs.linkOnce(entry.runId, { kind: 'measurement', id: result.measurements[0]?.id ?? result.entryId, text: linkText(done, own) })
    if (result.isRepeat) {
      counts.repeated += 1
      await told()
      return result
    }
    counts.entered += 1
    counts.values += result.measurements.length
    counts.signals += result.signals.length
    done.fired()
    context.publish({
      kind: 'entered',
      characteristicId: id,
      subgroup: result.subgroup,
      at: done.at.toISOString(),
      values: done.values,
      isInTolerance: result.isInTolerance,
      openValues: result.openValues,
      panels: done.panels.map(({ name, value, center, lower, upper }) => ({ name, value, center, lower, upper })),
      signals: result.signals,
      isLocked: result.isLocked,
    })
    const [characteristic] = await viewCharacteristics(store.db, [done.row]).catch((error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'listeners of measurements were not told of one: it is stored')
      return []
    })
    if (characteristic) context.entered({ entry, result, characteristic })
    await told()
    return result
  }

  async function within(tx: Db, asked: { entry: NewEntry; who: Who; also: Parameters<QualityCore['enter']>[2]; own: OwnTolerance | undefined }): Promise<Done> {
    const { entry, who, also, own } = asked
    const row = await lockCharacteristic(tx, entry.characteristicId)
    const repeat = await repeatOf(tx, entry, row)
    if (repeat) return repeat
    const { definition } = row
    // what was measured elsewhere has had its answers there: it neither waits nor makes others wait
    const isImport = entry.source === 'import'
    checkOpen(isImport ? { ...row, openSignals: [] } : row)
    checkValues(definition, entry)
    const now = context.now()
    const time = timeOf(entry, row.lastAt, now)
    const gauge = await checkGauge(tx, { entry, definition, gauges: context.gauges })
    const flags: EntryFlag[] = [...time.flags, ...gauge.flags, ...(await checkSerial(tx, row, entry.serial))]
    if (own?.differs) flags.push({ code: 'other-tolerance', text: flagInWords('other-tolerance') })
    const machineId = entry.machineId ?? (entry.runId === undefined ? null : await machineOf(tx, entry.runId)) ?? definition.machineId ?? null
    const places = placesOf(row, definition.chart.subgroupSize, entry.values.length)
    const limits = own ?? definition
    const rows = entry.values.map(
      (value, i): Insertable<Database['measurement']> => ({
        id: newId('msr'),
        machineId,
        characteristic: row.name,
        characteristicId: row.id,
        revision: row.revision,
        seq: row.seq + 1 + i,
        subgroup: places.of[i] ?? row.subgroup,
        value,
        size: entry.size ?? null,
        nominal: limits.nominal,
        lower: limits.lower,
        upper: limits.upper,
        unit: definition.unit,
        isInTolerance: isWithin(value, limits),
        entryId: entry.entryId,
        place: i,
        source: entry.source,
        runId: entry.runId ?? null,
        nodeId: entry.nodeId ?? null,
        workOrder: entry.workOrder ?? null,
        partSerial: entry.serial ?? null,
        lot: entry.lot ?? null,
        program: entry.program ?? null,
        tool: entry.tool ?? null,
        by: entry.operator ?? who.name,
        byId: who.id ?? null,
        comment: entry.comment ?? null,
        flags: flags.map(({ code }) => code),
        gaugeId: gauge.gaugeId ?? null,
        gaugeCalibratedAt: gauge.gauge?.calibratedAt ?? null,
        gaugeDueAt: gauge.gauge?.dueAt ?? null,
        at: time.at,
      }),
    )
    const stored = await tx.insertInto('measurement').values(rows).returningAll().execute()
    stored.sort((a, b) => (a.place ?? 0) - (b.place ?? 0))

    // --- what the chart and the tolerance say
    const found: NewSignal[] = []
    const last = stored.at(-1)
    const isAllIn = stored.every(({ isInTolerance }) => isInTolerance)
    const bad = stored.find(({ isInTolerance }) => !isInTolerance)
    if (bad) found.push(outOfTolerance(bad, definition.afterOutOfTolerance))
    let judged: Judged | undefined
    for (const point of await wholePoints(tx, { row, places, stored })) {
      judged = await judgePoint(tx, row, point)
      if (judged) found.push(...signalsOf(judged, point, definition))
    }
    const signals = await storeSignals(tx, { row, signals: isImport ? found.map((one) => ({ ...one, asks: 'nothing' as const })) : found })
    const waiting = signals.filter(({ asks }) => asks !== 'nothing').map(({ id }) => id)

    // --- where it stands now
    const next = {
      seq: row.seq + stored.length,
      subgroup: places.of.at(-1) ?? row.subgroup,
      openValues: places.openValues,
      lastAt: time.at,
      lastValue: last?.value ?? null,
      lastSize: entry.size ?? null,
      lastInTolerance: isAllIn,
      lastBy: entry.operator ?? who.name,
      lastMeasuredAt: new Date(Math.min(now, time.at.getTime())),
      limitId: judged?.limit.id ?? row.limitId,
      openSignals: [...row.openSignals, ...waiting],
    }
    await tx
      .updateTable('characteristic')
      .set({ ...next, openSignals: json(next.openSignals) })
      .where('id', '=', row.id)
      .execute()
    const after: CharacteristicRow = { ...row, ...next }
    if (after.limitId === null) await makeFirstLimits(tx, after, now)
    const result = resultOf({ entry, row: after, stored, signals, flags, own, isRepeat: false })
    await also?.(tx, result)
    const fired = signals.length ? await context.firings.store(tx, signals) : () => {}
    return { result, panels: places.openValues === 0 ? (judged?.verdict.panels ?? []) : [], row: after, at: time.at, values: entry.values, fired }
  }

  /** Its points that are whole now, oldest first. */
  async function wholePoints(tx: Db, { row, places, stored }: { row: CharacteristicRow; places: Places; stored: readonly MeasurementRow[] }): Promise<Point[]> {
    const points: Point[] = []
    for (const subgroup of places.whole) {
      const own = stored.filter((one) => one.subgroup === subgroup)
      // what was entered before is in rows
      if (row.definition.chart.subgroupSize > 1 && subgroup === row.subgroup)
        points.push(...(await readPoints(tx, row.id, { from: subgroup, to: subgroup, last: 1 })))
      else
        points.push({
          subgroup,
          at: own.at(-1)?.at.getTime() ?? 0,
          values: own.map(({ value }) => value),
          size: own[0]?.size ?? null,
          isInTolerance: own.every(({ isInTolerance }) => isInTolerance),
          isExcluded: false,
          isCorrected: false,
        })
    }
    return points
  }

  async function judgePoint(tx: Db, row: CharacteristicRow, point: Point): Promise<Judged | undefined> {
    const stand: Stand = { id: row.id, revision: row.revision, definition: row.definition, changes: row.changes }
    try {
      return await charts.judge(tx, stand, point)
    } catch (error) {
      if (!(error instanceof ChartError)) throw error
      throw new UserError({ code: 'value-invalid', message: `"${row.name}": ${error.message}`, details: { code: error.code } })
    }
  }

  async function repeatOf(tx: Db, entry: NewEntry, row: CharacteristicRow): Promise<Done | undefined> {
    const stored = await tx.selectFrom('measurement').selectAll().where('entryId', '=', entry.entryId).orderBy('place').execute()
    const [first] = stored
    if (!first) return undefined
    const isSame =
      first.characteristicId === row.id &&
      stored.length === entry.values.length &&
      (first.size ?? undefined) === entry.size &&
      stored.every(({ value }, i) => value === entry.values[i])
    if (!isSame) throw entryIdUsed(entry)
    const subgroups = new Set(stored.map(({ subgroup }) => subgroup ?? 0))
    const signals = (await Promise.all([...subgroups].map((subgroup) => readSignals(tx, { characteristicId: row.id, subgroup })))).flat()
    const flags = first.flags.map((code) => ({ code: code as EntryFlag['code'], text: flagInWords(code as EntryFlag['code']) }))
    const result = resultOf({ entry, row, stored, signals, flags, own: undefined, isRepeat: true })
    return { result, panels: [], row, at: first.at, values: entry.values, fired: () => {} }
  }

  return {
    enter: (entry, who, also) => enter(entry, who, also ? { also } : {}),
    enterWith: (entry, who, own) => enter(entry, who, { own }),
  }
}

interface Places {
  /** The point of each value. */
  of: number[]
  /** Points that are whole with it. */
  whole: number[]
  openValues: number
}

/** One value goes into the subgroup that is open, or begins one; several are one of their own, and an open one is closed as it is. */
function placesOf({ subgroup, openValues }: Pick<CharacteristicRow, 'subgroup' | 'openValues'>, size: number, count: number): Places {
  if (size === 1) {
    const of = Array.from({ length: count }, (_, i) => subgroup + 1 + i)
    return { of, whole: of, openValues: 0 }
  }
  if (count === 1) {
    const isOpen = openValues > 0
    const at = isOpen ? subgroup : subgroup + 1
    const left = isOpen ? openValues - 1 : size - 1
    return { of: [at], whole: left === 0 ? [at] : [], openValues: left }
  }
  const at = subgroup + 1
  return { of: Array.from({ length: count }, () => at), whole: openValues > 0 ? [subgroup, at] : [at], openValues: 0 }
}

const entryIdUsed = ({ entryId }: NewEntry) =>
  new UserError({
    code: 'entry-id-used',
    status: 409,
    message: 'This entry was made before with other values. Look at what is stored; to change it, correct it with a reason; to add another, enter it anew.',
    details: { entryId },
  })

/** What binary arithmetic adds is rounded off, as `judge` does. */
const tidy = (value: number): number => Math.round(value * 1e9) / 1e9

export function isWithin(value: number, { lower, upper }: Pick<CharacteristicDefinition, 'lower' | 'upper'>): boolean {
  return (lower === null || tidy(value - lower) >= 0) && (upper === null || tidy(value - upper) <= 0)
}

function resultOf(of: {
  entry: NewEntry
  row: CharacteristicRow
  stored: readonly MeasurementRow[]
  signals: SignalView[]
  flags: EntryFlag[]
  own: OwnTolerance | undefined
  isRepeat: boolean
}): EntryResult {
  const { entry, row, stored, signals, flags, own, isRepeat } = of
  const decimals = own?.decimals ?? row.definition.decimals
  return {
    entryId: entry.entryId,
    characteristicId: row.id,
    isRepeat,
    measurements: stored.map((one) => ({
      id: one.id,
      value: one.value,
      isInTolerance: one.isInTolerance,
      ...(one.nominal === null ? {} : { deviation: tidy(one.value - one.nominal) }),
      text: textOf(one, decimals),
    })),
    isInTolerance: stored.every(({ isInTolerance }) => isInTolerance),
    subgroup: stored.at(-1)?.subgroup ?? row.subgroup,
    openValues: row.openValues,
    signals,
    flags,
    isLocked: row.openSignals.length > 0,
  }
}

/** `bore diameter 10.012 mm, within 10.000 +0.020/-0.000`; without a nominal or a limit in words that fit. */
function textOf({ characteristic, value, size, unit, nominal, lower, upper, isInTolerance }: MeasurementRow, decimals: number): string {
  if (nominal !== null && lower !== null && upper !== null)
    return judgeValue({ characteristic, value, nominal, lower: tidy(lower - nominal), upper: tidy(upper - nominal), unit, decimals }).text
  if (nominal === null && size !== null)
    return `${characteristic} ${value} of ${size}${isInTolerance ? '' : `, out of tolerance (${toleranceInWords(lower, upper)})`}`
  return measuredInWords({ name: characteristic, values: [value], unit, isInTolerance, lower, upper })
}

function linkText({ row, result, values }: Done, own: OwnTolerance | undefined): string {
  const { name, definition } = row
  const { lower, upper } = own ?? definition
  return measuredInWords({ name, values, unit: definition.unit, isInTolerance: result.isInTolerance, lower, upper })
}

/** Whose program the run has begun last: at that machine the part was made. */
async function machineOf(db: Db, runId: string): Promise<string | null> {
  const { rows } = await sql<{ machineId: string | null }>`
    select "machineId" from job where "runId" = ${runId} and kind = 'program' and "startedAt" is not null order by "startedAt" desc limit 1`.execute(db)
  return rows[0]?.machineId ?? null
}
