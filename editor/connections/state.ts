/** How a connection is, in a word. No DOM. */
import type { Connection } from '../../server/api/connections.ts'
import type { connections } from '../shared/text/en/connections.ts'

/** `waiting`: it is connected, and no flow wants what comes. */
export type Look = 'running' | 'waiting' | 'failing' | 'starting' | 'off'

export function lookOf({ state, why }: Pick<Connection, 'state' | 'why'>): Look {
  return state === 'failing' && why?.code === 'nobody-listens' ? 'waiting' : state
}

export function wordOf(connection: Pick<Connection, 'state' | 'why'>, text: typeof connections): string {
  const look = lookOf(connection)
  return look === 'waiting' ? text.waitsForFlow : text.states[look]
}

/** Does a connection match what is typed? */
export function matches(connection: Pick<Connection, 'name'>, kind: string, typed: string): boolean {
  const where = `${connection.name} ${kind}`.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word))
}
