import { Type } from 'typebox'
import { ConfigNode, defineNode, MessageValue, type NodeContext } from '../define-node/index.ts'
import type { Message } from '../define-node/red.ts'
import { parentOf } from '../jobs/active-jobs.ts'
import type { JobEnd } from '../services.ts'
import { leaseOf, runOf } from './asking.ts'
import machine from './machine.node.ts'
import type { MachineState } from './machine.ts'

const config = Type.Object({
  machine: ConfigNode(machine, { title: 'Machine' }),
  program: MessageValue(Type.String({ minLength: 1 }), {
    title: 'Program',
    help: 'Name or id in the program library.',
    default: { type: 'str', value: '' },
    picks: 'program',
  }),
  onceFor: Type.Optional(
    MessageValue(Type.String(), {
      title: 'Once for each',
      help: 'Within one run the program runs once; with a value here, once for each value (a part number, a cycle count).',
      default: { type: 'msg', value: '' },
    }),
  ),
  // flows from before they were there go on as they are
  optionalStop: Type.Optional(Type.Boolean({ title: 'Stop at optional stops (M1)', default: false })),
  blockDelete: Type.Optional(Type.Boolean({ title: 'Leave out lines that begin with /', default: false })),
})

/** A message that waits for its job. It outlives the node: a deploy restarts nodes while the machine goes on. */
interface Waiting {
  jobId: string
  machineId: string
  program: string
  message: Message
  isRepeat: boolean
  /** The wait for a person that was told last. */
  told: string
  /** Ends the input of the node that took the message. */
  settle: () => void
}

interface Kept {
  waiting: Set<Waiting>
  /** Of the node as it was last started: a message taken just before a deploy is waited for by the one after it. */
  watch: (waiting: Waiting) => void
  /** Keys already asked for, newest last. */
  seen: Set<string>
}

const SEEN_LIMIT = 1000

export default defineNode({
  type: 'cw-run-program',
  family: 'motion',
  label: 'run program',
  summary: 'Queues a program for a machine, waits until it has ended and says how.',
  icon: 'run-program',
  inputs: 1,
  outputs: ['completed', 'failed or stopped', 'waits for a person'],
  labelFrom: 'program',
  config,
  setup(context) {
    const kept = context.kept<Kept>(() => ({ waiting: new Set(), watch: () => undefined, seen: new Set() }))
    const removes: (() => void)[] = []
    kept.watch = (waiting) => void removes.push(...listen(context, waiting, kept))
    for (const waiting of kept.waiting) kept.watch(waiting)

    return {
      async input(message) {
        const { machineId } = context.referenced('machine')
        const program = await context.value('program', message)
        const key = jobKey(context, message, await context.value('onceFor', message))
        const isRepeat = kept.seen.has(key)
        if (isRepeat) context.warn(`The same message came again: it stays one job. To run "${program}" again within one run, set "Once for each".`)
        remember(kept.seen, key)
        context.status({ waiting: `${program} is waiting for ${machineId}` })
        const { optionalStop = false, blockDelete = false } = context.config
        const { jobId } = await context.services.runProgram({
          machineId,
          program,
          key,
          nodeId: context.id,
          ...(optionalStop || blockDelete ? { options: { optionalStop, blockDelete } } : {}),
          ...leaseOf(message, machineId),
          ...runOf(message),
          ...parentOf(message),
        })
        await new Promise<void>((settle) => {
          const waiting = { jobId, machineId, program, message, isRepeat, told: '', settle }
          kept.waiting.add(waiting)
          kept.watch(waiting)
        })
      },
      close(isRemoved) {
        for (const remove of removes) remove()
        if (!isRemoved) return
        for (const { jobId, program } of kept.waiting) {
          context.warn(`This node was removed while job ${jobId} (${program}) was not ended: the job goes on, the flow behind it does not.`)
        }
      },
    }
  },
})

type Context = NodeContext<(typeof config)['properties']>

/** The same message at the same node is the same job, however often it comes: a redelivery must not cut a part twice. */
function jobKey(context: Context, message: Message, onceFor: string | undefined): string {
  const run = message._run ?? context.services.currentRun() ?? message._msgid ?? ''
  return [run, context.id, ...(onceFor ? [onceFor] : [])].join('-')
}

function remember(seen: Set<string>, key: string): void {
  seen.add(key)
  for (const oldest of seen) {
    if (seen.size <= SEEN_LIMIT) break
    seen.delete(oldest)
  }
}

function listen(context: Context, waiting: Waiting, kept: Kept): (() => void)[] {
  const { jobId, machineId, program, message, isRepeat, settle } = waiting
  const ended = (end: JobEnd) => {
    kept.waiting.delete(waiting)
    removeState()
    const outcome = typeof end.outcome === 'object' && end.outcome !== null ? (end.outcome as Record<string, unknown>) : {}
    const text = end.reason ?? (typeof outcome.text === 'string' ? outcome.text : end.state)
    const isCompleted = end.state === 'completed'
    context.status(isCompleted ? { ok: `${program} completed` } : { alarm: `${program} ${end.state}: ${text}` })
    context.send(isCompleted ? 0 : 1, { ...message, payload: { ...outcome, jobId, program, state: end.state, text, isRepeat } })
    settle()
  }
  const stateChanged = (state: MachineState | undefined) => {
    const job = state?.job
    if (job?.jobId !== jobId) return
    const { waitingFor } = job
    if (!waitingFor) {
      waiting.told = ''
      return
    }
    context.status({ asks: waitingFor.text })
    const key = `${waitingFor.kind} ${waitingFor.line}`
    if (waiting.told === key) return
    waiting.told = key
    context.send(2, { ...message, payload: { jobId, machineId, program, ...waitingFor } })
  }
  const removeState = context.services.onMachineState(machineId, stateChanged)
  return [
    removeState,
    context.services.onJobProgress(jobId, ({ done, total }) => {
      if (!waiting.told) context.status({ info: `${program}: line ${done} of ${total}` })
    }),
    context.services.onJobEnded(jobId, ended),
  ]
}
