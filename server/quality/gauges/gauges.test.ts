/** The register over a real database: what is kept, refused, told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../../base/log.ts'
import type { Gauge, PanelMessage } from '../../api/index.ts'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import type { Gauges } from './contract.ts'
import { createGauges } from './index.ts'
import { createGaugeReminders } from './reminders.ts'
import { calibrationState, daysLater } from './state.ts'

const caller = { userId: 'u1', name: 'Ann' }
const DAY_MS = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString()

describe('the register of gauges', () => {
  let test: TestStore
  let gauges: Gauges
  let count = 0
  let news: unknown[] = []
  const call = <T>(id: string, context: object) => gauges.routes.find(({ route }) => route.id === id)!.run({ caller, ...context } as never) as Promise<T>
  const definition = (more: object = {}) => ({ name: `Caliper ${count}`, unit: 'mm', intervalDays: 365, isRetired: false, ...more })
  const add = (more: object = {}) => call<Gauge>('createGauge', { body: { definition: definition(more) } })
  const calibrate = (id: string, body: object) => call<Gauge>('addCalibration', { params: { id }, body: { passed: true, ...body } })

  beforeAll(async () => {
    test = await startTestStore()
  })
  afterAll(() => test?.close())
  beforeEach(() => {
    count += 1
    news = []
    gauges = createGauges({ store: test.store, audit: { record() {} }, live: { publish: (_topic, change) => void news.push(change) } })
  })

  it('keeps every definition and every calibration, the newest on top', async () => {
    const made = await add({ place: '' })
    expect(made).toMatchObject({ revision: 1, state: 'never', definition: definition() })
    expect(made.definition).not.toHaveProperty('place')
    await call('changeGauge', { params: { id: made.id }, body: { definition: definition({ maker: 'Mitutoyo' }), revision: 1, reason: 'read from its plate' } })
    await calibrate(made.id, { at: ago(30), certificate: 'C-1', lab: 'DAkkS 12' })
    await calibrate(made.id, { at: ago(400), certificate: 'C-0' })
    const { gauge, calibrations, revisions } = await call<{ gauge: Gauge; calibrations: { certificate: string }[]; revisions: object[] }>('getGauge', {
      params: { id: made.id },
    })
    expect(gauge).toMatchObject({ revision: 2, state: 'good', calibration: { certificate: 'C-1', by: 'Ann' } })
    expect(calibrations.map(({ certificate }) => certificate)).toEqual(['C-1', 'C-0'])
    expect(revisions).toMatchObject([{ revision: 2, reason: 'read from its plate', by: 'Ann' }, { revision: 1 }])
    expect(news).toHaveLength(4)
    expect(news[0]).toEqual({ kind: 'changed', what: 'gauge' })
  })
  it('says how each stands: never, good, due soon, overdue, failed until a later one passes', async () => {
    const { id } = await add()
    expect((await calibrate(id, { at: ago(360) })).state).toBe('due-soon')
    expect((await calibrate(id, { at: ago(350), dueAt: ago(1) })).state).toBe('overdue')
    expect((await calibrate(id, { at: ago(2), passed: false, comment: 'jaw is worn' })).state).toBe('failed')
    const good = await calibrate(id, { at: ago(1) })
    expect(good.state).toBe('good')
    expect(Math.round((Date.parse(good.calibration!.dueAt) - Date.now()) / DAY_MS)).toBe(364)
    // one noted for the same moment takes its place
    const { at } = good.calibration!
    expect((await calibrate(id, { at, passed: false })).state).toBe('failed')
  })
  it('does not keep rows that contradict themselves or each other', async () => {
    const made = await add()
    await expect(add({ name: `CALIPER ${count}` })).rejects.toMatchObject({ code: 'gauge-exists' })
    await expect(add({ name: ' ' })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(add({ name: `other ${count}`, connectionId: 'con_none' })).rejects.toMatchObject({ code: 'connection-not-found' })
    const { id } = await add({ name: `no interval ${count}`, intervalDays: undefined })
    await expect(calibrate(id, { at: ago(1) })).rejects.toMatchObject({ code: 'due-date-missing' })
    await expect(calibrate(id, { at: ago(1), dueAt: ago(2) })).rejects.toMatchObject({ code: 'calibration-reversed' })
    await expect(calibrate(id, { at: ago(-1), dueAt: ago(-9) })).rejects.toMatchObject({ code: 'calibration-ahead' })
    await expect(calibrate('gau_none', { at: ago(1) })).rejects.toMatchObject({ code: 'gauge-not-found' })
    const change = { params: { id: made.id }, body: { definition: definition({ isRetired: true }), revision: 1, reason: 'lost' } }
    const both = await Promise.allSettled([call('changeGauge', change), call('changeGauge', change)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'gauge-changed' } })
    expect((await call<Gauge[]>('listGauges', { query: { retired: false } })).map(({ id: each }) => each)).not.toContain(made.id)
    // its name is free again
    await add()
    await expect(test.store.db.deleteFrom('gaugeCalibration').execute()).rejects.toThrow(/append-only/)
  })
  it('reminds the panels while a gauge is due, and stops when it is calibrated', async () => {
    const open = new Map<string, string>()
    const reminders = createGaugeReminders({
      gauges,
      messages: {
        raise({ key, title }) {
          open.set(key!, title)
          return {} as PanelMessage
        },
        end: (key) => void open.delete(key),
      },
      log: createLog('test', 'silent'),
      leads: () => true,
    })
    const { id } = await add()
    await calibrate(id, { at: ago(400), dueAt: ago(3) })
    await reminders.start()
    expect(open.get(`gauge ${id}`)).toBe(`Gauge "Caliper ${count}": calibration overdue`)
    await calibrate(id, { at: ago(1) })
    await expect.poll(() => open.has(`gauge ${id}`)).toBe(false)
    reminders.close()
  })
})

describe('a calibration', () => {
  const at = new Date('2026-01-01T08:00:00Z')
  const days = (n: number) => at.getTime() + n * DAY_MS
  it('of a short interval is due soon in its last quarter only', () => {
    const week = { calibratedAt: at, dueAt: new Date(days(8)), passed: true }
    expect(calibrationState(week, days(5))).toBe('good')
    expect(calibrationState(week, days(6))).toBe('due-soon')
    expect(calibrationState(week, days(8))).toBe('overdue')
  })
  it('is due so many calendar days later', () => {
    expect(daysLater(new Date(2026, 2, 1, 8), 60)).toEqual(new Date(2026, 3, 30, 8))
  })
})
