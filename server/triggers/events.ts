/**
 * Events that the gateway sees for event triggers: what machines tell, programs that ended, what connections bring.
 * Each becomes a firing in the database before it is said to be taken, so that it waits while no flow runs.
 */
import { OperationalError } from '../../base/errors.ts'
import type { Job, SignalView } from '../api/index.ts'
import type { Face, NodeEvent } from './face.ts'
import { type Db, insertFirings, type NewFiring } from './rows.ts'

/** Something that happened. The same event has the same key however often it is told. */
export interface Happening {
  key: string
  text: string
  payload: unknown
  topic?: string
  at?: number
  what:
    | { source: 'machine-event'; machineId: string; kind: string }
    | { source: 'program-done'; machineId: string; end: string }
    | { source: 'connection'; connectionId: string; subject: string }
    | { source: 'quality'; characteristicId: string; rule: string }
    | { source: 'quality-lot'; planId: string }
    | { source: 'quality-study'; studyId: string }
}

/** What a connection brings, for event triggers. */
export function ofConnection({
  connectionId,
  key,
  subject,
  text,
  payload,
}: {
  connectionId: string
  key: string
  subject: string
  text: string
  payload: unknown
}): Happening {
  return { key: `${connectionId} ${key}`, text, topic: subject, payload, what: { source: 'connection', connectionId, subject } }
}

/** What a machine tells, for event triggers. */
export function ofMachine(machineId: string, event: { kind: string; text: string; at: string }): Happening {
  return {
    key: `${machineId} ${event.at} ${event.kind}`,
    text: event.text,
    topic: machineId,
    payload: event,
    what: { source: 'machine-event', machineId, kind: event.kind },
  }
}

/** A signal of a chart or of a tolerance, for the nodes that wait for it. */
export function ofSignal(signal: SignalView): Happening {
  const { id, name, text, value, characteristicId, rule } = signal
  return { key: id, text: `${name} ${value}: ${text}`, topic: name, payload: signal, what: { source: 'quality', characteristicId, rule } }
}

/** A program that has ended, for event triggers; nothing while it has not. */
export function ofJob(job: Job): Happening[] {
  const { id, kind, machineId, state, name, reason, outcome } = job
  if (kind !== 'program' || machineId === undefined || !job.endedAt) return []
  return [
    {
      key: id,
      text: `${name} ${state}${reason ? `: ${reason}` : ''}`,
      topic: machineId,
      payload: {
        jobId: id,
        program: name,
        machineId,
        state,
        endedAt: job.endedAt,
        ...(reason ? { reason } : {}),
        ...(outcome === undefined ? {} : { outcome }),
      },
      what: { source: 'program-done', machineId, end: state },
    },
  ]
}

/** What fits into a firing; more is for a file, with its path in the event. */
const MAX_BYTES = 256_000

/** Is a trigger set to this event? */
function isFor(on: NodeEvent, what: Happening['what']): boolean {
  switch (what.source) {
    case 'machine-event':
      return on.source === what.source && on.machineId === what.machineId && on.kinds.includes(what.kind)
    case 'program-done':
      return on.source === what.source && on.machineId === what.machineId && on.ends.includes(what.end)
    case 'connection':
      return on.source === what.source && on.connectionId === what.connectionId && (on.subject === undefined || likePattern(on.subject, what.subject))
    case 'quality-lot':
      return on.source === what.source && on.planId === what.planId
    case 'quality-study':
      return on.source === what.source && on.studyId === what.studyId
    case 'quality':
      return on.source === what.source && on.characteristicId === what.characteristicId && on.rules.includes(what.rule)
    default:
      return what satisfies never
  }
}

/** `*` stands for any characters; the rest is meant as it is, in any case. */
export function likePattern(pattern: string, subject: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const text = subject.toLowerCase()
  const [first = '', ...rest] = parts
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1
    const found = isLast ? text.length - part.length : text.indexOf(part, at)
    if (found < at || !text.startsWith(part, found)) return false
    at = found + part.length
  }
  return rest.length > 0 || at === text.length
}

/** What is too large is named, and not half of it kept. */
function fitting(payload: unknown): unknown {
  // PostgreSQL keeps no U+0000 in jsonb ("JSON Types")
  const text = JSON.stringify(payload) ?? 'null'
  if (text.length <= MAX_BYTES) return text.includes('\\u0000') ? (JSON.parse(text.replaceAll('\\u0000', '\\ufffd')) as unknown) : payload
  return { isTooLarge: true, bytes: text.length, begins: text.slice(0, 1000).replaceAll('\\u0000', '\\ufffd') }
}

