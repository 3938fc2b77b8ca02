import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KeptMessage } from '../../runs/trace.ts'
import type { Message } from '../node-red.ts'
import { createKeeper } from './keeper.ts'

const keptOf = (json: string | undefined) => JSON.parse(json ?? 'null') as KeptMessage
const plain = { seq: 0, already: 0, isFailure: false }

/** What copying takes is said by the tests. */
let nowMs = 0
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => nowMs))
afterEach(() => void vi.restoreAllMocks())

describe('what is kept of messages', () => {
  it('is the whole message as JSON, without the id of the run', () => {
    const message: Message = { _msgid: 'm1', _run: 'run_1', payload: { bore: 12.01, at: [1, null, true] } }
    const kept = createKeeper().keep(message, plain)
    expect(kept).toMatchObject({ seq: 0, isWhole: true })
    expect(keptOf(kept?.json).msg).toEqual({ _msgid: 'm1', payload: { bore: 12.01, at: [1, null, true] } })
    expect(message._run).toBe('run_1')
  })

  it('never holds what is secret by its name, and is no whole message then', () => {
    const kept = createKeeper().keep({ payload: 1, headers: { authorization: 'Bearer abc', 'x-api-key': 'def' }, password: 'ghi' } as Message, plain)
    expect(kept?.isWhole).toBe(false)
    expect(kept?.json).not.toMatch(/abc|def|ghi/)
    expect(keptOf(kept?.json).cuts.map(({ why }) => why)).toEqual(['secret', 'secret', 'secret'])
  })

  it('of an HTTP request can be sent again: the request as data, and no answer that is open', () => {
    const req = { method: 'POST', url: '/orders?a=1', headers: { host: 'shop', authorization: 'Bearer abc' }, query: { a: '1' }, params: {}, socket: {} }
    const kept = createKeeper().keep({ payload: { order: 7 }, req, res: { _res: {} } } as unknown as Message, plain)
    expect(kept?.isWhole).toBe(true)
    expect(kept?.json).not.toContain('abc')
    expect(keptOf(kept?.json).msg).toEqual({
      payload: { order: 7 },
      req: { method: 'POST', url: '/orders?a=1', headers: { host: 'shop', authorization: '••••' }, query: { a: '1' }, params: {} },
    })
  })

  it('is a part of what is large, and short for it', () => {
    const kept = createKeeper().keep(
      { payload: 'x'.repeat(100_000), points: Array.from({ length: 5000 }, (_, i) => ({ i, text: 'measured' })) } as Message,
      plain,
    )
    expect(kept?.isWhole).toBe(false)
    expect(kept?.json.length).toBeLessThan(60_000)
    expect(keptOf(kept?.json).cuts).toContainEqual({ path: ['payload'], why: 'text', length: 100_000 })
  })

  it('is bounded in number, and leaves a reserve for what fails', () => {
    const keeper = createKeeper()
    let count = 0
    while (count < 10_000 && keeper.keep({ payload: count } as Message, plain)) count += 1
    expect(count).toBeGreaterThan(10)
    expect(count).toBeLessThanOrEqual(500)
    expect(keeper.mayBegin()).toBe(false)
    keeper.tick()
    expect(keeper.mayBegin()).toBe(true)
  })

  it('is bounded in size, whatever a second brings', () => {
    const keeper = createKeeper()
    let characters = 0
    for (let i = 0; i < 2000; i += 1) characters += keeper.keep({ payload: 'x'.repeat(15_000) } as Message, plain)?.json.length ?? 0
    // a saved second, and the last one may go over
    expect(characters).toBeLessThanOrEqual(1_020_000)
  })

  it('is bounded in the time that copying takes, and a process that stood still while it copied keeps messages again soon', () => {
    const message = (ms: number) => ({
      get payload() {
        nowMs += ms
        return 1
      },
    })
    const keeper = createKeeper()
    let count = 0
    while (count < 10_000 && keeper.keep(message(1) as Message, plain)) count += 1
    expect(count).toBeLessThanOrEqual(60)
    expect(keeper.mayBegin()).toBe(false)
    keeper.tick()
    keeper.tick()
    keeper.keep(message(3000) as Message, plain)
    expect(keeper.mayBegin()).toBe(false)
    // six seconds of them
    for (let tick = 0; tick < 61; tick += 1) keeper.tick()
    expect(keeper.mayBegin()).toBe(true)
  })

  it('stops while nobody takes it, and goes on when it is taken', () => {
    const keeper = createKeeper()
    const kept = []
    for (let tick = 0; tick < 300; tick += 1) {
      for (
        let message = keeper.keep({ payload: 'x'.repeat(15_000) } as Message, plain);
        message;
        message = keeper.keep({ payload: 'x'.repeat(15_000) } as Message, plain)
      )
        kept.push(message)
      keeper.tick()
    }
    expect(kept.reduce((sum, { json }) => sum + json.length, 0)).toBeLessThan(8_100_000)
    expect(keeper.mayBegin()).toBe(false)
    keeper.gone(kept)
    expect(keeper.mayBegin()).toBe(true)
  })

  it('of a step that failed is there, and not taken for what it was given', () => {
    const kept = createKeeper().keep({ payload: 1 } as Message, { seq: 3, already: 0, isFailure: true })
    expect(kept).toMatchObject({ seq: 3, isWhole: false })
  })

  it('is no more than 200 messages of one run', () => {
    expect(createKeeper().keep({ payload: 1 } as Message, { seq: 200, already: 200, isFailure: false })).toBeUndefined()
  })
})
