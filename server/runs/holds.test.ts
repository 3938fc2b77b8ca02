import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../base/ids.ts'
import { batch, ENDED, FOURTH, startTestHistory, type TestHistory, THREE_HOPS } from './testing.ts'

const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact)
/** After a release: soon over, and for one that a test is not to see the end of. */
const GRACE = { graceMs: 300 }
const LONG_GRACE = { graceMs: 600_000 }

describe('a run that is held', () => {
  let history: TestHistory
  const trace = (...runs: Parameters<typeof batch>[0]) => history.runs.rpc.notifications.trace(batch(runs).notice)
  const stateOf = async (id: string) => (await history.get(id)).state
  beforeAll(async () => {
    history = await startTestHistory(GRACE)
  })
  afterAll(() => history.close())

  it('does not end by settling, and ends after its release with what it met', async () => {
    const id = newId('run')
    trace({ id, detail: THREE_HOPS })
    await history.runs.hold(id, 'a person to approve')
    trace({ id, isNew: false, firstSeq: 3, hops: 3, end: { ...ENDED, isFailed: true, text: 2 } })
    expect(await history.get(id)).toMatchObject({ state: 'active', waitsFor: 'a person to approve', hops: 3 })
    await history.runs.release(id)
    expect((await history.get(id)).waitsFor).toBeUndefined()
    await eventually(() => stateOf(id)).toBe('failed')
    expect((await history.get(id)).summary).toContain('out of material')
  })

  it('stays active over restarts of runtime and gateway, and goes on with another runtime', async () => {
    const id = newId('run')
    const startedAt = Date.now()
    trace({ id, startedAt, detail: THREE_HOPS, end: ENDED })
    await history.runs.hold(id, 'until 10:30')
    history.runtimeGone()
    await history.restart()
    expect(await history.get(id)).toMatchObject({ state: 'active', waitsFor: 'until 10:30', hops: 3 })
    expect(history.runs.held()).toContainEqual({ id, why: 'until 10:30' })
    // another runtime knows nothing of it: it counts from 0 and from when it was woken
    trace({ id, startedAt: startedAt + 60_000, detail: FOURTH })
    await history.runs.release(id)
    trace({ id, isNew: false, startedAt: startedAt + 60_000, firstSeq: 1, hops: 1, end: ENDED })
    await eventually(() => stateOf(id)).toBe('completed')
    const run = await history.get(id)
    expect(run.hops).toBe(4)
    expect(run.detail.map(({ seq }) => seq)).toEqual([0, 1, 2, 3])
    expect(run.detail[3]?.atMs).toBe(60_002)
  })

  it('is opened by the hold when its first message is still on the way here', async () => {
    const id = newId('run')
    await history.runs.hold(id, 'the machine to be free')
    trace({ id, detail: THREE_HOPS, end: ENDED })
    expect(await history.get(id)).toMatchObject({ state: 'active', hops: 3, trigger: { nodeId: 'n1', nodeType: 'inject' } })
    await history.runs.release(id)
    await eventually(() => stateOf(id)).toBe('completed')
  })

  it('does not end while the runtime still has something of it under way', async () => {
    const id = newId('run')
    trace({ id, detail: THREE_HOPS })
    await history.runs.hold(id, 'an event')
    const released = history.runs.release(id)
    // its news come while the release is on its way into the database, or later, and within the grace
    trace({ id, isNew: false, firstSeq: 3, hops: 4, detail: FOURTH })
    await released
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(await stateOf(id)).toBe('active')
    trace({ id, isNew: false, firstSeq: 4, hops: 4, end: ENDED })
    await eventually(() => stateOf(id)).toBe('completed')
  })

  it('ends when the gateway was restarted between the release and the end', async () => {
    const id = newId('run')
    await history.restart(LONG_GRACE)
    trace({ id, detail: THREE_HOPS, end: ENDED })
    await history.runs.hold(id, 'an answer')
    await history.runs.release(id)
    await history.restart(GRACE)
    // which may have died meanwhile: nobody says that it has ended before the runtime is known
    history.runtimeGone()
    expect(history.runs.unheard()).toEqual([id])
    expect(await stateOf(id)).toBe('active')
    history.runs.endUnheard()
    await eventually(() => stateOf(id)).toBe('completed')
    expect([history.runs.held(), history.runs.unheard()]).toEqual([[], []])
  })

  it('can be failed while it waits', async () => {
    const id = newId('run')
    await history.runs.hold(id, 'a delivery')
    await history.restart()
    await history.runs.fail(id, 'the deadline has passed')
    expect(await history.get(id)).toMatchObject({ state: 'failed', summary: expect.stringContaining('the deadline has passed') })
    expect((await history.get(id)).waitsFor).toBeUndefined()
  })
})
