/** Events as rows: written once by their key, wherever they are noticed and however often. */
import type { Kysely, Selectable, Transaction } from 'kysely'
import { newId } from '../../base/ids.ts'
import { EVENTS, type EventData, type EventType, isEventType, type NotificationEvent, type Severity } from '../api/index.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'

export type Db = Kysely<Database> | Transaction<Database>

interface NewEventOf<T extends EventType> {
  type: T
  /** The same event has the same one, whoever notices it and after every restart. */
  key: string
  data: EventData<T>
  /** @defaultValue now */
  at?: Date
  /** @defaultValue that of its kind */
  severity?: Severity
  /** The matter on the panels that somebody may acknowledge. */
  panelKey?: string
}
export type NewEvent = { [T in EventType]: NewEventOf<T> }[EventType]

export type EventRow = Selectable<Database['notificationEvent']>

const MOST_TEXT = 2000
/** What flows and controllers say may be of any length. */
function shortened(data: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, typeof value === 'string' && value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT - 1)}…` : value]),
  )
}

/** @returns how many of them are new */
export async function recordEvents(db: Db, events: readonly NewEvent[]): Promise<number> {
  if (!events.length) return 0
  // ids sort by time, and within a millisecond by nothing: what came in order is told in order
  const ids = events.map(() => newId('ntf')).sort()
  const rows = await db
    .insertInto('notificationEvent')
    .values(
      events.map(({ type, key, data, at, severity, panelKey }, index) => ({
        id: ids[index] ?? newId('ntf'),
        key,
        type,
        severity: severity ?? EVENTS[type].severity,
        data: json(shortened(data)),
        panelKey: panelKey ?? null,
        at: at ?? new Date(),
      })),
    )
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .execute()
  return rows.length
}

/** As it goes over the wire. @throws Error for a kind of another version */
export function eventFrom({ id, type, severity, at, data }: Pick<EventRow, 'id' | 'type' | 'severity' | 'at' | 'data'>): NotificationEvent {
  if (!isEventType(type)) throw new Error(`This version knows no event "${type}".`)
  return { id, type, severity, at: at.toISOString(), data: data as Record<string, unknown> }
}

/** Which machine it is of. */
export function machineOf(data: unknown): string | undefined {
  const { machineId } = data as { machineId?: unknown }
  return typeof machineId === 'string' ? machineId : undefined
}
