/** A trigger as its node announced it, and the schedule in it. */
import type { Static } from 'typebox'
import { type Schedule, scheduleProblems } from '../../nodes/triggers/time/schedule.ts'
import type { TriggerFace } from './runtime-contract.ts'

export type Face = Static<typeof TriggerFace>
/** What an event trigger is set to. */
export type NodeEvent = NonNullable<Face['on']>

/** The schedule of a stored face; none where it has none, or one that no clock can follow. */
export function scheduleIn(face: unknown): Schedule | undefined {
  const { schedule } = face as Face
  return schedule && isGood(schedule) ? schedule : undefined
}

/** By the schedule's text: rows are read anew each time, and thousands of them say the same. */
const looked = new Map<string, boolean>()
function isGood(schedule: Schedule): boolean {
  const text = JSON.stringify(schedule)
  let good = looked.get(text)
  if (good === undefined) {
    good = scheduleProblems(schedule).length === 0
    if (looked.size > 5000) looked.clear()
    looked.set(text, good)
  }
  return good
}
