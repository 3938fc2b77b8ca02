/**
 * Evaluates a JSONata expression as the runtime does (@node-red/util, util.js: prepareJSONataExpression,
 * evaluateJSONataExpression, normaliseJSONataResult). No worker and no page: those are around it.
 */
import type jsonata from 'jsonata'
import type { ContextFound, Evaluated, Question, Scope } from './messages.ts'

const LONGEST = 20_000
/** Node-RED's own test: an expression that says `msg` has the message under that name, others have it as their input. */
const SAYS_MSG = /(^|[^a-zA-Z0-9_'".])msg([^a-zA-Z0-9_'"]|$)/

export interface Surroundings {
  /** Node-RED has a JSONata of its own, which differs from the published one (methods of dates, for example). */
  jsonata: typeof jsonata
  context: (asked: { scope: Scope; key: string; store?: string }) => Promise<ContextFound>
  /** The date library of the runtime; fetched when an expression wants it. */
  moment: () => Promise<(...values: unknown[]) => unknown>
}

class NoContext extends Error {
  readonly isHidden: boolean
  constructor(name: string, isHidden: boolean) {
    super(name)
    this.isHidden = isHidden
  }
}

export async function runExpression(
  { number, expression, message, environment, secrets = [] }: Question,
  { jsonata: compile, context, moment }: Surroundings,
): Promise<Evaluated> {
  try {
    const compiled = compile(expression)
    if (message === undefined) return { number, is: 'compiled' }
    const read = (scope: Scope) => async (key: unknown, store?: unknown) => {
      const found = await context({ scope, key: String(key), ...(typeof store === 'string' && { store }) })
      if (found.is === 'value') return found.value
      throw new NoContext(`$${scope}Context(${JSON.stringify(key)})`, found.is === 'hidden')
    }
    compiled.assign('flowContext', read('flow'))
    compiled.assign('globalContext', read('global'))
    compiled.assign('env', (name: string) => {
      if (secrets.includes(name)) throw new NoContext(`$env(${JSON.stringify(name)})`, true)
      return Object.hasOwn(environment, name) ? environment[name] : ''
    })
    if (/\$moment\b/.test(expression)) {
      const make = await moment()
      // JSONata passes as many values as the function names
      compiled.assign('moment', (a: unknown, b: unknown, c: unknown, d: unknown) => make(a, b, c, d))
    }
    compiled.registerFunction('clone', (value) => structuredClone(value), '<(oa)-:o>')
    const result: unknown = await compiled.evaluate(SAYS_MSG.test(expression) ? { msg: message } : message)
    const text =
      result === undefined ? undefined : (JSON.stringify(result, (_key, value: unknown) => (typeof value === 'function' ? 'ƒ' : value), 2) ?? String(result))
    return { number, is: 'result', text: text && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text }
  } catch (error) {
    if (error instanceof NoContext) return { number, is: 'no-context', name: error.message, isHidden: error.isHidden }
    const { code, message: words, position } = error as { code?: string; message?: string; position?: number }
    return {
      number,
      is: 'wrong',
      message: words ?? String(error),
      ...(typeof position === 'number' && { at: position }),
      isSyntax: code?.startsWith('S') ?? false,
    }
  }
}
