/** The message that a firing begins with. */
import type { Message } from '../define-node/index.ts'
import type { Firing } from './services.ts'

export function triggerMessage({ firingId, runId, dueAt, at, isLate, by, values }: Firing, { topic }: { topic?: string | undefined } = {}): Message {
  return {
    ...(topic ? { topic } : {}),
    trigger: { id: firingId, dueAt, at, isLate, ...(by === undefined ? {} : { by }) },
    ...(Object.keys(values).length ? { values } : {}),
    _run: runId,
  }
}
