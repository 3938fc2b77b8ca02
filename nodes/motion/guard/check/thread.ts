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
 * So long a thread waits for the next order: checks come in rows (a plan, then its start), and to start a thread takes longer
 * than to check most programs. Then it ends, for its memory.
 */
const IDLE_MS = 2000
const idle = new Map<Worker, NodeJS.Timeout>()

/**
 * Carries out one order in a thread that does nothing else meanwhile.
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
    const mayBeKept = memoryMb === MEMORY_MB[0]
    const worker = (mayBeKept && takeIdle()) || newThread(memoryMb)
    const give = (isReusable: boolean, settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      deafen(worker)
      if (isReusable) keepIdle(worker)
      else end(worker)
      settle()
    }
    const onAbort = () => give(false, () => reject(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
    worker.once('message', (message: WorkerMessage) => {
      const isBug = 'failure' in message && message.failure.kind === 'bug'
      give(mayBeKept && !isBug, () => {
        if ('failure' in message) reject(isBug ? broken(message.failure.message) : fromErrorMessage(message.failure))
        else resolve(message.answer as AnswerTo<O>)
      })
    })
    worker.once('error', (error) => give(false, () => reject(broken(messageOf(error), error))))
    worker.once('exit', (code) => give(false, () => reject(broken(`its thread ended (${code})`))))
    worker.postMessage(order)
  })
}

function newThread(memoryMb: number): Worker {
  return new Worker(workerFile('check-worker'), {
    name: 'check',
    execArgv: [],
    env: workerEnv(),
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 1, stackSizeMb: 4 },
  })
}

function takeIdle(): Worker | undefined {
  const [[worker, timer] = []] = idle
  if (!worker) return undefined
  idle.delete(worker)
  clearTimeout(timer)
  deafen(worker)
  worker.ref()
  return worker
}

/** It keeps no process alive. One that ends by itself meanwhile is not taken again. */
function keepIdle(worker: Worker): void {
  const forget = () => {
    clearTimeout(idle.get(worker))
    idle.delete(worker)
  }
  worker.once('exit', forget)
  worker.once('error', forget)
  const timer = setTimeout(() => {
    forget()
    end(worker)
  }, IDLE_MS)
  idle.set(worker, timer.unref())
  worker.unref()
}

/** Only our own listeners: Node starts and stops the thread's messages by one of its own. */
function deafen(worker: Worker): void {
  for (const name of ['message', 'error', 'exit']) worker.removeAllListeners(name)
}

/** It says nothing more, whatever happens to it. */
function end(worker: Worker): void {
  deafen(worker)
  worker.on('error', () => {})
  worker.terminate().catch(() => {})
}

function broken(why: string, cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'check-failed',
    message: `The program could not be checked: ${why}. Nothing was sent. Try again; if it happens again, the program is one the check cannot cope with.`,
    ...(cause === undefined ? {} : { cause }),
  })
}
