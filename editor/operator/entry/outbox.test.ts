/** Measurements that wait: nothing is lost, nothing is entered twice, nothing overtakes. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Entry, EntryResult } from '../../../server/api/quality/index.ts'
import { ApiError } from '../../shared/api.ts'
import { createOutbox, OUTBOX_KEY, type Waiting } from './outbox.ts'

const one = (entryId: string, value = 1): Waiting => ({
  entry: { entryId, characteristicId: 'chr_1', values: [value], source: 'form' },
  name: 'bore',
  shown: `${value} mm`,
  madeAt: 0,
  by: 'Ann',
})
const refusal = (status: number, code: string) => new ApiError({ status, code, message: `${code}!` })
const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000, interval: 5 })

/** Pages are closed: nothing that they still send arrives anywhere, and they hear no answer. */
let closed = 0
const closePages = () => {
  closed += 1
}
const never = () => new Promise<never>(() => {})
afterEach(closePages)

function panel() {
  const kept = new Map<string, string>()
  const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
  const sent: Entry[] = []
  const server = { answer: (_entry: Entry): EntryResult | ApiError => ({ entryId: _entry.entryId }) as EntryResult }
  const open = (now = 0) => {
    const opened = closed
    return createOutbox({
      store,
      now: () => now,
      retryMs: { first: 5, most: 10 },
      async enter(entry) {
        if (opened !== closed) return never()
        sent.push(entry)
        // as over a network
        await new Promise((resolve) => setImmediate(resolve))
        if (opened !== closed) return never()
        const answer = server.answer(entry)
        if (answer instanceof Error) throw answer
        return answer
      },
    })
  }
  return { open, sent, server, kept, store }
}

describe('a measurement', () => {
  it('is kept on the panel before it is sent, and until it is stored', async () => {
    const { open, kept, server } = panel()
    const box = open()
    let keptWhenSent = ''
    server.answer = (entry) => {
      keptWhenSent = kept.get(OUTBOX_KEY) ?? ''
      return { entryId: entry.entryId } as EntryResult
    }
    expect(await box.add(one('entry-01'))).toMatchObject({ entryId: 'entry-01' })
    expect(keptWhenSent).toContain('entry-01')
    expect(box.waiting()).toEqual([])
    expect(kept.get(OUTBOX_KEY)).toBe('[]')
  })
  it('is sent again with the same id until the server answers, and none overtakes it', async () => {
    const { open, sent, server } = panel()
    const box = open()
    server.answer = () => refusal(0, 'unreachable')
    const first = box.add(one('entry-01'))
    void box.add(one('entry-02', 2))
    await eventually(() => sent.length).toBeGreaterThan(2)
    expect(new Set(sent.map(({ entryId }) => entryId))).toEqual(new Set(['entry-01']))
    server.answer = (entry) => ({ entryId: entry.entryId }) as EntryResult
    expect(await first).toMatchObject({ entryId: 'entry-01' })
    await eventually(() => box.waiting()).toEqual([])
    expect(sent.at(-1)?.entryId).toBe('entry-02')
  })
  it('outlives the page: the next one sends it, with the time and the person of then', async () => {
    const { open, sent, server } = panel()
    server.answer = () => refusal(503, 'store-away')
    void open().add(one('entry-01'))
    await eventually(() => sent.length).toBeGreaterThan(0)
    closePages()
    server.answer = (entry) => ({ entryId: entry.entryId }) as EntryResult
    const next = open(60_000)
    expect(next.waiting()).toHaveLength(1)
    next.isFor('Bob')
    next.send()
    await eventually(() => next.waiting()).toEqual([])
    expect(sent.at(-1)).toMatchObject({ entryId: 'entry-01', at: new Date(0).toISOString(), operator: 'Ann' })
  })
  it('that is refused for good is shown until a person puts it aside, and holds up nothing', async () => {
    const { open, server } = panel()
    const box = open()
    server.answer = (entry) => (entry.entryId === 'entry-01' ? refusal(409, 'serial-measured') : ({ entryId: entry.entryId } as EntryResult))
    expect(await box.add(one('entry-01'))).toBeUndefined()
    expect(await box.add(one('entry-02'))).toMatchObject({ entryId: 'entry-02' })
    expect(box.waiting()).toMatchObject([{ entry: { entryId: 'entry-01' }, refusal: 'serial-measured!' }])
    box.putAside('entry-01')
    expect(box.waiting()).toEqual([])
  })
  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [429, 'too-many'],
    [409, 'too-late'],
    [409, 'characteristic-locked'],
  ])('waits for a better moment after %s %s', async (status, code) => {
    const { open, server, sent } = panel()
    const box = open()
    server.answer = () => refusal(status, code)
    void box.add(one('entry-01'))
    await eventually(() => sent.length).toBeGreaterThan(1)
    expect(box.waiting()[0]).not.toHaveProperty('refusal')
  })
  it('of a characteristic that waits for a cause holds up none of another', async () => {
    const { open, server } = panel()
    const box = open()
    let isLocked = true
    server.answer = (entry) =>
      isLocked && entry.characteristicId === 'chr_1' ? refusal(409, 'characteristic-locked') : ({ entryId: entry.entryId } as EntryResult)
    const first = box.add(one('entry-01'))
    const other = one('entry-02')
    expect(await box.add({ ...other, entry: { ...other.entry, characteristicId: 'chr_2' } })).toMatchObject({ entryId: 'entry-02' })
    expect(box.waiting()).toHaveLength(1)
    isLocked = false
    expect(await first).toMatchObject({ entryId: 'entry-01' })
  })
  it('of another window of the panel is kept, too', async () => {
    const { open, server, store } = panel()
    server.answer = () => refusal(0, 'unreachable')
    const [a, b] = [open(), open()]
    void a.add(one('entry-01'))
    void b.add(one('entry-02'))
    expect(JSON.parse(store.getItem(OUTBOX_KEY) ?? '')).toHaveLength(2)
    server.answer = (entry) => ({ entryId: entry.entryId }) as EntryResult
    await eventually(() => JSON.parse(store.getItem(OUTBOX_KEY) ?? '')).toEqual([])
  })
  it('is not lost where the browser keeps nothing', async () => {
    const { server, sent } = panel()
    const full = {
      getItem: () => null,
      setItem() {
        throw new Error('full')
      },
    }
    let isThere = false
    server.answer = (entry) => (isThere ? ({ entryId: entry.entryId } as EntryResult) : refusal(0, 'unreachable'))
    const box = createOutbox({
      store: full,
      retryMs: { first: 5, most: 5 },
      async enter(entry) {
        sent.push(entry)
        const answer = server.answer(entry)
        if (answer instanceof Error) throw answer
        return answer
      },
    })
    void box.add(one('entry-01'))
    void box.add(one('entry-02'))
    await eventually(() => sent.length).toBeGreaterThan(1)
    expect(box.waiting()).toHaveLength(2)
    isThere = true
    await eventually(() => box.waiting()).toEqual([])
  })
})
