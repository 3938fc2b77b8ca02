import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { defineNode, MessageValue } from '../define-node/index.ts'
import { activeJobOf, jobIdOf } from './active-jobs.ts'

const count = (title: string, help: string, value: string) => MessageValue(Type.Number({ minimum: 0 }), { title, help, default: { type: 'msg', value } })

export default defineNode({
  type: 'cw-job-progress',
  family: 'jobs',
  label: 'job progress',
  summary: 'Tells how far the job of the message is: the job board and whoever waits for it see it.',
  icon: 'job-progress',
  inputs: 1,
  outputs: ['the same message'],
  config: Type.Object({
    done: count('Done', 'How much of it is done.', 'payload'),
    total: MessageValue(Type.Number({ exclusiveMinimum: 0 }), {
      title: 'Of',
      help: 'How much it is in all, e.g. 100.',
      default: { type: 'num', value: '100' },
    }),
    text: Type.Optional(MessageValue(Type.String({ maxLength: 200 }), { title: 'What is being done', default: { type: 'str', value: '' } })),
  }),
  setup(context) {
    return {
      async input(message) {
        const jobId = activeJobOf(message)
        if (jobId === undefined)
          throw new UserError({
            code: 'no-job',
            message: jobIdOf(message)
              ? 'The job of this message has ended already.'
              : 'This message belongs to no job: it must come from a "job in" node, with msg.job kept on the way.',
          })
        const [done, total, text] = await Promise.all([context.value('done', message), context.value('total', message), context.value('text', message)])
        const progress = { done: Math.round(Math.min(done, total)), total: Math.max(1, Math.round(total)) }
        await context.services.jobs.progress({ jobId, ...progress, ...(text ? { text } : {}) })
        context.status({ info: `${progress.done} of ${progress.total}${text ? `: ${text}` : ''}` })
        context.send(0, message)
      },
    }
  },
})
