/** Entries, what is refused and flagged of them, signals, limits, corrections, marks and charts, over a real database. */
import { sql } from 'kysely'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chartStream } from '../../nodes/quality/engine/charts/index.ts'
import {
  addMarks,
  addToCatalogue,
  type CapabilityView,
  type CatalogueEntry,
  type Characteristic,
  type ChartView,
  type ControlLimits,
  changeCatalogue,
  changeCharacteristic,
  correctMeasurement,
  createCharacteristic,
  getCapability,
  getChart,
  listCatalogue,
  listControlLimits,
  listMeasurements,
  listQualityCharacteristics,
  listSignals,
  type Mark,
  type Measurement,
  type SignalView,
  setControlLimits,
} from '../api/index.ts'
import { countQuality } from './metrics.ts'
import { openSignals } from './signals.ts'
import { callerWith, ordinary, startTestQuality, type TestQuality } from './testing.ts'

let its: TestQuality
beforeAll(async () => {
  its = await startTestQuality()
})
afterAll(() => its?.close())

const chart = (id: string, query: object = {}) => its.call<ChartView>(getChart, { params: { id }, query: { last: 200, ...query } })
const xbar = { chart: { kind: 'xbar-r' as const, subgroupSize: 3, rules: ['nelson-1' as const], autoLimitsAfter: null } }
const given = (id: string, limits: object, more: object = {}) =>
  its.call<ControlLimits>(setControlLimits, { params: { id }, body: { phase: 'set', limits: { source: 'given', given: limits }, reason: 'a test', ...more } })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: { code?: string }) => error.code ?? String(error),
  )

test('bad input is refused with its code, and nothing of it is in the chart', async () => {
  const id = await its.add({ name: 'refusals', asks: ['lot'], uniqueSerials: true })
  const enter = (values: number | number[], more: object = {}) => codeOf(its.enter(id, values, { lot: 'L1', ...more }))
  expect(await enter(Number.NaN)).toBe('value-invalid')
  expect(await enter(Number.POSITIVE_INFINITY)).toBe('value-invalid')
  expect(await enter([])).toBe('value-invalid')
  expect(await enter(10, { unit: 'inch' })).toBe('unit-differs')
  expect(await enter(10, { size: 5 })).toBe('value-invalid')
  expect(await enter(10, { lot: undefined })).toBe('field-missing')
  expect(await enter(10, { gaugeId: 'gau_none' })).toBe('gauge-not-found')
  expect(await enter(10, { serial: 'S1' })).toBe('taken')
  expect(await enter(10, { serial: 'S1' })).toBe('serial-measured')
  expect(await codeOf(its.enter('chr_none', 1))).toBe('characteristic-not-found')
  expect(await chart(id)).toMatchObject({ total: 1, problem: { code: expect.any(String) } })
  const counts = await its.add({
    name: 'scratches',
    nominal: null,
    lower: null,
    upper: 3,
    chart: { kind: 'p', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null },
  })
  expect(await codeOf(its.enter(counts, 2))).toBe('size-missing')
  expect(await codeOf(its.enter(counts, 2.5, { size: 50 }))).toBe('value-invalid')
  expect(await codeOf(its.enter(counts, -1, { size: 50 }))).toBe('value-invalid')
  expect(await codeOf(its.enter(counts, 51, { size: 50 }))).toBe('value-invalid')
  expect(await codeOf(its.enter(counts, [1, 2], { size: 50 }))).toBe('value-invalid')
  expect(await its.enter(counts, 4, { size: 50 })).toMatchObject({
    isInTolerance: false,
    measurements: [{ text: 'scratches 4 of 50, out of tolerance (at most 3)' }],
  })
})

