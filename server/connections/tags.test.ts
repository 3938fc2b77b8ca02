import { expect, it, vi } from 'vitest'
import type { TagValue } from '../../adapters/contract.ts'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { createTags } from './tags.ts'

/** The gateway's part alone: the test plays host process and runtime. */
function rig({ leads = true }: { leads?: boolean } = {}) {
  const asked: { connectionId: string; tags: string[] }[] = []
  const told: TagValue[][] = []
  let answer = () => Promise.resolve(null as unknown)
  let runtimeIs: (isConnected: boolean) => void = () => {}
  const hosts = { leads, leader: 'one' }
  const host = {
    call: async (method: string, params: { connectionId: string; tags: string[] }) => {
      if (method === 'watchTags') asked.push(params)
      return method === 'browseTags' ? [{ tag: 'a', value: 1, quality: 'good', at: null }] : null
    },
  }
  const tags = createTags({
    log: createLog('test', 'silent'),
    hosts,
    runtime: {
      onConnection: (listener: (isConnected: boolean) => void) => {
        runtimeIs = listener
      },
      peer: () => ({
        call: (_method: string, { values }: { values: TagValue[] }) => {
          told.push(values)
          return answer()
        },
      }),
    } as never,
    link: () => ({ peer: () => host, awaited: async () => host }) as never,
  })
  return { tags, asked, told, answers: (next: typeof answer) => (answer = next), runtimeIs: (is: boolean) => runtimeIs(is) }
}
const good = (tag: string, value: unknown): TagValue => ({ tag, value, quality: 'good', at: 5 })
const watch = (it: ReturnType<typeof rig>, ...tags: string[]) => it.tags.requests.watchTags({ watched: tags.length ? [{ connectionId: 'c', tags }] : [] })

it('asks the host for what flows watch, and tells them how it is, at first that nobody knows', async () => {
  const here = rig()
  watch(here, 'a', 'b')
  await vi.waitFor(() => expect(here.asked).toEqual([{ connectionId: 'c', tags: ['a', 'b'] }]))
  await vi.waitFor(() =>
    expect(here.told.flat().map(({ tag, quality }) => [tag, quality])).toEqual([
      ['a', 'bad'],
      ['b', 'bad'],
    ]),
  )
  here.tags.told({ connectionId: 'c', values: [good('a', 1), good('other', 2)] })
  await vi.waitFor(() => expect(here.told.at(-1)).toEqual([good('a', 1)]))
  watch(here)
  await vi.waitFor(() => expect(here.asked.at(-1)).toEqual({ connectionId: 'c', tags: [] }))
})

it('gives a runtime that is busy the newest of each when it is ready, and nothing in between', async () => {
  const here = rig()
  watch(here, 'a')
  await vi.waitFor(() => expect(here.told).toHaveLength(1))
  let free = (_: unknown) => {}
  here.answers(() => new Promise((resolve) => (free = resolve)))
  here.tags.told({ connectionId: 'c', values: [good('a', 1)] })
  for (const value of [2, 3, 4]) here.tags.told({ connectionId: 'c', values: [good('a', value)] })
  expect(here.told.slice(1)).toEqual([[good('a', 1)]])
  here.answers(async () => null)
  free(null)
  await vi.waitFor(() => expect(here.told.slice(1)).toEqual([[good('a', 1)], [good('a', 4)]]))
})

it('tells a runtime that hung what came meanwhile', async () => {
  const here = rig()
  watch(here, 'a')
  await vi.waitFor(() => expect(here.told).toHaveLength(1))
  let giveUp = (_: Error) => {}
  here.answers(() => new Promise((_, reject) => (giveUp = reject)))
  for (const value of [1, 2]) here.tags.told({ connectionId: 'c', values: [good('a', value)] })
  here.answers(async () => null)
  giveUp(new OperationalError({ code: 'timed-out', message: 'It was not answered.' }))
  await vi.waitFor(() => expect(here.told.slice(1)).toEqual([[good('a', 1)], [good('a', 2)]]), { timeout: 15_000 })
})

it('says that nobody knows when the host goes, keeps the last value, and asks again when it is back', async () => {
  const here = rig()
  watch(here, 'a')
  here.tags.told({ connectionId: 'c', values: [good('a', 1)] })
  here.tags.ended()
  await vi.waitFor(() => expect(here.told.at(-1)).toEqual([{ ...good('a', 1), quality: 'bad' }]))
  here.tags.begun()
  await vi.waitFor(() => expect(here.asked).toHaveLength(2))
})

it('watches for whoever edits a condition, beside the flows', async () => {
  const here = rig()
  expect(here.tags.look('c', ['x'])).toEqual([{ tag: 'x', value: null, quality: 'bad', at: null }])
  await vi.waitFor(() => expect(here.asked).toEqual([{ connectionId: 'c', tags: ['x'] }]))
  here.tags.told({ connectionId: 'c', values: [good('x', 7)] })
  expect(here.tags.look('c', ['x'])).toEqual([good('x', 7)])
  watch(here, 'a')
  await vi.waitFor(() => expect(here.asked.at(-1)).toEqual({ connectionId: 'c', tags: ['a', 'x'] }))
  // the runtime goes: what is looked at stays
  here.runtimeIs(false)
  await vi.waitFor(() => expect(here.asked.at(-1)).toEqual({ connectionId: 'c', tags: ['x'] }))
  here.tags.close()
})

it('shows values only to those who may see messages, and knows nothing at a host that does not hold the connections', async () => {
  expect(await rig().tags.browse('c', { withValues: false })).toEqual([{ tag: 'a', quality: 'good' }])
  expect(await rig().tags.browse('c', { withValues: true })).toEqual([{ tag: 'a', quality: 'good', value: 1 }])
  const other = rig({ leads: false })
  watch(other, 'a')
  await expect(other.tags.browse('c', { withValues: true })).rejects.toThrow(OperationalError)
  await vi.waitFor(() => expect(other.told.flat()).toEqual([{ tag: 'a', value: null, quality: 'bad', at: null }]))
  expect(other.asked).toEqual([])
})
