/** What people do with connections: look, try, add, change, switch, remove. */
import type { Kysely } from 'kysely'
import { toErrorMessage, UserError } from '../../base/errors.ts'
import {
  addConnection,
  browseTags,
  type Connection,
  changeConnection,
  listConnections,
  listConnectors,
  listWorkOrders,
  removeConnection,
  retryConnection,
  switchConnection,
  testConnection,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Database } from '../store/index.ts'
import { audited, type ConnectionChanges } from './changes.ts'
import type { Holding } from './holding.ts'
import { notFound, toldOf } from './refusals.ts'
import { samplesOf } from './samples.ts'
import type { ConnectionSettings } from './settings.ts'
import type { Tags } from './tags.ts'
import type { ConnectionRow, Views } from './view.ts'
import type { WorkOrders } from './work-orders.ts'

export function connectionRoutes(deps: {
  db: Kysely<Database>
  audit: Audit
  settings: ConnectionSettings
  holding: Holding
  views: Views
  workOrders: Pick<WorkOrders, 'list'>
  changes: ConnectionChanges
  tags: Pick<Tags, 'browse'>
  /** One was added, changed or removed here. */
  tellAll: (connectionId: string) => void
}): RouteHandler[] {
  const { db, audit, settings, holding, views, workOrders, changes, tags, tellAll } = deps
  const shown = async (row: ConnectionRow): Promise<Connection> => {
    const [view] = await views.of([row], true)
    if (!view) throw new Error('a connection that is there has no view')
    return view
  }
  const rowOf = (id: string) => connectionRow(db, id)

  return [
    handle(listConnectors, async () => {
      const there = await settings.connectors()
      return there.map(({ shapes, distinctBy: _, ...info }) => ({ ...info, samples: samplesOf(shapes) }))
    }),
    handle(listConnections, async ({ caller }) =>
      views.of(await db.selectFrom('connection').selectAll().orderBy('name').execute(), caller.capabilities.has('connections.manage')),
    ),
    handle(listWorkOrders, ({ query }) => workOrders.list(query.limit)),
    handle(testConnection, async ({ body, caller }) => {
      const { connector, connectionId } = body
      const before = connectionId === undefined ? undefined : await rowOf(connectionId)
      const what = await settings.meant(body, before)
      audit.record({ caller, action: 'connection.test', ...(connectionId ? { target: connectionId } : {}), detail: { connector, settings: what.settings } })
      const since = performance.now()
      const tookMs = () => Math.round(performance.now() - since)
      // a host that is away is no answer of the other side
      await holding.requireHost()
      try {
        return { isGood: true, seen: await settings.check(connector, what), tookMs: tookMs() }
      } catch (error) {
        if (toErrorMessage(error).kind === 'bug') throw error
        return { isGood: false, seen: [], problem: toldOf(error), tookMs: tookMs() }
      }
    }),
    handle(addConnection, async ({ body, caller }) => shown(await changes.add(body, { caller, reason: body.reason }))),
    handle(changeConnection, async ({ params, body, caller }) => shown(await changes.change(params.connectionId, body, { caller, reason: body.reason }))),
    handle(switchConnection, async ({ params, body, caller }) => shown(await changes.turn(params.connectionId, body.isOn, { caller, reason: body.reason }))),
    handle(retryConnection, async ({ params, caller }) => {
      const row = await rowOf(params.connectionId)
      if (!row.isEnabled) throw new UserError({ code: 'connection-off', message: 'This connection is switched off. Switch it on first.', status: 409 })
      audited(audit, 'connection.retry', row, { caller })
      await holding.begin(row)
      tellAll(row.id)
      return shown(row)
    }),
    handle(removeConnection, async ({ params, query, caller }) => {
      await changes.remove(params.connectionId, { caller, evenIfUsed: query.evenIfUsed })
      return { ok: true as const }
    }),
    handle(browseTags, async ({ params, caller }) => {
      const row = await rowOf(params.connectionId)
      return tags.browse(row.id, { withValues: caller.capabilities.has('flows.messages') })
    }),
  ]
}

/** @throws UserError connection-not-found */
export async function connectionRow(db: Kysely<Database>, id: string): Promise<ConnectionRow> {
  const row = await db.selectFrom('connection').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw notFound(id)
  return row
}
