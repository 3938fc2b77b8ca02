import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import { ownTime } from '../../base/own-time.ts'
import type { Run, RunSummary } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createRuns, type RunsPart } from './index.ts'
import { trim } from './retention.ts'
import { batch, ENDED, FOURTH, THREE_HOPS } from './testing.ts'

const EVERYTHING = { maxRuns: 1e6, maxAgeDays: 30, maxBytes: 1e12, maxMessageBytes: 1e12, chunk: 100 }

/** Generous: other tests may keep the machine busy. */
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact)

describe('run history', () => {
  let test: TestStore
  let runs: RunsPart
  let published: RunSummary[] = []
  let runtimeGone: () => void = () => {}
  const begin = () =>
    createRuns({
      store: test.store,
      log: createLog('test', 'silent'),
      live: { provide: () => {}, publish: (_topic, change) => published.push(change as RunSummary) },
      runtime: {
        onConnection: (listener) => {
          runtimeGone = () => listener(false)
        },
      },
    })
  const routes = () => runs.routes({ runtime: { peer: () => ({}) as never }, currentFlows: async () => ({ flows: [] }), audit: { record: () => {} } })
  const get = async (runId: string): Promise<Run> => {
    const route = routes().find((entry) => entry.route.id === 'getRun')!
    return (await route.run({ params: { runId } } as never)) as Run
  }
  beforeAll(async () => {
    test = await startTestStore()
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    published = []
    runs = begin()
    return () => runs.close()
  })

  it('stores a run with its hops, their outcomes and its end', async () => {
    const { ids, notice } = batch([{ detail: THREE_HOPS, end: { ...ENDED, isBySettling: true } }])
    runs.rpc.notifications.trace(notice)
    expect(await get(ids[0]!)).toMatchObject({
      state: 'completed',
      hops: 3,
      endedBySettling: true,
      summary: 'Started by "tick"; 3 steps',
      trigger: { nodeId: 'n1', nodeType: 'inject', flowName: 'Test' },
      detail: [
        { seq: 0, nodeId: 'n1', outcome: 'completed' },
        { seq: 1, nodeId: 'n2', from: 'n1', atMs: 0.5, doneMs: 2.5, bytes: 12 },
        { seq: 2, from: 'n2', nodeName: 'oddname', outcome: 'received' },
      ],
    })
  })

  it('adds what later batches say, and reports only at the end', async () => {
    const id = newId('run')
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS }]).notice)
    await runs.flush()
    expect((await get(id)).state).toBe('active')
    runs.rpc.notifications.trace(
      batch([{ id, isNew: false, hops: 4, firstSeq: 3, detail: FOURTH, late: [2, 2, 1, 30], end: { ...ENDED, isFailed: true, text: 2 } }]).notice,
    )
    const run = await get(id)
    expect(run).toMatchObject({ state: 'failed', hops: 4, summary: 'Started by "tick"; 4 steps; failed: out of material' })
    expect(run.detail.map(({ outcome, error }) => error ?? outcome)).toEqual(['completed', 'completed', 'late failure', 'completed'])
  })

  it('goes on with a run that an earlier life of the gateway began', async () => {
    const id = newId('run')
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS }]).notice)
    await runs.close()
    runs = begin()
    await runs.start()
    expect(await get(id)).toMatchObject({
      state: 'interrupted',
      summary: 'Started by "tick"; the gateway was restarted while the run was active',
    })
    runs.rpc.notifications.trace(batch([{ id, isNew: false, hops: 4, firstSeq: 3, detail: FOURTH, late: [2, 1, -1, 30], end: ENDED }]).notice)
    const run = await get(id)
    expect(run).toMatchObject({ state: 'completed', hops: 4 })
    expect(run.detail.map((hop) => hop.outcome)).toEqual(['completed', 'completed', 'completed', 'completed'])
  })

  it('completes a run whose end was lost with an earlier life of the gateway, and keeps that it was restarted', async () => {
    const { ids, notice } = batch([{ detail: THREE_HOPS }])
    runs.rpc.notifications.trace(notice)
    await runs.flush()
    await runs.close()
    runs = begin()
    await runs.start()
    expect(await get(ids[0]!)).toMatchObject({ state: 'interrupted', summary: expect.stringContaining('the gateway was restarted') })
    runs.rpc.notifications.trace(batch([{ id: ids[0]!, hops: 3, firstSeq: 3, end: ENDED }]).notice)
    const run = await get(ids[0]!)
    expect(run).toMatchObject({ state: 'completed', hops: 3, links: [{ kind: 'process', text: expect.stringContaining('the gateway was restarted') }] })
    expect(run.detail).toHaveLength(3)
  })

  it('loses nothing that comes while the row of an earlier life is read', async () => {
    const id = newId('run')
    await runs.open({ id, trigger: { nodeId: 'n1', nodeType: 'cw-button' } })
    await runs.link(id, { kind: 'press', id: 'p1', text: 'pressed by Ann' })
    await runs.close()
    runs = begin()
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS }]).notice)
    const flushed = runs.flush()
    const linked = runs.link(id, { kind: 'confirmation', id: 'out_1', text: 'confirmed' })
    runs.rpc.notifications.trace(batch([{ id, isNew: false, hops: 4, firstSeq: 3, detail: FOURTH, end: ENDED }]).notice)
    await Promise.all([flushed, linked])
    const run = await get(id)
    expect(run).toMatchObject({ state: 'completed', hops: 4, summary: 'pressed by Ann; confirmed' })
    expect(run.detail.map((hop) => hop.seq)).toEqual([0, 1, 2, 3])
  })

  it('notes the same thing once when its work is done again, also after a restart', async () => {
    const id = newId('run')
    const link = { kind: 'confirmation' as const, id: 'out_1', text: 'confirmed' }
    await runs.open({ id, trigger: { nodeId: 'n1', nodeType: 'cw-button' } })
    await runs.linkOnce(id, link)
    await runs.linkOnce(id, link)
    await runs.close()
    runs = begin()
    await runs.linkOnce(id, link)
    await runs.linkOnce(id, { ...link, id: 'out_2' })
    expect((await get(id)).links.map((each) => each.id)).toEqual(['out_1', 'out_2'])
  })

  it('takes up a run again that was ended too early, also when memory has forgotten it', async () => {
    const id = newId('run')
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS, end: { ...ENDED, isBySettling: true } }]).notice)
    await runs.close()
    runs = begin()
    runs.rpc.notifications.trace(batch([{ id, isNew: true, hops: 4, firstSeq: 3, detail: FOURTH }]).notice)
    expect((await get(id)).detail).toHaveLength(4)
    runs.rpc.notifications.trace(batch([{ id, isNew: false, hops: 5, firstSeq: 4, detail: [2, 1, 30, 1, -1, 31, -1], end: ENDED }]).notice)
    const run = await get(id)
    expect(run.detail.map((hop) => hop.seq)).toEqual([0, 1, 2, 3, 4])
    expect(run).toMatchObject({ state: 'completed', endedBySettling: false })
  })

  it('tells in plain words what a run met, also when it comes after the end', async () => {
    const id = newId('run')
    await runs.open({ id, trigger: { nodeId: 'b1', nodeType: 'cw-button', nodeName: 'Cut part' } })
    await runs.link(id, { kind: 'press', id: 'p1', text: 'Button "Cut part" pressed by Ann' })
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS }]).notice)
    await runs.link(id, { kind: 'program', id: 'j1', text: 'program pocket.nc ran 640 lines on Mill 1' })
    runs.rpc.notifications.trace(batch([{ id, isNew: false, hops: 3, firstSeq: 3, end: ENDED }]).notice)
    await runs.flush()
    await runs.link(id, { kind: 'confirmation', id: 'o1', text: 'confirmed to Shop folder' })
    const run = await get(id)
    expect(run.summary).toBe('Button "Cut part" pressed by Ann; program pocket.nc ran 640 lines on Mill 1; confirmed to Shop folder')
    expect(run.trigger.nodeName).toBe('Cut part')
    expect(run.links.map((link) => link.kind)).toEqual(['press', 'program', 'confirmation'])
    await runs.close()
    runs = begin()
    await runs.link(id, { kind: 'measurement', id: 'm1', text: 'bore diameter in tolerance' })
    expect((await get(id)).summary).toContain('bore diameter in tolerance; confirmed')
    await runs.link('run_unknown', { kind: 'job', id: 'x', text: 'nothing' })
  })

  it('ends active runs as interrupted when the runtime goes', async () => {
    const id = newId('run')
    runs.rpc.notifications.trace(batch([{ id, detail: THREE_HOPS }]).notice)
    runtimeGone()
    await eventually(async () => (await get(id)).state).toBe('interrupted')
    expect((await get(id)).summary).toContain('the flow runtime went away')
  })

  it('closes although the database is away and the runtime has just gone', async () => {
    runs.rpc.notifications.trace(batch([{ detail: THREE_HOPS }]).notice)
    await runs.flush()
    test.postgres.freeze()
    try {
      runtimeGone()
      await runs.close()
    } finally {
      test.postgres.thaw()
    }
    await eventually(() => test.store.check()).toBe(true)
  })

  it('loses one run that cannot be stored, not its neighbours, and counts it', async () => {
    const before = runs.metrics()
    const { ids, notice } = batch(
      [
        { detail: THREE_HOPS, end: ENDED },
        { detail: THREE_HOPS, hops: 3, startedAt: -7e15, end: ENDED },
        { detail: THREE_HOPS, end: ENDED },
      ],
      7,
    )
    runs.rpc.notifications.trace(notice)
    await runs.flush()
    expect((await get(ids[0]!)).hops).toBe(3)
    expect((await get(ids[2]!)).hops).toBe(3)
    await expect(get(ids[1]!)).rejects.toThrow(/no such run/)
    const after = runs.metrics()
    expect(after.hopsRecorded - before.hopsRecorded).toBe(6)
    expect(after.hopsDropped - before.hopsDropped).toBe(10)
  })

  it('refuses a batch that is not one', () => {
    expect(() => runs.rpc.notifications.trace({ batch: 'AAAA', dropped: 0 })).toThrow(/trace batch/)
  })

  it('keeps up with 10,000 small runs a second and leaves the loop free', async () => {
    const begun = runs.metrics()
    // what the runtime sends: a batch every 100 ms
    const batches = Array.from({ length: 10 }, () => batch(Array.from({ length: 1000 }, () => ({ detail: THREE_HOPS, end: ENDED }))).notice)
    let worstMs = 0
    let since = ownTime()
    const ticking = setInterval(() => {
      worstMs = Math.max(worstMs, since() - 5)
      since = ownTime()
    }, 5)
    const started = performance.now()
    const took = ownTime()
    for (const [index, notice] of batches.entries()) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + index * 100 - performance.now())))
      runs.rpc.notifications.trace(notice)
    }
    await runs.flush()
    const tookMs = took()
    clearInterval(ticking)
    since()
    console.info(`10,000 runs stored in ${Math.round(tookMs)} ms, loop held for at most ${Math.round(worstMs)} ms`)
    expect(runs.metrics().runsRecorded - begun.runsRecorded).toBe(10_000)
    // generous: the machine may be busy with other tests
    expect(tookMs).toBeLessThan(15_000)
    expect(worstMs).toBeLessThan(500)
  })

  it('trims from the old end and leaves active runs', async () => {
    const { ids, notice } = batch(
      Array.from({ length: 20 }, (_, index) => ({ id: `run_00old${String(index).padStart(3, '0')}`, end: index === 0 ? null : ENDED })),
    )
    runs.rpc.notifications.trace(notice)
    await runs.flush()
    const total = Number(
      (
        await test.store.db
          .selectFrom('run')
          .select((e) => e.fn.countAll().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    )
    expect(await trim(test.store.db, { ...EVERYTHING, maxRuns: total - 10, chunk: 4 })).toEqual({ runs: 9, messages: 0 })
    expect((await get(ids[0]!)).state).toBe('active')
    await expect(get(ids[5]!)).rejects.toThrow()
    expect((await get(ids[19]!)).state).toBe('completed')
  })

  it('lists newest first, page by page', async () => {
    const route = routes().find((entry) => entry.route.id === 'listRuns')!
    const first = (await route.run({ query: { limit: 3 } } as never)) as RunSummary[]
    const next = (await route.run({ query: { limit: 3, before: first[2]!.id } } as never)) as RunSummary[]
    const ids = [...first, ...next].map((run) => run.id)
    expect(ids).toHaveLength(6)
    expect(ids).toEqual(ids.toSorted().reverse())
  })
})
