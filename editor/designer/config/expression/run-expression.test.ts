import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import type { ContextFound, Evaluated } from './messages.ts'
import { runExpression, type Surroundings } from './run-expression.ts'

const require = createRequire(import.meta.url)
const fromNodeRed = createRequire(createRequire(require.resolve('node-red')).resolve('@node-red/util'))
const moment = fromNodeRed('moment-timezone') as (...values: unknown[]) => unknown
const jsonata = fromNodeRed('@node-red/util/lib/jsonata') as Surroundings['jsonata']
const { util } = fromNodeRed('@node-red/util') as {
  util: {
    prepareJSONataExpression(expression: string, node: unknown): object
    evaluateJSONataExpression(expression: object, message: unknown, done: (error: Error | null, value: unknown) => void): void
  }
}

const CONTEXT: Record<string, unknown> = { 'flow part': { n: 7 }, 'global shift': 'late' }
const found = async ({ scope, key }: { scope: string; key: string }): Promise<ContextFound> => ({ is: 'value', value: CONTEXT[`${scope} ${key}`] })
const message = { payload: { speed: 1200, at: '2026-03-01T10:00:00Z' }, topic: 'mill' }
const environment = { RATE: 2.5, NAME: 'Mill 1' }
const run = (expression: string, more: Partial<Surroundings> = {}, secrets: string[] = []): Promise<Evaluated> =>
  runExpression({ number: 1, expression, message, environment, secrets }, { jsonata, context: found, moment: async () => moment, ...more })

/** What Node-RED itself makes of it. */
function inRuntime(expression: string): Promise<unknown> {
  const store = (scope: string) => ({
    get: (key: string, _store: unknown, done: (error: null, value: unknown) => void) => done(null, CONTEXT[`${scope} ${key}`]),
  })
  const node = {
    context: () => ({ flow: store('flow'), global: store('global') }),
    _flow: { getSetting: (name: string) => (environment as Record<string, unknown>)[name] },
  }
  return new Promise((resolve, reject) =>
    util.evaluateJSONataExpression(util.prepareJSONataExpression(expression, node), structuredClone(message), (error, value) =>
      error ? reject(error) : resolve(value),
    ),
  )
}

test.each([
  'payload.speed * $env("RATE")',
  '$env("NAME") & $env("NOT_THERE")',
  'msg.payload.speed',
  '$flowContext("part").n + 1',
  '$globalContext("shift")',
  '$string($moment(payload.at))',
  '$moment(payload.at).add(1, "hour").utc().format("HH:mm")',
  '$moment("2026-07-01").tz("Europe/Berlin").utcOffset()',
  '$string($moment("01.07.2026", "DD.MM.YYYY"))',
  '$fromMillis($toMillis(payload.at))',
  '$clone(payload)',
  'nothing.here',
])('%s gives what it gives in the runtime', async (expression) => {
  const evaluated = await run(expression)
  expect(evaluated).toMatchObject({ is: 'result' })
  const text = evaluated.is === 'result' ? evaluated.text : undefined
  expect(text === undefined ? undefined : JSON.parse(text)).toEqual(await inRuntime(expression))
})

test('$now is the time at which it is evaluated', async () => {
  const before = Date.now()
  const evaluated = await run('$toMillis($now())')
  expect(Number(evaluated.is === 'result' && evaluated.text)).toBeGreaterThanOrEqual(before)
})

test('a value of the context that cannot be read, or may not be seen, is said and is no error of the expression', async () => {
  expect(await run('$flowContext("part")', { context: async () => ({ is: 'away' }) })).toMatchObject({
    is: 'no-context',
    name: '$flowContext("part")',
    isHidden: false,
  })
  expect(await run('$globalContext("key")', { context: async () => ({ is: 'hidden' }) })).toMatchObject({ is: 'no-context', isHidden: true })
})

test('a password of the environment is not known here, and not taken for an empty text', async () => {
  expect(await run('$env("KEY")', {}, ['KEY'])).toMatchObject({ is: 'no-context', name: '$env("KEY")', isHidden: true })
})

test('the date library is fetched for expressions that want it only', async () => {
  const never = async () => {
    throw new Error('fetched')
  }
  expect(await run('payload.speed', { moment: never })).toMatchObject({ is: 'result' })
})

test('a wrong expression says where', async () => {
  expect(await run('payload.(')).toMatchObject({ is: 'wrong', isSyntax: true, at: expect.any(Number) })
})
