import { Type } from 'typebox'
import { Choice, defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import type { JobEnd } from '../services.ts'
import { parentOf } from './active-jobs.ts'
import type { JobPlan } from './services.ts'
import { jobIdsOf, timeOf } from './times.ts'

const time = (title: string, help: string) => Type.Optional(MessageValue(Type.Unknown(), { title, help, default: { type: 'msg', value: '' } }))

/** A message whose job has not ended. It outlives a restart of its node. */
interface Waiting {
  jobId: string
  name: string
  message: Message
  settle: () => void
}

export default defineNode({
  type: 'cw-enqueue',
  family: 'jobs',
  label: 'enqueue',
  summary: 'Queues a job for the "job in" node of that name, and goes on at once or with its outcome.',
  icon: 'enqueue',
  inputs: 1,
  outputs: ['queued', 'completed', 'not completed'],
  labelFrom: 'jobName',
  config: Type.Object({
    jobName: MessageValue(Type.String({ minLength: 1, maxLength: 100 }), { title: 'Job name', default: { type: 'str', value: '' } }),
    content: MessageValue(Type.Unknown(), {
      title: 'Payload',
      help: 'What the job gets as msg.payload. Must be JSON.',
      default: { type: 'msg', value: 'payload' },
    }),
    onceFor: Type.Optional(
      MessageValue(Type.String({ maxLength: 200 }), {
        title: 'Once for each',
        help: 'The same value is one job, however often it comes, e.g. the work order number.',
        default: { type: 'msg', value: '' },
      }),
    ),
    priority: Quantity({ title: 'Priority', help: 'Lowest first; 0 is usual, first in, first out.', minimum: -1000, maximum: 1000, isWhole: true, default: 0 }),
    due: time('Due', 'When it should be done: ISO time or milliseconds since 1970. The job board shows what will be late.'),
    notBefore: time('Not before', 'It waits until then, and others overtake it.'),
    deadline: time('Deadline', 'When it has not begun by then, it fails.'),
    dependsOn: Type.Optional(
      MessageValue(Type.Unknown(), {
        title: 'Depends on',
        help: 'Job ids (msg.queued.jobId of another enqueue, or a list): it waits until they have completed.',
        default: { type: 'msg', value: '' },
      }),
    ),
    whenBlockerFails: Choice(['wait', 'fail', 'go-on'], {
      title: 'If one of those fails',
      labels: { wait: 'wait for a person', fail: 'fail too', 'go-on': 'go on all the same' },
      default: 'wait',
    }),
    waits: Type.Boolean({ title: 'Wait for the outcome', default: false }),
  }),
  setup(context) {
    const { priority, whenBlockerFails = 'wait', waits = false } = context.config
    const kept = context.kept<Set<Waiting>>(() => new Set())
    const removes = new Set<() => void>()

    const ended = (waiting: Waiting, end: JobEnd) => {
      const { name, message, settle } = waiting
      kept.delete(waiting)
      const isCompleted = end.state === 'completed'
      context.status(isCompleted ? { ok: `${name} completed` } : { alarm: `${name} ${end.state}${end.reason ? `: ${end.reason}` : ''}` })
      context.send(isCompleted ? 1 : 2, {
        ...message,
        payload: end.outcome,
        job: { id: end.jobId, name, state: end.state, ...(end.reason === undefined ? {} : { reason: end.reason }) },
      })
      settle()
    }
    const watch = (waiting: Waiting) => {
      const both = [
        context.services.onJobProgress(waiting.jobId, ({ done, total }) => context.status({ info: `${waiting.name}: ${done} of ${total}` })),
        context.services.onJobEnded(waiting.jobId, (end) => {
          remove()
          ended(waiting, end)
        }),
      ]
      const remove = () => {
        removes.delete(remove)
        for (const each of both) each()
      }
      removes.add(remove)
    }
    for (const waiting of kept) watch(waiting)

    return {
      async input(message) {
        const [name, payload, key, due, notBefore, deadline, dependsOn] = await Promise.all([
          context.value('jobName', message),
          context.value('content', message),
          context.value('onceFor', message),
          context.value('due', message),
          context.value('notBefore', message),
          context.value('deadline', message),
          context.value('dependsOn', message),
        ])
        const times = { dueAt: timeOf(due, 'Due'), notBefore: timeOf(notBefore, 'Not before'), deadlineAt: timeOf(deadline, 'Deadline') }
        const blockers = jobIdsOf(dependsOn)
        const plan: JobPlan = {
          ...(priority ? { priority } : {}),
          ...(Object.fromEntries(Object.entries(times).filter(([, at]) => at !== undefined)) as Partial<Record<keyof typeof times, string>>),
          ...(blockers.length ? { dependsOn: blockers, whenBlockerFails } : {}),
        }
        const { jobId } = await context.services.enqueue({
          name,
          payload,
          nodeId: context.id,
          ...(Object.keys(plan).length ? { plan } : {}),
          ...(key === undefined ? {} : { key }),
          ...(message._run ? { runId: message._run } : {}),
          ...parentOf(message),
        })
        context.status(waits ? { waiting: `${name}: ${jobId}` } : { info: `queued ${jobId}` })
        context.send(0, { ...message, queued: { jobId, name } })
        if (!waits) return
        await new Promise<void>((settle) => {
          const waiting = { jobId, name, message, settle }
          kept.add(waiting)
          watch(waiting)
        })
      },
      close(isRemoved) {
        for (const remove of [...removes]) remove()
        if (!isRemoved || !kept.size) return
        context.warn(`This node was removed while ${kept.size} job${kept.size > 1 ? 's' : ''} had not ended: they go on, the flow behind them does not.`)
        for (const { settle } of kept) settle()
      },
    }
  },
})
