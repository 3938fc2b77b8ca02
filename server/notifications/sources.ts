/** What lasts in this product, as it is now. What cannot be judged just now (a guard that is being started) is left out. */
import type { DiskView, Gauge, MachineView, OverBudget, ProcessView } from '../api/index.ts'
import type { Condition } from './conditions.ts'

/** Guards are started with the gateway: that one is missing is no news so early. */
const SETTLE_MS = 8_000
/** A connection that breaks for a moment mends itself. */
const BROKEN_MS = 30_000
const RESTARTS = 3
const WITHIN_MS = 10 * 60_000
const ENDS_SOON_MS = 21 * 86_400_000

/** @param isStarting guards are still being started */
export function ofMachine({ id, name, guard, state }: MachineView, isStarting: boolean): Condition[] {
  const machine = { machineId: id, machine: name }
  const isGone = guard === 'gone'
  const isWatched = guard === 'running' && state !== undefined
  const isLost = isWatched && state.link === 'lost'
  const isSeen = isWatched && state.link === 'connected'
  const conditions: Condition[] = []
  if (isGone ? !isStarting : isLost || isSeen)
    conditions.push({
      subject: `link ${id}`,
      over: { type: 'machine.link-back', data: machine },
      stamp: 'lost',
      ...(isSeen ? {} : { is: { type: 'machine.link-lost', panelKey: `link ${id}`, data: { ...machine, what: isGone ? 'guard' : 'link' } } }),
    })
  // while nobody can see the machine, its alarm is not over
  if (!isSeen) return conditions
  const { alarm, job } = state
  const waiting = job?.waitingFor
  conditions.push(
    {
      subject: `alarm ${id}`,
      over: { type: 'machine.alarm-over', data: machine },
      ...(alarm ? { is: { type: 'machine.alarm', panelKey: `alarm ${id}`, data: { ...machine, text: alarm.text, whatToDo: alarm.whatToDo } } } : {}),
    },
    { subject: `waits ${id}`, ...(waiting ? { is: { type: 'machine.waits', panelKey: `waits ${id}`, data: { ...machine, text: waiting.text } } } : {}) },
  )
  return conditions
}

export const isStarting = (since: number): boolean => performance.now() - since < SETTLE_MS

export interface ConnectionNow {
  connectionId: string
  connection: string
  state: 'starting' | 'running' | 'failing' | 'off'
  since: Date
  reason?: string
}

export function ofConnection({ connectionId, connection, state, since, reason }: ConnectionNow, now: number): Condition[] {
  const subject = `connection ${connectionId}`
  const facts = { connectionId, connection }
  if (state === 'running') return [{ subject, over: { type: 'connection.back', data: facts } }]
  if (state === 'off') return [{ subject }]
  if (state !== 'failing' || now - since.getTime() < BROKEN_MS) return []
  return [{ subject, stamp: 'lost', is: { type: 'connection.lost', data: { ...facts, ...(reason ? { reason } : {}) } } }]
}

export function ofGauge({ id, definition: { name }, state, calibration }: Gauge): Condition {
  const subject = `gauge ${id}`
  if (state !== 'due-soon' && state !== 'overdue' && state !== 'failed') return { subject }
  const dueOn = calibration?.dueAt.slice(0, 10)
  return { subject, is: { type: 'gauge.due', data: { gaugeId: id, gauge: name, state, ...(dueOn ? { dueOn } : {}) } } }
}

/** @param host whose disk it is */
export function ofDisk({ state, path, freeBytes }: DiskView, host: string): Condition[] {
  const subject = `disk ${host}`
  if (state === 'unknown') return []
  if (state === 'ok') return [{ subject, over: { type: 'disk.ok', data: { path, freeBytes } } }]
  return [{ subject, stamp: state, is: { type: 'disk.low', data: { path, freeBytes, state } } }]
}

/** What takes more than it may after all that may go has gone. @param host whose files they are @param leads it speaks for the database */
export function ofSpace(over: readonly OverBudget[], host: string, leads: boolean): Condition[] {
  const found = (kind: OverBudget['kind'], subject: string): Condition => {
    const data = over.find((each) => each.kind === kind)
    return { subject, ...(data ? { stamp: 'over', is: { type: 'space.over', data } } : {}) }
  }
  return [...(['journals', 'logs'] as const).map((kind) => found(kind, `space ${host} ${kind}`)), ...(leads ? [found('database', 'space database')] : [])]
}

export function ofCertificate({ endsAt, names, trouble }: { endsAt: string; names: string[]; trouble?: string }, host: string, now: number): Condition {
  const subject = `certificate ${host}`
  const endsSoon = Date.parse(endsAt) - now < ENDS_SOON_MS
  return endsSoon || trouble ? { subject, is: { type: 'certificate.ends', data: { endsAt, names, ...(trouble ? { trouble } : {}) } } } : { subject }
}

/** Watches how often each process was restarted; keeps what it saw. */
export function watchProcesses(host: string): (processes: readonly ProcessView[], isSafeMode: boolean, now: number) => Condition[] {
  const seen = new Map<string, { at: number; restarts: number }[]>()
  return (processes, isSafeMode, now) => [
    { subject: `safe-mode ${host}`, ...(isSafeMode ? { stamp: 'on', is: { type: 'process.safe-mode', data: {} } } : {}) },
    ...processes.map(({ name, restarts, state }): Condition => {
      const all = (seen.get(name) ?? []).filter(({ at }) => now - at < WITHIN_MS)
      if (all.at(-1)?.restarts !== restarts) all.push({ at: now, restarts })
      seen.set(name, all)
      const lately = restarts - (all[0]?.restarts ?? restarts)
      const isUnstable = lately >= RESTARTS || state === 'failed'
      return {
        subject: `process ${host} ${name}`,
        ...(isUnstable ? { stamp: 'unstable', is: { type: 'process.unstable', data: { process: name, restarts } } } : {}),
      }
    }),
  ]
}
