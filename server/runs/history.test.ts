import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../base/ids.ts'
import type { FlowNode, RetentionView, RunPin, RunSummary, StepMessage } from '../api/index.ts'
import type { Found } from './query.ts'
import { trim } from './retention.ts'
import { batch, ENDED, startTestHistory, type TestHistory, THREE_HOPS } from './testing.ts'

const EVERYTHING = { maxRuns: 1e6, maxAgeDays: 30, maxBytes: 1e12, maxMessageBytes: 1e12, chunk: 100 }
const message = (seq: number, msg: unknown, isWhole = true) => ({ seq, isWhole, bytes: 10, json: JSON.stringify({ msg, cuts: [] }) })
const engineer = (...capabilities: string[]) => ({ name: 'Ann', capabilities: new Set(capabilities) })

describe('the run history', () => {
  let history: TestHistory
  let flows: FlowNode[] = []
  const asked: { method: string; params: unknown }[] = []
  let secrets: string[] = []
  let isPaused = false
  const trace = (...runs: Parameters<typeof batch>[0]) => {
    const { ids, notice } = batch(runs)
    history.runs.rpc.notifications.trace(notice)
    return ids
  }
  const messagesOf = async (runId: string, seq?: string) =>
    (await history.call('getRunMessages', { params: { runId }, query: seq === undefined ? {} : { seq } })) as StepMessage[]
  const find = async (query: Record<string, unknown>) => (await history.call('searchRuns', { query: { limit: 50, ...query } })) as Found
  beforeAll(async () => {
    history = await startTestHistory({
      flows: () => flows,
      secrets: () => secrets,
      isPaused: () => isPaused,
      ask: (method, params) => {
        asked.push({ method, params })
      },
    })
  })
  afterAll(() => history.close())

  it('keeps what a step was given, and says at the step whether it is whole', async () => {
    const [id = ''] = trace({ detail: THREE_HOPS, messages: [message(0, { payload: 'a\0b' }), message(1, { payload: 2 }, false)], end: ENDED })
    expect((await history.get(id)).detail.map((hop) => hop.message)).toEqual(['whole', 'part', undefined])
    expect(await messagesOf(id)).toMatchObject([
      { seq: 0, msg: { payload: 'ab' }, isWhole: true },
      { seq: 1, msg: { payload: 2 }, isWhole: false },
    ])
    expect(await messagesOf(id, '1')).toHaveLength(1)
  })

  it('while the disk is too full keeps that runs were and what they made, without steps; those that made nothing are only counted', async () => {
    const before = history.runs.metrics()
    isPaused = true
    let plain = ''
    let failed = ''
    const opened = newId('run')
    try {
      await history.runs.open({ id: opened, trigger: { nodeId: 'n1', nodeType: 'cw-button' } })
      await history.runs.link(opened, { kind: 'measurement', id: 'm', text: 'in tolerance' })
      trace({ id: opened, detail: THREE_HOPS, messages: [message(0, { payload: 1 })], end: ENDED })
      ;[plain = '', failed = ''] = trace({ detail: THREE_HOPS, end: ENDED }, { detail: THREE_HOPS, end: { ...ENDED, isFailed: true, text: 2 } })
      expect(await history.get(opened)).toMatchObject({ state: 'completed', hops: 3, detail: [], links: [{ kind: 'measurement' }] })
      expect(await history.get(failed)).toMatchObject({ state: 'failed', detail: [], summary: expect.stringContaining('out of material') })
      await expect(history.get(plain)).rejects.toMatchObject({ code: 'run-not-found' })
    } finally {
      isPaused = false
    }
    expect(history.runs.metrics().runsDropped - before.runsDropped).toBe(1)
    const [after = ''] = trace({ detail: THREE_HOPS, end: ENDED })
    expect((await history.get(after)).detail).toHaveLength(3)
  })

  it('finds the runs of a flow and of a job, asked for in it or done in it, and names the flows that ran', async () => {
    const { db } = history.test.store
    const open = async (flowId: string, flowName: string) => {
      const id = newId('run')
      const at = Date.now()
      await history.runs.open({ id, trigger: { nodeId: `t-${flowId}`, nodeType: 'inject', flowId, flowName } })
      // runs of the same millisecond have no order
      while (Date.now() === at) await pause(1)
      return id
    }
    const [a, b, c] = [await open('tab-a', 'Cell A'), await open('tab-b', 'Cell B'), await open('tab-b', 'Cell B')]
    await history.runs.link(b, { kind: 'program', id: 'job_x', text: 'plate.nc' })
    await db
      .insertInto('job')
      .values({ id: 'job_x', kind: 'program', queue: 'machine-m', name: 'plate.nc', state: 'completed', request: '{}', requestedBy: 'ann', runId: c })
      .execute()
    await history.runs.flush()
    const ids = async (query: Record<string, unknown>) => (await find(query)).runs.map(({ id }) => id)
    expect(await ids({ flowId: 'tab-b' })).toEqual([c, b])
    expect(await ids({ flowId: 'tab-a' })).toEqual([a])
    expect(await ids({ job: 'job_x' })).toEqual([c, b])
    expect(await ids({ job: 'job_x', flowId: 'tab-a' })).toEqual([])
    expect(await ids({ job: 'job_y' })).toEqual([])
    const named = (await history.call('listRunFlows', {})) as { flowId: string; flowName: string }[]
    expect(named.filter(({ flowId }) => flowId.startsWith('tab-')).map(({ flowId, flowName }) => [flowId, flowName])).toEqual([
      ['tab-b', 'Cell B'],
      ['tab-a', 'Cell A'],
    ])
  })

  it('keeps no secret of a connection, and what held one is not whole', async () => {
    secrets = ['s3cr"et-token']
    const [id = ''] = trace({ detail: THREE_HOPS, messages: [message(0, { headers: { 'x-key': 'Bearer s3cr"et-token' } })], end: ENDED })
    await history.runs.flush()
    const [kept] = await messagesOf(id)
    expect(kept).toMatchObject({ isWhole: false, msg: { headers: { 'x-key': 'Bearer ••••' } } })
    expect((await history.get(id)).detail[0]?.message).toBe('part')
    const failed = batch([{ detail: [0, -1, 0, 2, 0, 3, -1], texts: ['GET /?key=s3cr"et-token: 401'], end: { ...ENDED, isFailed: true, text: 0 } }])
    history.runs.rpc.notifications.trace(failed.notice)
    const run = await history.get(failed.ids[0] ?? '')
    expect(run.detail[0]?.error).toBe('GET /?key=••••: 401')
    expect(run.summary).toContain('GET /?key=••••: 401')
    secrets = []
  })

  it('drops a message that is none, and keeps the run', async () => {
    const [id = ''] = trace({ detail: THREE_HOPS, messages: [{ seq: 0, isWhole: true, bytes: 3, json: '{"ms' }, message(1, { payload: 1 })], end: ENDED })
    await history.runs.flush()
    expect((await messagesOf(id)).map(({ seq }) => seq)).toEqual([1])
  })

  it('finds by state, flow, trigger, time and every word', async () => {
    const from = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 5))
    const [good = '', bad = ''] = trace({ detail: THREE_HOPS, end: ENDED }, { detail: THREE_HOPS, end: { ...ENDED, isFailed: true, text: 2 } })
    await history.runs.flush()
    const ids = async (query: Record<string, unknown>) => (await find({ from, ...query })).runs.map(({ id }) => id).toSorted()
    expect(await ids({})).toEqual([good, bad].toSorted())
    expect(await ids({ state: 'failed' })).toEqual([bad])
    expect(await ids({ flowId: 'f1' })).toHaveLength(2)
    expect(await ids({ flowId: 'other' })).toEqual([])
    expect(await ids({ trigger: 'n1', text: 'MATERIAL tick' })).toEqual([bad])
    expect(await ids({ text: 'material tock' })).toEqual([])
    expect(await ids({ to: from })).toEqual([])
  })

  it('goes on where the last page ended', async () => {
    trace(...Array.from({ length: 5 }, () => ({ detail: THREE_HOPS, end: ENDED })))
    await history.runs.flush()
    const first = await find({ limit: 2, text: 'tick' })
    const next = await find({ limit: 2, text: 'tick', before: first.before })
    const listed = (await history.call('listRuns', { query: { limit: 4 } })) as RunSummary[]
    expect([...first.runs, ...next.runs].map(({ id }) => id)).toEqual(listed.map(({ id }) => id))
  })

  it('names what began the last runs', async () => {
    expect(await history.call('listRunTriggers', {})).toContainEqual(expect.objectContaining({ nodeId: 'n1', nodeName: 'tick', flowName: 'Test' }))
  })

  it('draws the flow of the version that ran, without settings', async () => {
    const db = history.test.store.db
    const version = (id: string, at: Date, name: string) =>
      db
        .insertInto('flowVersion')
        .values({
          id,
          rev: id,
          flows: JSON.stringify([
            { id: 'f1', type: 'tab', label: name },
            { id: 'n1', type: 'inject', z: 'f1', x: 1, y: 2, wires: [['n2']], payload: 'secret' },
            { id: 'other', type: 'debug', z: 'f2' },
          ]),
          diff: '{}',
          author: 'Ann',
          at,
          kind: 'full',
          state: 'deployed',
        })
        .execute()
    await version('v1', new Date(Date.now() - 1000), 'old')
    const [id = ''] = trace({ detail: THREE_HOPS, end: ENDED })
    await version('v2', new Date(Date.now() + 60_000), 'new')
    const drawn = await history.call('getRunFlow', { params: { runId: id } })
    expect(drawn).toEqual({
      versionId: 'v1',
      deployedAt: expect.any(String),
      isCurrent: false,
      nodes: [
        { id: 'f1', type: 'tab', label: 'old' },
        { id: 'n1', type: 'inject', z: 'f1', x: 1, y: 2, wires: [['n2']] },
      ],
    })
  })

  describe('a replay', () => {
    const replay = (runId: string, body: Record<string, unknown> = {}, caller = engineer('flows.deploy')) =>
      history.call('replayRun', { params: { runId }, body, caller }) as Promise<{ runId: string }>
    const FROM_TRIGGER = [1, 0, 5, 1, -1, 25, 12, 2, 1, 9, 2, 0, 12, -1]
    const tab = { id: 'f1', type: 'tab' }

    it('gives the first steps what the trigger sent, in a run of its own', async () => {
      flows = [tab, { id: 'n2', type: 'function', z: 'f1', wires: [['n3']] }, { id: 'n3', type: 'debug', z: 'f1', wires: [] }]
      const [id = ''] = trace({ detail: FROM_TRIGGER, messages: [message(0, { payload: 5 }), message(1, { payload: 6 })], end: { ...ENDED, isFailed: true } })
      const { runId } = await replay(id)
      expect(asked.at(-1)).toEqual({ method: 'replay', params: { runId, triggerId: 'n1', deliveries: [{ nodeId: 'n2', msg: { payload: 5 } }] } })
      expect(await history.get(runId)).toMatchObject({ replayOf: id, trigger: { nodeId: 'n1' }, links: [{ text: 'replayed by Ann' }] })
      await replay(id, { seq: 1 })
      expect(asked.at(-1)).toMatchObject({ params: { deliveries: [{ nodeId: 'n3', msg: { payload: 6 } }] } })
    })

    it('is refused when the message is not there, not whole, or its node is gone', async () => {
      const [id = ''] = trace({ detail: FROM_TRIGGER, messages: [message(1, {}, false)], end: ENDED })
      await expect(replay(id)).rejects.toMatchObject({ code: 'message-not-kept' })
      await expect(replay(id, { seq: 1 })).rejects.toMatchObject({ code: 'message-not-whole' })
      await expect(replay(id, { seq: 9 })).rejects.toMatchObject({ code: 'message-not-kept' })
      const [other = ''] = trace({ detail: FROM_TRIGGER, messages: [message(0, {})], end: ENDED })
      flows = [tab]
      await expect(replay(other)).rejects.toMatchObject({ code: 'node-gone' })
      await expect(replay(newId('run'))).rejects.toMatchObject({ code: 'run-not-found' })
    })

    it('crosses a motion step only with a right to operate machines and a yes', async () => {
      flows = [tab, { id: 'n2', type: 'function', z: 'f1', wires: [['n3']] }, { id: 'n3', type: 'cw-run-program', z: 'f1', wires: [] }]
      const [id = ''] = trace({ detail: FROM_TRIGGER, messages: [message(0, { payload: 5 })], end: ENDED })
      await expect(replay(id, { mayMove: true })).rejects.toMatchObject({ code: 'not-allowed' })
      const operator = engineer('flows.deploy', 'machines.operate')
      const before = asked.length
      await expect(replay(id, {}, operator)).rejects.toMatchObject({ code: 'motion-ahead' })
      expect(asked).toHaveLength(before)
      expect((await replay(id, { mayMove: true }, operator)).runId).toMatch(/^run_/)
    })
  })

  it('pins what a node sent, one pin an output', async () => {
    const [id = ''] = trace({ detail: THREE_HOPS, messages: [message(1, { payload: 1 }), message(2, { payload: 2 })], end: ENDED })
    const pin = (seq: number) => history.call('pinStep', { params: { nodeId: 'n1' }, body: { runId: id, seq }, caller: engineer() })
    await pin(1)
    await pin(2)
    expect(await history.call('listRunPins', {})).toMatchObject([{ nodeId: 'n1', output: 0, msg: { payload: 2 }, runId: id, seq: 2, by: 'Ann' }])
    expect(((await history.runs.pins.get('n1')) as RunPin).msg).toEqual({ payload: 2 })
    await history.call('unpinStep', { params: { nodeId: 'n1' }, caller: engineer() })
    expect(await history.runs.pins.list(['n1'])).toEqual([])
  })

  it('is trimmed by bytes: messages first, then runs, and never what is active', async () => {
    const old = Array.from({ length: 10 }, (_, index) => `run_00old${index}`)
    trace(...old.map((id, index) => ({ id, detail: THREE_HOPS, messages: [message(0, { payload: 'x'.repeat(1000) })], end: index === 0 ? null : ENDED })))
    await history.runs.flush()
    const db = history.test.store.db
    const sumOf = async (table: 'run' | 'runMessage') =>
      Number(
        (
          await db
            .selectFrom(table)
            .select((e) => e.fn.sum<string>('bytes').as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      )
    const countMessages = async () =>
      Number(
        (
          await db
            .selectFrom('runMessage')
            .select((e) => e.fn.countAll().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      )
    const before = await countMessages()
    const messageBytes = await sumOf('runMessage')
    expect(await trim(db, { ...EVERYTHING, maxMessageBytes: messageBytes - 2500 })).toEqual({ runs: 0, messages: 3 })
    expect(await countMessages()).toBe(before - 3)
    const runBytes = await sumOf('run')
    const removed = await trim(db, { ...EVERYTHING, maxBytes: runBytes - 2500, chunk: 2 })
    expect(removed.runs).toBeGreaterThanOrEqual(2)
    expect((await history.get('run_00old0')).state).toBe('active')
    await expect(history.get('run_00old1')).rejects.toThrow(/no such run/)
    const { bytes: active } = await db.selectFrom('run').select('bytes').where('id', '=', 'run_00old0').executeTakeFirstOrThrow()
    expect(await sumOf('run')).toBeLessThanOrEqual(runBytes - 2500 + active)
    // at rest nothing more goes
    expect(await trim(db, { ...EVERYTHING, maxBytes: runBytes - 2500 })).toEqual({ runs: 0, messages: 0 })
  })

  it('goes with what its steps kept, which counts as well', async () => {
    const own = await startTestHistory()
    try {
      const { db } = own.test.store
      const { ids, notice } = batch(Array.from({ length: 3 }, () => ({ detail: THREE_HOPS, end: ENDED })))
      own.runs.rpc.notifications.trace(notice)
      await own.runs.flush()
      const [oldest = '', , newest = ''] = ids.toSorted()
      for (const runId of ids)
        await sql`insert into step (id, "runId", "nodeId", "nodeType", kind, state, host, message, data, text, life, "createdAt", "changedAt", "endedAt")
          values (${`stp_${runId}`}, ${runId}, 'n', 'cw-wait-until', 'time', 'ended', 'here', ${'x'.repeat(50_000)}, '{}', 'over', 'life', now(), now(), now())`.execute(
          db,
        )
      const stepsOf = async () => (await db.selectFrom('step').select('runId').orderBy('runId').execute()).map(({ runId }) => runId)
      // room for two runs with their steps, though the runs alone are small
      expect(await trim(db, { ...EVERYTHING, maxBytes: 105_000 })).toEqual({ runs: 1, messages: 0 })
      await expect(own.get(oldest)).rejects.toThrow(/no such run/)
      expect(await stepsOf()).toHaveLength(2)
      expect(await trim(db, { ...EVERYTHING, maxRuns: 1 })).toEqual({ runs: 1, messages: 0 })
      expect(await stepsOf()).toEqual([newest])
    } finally {
      await own.close()
    }
  })

  it('keeps what an administrator sets, at once and after a restart, and goes back to what was installed', async () => {
    const own = await startTestHistory({ keep: { maxRuns: 5000 } })
    try {
      await own.runs.start()
      own.runs.rpc.notifications.trace(batch(Array.from({ length: 150 }, () => ({ detail: THREE_HOPS, end: ENDED }))).notice)
      await own.runs.flush()
      const see = async () => (await own.call('getRetention', {})) as RetentionView
      expect(await see()).toMatchObject({ limits: { maxRuns: 5000 }, usual: { maxRuns: 5000 }, holds: { runs: 150 } })
      const limits = { maxAgeDays: 10, maxRuns: 100, maxMb: 50, maxMessageMb: 0 }
      await own.call('setRetention', { body: { limits }, caller: { name: 'Ann' } })
      await expect.poll(async () => (await see()).holds.runs).toBe(100)
      await own.restart()
      expect(await see()).toMatchObject({ limits, setBy: 'Ann' })
      await own.call('setRetention', { body: { limits: null }, caller: { name: 'Ann' } })
      const back = await see()
      expect(back.limits).toEqual(back.usual)
      expect(back.setBy).toBeUndefined()
    } finally {
      await own.close()
    }
  })

  it('is trimmed by itself while runs come in, and holds its bound', async () => {
    const busy = await startTestHistory({ keep: { maxRuns: 200 }, lookEveryMs: 50 })
    try {
      await busy.runs.start()
      for (let round = 0; round < 10; round += 1) {
        busy.runs.rpc.notifications.trace(batch(Array.from({ length: 100 }, () => ({ detail: THREE_HOPS, end: ENDED }))).notice)
        await busy.runs.flush()
      }
      const count = async () =>
        Number(
          (
            await busy.test.store.db
              .selectFrom('run')
              .select((e) => e.fn.countAll().as('n'))
              .executeTakeFirstOrThrow()
          ).n,
        )
      // a share of what is kept may be more, until the next look
      await expect.poll(count, { timeout: 15_000 }).toBeLessThanOrEqual(210)
      expect(await count()).toBeGreaterThanOrEqual(200)
    } finally {
      await busy.close()
    }
  })
})
