/** Against a real PostgreSQL. */
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startTestPostgres } from '../../server/store/testing.ts'
import type { RunningConnector } from '../contract.ts'
import { eventConformance } from '../event-conformance.ts'
import type { AnyConnector } from '../index.ts'
import { eventGateway } from '../testing-events.ts'
import { postgresEvents } from './index.ts'
import { cuttingLine, type OtherSide, otherSide } from './testing.ts'

type Settings = Parameters<typeof postgresEvents.start>[0]['settings']
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })

/** A lost line is tried again after these, one that is refused after a minute. */
const RETRIES_MS = [1_000, 2_000, 60_000]

describe('notifications of a PostgreSQL database', () => {
  let side: OtherSide
  let other: Client
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector
  let settings: Settings
  let secrets: Record<string, string>
  const messages = () => gateway.events.map(({ payload }) => (payload as { message: unknown }).message)

  beforeAll(async () => {
    side = otherSide(await startTestPostgres({ port: 0 }))
    settings = {
      ...side.address,
      tls: false,
      how: 'notify',
      channels: ['orders'],
    }
    secrets = side.secrets
    other = new Client({ connectionString: side.connectionString })
    await other.connect()
    await other.query(`
      create table orders (id int primary key, part text);
      create function told() returns trigger language plpgsql as $$ begin perform pg_notify('orders', row_to_json(new)::text); return new; end $$;
      create trigger told after insert or update on orders for each row execute function told();`)
  })
  afterAll(async () => {
    await other.end()
    await side.close()
  })
  beforeEach(async () => {
    gateway = eventGateway()
    running = await postgresEvents.start({ settings, secrets, context: gateway.context })
  })
  afterEach(async () => {
    gateway.end()
    await running.close()
  })

  it('come with what the trigger of a table says, in order', async () => {
    await other.query(`insert into orders values (1, 'plate'), (2, 'shaft')`)
    await other.query(`notify elsewhere, 'no'`)
    await other.query(`update orders set part = 'disc' where id = 1`)
    await eventually(messages).toEqual([
      { id: 1, part: 'plate' },
      { id: 2, part: 'shaft' },
      { id: 1, part: 'disc' },
    ])
    expect(gateway.events[0]).toMatchObject({ subject: 'orders', text: 'notification on orders' })
  })
  it('are told again until the gateway has stored them', async () => {
    gateway.be(true)
    await other.query(`notify orders, 'plain text'`)
    await eventually(() => gateway.tries()).toBeGreaterThan(0)
    gateway.be(false)
    await eventually(messages).toEqual(['plain text'])
  })
  it('come again by themselves after the connection was lost', async () => {
    await other.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cellwright-events'`)
    await eventually(() => gateway.states.map(({ state }) => state).join()).toMatch(/failing.*,running$/)
    await other.query(`notify orders, '"back"'`)
    await eventually(messages).toEqual(['back'])
  })
  it('come once when the connection is lost again while it begins to listen', async () => {
    /** After what it is going to try again. */
    const tries: number[] = []
    const { setTimeout } = globalThis
    const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void, ms = 0) => {
      if (!RETRIES_MS.includes(ms)) return setTimeout(then, ms)
      tries.push(ms)
      return setTimeout(() => {
        tries.splice(tries.indexOf(ms), 1)
        then()
      }, ms)
    }) as typeof setTimeout)
    onTestFinished(() => timers.mockRestore())
    const line = await cuttingLine(settings)
    gateway.end()
    await running.close()
    gateway = eventGateway()
    running = await postgresEvents.start({ settings: { ...settings, host: '127.0.0.1', port: line.port }, secrets, context: gateway.context })
    try {
      line.cutAt('listen ')
      line.cut()
      await eventually(() => line.opened()).toBeGreaterThan(2)
      await eventually(() => gateway.states.at(-1)?.state).toBe('running')
      // a second one would tell of everything once more
      expect(tries).toEqual([])
      expect(line.opened()).toBe(3)
      await other.query(`notify orders, '"once"'`)
      await other.query(`notify orders, '"last"'`)
      await eventually(() => messages().at(-1)).toBe('last')
      expect(messages()).toEqual(['once', 'last'])
    } finally {
      gateway.end()
      await running.close()
      await line.close()
    }
  })
  it('needs settings that the database takes, and is told of the tables whose triggers tell', async () => {
    const seen = await postgresEvents.check({ ...settings, channels: ['orders', 'unheard'] }, secrets)
    expect(seen).toMatchObject([
      { code: 'database-version', blanks: { database: settings.database } },
      { code: 'channel-told', blanks: { tables: 'orders' } },
      { code: 'channel-untold', blanks: { channel: 'unheard' } },
    ])
    await expect(postgresEvents.check({ ...settings, tls: true }, secrets)).rejects.toMatchObject({ code: 'no-tls' })
    await expect(postgresEvents.check({ ...settings, database: 'none' }, secrets)).rejects.toMatchObject({ code: 'database-unknown' })
    await expect(postgresEvents.check({ ...settings, port: 1 }, secrets)).rejects.toThrow(/does not answer/)
  })
})

eventConformance(postgresEvents as unknown as AnyConnector, async () => {
  const { address, secrets, ask, vanish, comeBack, close } = otherSide(await startTestPostgres({ port: 0 }))
  return {
    settings: { ...address, channels: ['shop'] },
    secrets,
    happen: (names) => ask(`select pg_notify('shop', name) from unnest($1::text[]) with ordinality as t(name, place) order by place`, [names]),
    nameOf: ({ payload }) => String((payload as { message: unknown }).message),
    isOrdered: true,
    vanish,
    comeBack,
    keeps: false,
    close,
  }
})
