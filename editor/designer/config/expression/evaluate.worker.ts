/** Evaluates a JSONata expression away from the page: one that never ends is ended with this worker. */
import jsonata from 'jsonata'
import type { Evaluated, Question } from './messages.ts'

const answer = (evaluated: Evaluated) => postMessage(evaluated)
const LONGEST = 20_000

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const { number, expression, message, environment } = data
  try {
    const compiled = jsonata(expression)
    if (message === undefined) {
      answer({ number, is: 'compiled' })
      return
    }
    // what Node-RED adds (@node-red/util, util.js, prepareJSONataExpression); what only the runtime knows says so
    compiled.registerFunction('env', (name: string) => environment[name])
    compiled.registerFunction('clone', (value: unknown) => structuredClone(value))
    for (const name of ['flowContext', 'globalContext', 'moment']) {
      compiled.registerFunction(name, () => {
        throw Object.assign(new Error(name), { code: 'RUNTIME_ONLY' })
      })
    }
    const result: unknown = await compiled.evaluate(message)
    const text =
      result === undefined ? undefined : (JSON.stringify(result, (_key, value: unknown) => (typeof value === 'function' ? 'ƒ' : value), 2) ?? String(result))
    answer({ number, is: 'result', text: text && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text })
  } catch (error) {
    const { code, message: words, position } = error as { code?: string; message?: string; position?: number }
    if (code === 'RUNTIME_ONLY') answer({ number, is: 'runtime-only', name: `$${words}` })
    else
      answer({
        number,
        is: 'wrong',
        message: words ?? String(error),
        ...(typeof position === 'number' && { at: position }),
        isSyntax: code?.startsWith('S') ?? false,
      })
  }
}
