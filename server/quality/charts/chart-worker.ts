/** Entry point of the thread that reckons long charts: each takes longer than the gateway may stand still. */
import { parentPort } from 'node:worker_threads'
import { type CapabilityQuestion, capabilityOf } from './capability-of.ts'
import { type ChartQuestion, drawChart } from './chart-view.ts'
import { type Packed, unpack } from './packed.ts'

export type Question = { id: number; packed: Packed } & (
  | { what: 'chart'; of: Omit<ChartQuestion, 'points'> /** What of the answer is known already. */; rest: object }
  | { what: 'capability'; of: Omit<CapabilityQuestion, 'points'> }
)
/** JSON of the answer. */
export type Answer = { id: number; json: Uint8Array } | { id: number; failure: string }

parentPort?.on('message', (question: Question) => {
  const { id } = question
  try {
    const json = new TextEncoder().encode(JSON.stringify(answerTo(question)))
    parentPort?.postMessage({ id, json } satisfies Answer, [json.buffer])
  } catch (error) {
    parentPort?.postMessage({ id, failure: (error as Error).stack ?? String(error) } satisfies Answer)
  }
})

function answerTo(question: Question): object {
  const points = unpack(question.packed)
  switch (question.what) {
    case 'chart':
      return { ...question.rest, ...drawChart({ ...question.of, points }) }
    case 'capability':
      return capabilityOf({ ...question.of, points })
    default:
      return question satisfies never
  }
}
