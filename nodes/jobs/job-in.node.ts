import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { defineNode, Text } from '../define-node/index.ts'
import { activeJobOf, jobEnded, jobStarted } from './active-jobs.ts'

export default defineNode({
  type: 'cw-job-in',
  family: 'jobs',
  label: 'job in',
  summary: 'Starts the flow of a job: what "enqueue" queued under this name comes out here when its turn comes.',
  icon: 'job-in',
  inputs: 0,
  outputs: ['job'],
  labelFrom: 'jobName',
  config: Type.Object({
    jobName: Text({ title: 'Job name', help: 'One "job in" for each name.', minLength: 1, maxLength: 100, default: '' }),
  }),
  setup(context) {
    const { jobName } = context.config
    const mine = context.kept<Set<string>>(() => new Set())
    const remove = context.services.registerJobIn({
      nodeId: context.id,
      name: jobName,
      onJob({ jobId, name, payload, runId }) {
        if (!context.hasOutputWire(0)) {
          throw new UserError({
            code: 'job-in-not-wired',
            message: `Nothing is wired to the "job in" node of "${name}": wire it up and deploy, then queue the job again.`,
          })
        }
        mine.add(jobId)
        jobStarted(jobId, runId)
        context.status({ info: `job ${jobId}` })
        context.send(0, { _run: runId, topic: name, payload, job: { id: jobId, name } })
      },
    })
    context.onUncaughtError(({ message, text, nodeName }) => {
      const jobId = activeJobOf(message)
      if (jobId === undefined || !mine.delete(jobId) || !jobEnded(jobId)) return
      const reason = `${nodeName}: ${text}`
      context.status({ alarm: `job ${jobId} failed: ${reason}` })
      context.services.finishJob({ jobId, state: 'failed', reason, isUncaught: true }).catch((error) => context.fail(error))
    })
    context.status({ waiting: `waiting for "${jobName}"` })
    return { close: () => remove() }
  },
})
