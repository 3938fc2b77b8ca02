/** Gives orders to the check worker and hears its answer. A worker that breaks is a refusal, never a crash of the guard. */
import { Worker } from 'node:worker_threads'
import { fromErrorMessage, messageOf, OperationalError } from '../../../../base/errors.ts'
import type { WorkerAnswer, WorkerMessage, WorkerOrder } from './contract.ts'
import { workerEnv, workerFile } from './worker-file.ts'

/**
 * What a check may use, MB. It keeps next to nothing of a program, and the less it may use, the sooner V8 gives pages back to
 * the system; the second is for programs with very large subprograms, which are kept.
 */
const MEMORY_MB = [24, 256] as const

/**
 * Carries out one order in a thread of its own.
 * @param signal ends the thread at once; its reason is thrown
 * @throws UserError, OperationalError as the check says; OperationalError `check-failed` when the thread breaks
 */
export async function inWorker<O extends WorkerOrder>(order: O, signal: AbortSignal): Promise<AnswerTo<O>> {
  try {
    return await attempt(order, signal, MEMORY_MB[0])
  } catch (error) {
    if (!isOutOfMemory(error)) throw error
    return await attempt(order, signal, MEMORY_MB[1])
  }
}

type AnswerTo<O extends WorkerOrder> = Extract<WorkerAnswer, { kind: O['kind'] }>

const isOutOfMemory = (error: unknown) =>
  error instanceof OperationalError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'

function attempt<O extends WorkerOrder>(order: O, signal: AbortSignal, memoryMb: number): Promise<AnswerTo<O>> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const worker = new Worker(workerFile('check-worker'), {
      workerData: order,
      name: `check ${order.kind}`,
      execArgv: [],
      env: workerEnv(),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 1, stackSizeMb: 4 },
    })
    const give = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      worker.removeAllListeners()
      // it says nothing more, whatever happens to it
      worker.on('error', () => {})
      settle()
    }
    const onAbort = () => {
      give(() => reject(signal.reason))
      // one that has answered ends by itself
      worker.terminate().catch(() => {})
    }
    signal.addEventListener('abort', onAbort, { once: true })
    worker.once('message', (message: WorkerMessage) =>
      give(() => {
        if ('failure' in message) reject(message.failure.kind === 'bug' ? broken(message.failure.message) : fromErrorMessage(message.failure))
        else resolve(message.answer as AnswerTo<O>)
      }),
    )
    worker.once('error', (error) => give(() => reject(broken(messageOf(error), error))))
    worker.once('exit', (code) => give(() => reject(broken(`its thread ended (${code})`))))
  })
}

function broken(why: string, cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'check-failed',
    message: `The program could not be checked: ${why}. Nothing was sent. Try again; if it happens again, the program is one the check cannot cope with.`,
    ...(cause === undefined ? {} : { cause }),
  })
}