/** Written in the same transaction as the firings. */
export type Also = (db: Db) => Promise<void>

export interface Events {
  /**
   * Resolves when it is stored for every trigger that is set to it.
   * @returns how many there are
   * @throws OperationalError nobody-listens for a connection that no trigger is set to
   */
  happened(happening: Happening): Promise<number>
  /** The same for many at once, all or none: in their order, and with few statements. */
  happenedAll(happenings: readonly Happening[], also?: Also): Promise<number>
  /** The same within a transaction that somebody has open. @returns what is to be called after its commit */
  happenedWithin(db: Db, happenings: readonly Happening[]): Promise<() => void>
  /** The triggers have changed. */
  forget(): void
}

export function createEvents({ db, now, onFirings }: { db: Db; now: () => number; onFirings: () => void }): Events {
  interface Listeners {
    events: { id: string; isOn: boolean; on: NodeEvent; coolDownMs: number }[]
    /** Connections whose live values conditions look at: their events are not kept back for want of an event trigger. */
    watched: ReadonlySet<string>
  }
  let known: Promise<Listeners> | undefined
  /** When each last fired, for cool-downs; a restart begins anew. */
  const firedAt = new Map<string, number>()

  const read = async (within: Db): Promise<Listeners> => {
    const rows = await within
      .selectFrom('trigger')
      .select(['id', 'face', 'isOn'])
      .where('kind', 'in', ['event', 'condition'])
      .where('removedAt', 'is', null)
      .execute()
    return {
      events: rows.flatMap(({ id, face, isOn }) => {
        const { on, coolDownMs = 0 } = face as Face
        return on ? [{ id, isOn, on, coolDownMs }] : []
      }),
      watched: new Set(rows.flatMap(({ face }) => (face as Face).watches?.connectionId ?? [])),
    }
  }
  const listeners = (within: Db) => {
    known ??= read(within).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  return {
    forget() {
      known = undefined
    },
    happened: (happening) => store([happening]),
    happenedAll: store,
    async happenedWithin(within, happenings) {
      // over the same connection: there may be no other
      const { firings } = await firingsOf(happenings, within)
      await insertFirings(within, firings)
      return () => stored(firings)
    },
  }

  async function store(happenings: readonly Happening[], also?: Also): Promise<number> {
    const { firings, count } = await firingsOf(happenings)
    if (also)
      await db.transaction().execute(async (within) => {
        await insertFirings(within, firings)
        await also(within)
      })
    else await insertFirings(db, firings)
    stored(firings)
    return count
  }

  function stored(firings: readonly NewFiring[]): void {
    if (!firings.length) return
    for (const { triggerId, dueAt } of firings) firedAt.set(triggerId, dueAt)
    onFirings()
  }

  async function firingsOf(
    happenings: readonly Happening[],
    within: Db = db,
  ): Promise<{ firings: NewFiring[] /** Triggers that are set to them. */; count: number }> {
    const { events: all, watched } = await listeners(within)
    const last = new Map(firedAt)
    let count = 0
    const firings = happenings.flatMap(({ key, text, payload, topic, at, what }) => {
      const when = at ?? now()
      // a file, a message: it waits outside until there is a flow for it. What a switched-off trigger does not want is gone
      if (
        what.source === 'connection' &&
        !watched.has(what.connectionId) &&
        !all.some(({ on }) => on.source === 'connection' && on.connectionId === what.connectionId)
      )
        throw new OperationalError({
          code: 'nobody-listens',
          message: 'No flow waits for events of this connection. Deploy one with an event trigger for it; until then they wait.',
        })
      const found = all.filter(({ isOn, on }) => isOn && isFor(on, what))
      count += found.length
      const free = found.filter(({ id, coolDownMs }) => when - (last.get(id) ?? Number.NEGATIVE_INFINITY) >= coolDownMs)
      if (!free.length) return []
      for (const { id } of free) last.set(id, when)
      const values = { payload: fitting(payload), text, ...(topic === undefined ? {} : { topic }) }
      return free.map(({ id }): NewFiring => ({ triggerId: id, key: `event ${key}`, cause: 'itself', state: 'due', dueAt: when, values, text }))
    })
    return { firings, count }
  }
}
