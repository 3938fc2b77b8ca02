/** Reading a table, against a real PostgreSQL. */

import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { startTestPostgres } from '../../server/store/testing.ts'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import type { RunningConnector } from '../contract.ts'
import { eventConformance } from '../event-conformance.ts'
import type { AnyConnector } from '../index.ts'
import { eventGateway } from '../testing-events.ts'
import { postgresEvents } from './index.ts'
import { markAfter } from './read-mark.ts'
import { type OtherSide, otherSide } from './testing.ts'

type Settings = Parameters<typeof postgresEvents.start>[0]['settings']
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })

describe('rows of a table', () => {
  let side: OtherSide
  let other: Client
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector | undefined
  let base: Settings
  let secrets: Record<string, string>
  const ids = () => gateway.events.map(({ payload }) => (payload as { row: { id: number } }).row.id)

  beforeAll(async () => {
    side = otherSide(await startTestPostgres({ port: 0 }))
    base = {
      ...side.address,
      tls: false,
      how: 'poll',
      table: 'orders',
      cursorColumn: 'id',
      everySeconds: 0.2,
      lateSeconds: 60,
      beginsWith: 'new',
    }
    secrets = side.secrets
    other = new Client({ connectionString: side.connectionString })
    await other.connect()
  })
  afterAll(async () => {
    await other.end()
    await side.close()
  })
  beforeEach(async () => {
    gateway = eventGateway()
    await other.query('drop table if exists orders; create table orders (id bigserial primary key, part text)')
  })
  afterEach(() => stop())
  const start = async (more: Partial<Settings> = {}) => {
    running = await postgresEvents.start({ settings: { ...base, ...more }, secrets, context: gateway.context })
  }
  const stop = async () => {
    gateway.end()
    await running?.close()
    running = undefined
  }
  /** Another life of the connection; the gateway keeps what it has. */
  const restart = async (more: Partial<Settings> = {}) => {
    await stop()
    const before = gateway
    gateway = eventGateway()
    Object.assign(gateway.marks, before.marks)
    await start(more)
  }
  const hasBegun = () => eventually(() => Object.keys(gateway.marks).length).toBe(1)
  /** Waits until the table was looked at so often. */
  const looks = async (count: number) => {
    const last = async () =>
      (await other.query<{ at: string }>(`select query_start::text as at from pg_stat_activity where application_name = 'cellwright-events'`)).rows[0]?.at
    for (let seen = 0; seen < count; seen += 1) {
      const before = await last()
      await expect.poll(last, { timeout: 30_000 }).not.toBe(before)
    }
  }
  const insert = (part: string) => other.query('insert into orders (part) values ($1)', [part])

  it('come when they are new, each once, with the whole row; what was there before does not, unless asked for', async () => {
    await insert('old')
    await start()
    await hasBegun()
    await insert('plate')
    await insert('shaft')
    await eventually(ids).toEqual([2, 3])
    expect(gateway.events[0]).toMatchObject({ key: '2 2', subject: 'public.orders', payload: { table: 'public.orders', row: { id: 2, part: 'plate' } } })
    await stop()
    gateway = eventGateway()
    await start({ beginsWith: 'all' })
    await eventually(ids).toEqual([1, 2, 3])
  })
  it('that came while the connection was away come when it is back, and none twice', async () => {
    await start()
    await hasBegun()
    await insert('a')
    await eventually(ids).toEqual([1])
    await stop()
    await insert('b')
    await insert('c')
    await restart()
    await eventually(ids).toEqual([2, 3])
  })
  it('that are committed after later ones are found, also over a restart', async () => {
    const slow = new Client({ connectionString: side.connectionString })
    await slow.connect()
    try {
      await start()
      await hasBegun()
      await slow.query(`begin; insert into orders (part) values ('slow')`)
      await insert('quick')
      await eventually(ids).toEqual([2])
      await slow.query('commit')
      await eventually(ids).toEqual([2, 1])
      await slow.query(`begin; insert into orders (part) values ('slow too')`)
      await insert('quick too')
      await eventually(ids).toEqual([2, 1, 4])
      await restart()
      await slow.query('commit')
      await eventually(ids).toEqual([3])
    } finally {
      await slow.end()
    }
  })
  it('are told of at every change when the cursor is the time of the last change', async () => {
    await other.query(`drop table orders; create table orders (id int primary key, part text, changed timestamptz not null)`)
    await start({ cursorColumn: 'changed', keyColumn: 'id', beginsWith: 'all' })
    await hasBegun()
    const at = '2026-03-01 08:00:00.000001+00'
    await other.query(`insert into orders select n, 'x', $1 from generate_series(1, 3) n`, [at])
    await eventually(() => ids().length).toBe(3)
    await other.query(`update orders set part = 'y', changed = '2026-03-01 08:00:00.000002+00' where id = 2`)
    await eventually(ids).toEqual([1, 2, 3, 2])
    expect(gateway.events.at(-1)?.payload).toMatchObject({ row: { part: 'y' } })
  })
  it('wait while the gateway cannot store them; one that it never will is told of as a problem, and holds up no other', async () => {
    await start()
    await hasBegun()
    gateway.be(true)
    await other.query(`insert into orders (part) select 'x' from generate_series(1, 5)`)
    await eventually(() => gateway.states.at(-1)).toMatchObject({ state: 'failing', code: 'store-away' })
    gateway.be(false)
    await eventually(ids).toEqual([1, 2, 3, 4, 5])
    const { context } = gateway
    const store = context.events
    context.events = async (events, mark) => {
      if (events.some(({ payload }) => (payload as { row: { part: string } }).row.part === 'poison'))
        throw new UserError({ code: 'no', message: 'Not this one.' })
      return store(events, mark)
    }
    await other.query(`insert into orders (part) values ('good'), ('poison'), ('good too')`)
    await eventually(ids).toEqual([1, 2, 3, 4, 5, 6, 8])
    expect(gateway.problems).toMatchObject([{ source: 'public.orders', reason: 'Not this one.' }])
  })
  it('that were taken out again leave it in words when the table counts from further down', async () => {
    await other.query(`insert into orders (part) select 'x' from generate_series(1, 5)`)
    await start({ lateSeconds: 0 })
    await hasBegun()
    await other.query(`delete from orders where id > 2`)
    await eventually(() => gateway.states.at(-1)).toMatchObject({ state: 'failing', code: 'cursor-behind' })
    await looks(2)
    await other.query(`insert into orders (id, part) values (9, 'on')`)
    await eventually(ids).toEqual([9])
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
    // each look says how it is, and none first says that all is well
    expect(gateway.states.map(({ state }) => state)).toEqual(['running', 'failing', 'running'])
  })
  it('come from what the settings name, and nothing else: names are looked up, not pasted', async () => {
    await expect(postgresEvents.check({ ...base, table: 'none' }, secrets)).rejects.toMatchObject({ code: 'table-unknown' })
    await expect(postgresEvents.check({ ...base, table: 'orders; drop table orders' }, secrets)).rejects.toMatchObject({ code: 'table-unknown' })
    await expect(postgresEvents.check({ ...base, cursorColumn: 'nothing' }, secrets)).rejects.toMatchObject({ code: 'column-unknown' })
    await expect(postgresEvents.check({ ...base, table: '' }, secrets)).rejects.toMatchObject({ code: 'table-missing' })
    await other.query(`create table if not exists "Odd ""Name" ("The Key" int, part text)`)
    expect((await postgresEvents.check(base, secrets)).map(({ code }) => code)).toEqual(['database-version', 'table-empty'])
    expect((await postgresEvents.check({ ...base, table: 'Odd "Name', cursorColumn: 'The Key' }, secrets)).map(({ code }) => code)).toEqual([
      'database-version',
      'table-empty',
      'cursor-unindexed',
    ])
  })
})