test('definitions that make no sense are refused, and a stale change is not written over another', async () => {
  const create = (definition: object) => codeOf(its.call(createCharacteristic, { body: { definition: ordinary({ name: 'senseless', ...definition }) } }))
  expect(await create({ lower: 11, upper: 9 })).toBe('tolerance-reversed')
  expect(await create({ nominal: null })).toBe('chart-not-fitting')
  expect(await create({ chart: { kind: 'xbar-r', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null } })).toBe('chart-not-fitting')
  expect(await create({ chart: { kind: 'i-mr', subgroupSize: 1, estimator: 'rbar', rules: ['nelson-1'], autoLimitsAfter: null } })).toBe('chart-not-fitting')
  expect(await create({ gaugeId: 'gau_none' })).toBe('gauge-not-found')
  const made = await its.call<Characteristic>(createCharacteristic, { body: { definition: ordinary({ name: 'once', part: 'P1' }) } })
  expect(await codeOf(its.call(createCharacteristic, { body: { definition: ordinary({ name: 'once', part: 'P1' }) } }))).toBe('characteristic-exists')
  const change = (definition: object, revision: number) =>
    codeOf(its.call(changeCharacteristic, { params: { id: made.id }, body: { definition: { ...made.definition, ...definition }, revision, reason: 'a test' } }))
  expect(await change({ upper: 10.2 }, 1)).toBe('taken')
  expect(await change({ upper: 10.3 }, 1)).toBe('characteristic-changed')
  await its.enter(made.id, 10)
  expect(await change({ unit: 'inch' }, 2)).toBe('unit-fixed')
  expect(await change(xbar, 2)).toBe('chart-not-fitting')
  expect(await change({ isRetired: true }, 2)).toBe('taken')
  expect(await codeOf(its.enter(made.id, 10))).toBe('characteristic-retired')
  expect(its.audited.map(({ action }) => action)).toEqual(expect.arrayContaining(['added a characteristic', 'changed a characteristic']))
  const listed = await its.call<Characteristic[]>(listQualityCharacteristics, { query: { search: 'onc', retired: true, limit: 10 } })
  expect(listed.map(({ definition }) => definition.name)).toContain('once')
})

test('a clock that goes backwards or ahead is flagged, and the chart keeps the order of entry', async () => {
  const id = await its.add({ name: 'clocks' })
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
  await its.enter(id, 10, { at: at(-10) })
  expect((await its.enter(id, 10.01, { at: at(-60) })).flags).toMatchObject([{ code: 'clock-backwards' }])
  expect((await its.enter(id, 10.02, { at: at(30) })).flags).toMatchObject([{ code: 'clock-ahead' }])
  expect((await chart(id)).points.values).toEqual([[10], [10.01], [10.02]])
  expect((await its.enter(id, 10, { serial: 'A' })).flags).toMatchObject([{ code: 'clock-backwards' }])
  expect((await its.enter(id, 10, { serial: 'A' })).flags).toMatchObject([{ code: 'serial-again' }])
})

test('a gauge whose calibration is over is flagged, or refused where the characteristic says so', async () => {
  const gauge = async (gaugeId: string, dueDays: number | undefined, passed = true) => {
    await sql`insert into "gaugeRevision" ("gaugeId", revision, name, "isRetired", definition, by, reason) values (${gaugeId}, 1, ${gaugeId}, false, '{}', 'Ann', 'new')`.execute(
      its.db,
    )
    if (dueDays !== undefined)
      await sql`insert into "gaugeCalibration" (id, "gaugeId", "calibratedAt", "dueAt", passed, by)
        values (${`cal_${gaugeId}`}, ${gaugeId}, now() - interval '100 days', now() + make_interval(days => ${dueDays}), ${passed}, 'Ann')`.execute(its.db)
  }
  await gauge('good', 100)
  await gauge('late', -1)
  await gauge('broken', 100, false)
  await gauge('never', undefined)
  const id = await its.add({ name: 'with gauges', gaugeId: 'good' })
  const flags = async (gaugeId?: string) => (await its.enter(id, 10, gaugeId === undefined ? {} : { gaugeId })).flags.map(({ code }) => code)
  expect([await flags(), await flags('late'), await flags('broken'), await flags('never')]).toEqual([
    [],
    ['gauge-overdue'],
    ['gauge-failed'],
    ['gauge-uncalibrated'],
  ])
  const strict = await its.add({ name: 'with good gauges', overdueGauge: 'refuse' })
  expect(await codeOf(its.enter(strict, 10, { gaugeId: 'late' }))).toBe('gauge-overdue')
  const [kept] = await its.call<Measurement[]>(listMeasurements, { params: { id }, query: { limit: 1 } })
  expect(kept).toMatchObject({ gaugeId: 'never', flags: ['gauge-uncalibrated'] })
})

