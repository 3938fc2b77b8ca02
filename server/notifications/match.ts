/** Which rule an event is for, and when somebody wants to be left alone. Pure; times by the clock of the server. */
import { DateTime } from 'luxon'
import type { EventType, Hours, MySettings, RuleSettings, Severity } from '../api/index.ts'
import { EVENT_SEVERITIES } from '../api/index.ts'

export interface Matchable {
  type: EventType
  severity: Severity
  machineId?: string | undefined
  at: Date
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** Is it within these hours? What begins in the evening goes on into the next morning. */
export function isWithin({ days, from, to }: Hours, at: Date, zone = 'local'): boolean {
  const time = DateTime.fromJSDate(at, { zone })
  const now = time.hour * 60 + time.minute
  const [begin, end] = [minutes(from), minutes(to)]
  const yesterday = time.minus({ days: 1 }).weekday
  if (begin === end) return days.includes(now >= begin ? time.weekday : yesterday)
  if (begin < end) return days.includes(time.weekday) && now >= begin && now < end
  return (days.includes(time.weekday) && now >= begin) || (days.includes(yesterday) && now < end)
}

/** Is this rule for that event, and is it on? */
export function matches(rule: RuleSettings, { type, severity, machineId, at }: Matchable, zone = 'local'): boolean {
  if (!rule.isOn) return false
  if (rule.events.length && !(rule.events as string[]).includes(type)) return false
  if (EVENT_SEVERITIES.indexOf(severity) < EVENT_SEVERITIES.indexOf(rule.atLeast)) return false
  if (rule.machines.length && (machineId === undefined || !rule.machines.includes(machineId))) return false
  return rule.hours === undefined || isWithin(rule.hours, at, zone)
}

/** Until when somebody who is left alone just now is not told of it; undefined: now. */
export function quietUntil({ quiet }: Pick<MySettings, 'quiet'>, severity: Severity, now: Date, zone = 'local'): Date | undefined {
  if (!quiet || (severity === 'alarm' && !quiet.alarmsToo) || quiet.from === quiet.to) return undefined
  if (!isWithin({ days: [1, 2, 3, 4, 5, 6, 7], from: quiet.from, to: quiet.to }, now, zone)) return undefined
  const time = DateTime.fromJSDate(now, { zone })
  const end = time.set({ hour: Number(quiet.to.slice(0, 2)), minute: Number(quiet.to.slice(3)), second: 0, millisecond: 0 })
  return (end <= time ? end.plus({ days: 1 }) : end).toJSDate()
}
