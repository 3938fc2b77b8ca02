/** Tells the flow runtime that nothing of a run or a job goes on; again when it was away in that moment. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Bus } from '../hosts/contract.ts'

interface Halt {
  runIds?: readonly string[]
  jobIds?: readonly string[]
  reason: string
}

export interface Halting {
  /** Never rejects. `awaited`: jobs whose end a node waits for; `problem`: it could not be told, in a whole sentence. */
  halt(what: Halt): Promise<{ awaited: readonly string[]; problem?: string }>
  /** The same in the runtimes of all hosts. */
  haltEverywhere(what: Halt): Promise<{ awaited: readonly string[]; problem?: string }>
}

const SUBJECT = 'halt'
const ANSWER_MS = 5000
/** What could not be told is told when the runtime is back; of more than these the oldest are forgotten. */
const UNTOLD = 1000

export function createHalting({ runtime, bus, log }: { runtime: Pick<Runtime, 'peer' | 'onConnection'>; bus: Pick<Bus, 'tell' | 'on'>; log: Logger }): Halting {
  let untold: Halt[] = []

  const tell = async ({ runIds = [], jobIds = [], reason }: Halt): Promise<readonly string[]> => {
    const { awaited } = await runtime.peer().call('halt', { runIds: [...runIds], jobIds: [...jobIds], reason }, { timeoutMs: ANSWER_MS })
    return awaited
  }
  const halt: Halting['halt'] = async (what) => {
    try {
      return { awaited: await tell(what) }
    } catch (error) {
      untold = [...untold.slice(1 - UNTOLD), what]
      log.warn(
        { runIds: what.runIds, jobIds: what.jobIds, reason: messageOf(error) },
        'the flow runtime could not be told of what was cancelled; it is told when it is back',
      )
      return {
        awaited: [],
        problem: 'The flow runtime did not answer: it is told when it is back. Until then a flow that still runs there may go on with it.',
      }
    }
  }
  runtime.onConnection((isConnected) => {
    if (!isConnected || !untold.length) return
    const again = untold
    untold = []
    for (const what of again) void halt(what)
  })
  bus.on(SUBJECT, (body) => void halt(body as Halt))
  return {
    halt,
    haltEverywhere(what) {
      bus.tell(SUBJECT, what)
      return halt(what)
    },
  }
}
