/** Triggers and firings as the API shows them. */
import { nextTimes } from '../../nodes/triggers/time/schedule.ts'
import { zoneOf } from '../../nodes/triggers/time/zone.ts'
import type { RuntimeState, TriggerFiring, TriggerView } from '../api/index.ts'
import { type Face, scheduleIn } from './face.ts'
import type { ShownFiring, TriggerRow } from './rows.ts'

const optional = <K extends string, V>(name: K, value: V | null | undefined) =>
  value === null || value === undefined ? {} : ({ [name]: value } as Record<K, V>)

export function toFiring(row: ShownFiring | Omit<ShownFiring, 'runState'>): TriggerFiring {
  return {
    id: row.id,
    cause: row.cause,
    state: row.state,
    dueAt: row.dueAt.toISOString(),
    ...optional('begunAt', row.begunAt?.toISOString()),
    ...optional('runId', row.runId),
    ...optional('runState', 'runState' in row ? row.runState : null),
    isLate: row.isLate,
    ...optional('by', row.by),
    ...optional('text', row.text),
    ...optional('reason', row.reason),
    ...optional('missed', row.missed),
  }
}

export function toTrigger(
  row: TriggerRow,
  options: {
    last: readonly ShownFiring[]
    runtime: RuntimeState /** The flow runtime of this host has it. */
    isThere: boolean
    moves?: boolean
    now: number /** How many times to come. */
    count: number
  },
): TriggerView {
  const { last, runtime, isThere, moves, now, count } = options
  const { about, fields = [], missed } = row.face as Face
  const schedule = scheduleIn(row.face)
  const next = schedule && row.isOn ? nextTimes(schedule, Math.max(now, row.upTo.getTime()), count) : []
  const silence = silenceOf({ row, runtime, isThere, hasNext: next.length > 0, hasFired: last.length > 0 })
  const when = schedule?.when
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    ...optional('flowId', row.flowId),
    ...optional('flowName', row.flowName),
    ...optional('about', about),
    ...optional('times', when),
    ...(schedule ? { zone: zoneOf(schedule.zone).name, only: schedule.only ?? 'always', missed: missed ?? 'skip' } : {}),
    isOn: row.isOn,
    ...optional('switchedBy', row.switchedBy),
    ...optional('switchedAt', row.switchedAt?.toISOString()),
    ...optional('moves', moves),
    next: next.map((at) => new Date(at).toISOString()),
    last: last.map(toFiring),
    fields,
    ...optional('silence', silence),
  }
}

function silenceOf(facts: { row: TriggerRow; runtime: RuntimeState; isThere: boolean; hasNext: boolean; hasFired: boolean }): TriggerView['silence'] {
  const { row, runtime, isThere, hasNext, hasFired } = facts
  if (!row.isOn) return 'off'
  if (runtime.process !== 'running') return 'runtime-away'
  // some flows may run while others failed
  if (runtime.flows === 'stopped' || runtime.flows === 'safe' || (runtime.flows === 'failed' && !isThere)) return 'flows-stopped'
  if (row.kind === 'time' && !hasNext) return 'no-more-times'
  return hasFired ? undefined : 'never-fired'
}
