import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError } from './api.ts'
import { createDoing } from './use-doing.ts'

const refused = new ApiError({ code: 'no', status: 409, message: 'It cannot be done.' })
const reported = vi.fn()
// only browsers have it
beforeEach(() => vi.stubGlobal('reportError', reported))
afterEach(() => {
  vi.unstubAllGlobals()
  reported.mockReset()
})

type What = 'save' | 'remove'

function doing() {
  let state: { busy: What | undefined; error: unknown } = { busy: undefined, error: undefined }
  const { run, say } = createDoing<What>((change) => {
    state = change(state)
  })
  return { run, say, now: () => state }
}

/** Work that ends when the test says so. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { begin: vi.fn(() => promise), resolve, reject }
}

test('what is done is shown until it is done', async () => {
  const { run, now } = doing()
  const saving = work()
  const done = run(saving.begin, 'save')
  expect(now()).toEqual({ busy: 'save', error: undefined })
  saving.resolve()
  await done
  expect(now()).toEqual({ busy: undefined, error: undefined })
})

test('a refusal is shown until the next try, and nothing is thrown on', async () => {
  const { run, now } = doing()
  await run(() => Promise.reject(refused))
  expect(now()).toEqual({ busy: undefined, error: refused })
  const again = work()
  const done = run(again.begin)
  expect(now().error).toBeUndefined()
  again.resolve()
  await done
  expect(now()).toEqual({ busy: undefined, error: undefined })
  expect(reported).not.toHaveBeenCalled()
})

test('a fault of the page is shown, too, and told to whoever develops it', async () => {
  const { run, now } = doing()
  const fault = new TypeError('x is undefined')
  await run(() => {
    throw fault
  })
  expect(now()).toEqual({ busy: undefined, error: fault })
  expect(reported).toHaveBeenCalledExactlyOnceWith(fault)
})

test('the same thing is not begun twice, and can be done again when it has ended, however it ended', async () => {
  const { run } = doing()
  const saving = work()
  const twice = work()
  const first = run(saving.begin, 'save')
  await run(twice.begin, 'save')
  expect(twice.begin).not.toHaveBeenCalled()
  saving.reject(refused)
  await first
  twice.resolve()
  await run(twice.begin, 'save')
  expect(twice.begin).toHaveBeenCalledOnce()
})

test('of two different things at once the one that ends first does not make the other look done', async () => {
  const { run, now } = doing()
  const saving = work()
  const removing = work()
  const first = run(saving.begin, 'save')
  const second = run(removing.begin, 'remove')
  expect(now().busy).toBe('remove')
  saving.reject(refused)
  await first
  expect(now()).toEqual({ busy: 'remove', error: refused })
  removing.resolve()
  await second
  expect(now().busy).toBeUndefined()
})

test('what is wrong before anything is asked for is said in the same place', async () => {
  const { run, say, now } = doing()
  say('A reason is missing.')
  expect(now()).toEqual({ busy: undefined, error: 'A reason is missing.' })
  say(undefined)
  expect(now().error).toBeUndefined()
  say('A reason is missing.')
  await run(() => Promise.resolve())
  expect(now().error).toBeUndefined()
})
