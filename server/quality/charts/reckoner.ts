/** Reckons charts and capability: short ones at once, long ones in a thread, so that the gateway's loop goes on meanwhile. */
import { Worker } from 'node:worker_threads'
import { OperationalError } from '../../../base/errors.ts'
import { workerEnv, workerFile } from '../../../nodes/motion/guard/check/worker-file.ts'
import type { CapabilityView } from '../../api/index.ts'
import { type CapabilityQuestion, capabilityOf } from './capability-of.ts'
import { type ChartQuestion, type Drawn, drawChart } from './chart-view.ts'
import type { Answer, Question } from './chart-worker.ts'
import { buffersOf, pack } from './packed.ts'

/** More values are for the thread: these take some milliseconds. */
const MOST_AT_ONCE = 3_000
/** The thread ends when nobody asked for so long. */
const IDLE_MS = 60_000
const TIMEOUT_MS = 60_000
const MEMORY_MB = 512

export interface Reckoner {
  /** JSON of `rest` and what was drawn, in one object. */
  chart<R extends object>(question: ChartQuestion, rest: R): Promise<(R & Drawn) | Buffer>
  capability(question: CapabilityQuestion): Promise<CapabilityView>
  close(): Promise<void>
}

type Unsent<Q> = Q extends Question ? Omit<Q, 'id' | 'packed'> : never

export function createReckoner(): Reckoner {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let count = 0
  const waiting = new Map<number, { resolve: (json: Buffer) => void; reject: (error: Error) => void }>()

  const end = (why: string) => {
    const ended = worker
    worker = undefined
    clearTimeout(idle)
    for (const { reject } of waiting.values())
      reject(new OperationalError({ code: 'chart-away', message: `The chart could not be reckoned: ${why}. Try again.` }))
    waiting.clear()
    ended?.removeAllListeners()
    // what still comes of it is nobody's any more
    ended?.on('error', () => {})
    return ended?.terminate()
  }

  const start = (): Worker => {
    if (worker) return worker
    const started = new Worker(workerFile('chart-worker', import.meta.filename), {
      name: 'chart',
      execArgv: [],
      env: workerEnv(),
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    started.on('message', (answer: Answer) => {
      const asker = waiting.get(answer.id)
      waiting.delete(answer.id)
      if (!waiting.size) {
        started.unref()
        idle = setTimeout(() => void end('it was idle'), IDLE_MS).unref()
      }
      if ('json' in answer) asker?.resolve(Buffer.from(answer.json.buffer, answer.json.byteOffset, answer.json.byteLength))
      else asker?.reject(new Error(answer.failure))
    })
    started.on('error', (error) => void end((error as Error).message))
    started.on('exit', (code) => void end(`its thread ended (${code})`))
    worker = started
    return started
  }

  const ask = (question: Unsent<Question>, points: ChartQuestion['points']): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const thread = start()
      clearTimeout(idle)
      thread.ref()
      count += 1
      const id = count
      const timer = setTimeout(() => void end('it took too long'), TIMEOUT_MS).unref()
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer)
          settle(value)
        }
      }
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) })
      const packed = pack(points)
      thread.postMessage({ ...question, id, packed } as Question, buffersOf(packed))
    })

  const isLong = ({ points, plan }: ChartQuestion) => points.length * (plan.subgroupSize > 1 ? 2 : 1) > MOST_AT_ONCE

  return {
    async chart(question, rest) {
      if (!isLong(question)) return { ...rest, ...drawChart(question) }
      const { points, ...of } = question
      return ask({ what: 'chart', of, rest }, points)
    },
    async capability(question) {
      if (!isLong(question)) return capabilityOf(question)
      const { points, ...of } = question
      return JSON.parse((await ask({ what: 'capability', of }, points)).toString()) as CapabilityView
    },
    async close() {
      await end('the gateway ends')
    },
  }
}