test('the same entry at once from everywhere is one entry, and what is entered at once has places of its own', async () => {
  const id = await its.add({ name: 'at once', ...xbar })
  const other = its.another()
  const same = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      (i % 2 ? other : its.quality).core.enter({ entryId: 'the_same_one', characteristicId: id, values: [1, 2, 3], source: 'form' }, { name: 'Ann' }),
    ),
  )
  expect(same.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1)
  await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      (i % 2 ? other : its.quality).core.enter({ entryId: `at_once_${i}`, characteristicId: id, values: [10 + i], source: 'form' }, { name: 'Ann' }),
    ),
  )
  const all = await its.quality.core.measurements({ characteristicId: id })
  expect(all.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 33 }, (_, i) => i + 1))
  const sizes = [...Map.groupBy(all, ({ subgroup }) => subgroup).values()].map(({ length }) => length)
  expect(sizes).toEqual(Array.from({ length: 11 }, () => 3))
})

test('single values fill a subgroup, several are one of their own, and an open one is closed as it is', async () => {
  const id = await its.add({ name: 'subgroups', ...xbar })
  const places: number[][] = []
  for (const values of [[1], [2], [3], [4], [5, 6, 7], [8]]) {
    const { subgroup, openValues } = await its.enter(id, values)
    places.push([subgroup, openValues])
  }
  expect(places).toEqual([
    [1, 2],
    [1, 1],
    [1, 0],
    [2, 2],
    [3, 0],
    [4, 2],
  ])
  const drawn = await chart(id)
  // a point of one value says nothing of the spread, and the open one is not drawn
  expect(drawn).toMatchObject({ total: 3, openValues: 2, points: { values: [[1, 2, 3], [4], [5, 6, 7]] } })
  expect(drawn.charts[0]?.value).toEqual([2, null, 6])
})

test('what is entered is judged as the engine judges the same stream, also by a gateway that has just come', async () => {
  const rules = ['nelson-1', 'nelson-2', 'nelson-3', 'nelson-5', 'nelson-6'] as const
  const id = await its.add({ name: 'judged', chart: { kind: 'i-mr', subgroupSize: 1, rules: [...rules], autoLimitsAfter: null } })
  await given(id, { center: 10, sigma: 0.01 })
  const values = Array.from({ length: 60 }, (_, i) => 10 + 0.01 * (2.2 * Math.sin(i * 1.7) + (i > 40 ? 1.2 : 0) + (i === 20 ? 4 : 0)))
  const stream = chartStream({ kind: 'i-mr', given: { center: 10, sigma: 0.01 }, rules: { on: rules } })
  let part = its.quality
  for (const [i, value] of values.entries()) {
    // every few points a gateway without anything in memory
    if (i % 13 === 12) part = its.another()
    const { signals } = await part.core.enter({ entryId: `judged_${i}`, characteristicId: id, values: [value], source: 'form' }, { name: 'Ann' })
    const expected = stream
      .add({ values: [value] })
      .panels.flatMap(({ name, signals }) => signals.map(({ rule, from, at }) => `${name} ${rule} ${from + 1}-${at + 1}`))
    const found = signals.filter((one) => one.chart !== 'tolerance').map((one) => `${one.chart} ${one.rule} ${one.subgroups[0]}-${one.subgroups.at(-1)}`)
    expect([i, ...found.sort()]).toEqual([i, ...expected.sort()])
  }
  const kept = await its.call<SignalView[]>(listSignals, { query: { characteristicId: id, open: false, limit: 1000 } })
  const drawn = await chart(id, { last: 25 })
  const shown = drawn.charts.flatMap(({ name, signals }) => signals.map(({ rule, at }) => `${name} ${rule} ${at + 36}`))
  expect(shown.sort()).toEqual(
    kept
      .filter(({ subgroup }) => subgroup >= 36)
      .map(({ chart: name, rule, subgroup }) => `${name} ${rule} ${subgroup}`)
      .sort(),
  )
})

