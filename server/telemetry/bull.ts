/** BullMQ whose queues and workers tell OpenTelemetry of every job. */
import type { Telemetry as BullTelemetry } from 'bullmq'
import type { Bull } from '../jobs/dispatch.ts'

export function tracedBull(bull: Bull, telemetry: BullTelemetry | undefined): Bull {
  if (!telemetry) return bull
  return {
    kind: bull.kind,
    queue: (name, options) => bull.queue(name, { ...options, telemetry } as typeof options),
    worker: (name, process, options) => bull.worker(name, process, { ...options, telemetry }),
    ...(bull.isAway ? { isAway: bull.isAway } : {}),
    close: () => bull.close(),
  }
}
