/** The log is append-only, its chain holds with several writers, and whatever a hand in the database does to it is found. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { listAudit, setAuditRetention, verifyAudit } from '../api/index.ts'
import { chained } from './chain.ts'
import { trimAudit } from './retention.ts'
import { atColumn, COLUMNS, toChained } from './rows.ts'
import { auditKey } from './signing.ts'
import { ann, startTestAudit, type TestAudit, testSecrets } from './testing.ts'

let its: TestAudit
beforeAll(async () => {
  its = await startTestAudit()
})
afterAll(() => its?.close())

const entries = async (count: number) => {
  for (let n = 0; n < count; n += 1)
    its.audit.record({ caller: ann, action: 'flows.deploy', target: `ver_${n}`, detail: { n, b: 1, a: { z: 'ü', y: [1.5, null] } } })
  await its.audit.written()
}
const verify = (expected?: { seq: number; hash: string }) => its.call(verifyAudit, { body: expected ? { expect: expected } : {} })
const seqs = async () => (await its.shop.store.db.selectFrom('audit').select('seq').orderBy('seq').execute()).map(({ seq }) => seq)
/** Does something to the log, looks, and puts everything back as it was. */
const tampered = async (change: string, { isStranger = false } = {}) => {
  const backup = 'create table "auditKept" as table audit; create table "headKept" as table "auditHead"'
  const back =
    'truncate audit; insert into audit select * from "auditKept"; truncate "auditHead"; insert into "auditHead" select * from "headKept"; drop table "auditKept", "headKept"'
  await its.tamper(backup)
  await its.tamper(change)
  // a gateway that has just come remembers nothing
  const verdict = await its.call(verifyAudit, { body: {} }, isStranger ? its.another() : its.audit)
  await its.tamper(back)
  expect(await verify()).toMatchObject({ isWhole: true })
  return verdict
}

test('an entry says who did what from where, and the chain of all of them is whole', async () => {
  its.audit.record({ who: 'nobody', via: 'pin', action: 'PIN refused' })
  await entries(250)
  const [newest] = await its.call(listAudit, { query: { limit: 1 } })
  expect(newest).toMatchObject({ who: 'ann', whoId: 'u-ann', via: 'session', origin: { address: '192.0.2.7' }, action: 'flows.deploy', target: 'ver_249' })
  const verdict = await verify()
  expect(verdict).toMatchObject({ isWhole: true, checked: 251, first: 1, last: { seq: 251, hash: newest?.hash } })
  expect(await seqs()).toEqual(Array.from({ length: 251 }, (_, n) => n + 1))
})

test('several gateways on one database write one chain', async () => {
  const parts = [its.audit, its.another(), its.another(), its.another()]
  for (let n = 0; n < 120; n += 1) for (const part of parts) part.record({ caller: ann, action: 'job.enqueue', target: String(n) })
  await Promise.all(parts.map((part) => part.written()))
  expect(await verify()).toMatchObject({ isWhole: true, checked: 251 + 480 })
})

test('what text and JSON of PostgreSQL cannot hold is stored all the same, and does not hold up what comes after', async () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  its.audit.record({ who: 'a\0b', action: 'sign-in refused', target: '\ud800', detail: { name: 'x\0y\udfff', 'k\0': 1 } })
  its.audit.record({ caller: ann, action: 'job.plan', detail: circular })
  its.audit.record({ caller: ann, action: 'job.place' })
  await its.audit.written()
  const [after, odd, refused] = await its.call(listAudit, { query: { limit: 3 } })
  expect(after?.action).toBe('job.place')
  expect(odd?.detail).toHaveProperty('unsayable')
  expect(refused).toMatchObject({ who: 'a\uFFFDb', target: '\uFFFD' })
  expect(await verify()).toMatchObject({ isWhole: true })
})