test('first limits are made by themselves, and a signal that asks for a cause locks until it is given', async () => {
  const id = await its.add({
    name: 'locks',
    afterSignal: 'cause-and-action',
    afterOutOfTolerance: 'cause',
    chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: 20 },
  })
  for (let i = 0; i < 20; i += 1) await its.enter(id, 10 + (i % 2) * 0.01)
  const limits = await its.call<ControlLimits[]>(listControlLimits, { params: { id } })
  expect(limits).toMatchObject([{ source: 'data', basis: { from: 1, to: 20, points: 20 }, by: 'Cellwright' }])
  const { signals, isLocked } = await its.enter(id, 10.2)
  expect(isLocked).toBe(true)
  expect(signals.map(({ rule, asks }) => [rule, asks])).toEqual([
    ['out-of-tolerance', 'cause'],
    ['nelson-1', 'cause-and-action'],
    ['nelson-1', 'cause-and-action'],
  ])
  expect(await codeOf(its.enter(id, 10))).toBe('characteristic-locked')
  // what was measured elsewhere comes in all the same, and asks for nothing
  expect((await its.enter(id, 10.3, { source: 'import' })).signals.map(({ asks }) => asks)).toEqual(['nothing', 'nothing', 'nothing'])
  expect((await its.get(id)).characteristic.openSignals).toHaveLength(3)
  const cause = await its.call<CatalogueEntry>(addToCatalogue, { body: { kind: 'cause', title: 'chip under the part', isRetired: false } })
  expect(await codeOf(its.call(addToCatalogue, { body: { kind: 'cause', title: 'Chip under the part ', isRetired: false } }))).toBe('catalogue-entry-exists')
  const mark = (body: object, caller = callerWith()) =>
    its.call<{ marks: Mark[]; isLocked: boolean }>(addMarks, { params: { id }, body: { subgroups: [21], ...body }, caller })
  expect(await codeOf(mark({ kind: 'cause' }))).toBe('reason-missing')
  expect(await codeOf(mark({ kind: 'action', entryId: cause.id }))).toBe('catalogue-entry-not-found')
  expect(await codeOf(mark({ kind: 'comment', text: 'x', subgroups: [99] }))).toBe('subgroup-not-found')
  expect(await codeOf(mark({ kind: 'exclude', text: 'wrong part' }, callerWith('quality.enter')))).toBe('not-allowed')
  expect(await mark({ kind: 'cause', entryId: cause.id })).toMatchObject({ isLocked: true, marks: [{ title: 'chip under the part' }] })
  expect((await its.get(id)).characteristic.openSignals).toHaveLength(2)
  expect(await mark({ kind: 'action', text: 'cleaned' })).toMatchObject({ isLocked: false })
  expect(await codeOf(its.enter(id, 10))).toBe('taken')
  await its.call(changeCatalogue, { params: { id: cause.id }, body: { title: 'chip', isRetired: true } })
  expect(await its.call<CatalogueEntry[]>(listCatalogue, { query: { retired: true } })).toMatchObject([{ revision: 2, title: 'chip', isRetired: true }])
})

test('a correction counts on the chart and settles what it put right; what was entered stays', async () => {
  const id = await its.add({
    name: 'corrected',
    afterOutOfTolerance: 'cause',
    chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null },
  })
  await given(id, { center: 10, sigma: 0.02 })
  await its.enter(id, 10)
  const { measurements } = await its.enter(id, 100.1)
  const correct = (value: number, correctionId = 'correction_1') =>
    its.call<Measurement>(correctMeasurement, { params: { id: measurements[0]?.id }, body: { correctionId, value, reason: 'a digit too many' } })
  expect(await correct(50, 'correction_0')).toMatchObject({ isInTolerance: false })
  expect((await its.get(id)).characteristic.isLocked).toBe(true)
  expect(await correct(10.01)).toMatchObject({
    value: 10.01,
    isInTolerance: true,
    corrections: [
      { from: 100.1, value: 50 },
      { from: 50, value: 10.01, reason: 'a digit too many' },
    ],
  })
  expect(await correct(10.01)).toMatchObject({ corrections: { length: 2 } })
  expect(await codeOf(correct(11))).toBe('entry-id-used')
  expect((await its.get(id)).characteristic).toMatchObject({ isLocked: false, last: { value: 10.01, isInTolerance: true } })
  expect(await chart(id)).toMatchObject({ points: { values: [[10], [10.01]], corrected: [0, 1], outOfTolerance: [0, 0] }, charts: [{ signals: [] }, {}] })
  expect(its.audited.filter(({ action }) => action === 'corrected a measurement')).toHaveLength(2)
  await expect(its.db.updateTable('measurement').set({ value: 1 }).execute()).rejects.toThrow(/append-only/)
  await expect(its.db.deleteFrom('measurementCorrection').execute()).rejects.toThrow(/append-only/)
})

