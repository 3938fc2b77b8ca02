/** The next times of settings that are still being edited: read by the nodes' own check, reckoned by the same engine. */
import { readConfig } from '../../nodes/define-node/read-config.ts'
import calendarNode from '../../nodes/triggers/calendar.node.ts'
import { type CalendarConfig, scheduleOf, type TimeConfig } from '../../nodes/triggers/time/from-config.ts'
import { nextTimes, scheduleProblems } from '../../nodes/triggers/time/schedule.ts'
import { isZone, systemZone } from '../../nodes/triggers/time/zone.ts'
import timeTrigger from '../../nodes/triggers/time-trigger.node.ts'
import type { BodyOf, previewTimes, ResponseOf } from '../api/index.ts'

export function preview({ config, calendar, count }: BodyOf<typeof previewTimes>, now: number): ResponseOf<typeof previewTimes> {
  const none = (problem: string, zone = systemZone()): ResponseOf<typeof previewTimes> => ({ next: [], zone, problem })
  const works = calendar && readConfig(calendarNode, calendar)
  if (works?.errors[0]) return none(works.errors[0].message)
  const read = readConfig(timeTrigger, config)
  if (!read.config) return none(read.errors[0]?.message ?? '')
  const schedule = scheduleOf(read.config as unknown as TimeConfig, works?.config as unknown as CalendarConfig | undefined)
  const zone = schedule.zone && isZone(schedule.zone) ? schedule.zone : systemZone()
  const [problem] = scheduleProblems(schedule)
  if (problem) return none(problem.message, zone)
  return { next: nextTimes(schedule, now, count).map((at) => new Date(at).toISOString()), zone }
}
