import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { MachineView } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { type Condition, createConditions } from './conditions.ts'
import { harvest } from './harvest.ts'
import { ofCertificate, ofConnection, ofDisk, ofMachine, ofSpace, watchProcesses } from './sources.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
  // what sign-in makes for itself
  await sql`create table "user" (id text primary key, name text, username text)`.execute(test.store.db)
  await sql`insert into "user" values ('u1', 'Olga Müller', 'olga')`.execute(test.store.db)
}, 60_000)
afterAll(() => test?.close())
beforeEach(async () => {
  await test.store.db.deleteFrom('notificationEvent').execute()
  await test.store.db.deleteFrom('notificationCondition').execute()
  await test.store.db.deleteFrom('panelMessage').execute()
  await test.store.db.deleteFrom('run').execute()
})
const events = async () =>
  (await test.store.db.selectFrom('notificationEvent').select(['type', 'data']).orderBy('n').execute()).map(({ type, data }) => ({ type, data }))
const types = async () => (await events()).map(({ type }) => type)

const mill = (more: object, guard = 'running') =>
  ({ id: 'mill', name: 'Mill 1', guard, ...(guard === 'running' ? { state: { link: 'connected', ...more } } : {}) }) as unknown as MachineView
const alarm = (text: string) => ({ alarm: { code: 1, text, whatToDo: 'Look.' } })

it('is told once, by whichever host and after every restart, and told when it is over', async () => {
  const { db } = test.store
  const [one, other] = [createConditions(db), createConditions(db)]
  const hard = ofMachine(mill(alarm('Hard limit')), false)
  expect((await Promise.all([one.look(hard), other.look(hard)])).toSorted()).toEqual([0, 1])
  expect(await one.look(hard)).toBe(0)
  // a life that knows nothing of it yet
  expect(await createConditions(db).look(hard)).toBe(0)
  expect(await one.look(ofMachine(mill(alarm('Soft limit')), false))).toBe(1)
  expect(await one.look(ofMachine(mill({}), false))).toBe(1)
  // the other one has not heard that it is over, and another alarm comes
  other.forget()
  expect(await other.look(hard)).toBe(1)
  expect(await types()).toEqual(['machine.alarm', 'machine.alarm', 'machine.alarm-over', 'machine.alarm'])
  expect((await events())[0]?.data).toEqual({ machineId: 'mill', machine: 'Mill 1', text: 'Hard limit', whatToDo: 'Look.' })
})

it('while nobody can see the machine its alarm is not over, and a guard that is being started is no news', async () => {
  const conditions = createConditions(test.store.db)
  await conditions.look(ofMachine(mill({}, 'gone'), true))
  expect(await types()).toEqual([])
  await conditions.look(ofMachine(mill(alarm('Hard limit')), false))
  await conditions.look(ofMachine(mill({ link: 'lost' }), false))
  await conditions.look(ofMachine(mill({}, 'gone'), false))
  expect(await types()).toEqual(['machine.alarm', 'machine.link-lost'])
  await conditions.look(ofMachine(mill(alarm('Hard limit')), false))
  expect(await types()).toEqual(['machine.alarm', 'machine.link-lost', 'machine.link-back'])
})

it('connections, disk, certificate and processes', async () => {
  const conditions = createConditions(test.store.db)
  const now = Date.parse('2026-06-01T00:00:00Z')
  const erp = { connectionId: 'con_1', connection: 'ERP', since: new Date(now - 60_000) }
  const disk = (state: 'ok' | 'low' | 'critical' | 'full') => ofDisk({ state, path: '/data', freeBytes: 1e9, totalBytes: 1e11 }, 'here')
  const look = (all: Condition[]) => conditions.look(all)
  // it breaks for a moment and mends itself
  await look(ofConnection({ ...erp, state: 'failing', since: new Date(now - 1000) }, now))
  await look(ofConnection({ ...erp, state: 'running' }, now))
  expect(await types()).toEqual([])
  await look(ofConnection({ ...erp, state: 'failing', reason: 'refused' }, now))
  await look(ofConnection({ ...erp, state: 'starting' }, now))
  await look(ofConnection({ ...erp, state: 'running' }, now))
  for (const state of ['ok', 'low', 'low', 'critical', 'full', 'ok'] as const) await look(disk(state))
  const certificate = (endsAt: string) => [ofCertificate({ endsAt, names: ['cell'] }, 'here', now)]
  await look(certificate('2026-09-01T00:00:00Z'))
  await look(certificate('2026-06-10T00:00:00Z'))
  const processes = watchProcesses('here')
  for (let restarts = 0; restarts <= 3; restarts += 1) await look(processes([{ name: 'runtime', state: 'running', restarts }], restarts === 3, restarts * 1000))
  expect(await types()).toEqual([
    ...['connection.lost', 'connection.back', 'disk.low', 'disk.low', 'disk.low', 'disk.ok', 'certificate.ends'],
    ...['process.safe-mode', 'process.unstable'],
  ])
})