test('an excluded point keeps out of limits and rules until it is taken in again', async () => {
  const id = await its.add({ name: 'excluded', chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null } })
  for (let i = 0; i < 12; i += 1) await its.enter(id, i === 5 ? 11 : 10 + (i % 3) * 0.01)
  const limits = () =>
    its.call<ControlLimits>(setControlLimits, { params: { id }, body: { phase: 'made', limits: { source: 'data', from: 1, to: 12 }, reason: 'a test' } })
  const mark = (kind: string) => its.call(addMarks, { params: { id }, body: { kind, subgroups: [6], text: 'wrong part' } })
  const withIt = await limits()
  await mark('exclude')
  const without = await limits()
  expect(without.given.sigma).toBeLessThan((withIt.given.sigma ?? 0) / 5)
  expect((await chart(id)).points.excluded[5]).toBe(1)
  expect((await chart(id)).charts[0]?.signals).toEqual([])
  await mark('include')
  expect((await chart(id)).charts[0]?.signals).toMatchObject([{ rule: 'nelson-1', at: 5 }])
})

test('limits hold from their time on, each phase with its own', async () => {
  const id = await its.add({ name: 'phases', chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null } })
  expect(await codeOf(given(id, { center: 10 }))).toBe('limits-impossible')
  expect(await codeOf(its.call(setControlLimits, { params: { id }, body: { phase: 'x', limits: { source: 'data', from: 1, to: 9 }, reason: 'a test' } }))).toBe(
    'limits-impossible',
  )
  await given(id, { center: 10, sigma: 0.01 }, { phase: 'old spindle' })
  for (const value of [10, 10.005, 10.01]) await its.enter(id, value)
  await given(id, { center: 12, sigma: 0.01 }, { phase: 'new spindle' })
  expect((await its.enter(id, 12)).signals.map(({ chart: name }) => name)).toEqual(['tolerance'])
  const drawn = await chart(id)
  expect(drawn.phases).toMatchObject([
    { name: 'old spindle', from: 0, to: 2, center: 10 },
    { name: 'new spindle', from: 3, to: 3, center: 12 },
  ])
  // moving ranges begin anew with a phase
  expect(drawn.charts[1]?.value[3]).toBeNull()
  expect((await its.get(id)).characteristic.limitId).toBe(drawn.phases[1]?.limitId)
})

test('capability is that of the engine, without excluded points; a long range is reckoned beside the loop', async () => {
  const id = await its.add({ name: 'capable', chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null } })
  const capability = (query: object = {}) => its.call<CapabilityView>(getCapability, { params: { id }, query: { last: 10_000, ...query } })
  expect(await capability()).toMatchObject({ problem: { code: 'too-few' } })
  for (const value of [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]) await its.enter(id, value / 5)
  const found = await capability()
  expect(found.mean).toBeCloseTo(50.81 / 5, 9)
  expect(found.indices?.within.sigma).toBeCloseTo(1.8778 / 5 / 1.128379, 4)
  expect(found.normality?.adjusted).toBeCloseTo(0.33458171, 6)
  await sql`insert into measurement (id, characteristic, "characteristicId", revision, seq, subgroup, value, nominal, lower, upper, unit, "isInTolerance", "entryId", place, at)
    select 'msr_long_' || i, 'capable', ${id}, 1, 10 + i, 10 + i, 10 + sin(i) * 0.01, 10, 9.9, 10.1, 'mm', true, 'long_' || i, 0, now() from generate_series(1, 5000) i`.execute(
    its.db,
  )
  await its.db.updateTable('characteristic').set({ seq: 5010, subgroup: 5010 }).where('id', '=', id).execute()
  expect(await capability()).toMatchObject({ values: 5010, subgroups: 5010, normalPlot: { value: { length: 500 } } })
  const long = await its.quality.core.chart(id, { last: 100_000 })
  expect(long).toMatchObject({ total: 5010, characteristicId: id, points: { subgroup: { length: 5010 } } })
  expect(long.points.values).toBeUndefined()
  // the same, reckoned here
  const short = await its.quality.core.chart(id, { last: 2000 })
  expect(short.charts[0]?.value).toEqual(long.charts[0]?.value.slice(-2000))
})

