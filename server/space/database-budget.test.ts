/** The budget of the database: what goes, in which order, what stays, and that it ends although the files do not become smaller. */
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { keepDatabaseWithin } from './database-budget.ts'
import { databaseBytes, type LiveSize, liveSize } from './live-size.ts'

const MB = 1024 * 1024
const never = new AbortController().signal

describe('the budget of the database', { timeout: 120_000 }, () => {
  let test: TestStore
  let client: Client
  beforeAll(async () => {
    test = await startTestStore()
    client = new Client({ connectionString: test.database })
    await client.connect()
  }, 60_000)
  afterAll(async () => {
    await client?.end()
    await test?.close()
  })
  beforeEach(() => fill())
  afterEach(() => client.query('truncate run, "runMessage", "runLink", step, "triggerFiring", "notificationEvent", job, "workOrder" cascade'))

  /** 400 runs of 10 days ago and later, one every half hour, with 20 kB of messages each that nothing compresses, and what belongs to them. */
  const fill = async () => {
    await client.query(`
      insert into run (id, state, "triggerNodeId", "triggerNodeType", "startedAt", "endedAt", detail)
        select 'run_' || lpad(i::text, 4, '0'), 'completed', 'n', 't', now() - (400 - i) * interval '30 minutes', now() - (400 - i) * interval '30 minutes', to_jsonb(repeat('x', 100))
        from generate_series(1, 400) i;
      insert into "runMessage" ("runId", seq, bytes, "isWhole", message)
        select id, 1, 20000, true, (select string_agg(md5(random()::text || id || g), '') from generate_series(1, 640) g) from run;
      insert into "runLink" ("runId", kind, "targetId", text) select id, 'note', 'x', 'x' from run;
      insert into "triggerFiring" (id, "triggerId", key, cause, state, "dueAt", at)
        select 'fir_' || lpad(i::text, 4, '0'), 't', i::text, 'time', case when i = 1 then 'offered' else 'begun' end, now() - (400 - i) * interval '30 minutes', now() - (400 - i) * interval '30 minutes'
        from generate_series(1, 400) i;
      insert into "notificationEvent" (id, key, type, severity, data, at, "recordedAt", "routedAt")
        select 'ntf_' || i, i::text, 'disk.ok', 'info', '{}', now() - interval '3 days', now() - interval '3 days', now() from generate_series(1, 3) i;
      insert into "notificationDelivery" (id, "eventId", channel, "to", language, state, "nextAt") values ('d1', 'ntf_1', 'mail', 'x', 'en', 'waiting', now()), ('d2', 'ntf_2', 'mail', 'x', 'en', 'sent', now());
      insert into job (id, kind, queue, name, state, request, "requestedBy", "runId", "endedAt")
        values ('job_1', 'program', 'm', 'open', 'failed', '{}', 'ann', 'run_0003', now() - interval '9 days'),
          ('job_2', 'program', 'm', 'old', 'completed', '{}', 'ann', 'run_0004', now() - interval '9 days'),
          ('job_3', 'program', 'm', 'of this week', 'completed', '{}', 'ann', 'run_0005', now() - interval '2 days');
      insert into "workOrder" (id, "connectionId", key, source, "order", state, "runId")
        values ('wo_1', 'c', '1', 's', '{}', 'delivered', 'run_0002'), ('wo_2', 'c', '2', 's', '{}', 'confirmed', 'run_0006');
      update run set state = 'active', "endedAt" = null where id = 'run_0001'`)
    await client.query('vacuum (analyze)')
  }
  const ids = async (table: string, column = 'id') =>
    (await client.query<{ id: string }>(`select distinct "${column}" as id from "${table}" order by 1`)).rows.map(({ id }) => id)
  const keep = (limitBytes: number, signal = never) => keepDatabaseWithin({ database: test.database, limitBytes, signal })
  /** Runs that something open needs. */
  const OPEN = ['run_0001', 'run_0002', 'run_0003']
  const lastDay = (all: readonly string[]) => all.filter((id) => Number(id.slice(-4)) > 400 - 48)

  it('is not touched as long as it fits', async () => {
    expect(await keep((await databaseBytes(client)) + MB)).toBeUndefined()
    expect(await ids('runMessage', 'runId')).toHaveLength(400)
  })

  it('takes the oldest messages first and no more than must; the size of the files does not make it go on', async () => {
    const before: LiveSize = await liveSize(client)
    // a few MB of messages have to go for a tenth of the budget to be free
    const limitBytes = Math.floor(before.counted - 1 * MB)
    const pass = await keep(limitBytes)
    expect(pass).toMatchObject({ suffices: true, limitBytes, rows: { runs: 0, firings: 0, told: 0, jobs: 0 } })
    expect(pass?.rows.messages).toBeGreaterThan(50)
    expect(pass?.afterBytes).toBeLessThan(limitBytes)
    const left = await ids('runMessage', 'runId')
    expect(left.slice(0, 3)).toEqual(OPEN)
    // the newest that went is older than the oldest that stayed
    expect(left.slice(3)).toEqual(Array.from({ length: left.length - 3 }, (_, i) => `run_${String(400 - (left.length - 3) + i + 1).padStart(4, '0')}`))
    expect(await ids('run')).toHaveLength(400)
    // nothing was given back to the disk, and all the same there is nothing more to do
    expect((await liveSize(client)).total).toBeGreaterThan(limitBytes)
    expect(await keep(limitBytes)).toBeUndefined()
    expect(await ids('runMessage', 'runId')).toEqual(left)
  })

  it('never takes what is of the last day, active, open or still to be told, and says when that does not suffice', async () => {
    const runs = await ids('run')
    const pass = await keep(1 * MB)
    expect(pass).toMatchObject({ suffices: false, rows: { told: 3, jobs: 1 } })
    const kept = [...OPEN, ...lastDay(runs)]
    expect(await ids('run')).toEqual(kept)
    expect(await ids('runMessage', 'runId')).toEqual(kept)
    expect(await ids('runLink', 'runId')).toEqual(kept)
    const firings = await ids('triggerFiring')
    expect([firings[0], firings.length]).toEqual(['fir_0001', 49])
    expect(await ids('notificationEvent')).toEqual(['ntf_1'])
    expect(await ids('job')).toEqual(['job_1', 'job_3'])
    expect(await ids('workOrder')).toEqual(['wo_1', 'wo_2'])
    expect(await ids('auditHead', 'seq')).toHaveLength(1)
  })

  it('one host at a time does it; another one leaves it alone', async () => {
    const passes = await Promise.all([keep(1 * MB), keep(1 * MB), keep(1 * MB)])
    expect(passes.filter((pass) => (pass?.rows.messages ?? 0) > 0)).toHaveLength(1)
    expect(await ids('run')).toHaveLength(51)
  })

  it('waits for nobody: what another transaction holds stays for the next time; and ends when told', async () => {
    const other = new Client({ connectionString: test.database })
    await other.connect()
    await other.query('begin')
    await other.query(`select 1 from run where id = 'run_0010' for update`)
    const pass = await keep(1 * MB)
    expect(pass?.rows.runs).toBeGreaterThan(300)
    expect(await ids('run')).toContain('run_0010')
    await other.query('rollback')
    await other.end()
    // with its link
    expect((await keep(1 * MB))?.rows.runs).toBe(2)

    await client.query('truncate run, "runMessage", "runLink", "triggerFiring", "notificationEvent", job, "workOrder" cascade')
    await fill()
    const ending = new AbortController()
    const cut = await keepDatabaseWithin({ database: test.database, limitBytes: MB, signal: ending.signal, onBatch: () => ending.abort() })
    expect(cut?.rows.messages).toBeGreaterThan(0)
    expect(cut?.rows.runs).toBe(0)
  })
})