test('is searched by person, action, subject, time and anything in it', async () => {
  its.audit.record({ who: 'berta', via: 'editor', action: 'machine.set-offset', target: 'mill-1', detail: { note: '100 % new' } })
  await its.audit.written()
  const found = async (query: object) => (await its.call(listAudit, { query: { limit: 500, ...query } as never })).map(({ target }) => target)
  expect(await found({ who: 'BERT' })).toEqual(['mill-1'])
  expect(await found({ action: 'machine.', target: 'mill' })).toEqual(['mill-1'])
  // whole actions, those of a page's words: a part of one is not meant
  expect(await found({ actions: 'machine.set-offset,job.plan', who: 'berta' })).toEqual(['mill-1'])
  expect(await found({ actions: 'machine.set' })).toEqual([])
  expect(await found({ search: '100 %' })).toEqual(['mill-1'])
  expect(await found({ search: '192.0.2.7', limit: 2 })).toHaveLength(2)
  expect(await found({ who: 'berta', to: '2020-01-01T00:00:00Z' })).toEqual([])
})

describe('the database refuses', () => {
  test.each([
    ['an update', `update audit set who = 'eve' where seq = 3`],
    ['a delete', 'delete from audit where seq = 3'],
    ['emptying it', 'truncate audit'],
    ['a changed checkpoint', 'truncate "auditCheckpoint"'],
  ])('%s', async (_, text) => {
    const client = new Client({ connectionString: its.shop.database })
    await client.connect()
    await expect(client.query(text)).rejects.toThrow(/append-only/)
    await client.end()
  })
})

describe('with every trigger off, somebody', () => {
  test.each([
    ['changed who did it', `update audit set who = 'eve' where seq = 7`, 'changed', 7],
    ['changed when, by a microsecond', `update audit set at = at + interval '1 microsecond' where seq = 7`, 'changed', 7],
    ['changed a detail', `update audit set detail = '{"n": 8}' where seq = 7`, 'changed', 7],
    ['changed where from', `update audit set origin = null where seq = 7`, 'changed', 7],
    ['deleted one', 'delete from audit where seq = 7', 'missing', 7],
    ['deleted some', 'delete from audit where seq between 7 and 12', 'missing', 7],
    ['deleted the first', 'delete from audit where seq <= 3', 'missing', 1],
    ['deleted the last', 'delete from audit where seq > (select max(seq) - 2 from audit)', 'cut-off', undefined],
    [
      'deleted one and closed the gap',
      `delete from audit where seq = 7; update audit set seq = -seq where seq > 7; update audit set seq = -seq - 1 where seq < 0; update "auditHead" set seq = seq - 1`,
      'changed',
      7,
    ],
    ['exchanged two', `update audit set seq = -7 where seq = 7; update audit set seq = 7 where seq = 8; update audit set seq = 8 where seq = -7`, 'changed', 7],
    ['put the head back', 'update "auditHead" set seq = seq - 2, hash = (select prev from audit where seq = "auditHead".seq - 1)', 'beyond-head', undefined],
    ['emptied everything', `delete from audit; update "auditHead" set seq = 0, hash = repeat('0', 64), signature = null`, 'rolled-back', 1],
  ])('%s', async (_, change, kind, seq) => {
    const verdict = await tampered(change)
    expect(verdict).toMatchObject({ isWhole: false, problem: { kind, ...(seq ? { seq } : {}) } })
    expect(verdict.problem?.message).toMatch(/\w/)
  })

  test('changed an entry and computed every later hash anew', async () => {
    const rows = (
      await its.shop.store.db
        .selectFrom('audit')
        .select([...COLUMNS, atColumn])
        .orderBy('seq')
        .execute()
    ).map(toChained)
    const [before] = rows.slice(8, 9)
    const changed = chained(
      rows.slice(9).map((row, n) => (n === 0 ? { ...row, who: 'eve' } : row)),
      { seq: before?.seq ?? 0, hash: before?.hash ?? '' },
    )
    const list = JSON.stringify(changed.map(({ seq, who, prev, hash }) => ({ seq, who, prev, hash }))).replaceAll("'", "''")
    const rewrite = `update audit set who = e.who, prev = e.prev, hash = e.hash from jsonb_to_recordset('${list}'::jsonb) as e(seq bigint, who text, prev text, hash text) where audit.seq = e.seq`
    const withHead = `${rewrite}; update "auditHead" set hash = '${changed.at(-1)?.hash}'`
    expect(await tampered(rewrite, { isStranger: true })).toMatchObject({ isWhole: false, problem: { kind: 'unlinked' } })
    // with the head as well, but without the key
    expect(await tampered(withHead, { isStranger: true })).toMatchObject({ isWhole: false, problem: { kind: 'head-signature' } })
    expect(await tampered(withHead)).toMatchObject({ isWhole: false, problem: { kind: 'rolled-back' } })
  })
})

