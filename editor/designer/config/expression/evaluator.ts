/** Asks the worker; a question that is not answered in time ends the worker, and the next one gets a new one. */
import { readContextValue } from './context-reader.ts'
import type { ContextAnswer, ContextAsk, Evaluated, Question } from './messages.ts'

const LONGEST_MS = 1_500
/** Of the server, for a value of the context. */
const CONTEXT_MS = 6_000

interface Waiting {
  number: number
  answer: (evaluated: Evaluated) => void
  /** Gives it so long from now. */
  wait: (ms: number) => void
  timer: ReturnType<typeof setTimeout>
}

let worker: Worker | undefined
let waiting: Waiting[] = []
let last = 0
/** Of the form that asked last: there is one at a time. */
let place: string | undefined

function take(): Worker {
  if (worker) return worker
  const made = new Worker(new URL('./evaluate.worker.ts', import.meta.url), { type: 'module' })
  made.onmessage = ({ data }: MessageEvent<Evaluated | ContextAsk>) => {
    if (data.is === 'ask') {
      const { ask, scope, key, store } = data
      // it waits for the server now, and not for itself
      for (const one of waiting) one.wait(CONTEXT_MS)
      void readContextValue({ scope, key, place, ...(store !== undefined && { store }) }).then((found) =>
        made.postMessage({ ask, found } satisfies ContextAnswer),
      )
      return
    }
    const found = waiting.find(({ number }) => number === data.number)
    if (!found) return
    clearTimeout(found.timer)
    waiting = waiting.filter((one) => one !== found)
    found.answer(data)
  }
  worker = made
  return made
}

/** @param from the tab of the node, for its flow context */
export function evaluate(question: Omit<Question, 'number'>, from?: string): Promise<Evaluated> {
  place = from
  last += 1
  const number = last
  return new Promise((answer) => {
    const end = () => {
      worker?.terminate()
      worker = undefined
      const all = waiting
      waiting = []
      for (const one of all) {
        clearTimeout(one.timer)
        one.answer({ number: one.number, is: 'endless' })
      }
    }
    const one: Waiting = {
      number,
      answer,
      timer: setTimeout(end, LONGEST_MS),
      wait(ms) {
        clearTimeout(one.timer)
        one.timer = setTimeout(end, ms)
      },
    }
    waiting.push(one)
    take().postMessage({ ...question, number } satisfies Question)
  })
}
