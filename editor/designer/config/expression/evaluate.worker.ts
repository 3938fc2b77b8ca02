/** Evaluates a JSONata expression away from the page: one that never ends is ended with this worker. */
import jsonata from 'virtual:jsonata-of-the-runtime'
import type { ContextAnswer, ContextAsk, ContextFound, Evaluated, Question } from './messages.ts'
import { runExpression } from './run-expression.ts'

const asked = new Map<number, (found: ContextFound) => void>()
let last = 0

self.onmessage = async ({ data }: MessageEvent<Question | ContextAnswer>) => {
  if ('ask' in data) {
    asked.get(data.ask)?.(data.found)
    asked.delete(data.ask)
    return
  }
  const evaluated: Evaluated = await runExpression(data, {
    jsonata,
    context: (wanted) =>
      new Promise((resolve) => {
        last += 1
        asked.set(last, resolve)
        postMessage({ is: 'ask', ask: last, ...wanted } satisfies ContextAsk)
      }),
    moment: async () => (await import('virtual:moment-of-the-runtime')).default,
  })
  postMessage(evaluated)
}