it('a budget that cannot be kept is told once; that of the database by the host that leads', async () => {
  const conditions = createConditions(test.store.db)
  const full = [{ kind: 'database' as const, bytes: 2e9, limitBytes: 1e9 }]
  await conditions.look(ofSpace(full, 'there', false))
  expect(await types()).toEqual([])
  for (const over of [[], full, full.map((one) => ({ ...one, bytes: 3e9 })), [], full]) await conditions.look(ofSpace(over, 'here', true))
  expect(await events()).toEqual([
    { type: 'space.over', data: full[0] },
    { type: 'space.over', data: full[0] },
  ])
  // logs are of each host
  for (const host of ['here', 'there']) await conditions.look(ofSpace([{ kind: 'logs', bytes: 2, limitBytes: 1 }], host, false))
  expect(await types()).toEqual(['space.over', 'space.over', 'space.over', 'space.over'])
})

it('rows of other parts become events, once; what was before this installation told anything does not', async () => {
  const { db } = test.store
  const names = { machine: () => 'Mill 1' }
  const message = (id: string, at: Date) => ({
    id,
    key: `flow ${id}`,
    kind: 'flow' as const,
    priority: 'warning' as const,
    title: 'Bin is full',
    at,
    needsAck: false,
    machineId: 'mill',
  })
  await db
    .insertInto('panelMessage')
    .values(message('msg_old', new Date(Date.now() - 1000)))
    .execute()
  expect(await harvest(db, names)).toBe(0)
  await db.insertInto('panelMessage').values(message('msg_1', new Date())).execute()
  await db
    .insertInto('run')
    .values({
      id: 'run_1',
      state: 'failed',
      triggerNodeId: 'n',
      triggerNodeType: 'cw-button',
      flowName: 'Cell',
      startedAt: new Date(),
      endedAt: new Date(),
      summary: 'It broke.',
      detail: '[]',
    })
    .execute()
  expect(await harvest(db, names)).toBe(2)
  expect(await harvest(db, names)).toBe(0)
  // it says something new: told anew
  await db
    .updateTable('panelMessage')
    .set({ title: 'Bin overflows', at: new Date(Date.now() + 5) })
    .where('id', '=', 'msg_1')
    .execute()
  expect(await harvest(db, names)).toBe(1)
  expect(await types()).toEqual(['run.failed', 'message.shown', 'message.shown'])
  expect((await events()).at(-1)?.data).toMatchObject({ title: 'Bin overflows', machine: 'Mill 1' })
})

it('a sign-in from an address that was not theirs before is news; the first of all is not', async () => {
  const { db } = test.store
  const names = { machine: (id: string) => id }
  await harvest(db, names)
  for (const [seq, address] of ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2'].entries())
    await db
      .insertInto('audit')
      .values({
        id: `aud_${seq}`,
        at: new Date(Date.now() + seq),
        who: 'olga',
        via: 'session',
        action: 'signed in',
        detail: JSON.stringify({ address }),
        seq,
        prev: `${seq}`,
        hash: `${seq + 1}`,
      })
      .execute()
  expect(await harvest(db, names)).toBe(1)
  expect(await events()).toEqual([{ type: 'sign-in.new-device', data: { userName: 'olga', person: 'Olga Müller', address: '10.0.0.2' } }])
})
