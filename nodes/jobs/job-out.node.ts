import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, MessageValue } from '../define-node/index.ts'
import { activeJobOf, jobEnded, jobIdOf } from './active-jobs.ts'

export default defineNode({
  type: 'cw-job-out',
  family: 'jobs',
  label: 'job out',
  summary: 'Ends the job that the message belongs to, with its outcome.',
  icon: 'job-out',
  inputs: 1,
  outputs: [],
  labelFrom: 'state',
  config: Type.Object({
    state: Choice(['completed', 'failed'], { title: 'The job has', labels: { completed: 'completed', failed: 'failed' }, default: 'completed' }),
    outcome: Type.Optional(MessageValue(Type.Unknown(), { title: 'Outcome', help: 'Kept with the job.', default: { type: 'msg', value: 'payload' } })),
    reason: Type.Optional(
      MessageValue(Type.String(), {
        title: 'Why it failed',
        help: 'Behind a Catch node: msg.error.message.',
        default: { type: 'msg', value: 'error.message' },
      }),
    ),
  }),
  setup(context) {
    const { state } = context.config
    return {
      async input(message) {
        const [outcome, reason] = await Promise.all([context.value('outcome', message), state === 'failed' ? context.value('reason', message) : undefined])
        const jobId = activeJobOf(message)
        if (jobId === undefined || !jobEnded(jobId)) throw noJob(jobIdOf(message))
        await context.services.finishJob({
          jobId,
          state,
          ...(outcome === undefined ? {} : { outcome }),
          ...(state === 'failed' ? { reason: reason ?? 'the flow ended it as failed' } : {}),
        })
        context.status(state === 'completed' ? { ok: `job ${jobId} completed` } : { alarm: `job ${jobId} failed${reason ? `: ${reason}` : ''}` })
      },
    }
  },
})

function noJob(jobId: string | undefined): UserError {
  return jobId === undefined
    ? new UserError({ code: 'no-job', message: 'This message belongs to no job: it must come from a "job in" node, with msg.job kept on the way.' })
    : new UserError({ code: 'job-ended', message: `Job ${jobId} has ended already: a job ends once, at its first "job out" or uncaught error.` })
}
