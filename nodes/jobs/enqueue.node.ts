import { Type } from 'typebox'
import { defineNode, MessageValue, Quantity } from '../define-node/index.ts'

export default defineNode({
  type: 'cw-enqueue',
  family: 'jobs',
  label: 'enqueue',
  summary: 'Queues a job for the "job in" node of that name, and goes on at once.',
  icon: 'enqueue',
  inputs: 1,
  outputs: ['queued'],
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
    priority: Quantity({ title: 'Priority', help: '0 is first in, first out; then 1 before 2.', minimum: 0, maximum: 1000, isWhole: true, default: 0 }),
  }),
  setup(context) {
    const { priority } = context.config
    return {
      async input(message) {
        const [name, payload, key] = await Promise.all([
          context.value('jobName', message),
          context.value('content', message),
          context.value('onceFor', message),
        ])
        const { jobId } = await context.services.enqueue({
          name,
          payload,
          priority,
          nodeId: context.id,
          ...(key === undefined ? {} : { key }),
          ...(message._run ? { runId: message._run } : {}),
        })
        context.status({ info: `queued ${jobId}` })
        context.send(0, { ...message, queued: { jobId, name } })
      },
    }
  },
})