describe('the mark of a table', () => {
  it('never leaves a row behind that others may still come beside, and keeps every row from where the next look begins', () => {
    const rows = fc
      .array(fc.record({ cursor: fc.integer({ min: 0, max: 20 }), at: fc.integer({ min: 0, max: 10 }) }), { maxLength: 40 })
      .map((list) => list.toSorted((a, b) => a.cursor - b.cursor).map(({ cursor, at }, index) => ({ key: `k${index}`, cursor: String(cursor), at })))
    fc.assert(
      fc.property(rows, fc.integer({ min: -1, max: 11 }), (list, until) => {
        const { low, known } = markAfter({ low: undefined, rows: list, until })
        const from = low === undefined ? Number.NEGATIVE_INFINITY : Number(low)
        expect(known).toEqual(list.filter(({ cursor }) => Number(cursor) >= from))
        const lately = list.filter(({ at }) => at > until)
        for (const { cursor } of lately) expect(Number(cursor)).toBeGreaterThanOrEqual(from)
        if (!lately.length && list.length) expect(low).toBe(list.at(-1)?.cursor)
      }),
      { numRuns: rounds(200) },
    )
  })
  it('keeps a bounded number of rows', () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({ key: String(index), cursor: String(index), at: 5 }))
    const { low, known } = markAfter({ low: undefined, rows, until: 0, most: 10 })
    expect([low, known.length]).toEqual(['19', 11])
  })
})

eventConformance(postgresEvents as unknown as AnyConnector, async () => {
  const { address, secrets, ask, vanish, comeBack, close } = otherSide(await startTestPostgres({ port: 0 }))
  await ask('create table news (id bigserial primary key, name text)')
  return {
    settings: { ...address, how: 'poll', table: 'news', cursorColumn: 'id', everySeconds: 0.2, beginsWith: 'all' },
    secrets,
    happen: (names) => ask(`insert into news (name) select name from unnest($1::text[]) with ordinality as t(name, place) order by place`, [names]),
    nameOf: ({ payload }) => String((payload as { row: { name: unknown } }).row.name),
    isOrdered: true,
    vanish,
    comeBack,
    keeps: true,
    close,
  }
})
