/** What an entry has to be before it is taken: refused with its reason, or taken with a flag that says what is odd. */
import { UserError } from '../../base/errors.ts'
import type { CharacteristicDefinition, EntryFlag } from '../api/index.ts'
import type { Db, GaugeState, GaugeStates, NewEntry } from './contract.ts'
import { isOfCounts, needsSize } from './definition.ts'
import type { CharacteristicRow } from './rows.ts'

/** Clocks of two computers are never quite alike. */
const CLOCKS_DIFFER_MS = 2_000
const AHEAD_MS = 60_000

/** @throws UserError characteristic-retired, characteristic-locked */
export function checkOpen({ name, isRetired, openSignals }: Pick<CharacteristicRow, 'name' | 'isRetired' | 'openSignals'>): void {
  if (isRetired)
    throw new UserError({
      code: 'characteristic-retired',
      status: 409,
      message: `"${name}" is not measured any more. Choose another characteristic, or take it up again in its form.`,
    })
  if (openSignals.length)
    throw new UserError({
      code: 'characteristic-locked',
      status: 409,
      message: `"${name}" waits for a cause or an action after the last signal. Give it, then enter this again.`,
      details: { signals: openSignals },
    })
}

/** @throws UserError value-invalid, size-missing, unit-differs, field-missing */
export function checkValues(definition: CharacteristicDefinition, entry: NewEntry): void {
  const { chart, unit, name } = definition
  const { values, size } = entry
  const invalid = (message: string) => new UserError({ code: 'value-invalid', message, details: { values, size } })
  const odd = values.find((value) => !Number.isFinite(value))
  if (!values.length || odd !== undefined) throw invalid(`"${name}": ${odd === undefined ? 'there is no value' : `${odd} is no value`}. Measure again.`)
  if (entry.unit !== undefined && entry.unit !== unit)
    throw new UserError({
      code: 'unit-differs',
      message: `"${name}" is measured in ${unit || 'no unit'}, and this value is in ${entry.unit || 'no unit'}. Set the gauge to ${unit || 'no unit'}, or convert the value before it is entered.`,
      details: { expected: unit, given: entry.unit },
    })
  if (isOfCounts(chart)) {
    const [count = 0] = values
    if (values.length > 1) throw invalid(`"${name}" is a count: one entry is one count.`)
    if (!Number.isInteger(count) || count < 0) throw invalid(`"${name}" is a count: ${count} is no whole number from 0 on.`)
    if (needsSize(chart) && size === undefined)
      throw new UserError({ code: 'size-missing', message: `"${name}": say of how many the count is.`, details: { kind: chart.kind } })
    if ((chart.kind === 'p' || chart.kind === 'np') && size !== undefined) {
      if (!Number.isInteger(size)) throw invalid(`"${name}": ${size} is no number of parts.`)
      if (count > size) throw invalid(`"${name}": ${count} of ${size} cannot be. Exchange them?`)
    }
  } else if (size !== undefined) throw invalid(`"${name}" is measured, not counted: a size says nothing here.`)
  const lacks = definition.asks.filter((field) => (field === 'machine' ? entry.machineId : entry[field]) === undefined)
  if (lacks.length)
    throw new UserError({
      code: 'field-missing',
      message: `"${name}" also asks for ${lacks.join(', ')}. Fill it in.`,
      details: { fields: lacks },
    })
}

/** When it was measured, as it is kept. */
export function timeOf(entry: Pick<NewEntry, 'at'>, lastAt: Date | null, now: number): { at: Date; flags: EntryFlag[] } {
  const at = entry.at === undefined ? now : Date.parse(entry.at)
  if (Number.isNaN(at)) throw new UserError({ code: 'value-invalid', message: `"${entry.at}" is no time.` })
  const flags: EntryFlag[] = []
  if (lastAt && at < lastAt.getTime() - CLOCKS_DIFFER_MS)
    flags.push({
      code: 'clock-backwards',
      text: `Measured at ${new Date(at).toISOString()}, before the one that was entered last (${lastAt.toISOString()}): a clock went backwards, or it was entered late. The chart keeps the order of entry.`,
    })
  if (at > now + AHEAD_MS)
    flags.push({
      code: 'clock-ahead',
      text: `Measured at ${new Date(at).toISOString()}, which is still to come (now ${new Date(now).toISOString()}): set the clock of whoever measured.`,
    })
  return { at: new Date(at), flags }
}

/** @throws UserError serial-measured */
export async function checkSerial(db: Db, row: Pick<CharacteristicRow, 'id' | 'name' | 'definition'>, serial: string | undefined): Promise<EntryFlag[]> {
  if (serial === undefined) return []
  const before = await db
    .selectFrom('measurement')
    .select(['at', 'value'])
    .where('characteristicId', '=', row.id)
    .where('partSerial', '=', serial)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!before) return []
  const text = `Part ${serial} was measured before: ${before.value} at ${before.at.toISOString()}.`
  if (!row.definition.uniqueSerials) return [{ code: 'serial-again', text }]
  throw new UserError({
    code: 'serial-measured',
    status: 409,
    message: `${text} "${row.name}" is measured once for each part: check the serial number; a wrong value is put right by a correction.`,
    details: { serial },
  })
}

/** @throws UserError gauge-not-found, gauge-overdue */
export async function checkGauge(
  db: Db,
  { entry, definition, gauges }: { entry: Pick<NewEntry, 'gaugeId'>; definition: CharacteristicDefinition; gauges: GaugeStates },
): Promise<{ gaugeId: string | undefined; gauge: GaugeState | undefined; flags: EntryFlag[] }> {
  const gaugeId = entry.gaugeId ?? definition.gaugeId
  if (gaugeId === undefined) return { gaugeId, gauge: undefined, flags: [] }
  const gauge = await gauges.of(gaugeId, db)
  if (!gauge) {
    if (entry.gaugeId !== undefined)
      throw new UserError({
        code: 'gauge-not-found',
        status: 404,
        message: 'There is no such gauge. Choose one from the list of gauges.',
        details: { gaugeId },
      })
    return {
      gaugeId,
      gauge,
      flags: [{ code: 'gauge-unknown', text: 'The gauge of this characteristic is not on the list any more: nobody knows its calibration.' }],
    }
  }
  const odd = oddOf(gauge)
  if (odd && definition.overdueGauge === 'refuse')
    throw new UserError({
      code: 'gauge-overdue',
      status: 409,
      message: `${odd.text} Take another gauge, or note its calibration.`,
      details: { gaugeId, state: gauge.state },
    })
  return { gaugeId, gauge, flags: odd ? [odd] : [] }
}

function oddOf({ name, state, dueAt }: GaugeState): EntryFlag | undefined {
  switch (state) {
    case 'good':
    case 'due-soon':
      return undefined
    case 'overdue':
      return { code: 'gauge-overdue', text: `The calibration of "${name}" was due ${dueAt?.toISOString().slice(0, 10) ?? 'before'}.` }
    case 'failed':
      return { code: 'gauge-failed', text: `"${name}" did not pass its last calibration.` }
    case 'never':
      return { code: 'gauge-uncalibrated', text: `No calibration of "${name}" is noted.` }
    default:
      return state satisfies never
  }
}
