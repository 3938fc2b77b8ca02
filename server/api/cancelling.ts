/** Cancelling over the API: what it would end, and ending it. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { Job } from './work.ts'

const closed = { additionalProperties: false }
const JobParams = Type.Object({ jobId: Type.String({ maxLength: 100 }) })
const RunParams = Type.Object({ runId: Type.String({ minLength: 1, maxLength: 64 }) })

/** What becomes of a program that a machine runs for it: it runs to its end, is held where it is, or is stopped. */
export const MachineChoice = Type.Enum(['finish', 'hold', 'stop'])
export type MachineChoice = Static<typeof MachineChoice>

const Named = Type.Object({ jobId: Type.String(), name: Type.String(), kind: Job.properties.kind })
/** What cancelling would end, as it is now. */
export const CancelView = Type.Object({
  /** The run that would end; absent when only the job is meant. */
  runId: Type.Optional(Type.String()),
  /** The job works in the run of whoever asked for it: there is the choice to end only the job. */
  isSharedRun: Type.Boolean(),
  /** What waits in the flow, in words. */
  steps: Type.Array(Type.String()),
  /** Flow jobs that are worked on. */
  active: Type.Array(Named),
  /** Jobs that have not begun; the first of `waitingTotal`. */
  waiting: Type.Array(Named),
  waitingTotal: Type.Integer(),
  /** Programs that a machine runs just now. */
  programs: Type.Array(
    Type.Object({ jobId: Type.String(), name: Type.String(), machineId: Type.String(), machineName: Type.String(), isVirtual: Type.Boolean() }),
  ),
  /** Messages to outside systems on their way: they go out unless they are taken back. */
  confirmations: Type.Integer(),
})
export type CancelView = Static<typeof CancelView>

const choices = {
  /** @defaultValue finish */
  machine: Type.Optional(MachineChoice),
  /** Messages to outside systems that have not gone out are taken back. @defaultValue false */
  takeBack: Type.Optional(Type.Boolean()),
  /** Shown with the run and the jobs. */
  why: Type.Optional(Type.String({ maxLength: 300 })),
}

/** What cancelling came to. */
export const CancelResult = Type.Object({
  runId: Type.Optional(Type.String()),
  steps: Type.Integer(),
  jobs: Type.Integer(),
  programs: Type.Array(
    Type.Object({
      jobId: Type.String(),
      machineId: Type.String(),
      did: Type.Enum(['finishes', 'held', 'stopped', 'not-reached']),
      /** Why the machine was not reached. */
      text: Type.Optional(Type.String()),
    }),
  ),
  /** What could not be done, in whole sentences. */
  problems: Type.Array(Type.String()),
})
export type CancelResult = Static<typeof CancelResult>

export const viewCancelRun = route({
  id: 'viewCancelRun',
  method: 'get',
  path: '/api/runs/:runId/cancel',
  access: 'runs.view',
  tag: 'runs',
  summary: 'What cancelling a run would end: waits, jobs, and the programs that machines run for it.',
  params: RunParams,
  response: CancelView,
  errors: ['run-not-found', 'run-ended'],
})
export const cancelRun = route({
  id: 'cancelRun',
  method: 'post',
  path: '/api/runs/:runId/cancel',
  access: 'jobs.manage',
  tag: 'runs',
  summary:
    'Ends a run as cancelled: nothing of it goes on, its waits and jobs end. A machine goes on, is held or stopped as is said; the last two need "machines.stop".',
  params: RunParams,
  body: Type.Object(choices, closed),
  response: CancelResult,
  errors: ['run-not-found', 'run-ended', 'not-allowed'],
})
export const viewCancelJob = route({
  id: 'viewCancelJob',
  method: 'get',
  path: '/api/jobs/:jobId/cancel',
  access: 'jobs.view',
  tag: 'jobs',
  summary: 'What cancelling a flow job would end with it.',
  params: JobParams,
  query: Type.Object({ scope: Type.Optional(Type.Enum(['job', 'run'])) }),
  response: CancelView,
  errors: ['job-not-found', 'job-ended'],
})
export const cancelJob = route({
  id: 'cancelJob',
  method: 'post',
  path: '/api/jobs/:jobId/cancel',
  access: 'jobs.manage',
  tag: 'jobs',
  summary:
    'Cancels a waiting job; an active program is stopped, a flow is kept from going on, and what its job asked for and has not begun is cancelled with it.',
  params: JobParams,
  body: Type.Object(
    {
      ...choices,
      /** Of a flow job: end only the job, or the run that it works in. @defaultValue the run when it is the job's own, else the job */
      scope: Type.Optional(Type.Enum(['job', 'run'])),
    },
    { ...closed, default: {} },
  ),
  response: Job,
  errors: ['job-not-found', 'job-ended', 'job-active', 'not-allowed'],
})