test('a database that was put back to an older state is found by who remembers the end: this host, or a person with a note', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-audit-'))
  const witnessFile = join(dir, 'end.json')
  const part = its.another({ witnessFile })
  const noted = (await its.call(verifyAudit, { body: {} }, part)).last
  await its.tamper('create table "auditOld" as table audit; create table "headOld" as table "auditHead"')
  part.record({ caller: ann, action: 'run.pin' })
  await part.written()
  const later = (await its.call(verifyAudit, { body: {} }, part)).last
  await part.close()
  // everything as it was, the properly signed head too
  await its.tamper('truncate audit; insert into audit select * from "auditOld"; truncate "auditHead"; insert into "auditHead" select * from "headOld"')
  expect(await verify(noted)).toMatchObject({ isWhole: true })
  expect(await verify(later)).toMatchObject({ isWhole: false, problem: { kind: 'rolled-back' } })
  const again = its.another({ witnessFile })
  const verdict = await its.call(verifyAudit, { body: {} }, again)
  expect(verdict).toMatchObject({ isWhole: false, problem: { kind: 'rolled-back', params: { by: 'this host' } } })
  // and when the log has gone on, it says so itself
  for (let n = 0; n < 3; n += 1) again.record({ caller: ann, action: 'run.unpin' })
  await again.written()
  expect((await its.call(listAudit, { query: { limit: 500 } })).some(({ action }) => action === 'audit.rolled-back')).toBe(true)
  expect(await its.call(verifyAudit, { body: {} }, again)).toMatchObject({ isWhole: false })
  await again.close()
  await its.tamper(
    'truncate audit; insert into audit select * from "auditOld"; truncate "auditHead"; insert into "auditHead" select * from "headOld"; drop table "auditOld", "headOld"',
  )
  rmSync(dir, { recursive: true, force: true })
})

test('what is too old is removed; a signed checkpoint stands for it, and the chain still verifies', async () => {
  const own = await startTestAudit()
  try {
    for (let n = 0; n < 30; n += 1) own.audit.record({ caller: ann, action: 'run.pin', target: String(n) })
    await own.audit.written()
    await own.call(setAuditRetention, { body: { maxAgeDays: 30 } })
    await own.audit.written()
    const deps = { db: own.shop.store.db, key: auditKey(testSecrets()), log: createLog('test', 'silent') }
    expect(await trimAudit(deps)).toBe(0)
    const removed = await trimAudit({ ...deps, now: () => Date.now() + 31 * 86_400_000 })
    expect(removed).toBeGreaterThanOrEqual(30)
    const verdict = await own.call(verifyAudit, { body: {} })
    expect(verdict).toMatchObject({ isWhole: true, checkpoints: 1, first: removed + 1 })
    const [newest] = await own.call(listAudit, { query: { limit: 1 } })
    expect(newest).toMatchObject({ action: 'audit.trim', detail: { upTo: removed, removed, by: 'Ann' } })
    for (let n = 0; n < 3; n += 1) own.audit.record({ caller: ann, action: 'run.unpin' })
    await own.audit.written()
    // more than the checkpoint stands for may not go, and a checkpoint of somebody else stands for nothing
    await own.tamper(`delete from audit where seq = ${removed + 1}`)
    expect(await own.call(verifyAudit, { body: {} })).toMatchObject({ isWhole: false, problem: { kind: 'missing', seq: removed + 1 } })
    await own.tamper(
      `insert into "auditCheckpoint" select seq, hash, 1, at, at, 'eve', null, 'forged', now(), repeat('A', 86) || '==' from (select seq - 1 as seq, prev as hash, at from audit order by seq limit 1) first`,
    )
    expect(await own.call(verifyAudit, { body: {} })).toMatchObject({ isWhole: false, problem: { kind: 'checkpoint-signature' } })
  } finally {
    await own.close()
  }
})
