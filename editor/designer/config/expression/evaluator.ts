/** Asks the worker; a question that is not answered in time ends the worker, and the next one gets a new one. */
import type { Evaluated, Question } from './messages.ts'

const LONGEST_MS = 1_500

interface Waiting {
  number: number
  answer: (evaluated: Evaluated) => void
  timer: ReturnType<typeof setTimeout>
}

let worker: Worker | undefined
let waiting: Waiting[] = []
let last = 0

function take(): Worker {
  if (worker) return worker
  const made = new Worker(new URL('./evaluate.worker.ts', import.meta.url), { type: 'module' })
  made.onmessage = ({ data }: MessageEvent<Evaluated>) => {
    const found = waiting.find(({ number }) => number === data.number)
    if (!found) return
    clearTimeout(found.timer)
    waiting = waiting.filter((one) => one !== found)
    found.answer(data)
  }
  worker = made
  return made
}

export function evaluate(question: Omit<Question, 'number'>): Promise<Evaluated> {
  last += 1
  const number = last
  return new Promise((answer) => {
    const timer = setTimeout(() => {
      worker?.terminate()
      worker = undefined
      const all = waiting
      waiting = []
      for (const one of all) {
        clearTimeout(one.timer)
        one.answer({ number: one.number, is: 'endless' })
      }
    }, LONGEST_MS)
    waiting.push({ number, answer, timer })
    take().postMessage({ ...question, number } satisfies Question)
  })
}
