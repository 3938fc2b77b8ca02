import { Type } from 'typebox'
import { ConfigNode, defineNode, MessageValue, type NodeContext } from '../define-node/index.ts'
import type { Message } from '../define-node/red.ts'
import type { JobEnd } from '../services.ts'
import machine from './machine.node.ts'

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
})

/** A message that waits for its job. It outlives the node: a deploy restarts nodes while the machine goes on. */
interface Waiting {
  jobId: string
  program: string
  message: Message
  isRepeat: boolean
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
  outputs: ['completed', 'failed or stopped'],
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
        const { jobId } = await context.services.runProgram({ machineId, program, key, nodeId: context.id, ...runOf(message) })
        await new Promise<void>((settle) => {
          const waiting = { jobId, program, message, isRepeat, settle }
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

const runOf = (message: Message): { runId?: string } => (message._run ? { runId: message._run } : {})

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
  const { jobId, program, message, isRepeat, settle } = waiting
  const ended = (end: JobEnd) => {
    kept.waiting.delete(waiting)
    const outcome = typeof end.outcome === 'object' && end.outcome !== null ? (end.outcome as Record<string, unknown>) : {}
    const text = end.reason ?? (typeof outcome.text === 'string' ? outcome.text : end.state)
    const isCompleted = end.state === 'completed'
    context.status(isCompleted ? { ok: `${program} completed` } : { alarm: `${program} ${end.state}: ${text}` })
    context.send(isCompleted ? 0 : 1, { ...message, payload: { ...outcome, jobId, program, state: end.state, text, isRepeat } })
    settle()
  }
  return [
    context.services.onJobProgress(jobId, ({ done, total }) => context.status({ info: `${program}: line ${done} of ${total}` })),
    context.services.onJobEnded(jobId, ended),
  ]
}
