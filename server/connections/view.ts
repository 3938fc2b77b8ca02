/** Connections as pages and programs see them. */
import type { Kysely, Selectable } from 'kysely'
import type { Connection, ConnectionUse, FlowNode } from '../api/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { Database } from '../store/index.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { States } from './states.ts'
import type { Traffic } from './traffic.ts'
import { usesIn } from './uses.ts'

export type ConnectionRow = Selectable<Database['connection']>

const PROBLEMS_SHOWN = 20

export interface Views {
  /** @param withSettings for those who may change connections */
  of(rows: readonly ConnectionRow[], withSettings: boolean): Promise<Connection[]>
  usesOf(connectionId: string): Promise<ConnectionUse[]>
}

export function createViews(deps: {
  db: Kysely<Database>
  states: States
  traffic: Traffic
  hosts: Pick<Hosts, 'leads' | 'leader'>
  elsewhere: Pick<Elsewhere, 'states'>
  isHostThere: () => boolean
  secretNames: (row: ConnectionRow) => string[]
  currentFlows: () => Promise<{ flows: FlowNode[] }>
}): Views {
  const { db, states, traffic, hosts, elsewhere, isHostThere, secretNames, currentFlows } = deps

  const problemsOf = async (ids: readonly string[]) => {
    const rows = await db
      .selectFrom('connectionProblem as p')
      .selectAll()
      .where('connectionId', 'in', ids)
      // the newest of each
      .where((e) =>
        e(
          'p.id',
          'in',
          e
            .selectFrom('connectionProblem as newest')
            .select('newest.id')
            .whereRef('newest.connectionId', '=', 'p.connectionId')
            .orderBy('newest.id', 'desc')
            .limit(PROBLEMS_SHOWN),
        ),
      )
      .orderBy('p.id', 'desc')
      .execute()
    return Map.groupBy(rows, (row) => row.connectionId)
  }
  const outboxOf = async (ids: readonly string[]) => {
    const rows = await db
      .selectFrom('outbox')
      .select((e) => ['connectionId', 'state', e.fn.countAll<string>().as('count')] as const)
      .where('connectionId', 'in', ids)
      .where('state', 'in', ['waiting', 'failed'])
      .groupBy(['connectionId', 'state'])
      .execute()
    return (id: string, state: 'waiting' | 'failed') => Number(rows.find((row) => row.connectionId === id && row.state === state)?.count ?? 0)
  }

  type StateThere = ReturnType<Elsewhere['states']> extends Promise<ReadonlyMap<string, infer One>> ? One : never
  const stateOf = (row: ConnectionRow, there: StateThere | undefined): Pick<Connection, 'state' | 'since' | 'why' | 'retryAt'> => {
    if (!row.isEnabled) return { state: 'off' }
    if (there) {
      const { id: _, ...state } = there
      return state
    }
    const known = states.get(row.id)
    if (known) {
      const { state, since, why, retryAt } = known
      return { state, since: since.toISOString(), ...(why ? { why } : {}), ...(retryAt ? { retryAt: retryAt.toISOString() } : {}) }
    }
    const host = hosts.leader ?? '?'
    if (!hosts.leads)
      return {
        state: 'starting',
        why: { code: 'held-elsewhere', text: `Host "${host}" holds the connections; how it is with this one is shown there.`, blanks: { host } },
      }
    if (isHostThere()) return { state: 'starting' }
    return {
      state: 'starting',
      why: { code: 'host-away', text: 'The process that holds connections is not running just now. It is restarted by itself; nothing is to be done.' },
    }
  }

  return {
    async of(rows, withSettings) {
      const ids = rows.map((row) => row.id)
      if (!ids.length) return []
      const [problems, outbox, traffics, there, { flows }] = await Promise.all([
        problemsOf(ids),
        outboxOf(ids),
        traffic.of(ids),
        elsewhere.states(),
        currentFlows(),
      ])
      const uses = usesIn(flows, new Set(ids))
      return rows.map((row): Connection => {
        const { id, name, connector, settings, isEnabled } = row
        const { lastInAt, lastOutAt, ...counted } = traffics.get(id) ?? { in: 0, out: 0 }
        return {
          id,
          name,
          connector,
          settings: withSettings ? (settings as Record<string, unknown>) : {},
          keptSecrets: withSettings ? secretNames(row) : [],
          isEnabled,
          ...stateOf(row, there.get(id)),
          traffic: {
            ...counted,
            ...(lastInAt ? { lastInAt: lastInAt.toISOString() } : {}),
            ...(lastOutAt ? { lastOutAt: lastOutAt.toISOString() } : {}),
          },
          outbox: { waiting: outbox(id, 'waiting'), failed: outbox(id, 'failed') },
          uses: uses.get(id) ?? [],
          problems: (problems.get(id) ?? []).map(({ source, reason, told, at }) => ({ source, reason, ...(told as object | null), at: at.toISOString() })),
        }
      })
    },
    async usesOf(id) {
      return usesIn((await currentFlows()).flows, new Set([id])).get(id) ?? []
    },
  }
}