test('what is entered is told once it is stored, and a listener that fails harms nothing', async () => {
  const id = await its.add({ name: 'told', sampling: { every: 'minutes', count: 30 } })
  expect((await its.get(id)).characteristic.due).toMatchObject({ isDue: true })
  const heard: string[] = []
  const stop = its.quality.core.onEntered(({ result }) => {
    heard.push(result.entryId)
    throw new Error('a listener of a test')
  })
  const { entryId } = await its.enter(id, 10)
  stop()
  expect(heard).toEqual([entryId])
  expect(its.news.at(-1)).toMatchObject({ kind: 'entered', characteristicId: id, values: [10] })
  expect((await its.get(id)).characteristic.due).toMatchObject({ isDue: false })
  // what somebody writes with it is there or not at all
  const also = (fails: boolean) =>
    its.quality.core.enter({ entryId: `also_${fails}`, characteristicId: id, values: [10.02], source: 'form' }, { name: 'Ann' }, async (tx, result) => {
      await sql`insert into "qualityCatalogue" ("entryId", revision, kind, title, "isRetired", by) values (${result.entryId}, 1, 'cause', ${result.entryId}, false, 'Ann')`.execute(
        tx,
      )
      if (fails) throw new Error('no')
    })
  await expect(also(true)).rejects.toThrow('no')
  await also(false)
  const { rows } = await sql<{ title: string }>`select title from "qualityCatalogue" where title like 'also%'`.execute(its.db)
  expect(rows).toEqual([{ title: 'also_false' }])
  expect((await its.get(id)).characteristic.measured).toBe(2)
})

test('what is due by parts counts the programs that its machine has finished since, and is found by its machine', async () => {
  const id = await its.add({ name: 'each third part', machineId: 'mill', sampling: { every: 'parts', count: 3 } })
  const due = async () =>
    (await its.call<Characteristic[]>(listQualityCharacteristics, { query: { machineId: 'mill', limit: 10 } })).map((one) => [one.id, one.due])
  expect(await due()).toEqual([[id, { isDue: true, partsSince: 0 }]])
  await its.enter(id, 10)
  const job = {
    kind: 'program',
    queue: 'machine-mill',
    name: 'p.nc',
    request: '{}',
    requestedBy: 'Ann',
    isReady: true,
    machineId: 'mill',
    runId: 'run_p',
  } as const
  const after = new Date(Date.now() + 1000).toISOString()
  const before = new Date(Date.now() - 60_000).toISOString()
  await its.db
    .insertInto('job')
    .values([
      { ...job, id: 'job_p0', state: 'completed', endedAt: before },
      { ...job, id: 'job_p1', state: 'completed', endedAt: after },
      { ...job, id: 'job_p2', state: 'failed', endedAt: after },
      { ...job, id: 'job_p3', state: 'completed', endedAt: after, machineId: 'lathe' },
      { ...job, id: 'job_p4', state: 'completed', endedAt: after },
    ])
    .execute()
  expect(await due()).toEqual([[id, { isDue: false, partsSince: 2 }]])
  await its.db
    .insertInto('job')
    .values({ ...job, id: 'job_p5', state: 'completed', endedAt: after })
    .execute()
  expect(await due()).toEqual([[id, { isDue: true, partsSince: 3 }]])
})

test('figures tell what was entered, refused and waits', async () => {
  const id = await its.add({ name: 'counted', afterOutOfTolerance: 'cause' })
  const registry = new Registry()
  countQuality(registry, its.quality.counts, its.store)
  const figure = async (name: string) => Number(new RegExp(`^cellwright_quality_${name} (\\d+)`, 'm').exec(await registry.metrics())?.[1])
  const before = [await figure('entries_total'), await figure('entries_refused_total'), await figure('locked')]
  expect(before.every(Number.isFinite)).toBe(true)
  await its.enter(id, 11)
  await codeOf(its.enter(id, 10))
  expect([await figure('entries_total'), await figure('entries_refused_total'), await figure('locked')]).toEqual(before.map((one) => one + 1))
  expect(await openSignals(its.db)).toEqual(expect.arrayContaining([expect.objectContaining({ characteristicId: id, rule: 'out-of-tolerance' })]))
})
