/** What flows ask of jobs, beside queueing them: how far one is, and control of queues. */
import { Type } from 'typebox'
import { QueueControl, QueueMode } from '../api/jobs.ts'

const closed = { additionalProperties: false }
const Id = Type.String({ minLength: 1, maxLength: 100 })

export const jobsRequests = {
  /** How far a flow says its job is. @throws UserError job-not-found, job-ended */
  jobProgress: {
    params: Type.Object(
      { jobId: Id, done: Type.Integer({ minimum: 0 }), total: Type.Integer({ minimum: 1 }), text: Type.Optional(Type.String({ maxLength: 200 })) },
      closed,
    ),
    result: Type.Null(),
  },
  /** Holds, releases or drains a queue. What runs goes on. @throws UserError machine-not-found, queue-not-found */
  controlQueue: {
    params: Type.Object({ queue: Id, mode: QueueMode, why: Type.Optional(Type.String({ maxLength: 300 })), nodeId: Id }, closed),
    result: QueueControl,
  },
}
