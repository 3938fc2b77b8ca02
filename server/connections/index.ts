/** Connections to outside systems: their rows, the connector host that holds them, what comes in and goes out. */
import type { hostRpc } from '../../adapters/host-contract.ts'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers, RpcResult } from '../../base/rpc.ts'
import { addConnection, type Connection, changeConnection, listConnections, listConnectors, listWorkOrders, removeConnection } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Jobs } from '../jobs/contract.ts'
import type { ConfirmationSender } from '../jobs/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import { json, type Store } from '../store/index.ts'
import { createConfirmations } from './confirmations.ts'
import { listenForHost } from './host-link.ts'
import { createWorkOrders } from './work-orders.ts'

type Connectors = RpcResult<typeof hostRpc, 'connectors'>
type RuntimeAsks = RpcHandlers<typeof gatewayRpc>['requests']

const CHECK_MS = 20_000
const START_MS = 30_000
const PROBLEMS_SHOWN = 20
const PROBLEMS_KEPT = 200

export interface ConnectionsPart {
  /** For the jobs' `start`. */
  sender: ConfirmationSender
  /** Queues confirmations that an earlier life left without a job; after the jobs' `start`. */
  start(): Promise<void>
  routes: RouteHandler[]
  rpc: { requests: Pick<RuntimeAsks, 'connections' | 'subscribeWorkOrders' | 'workOrderTaken' | 'confirm'> }
  close(): Promise<void>
}

export async function createConnections(deps: {
  store: Store
  log: Logger
  secrets: Pick<Secrets, 'seal' | 'open'>
  jobs: Pick<Jobs, 'enqueueConfirmation'>
  runs: Pick<Runs, 'link' | 'linkOnce'>
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  audit: Audit
  /** Where to listen for the connector host, and the token that it says first. */
  socket: string
  token: string
}): Promise<ConnectionsPart> {
  const { store, log, secrets, jobs, runs, runtime, audit, socket, token } = deps
  const { db } = store
  const names = new Map<string, string>()
  const states = new Map<string, { state: Connection['state']; text?: string }>()
  let connectors: Connectors = []
  let isHostThere = false

  const problem = ({ connectionId, source, reason }: { connectionId: string; source: string; reason: string }) => {
    if (!names.has(connectionId)) return
    const write = async () => {
      await db
        .insertInto('connectionProblem')
        .values({ connectionId, source: source.slice(0, 300), reason: reason.slice(0, 1000), at: new Date() })
        .execute()
      const oldest = db
        .selectFrom('connectionProblem')
        .select('id')
        .where('connectionId', '=', connectionId)
        .orderBy('id', 'desc')
        .offset(PROBLEMS_KEPT)
        .limit(1)
      await db.deleteFrom('connectionProblem').where('connectionId', '=', connectionId).where('id', '<=', oldest).execute()
    }
    write().catch((error) => log.warn({ connectionId, source, reason, err: error }, 'a problem of a connection could not be stored'))
  }
  const workOrders = createWorkOrders({ db, log, runtime, runs, problem, nameOf: (id) => names.get(id) ?? id })
  const confirmations = createConfirmations({
    db,
    jobs,
    runs,
    problem,
    host: () => link.peer(),
    async nameOf(connectionId) {
      const row = await db.selectFrom('connection').select('name').where('id', '=', connectionId).executeTakeFirst()
      if (!row) throw notFound(connectionId)
      return row.name
    },
  })

  const openSecrets = (sealed: string | null): Record<string, string> => (sealed === null ? {} : (JSON.parse(secrets.open(sealed)) as Record<string, string>))

  const begin = async (row: { id: string; connector: string; settings: unknown; secrets: string | null }): Promise<void> => {
    states.set(row.id, { state: 'starting' })
    try {
      const spec = { connectionId: row.id, connector: row.connector, settings: row.settings as Record<string, unknown>, secrets: openSecrets(row.secrets) }
      await link.peer().call('start', spec, { timeoutMs: START_MS })
      if (states.get(row.id)?.state === 'starting') states.set(row.id, { state: 'running' })
    } catch (error) {
      states.set(row.id, { state: 'failing', text: messageOf(error) })
      log.warn({ connectionId: row.id, reason: messageOf(error) }, 'a connection could not be started')
    }
  }

  const beginAll = async (): Promise<void> => {
    connectors = await link.peer().call('connectors', {}, { timeoutMs: CHECK_MS })
    const rows = await db.selectFrom('connection').selectAll().execute()
    for (const row of rows) names.set(row.id, row.name)
    await Promise.all(rows.filter((row) => row.isEnabled).map(begin))
  }
  const hostCame = async (): Promise<void> => {
    while (isHostThere) {
      try {
        return await beginAll()
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'connections could not be started; tried again')
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
  }

  const link = await listenForHost({
    socket,
    token,
    log,
    async offer(offer) {
      const row = await db.selectFrom('connection').select('isEnabled').where('id', '=', offer.connectionId).executeTakeFirst()
      if (!row?.isEnabled) throw new OperationalError({ code: 'connection-off', message: 'This connection was removed or switched off.' })
      return workOrders.offer(offer)
    },
    notifications: {
      problem,
      state({ connectionId, state, text }) {
        if (names.has(connectionId)) states.set(connectionId, { state, ...(text === undefined ? {} : { text }) })
      },
    },
    onHost(isThere) {
      isHostThere = isThere
      states.clear()
      if (isThere) void hostCame()
    },
  })
  runtime.onConnection((isConnected) => {
    if (!isConnected) workOrders.runtimeGone()
  })

  const view = async (rows: readonly { id: string; name: string; connector: string; settings: unknown; isEnabled: boolean }[]): Promise<Connection[]> => {
    const problems = rows.length
      ? await db
          .selectFrom('connectionProblem')
          .selectAll()
          .where(
            'connectionId',
            'in',
            rows.map((row) => row.id),
          )
          .orderBy('id', 'desc')
          .limit(PROBLEMS_KEPT * rows.length)
          .execute()
      : []
    return rows.map(({ id, name, connector, settings, isEnabled }) => {
      const state = states.get(id)
      const text = state?.text ?? (isEnabled && !isHostThere ? 'The process that holds connections is not running just now.' : undefined)
      return {
        id,
        name,
        connector,
        settings: settings as Record<string, unknown>,
        isEnabled,
        state: isEnabled ? (state?.state ?? 'starting') : 'off',
        ...(text === undefined ? {} : { stateText: text }),
        problems: problems
          .filter((entry) => entry.connectionId === id)
          .slice(0, PROBLEMS_SHOWN)
          .map(({ source, reason, at }) => ({ source, reason, at: at.toISOString() })),
      }
    })
  }

  /** @throws UserError what the connector says, connector-unknown, secret-unknown */
  const check = async (connector: string, settings: Record<string, unknown>, given: Record<string, string>): Promise<void> => {
    const peer = link.peer()
    if (!connectors.length) connectors = await peer.call('connectors', {}, { timeoutMs: CHECK_MS })
    const info = connectors.find((entry) => entry.id === connector)
    if (!info)
      throw new UserError({
        code: 'connector-unknown',
        message: `There is no connector "${connector}"; there are: ${connectors.map((entry) => entry.id).join(', ')}.`,
      })
    const unknown = Object.keys(given).filter((name) => !info.secrets.includes(name))
    if (unknown.length) throw new UserError({ code: 'secret-unknown', message: `${info.label} has no secret ${unknown.join(', ')}.` })
    await peer.call('check', { connector, settings, secrets: given }, { timeoutMs: CHECK_MS })
  }
  const nameTaken = (error: unknown, name: string): unknown =>
    (error as { code?: unknown }).code === '23505'
      ? new UserError({ code: 'connection-name-taken', message: `There is a connection "${name}" already. Choose another name.`, status: 409 })
      : error

  return {
    sender: confirmations,
    start: () => confirmations.recover(),
    routes: [
      handle(listConnectors, async () => (connectors.length ? connectors : link.peer().call('connectors', {}, { timeoutMs: CHECK_MS }))),
      handle(listConnections, async () => view(await db.selectFrom('connection').selectAll().orderBy('name').execute())),
      handle(listWorkOrders, ({ query }) => workOrders.list(query.limit)),
      handle(addConnection, async ({ body, caller }) => {
        const { name, connector, settings, secrets: given = {}, isEnabled } = body
        await check(connector, settings, given)
        const row = await db
          .insertInto('connection')
          .values({
            id: newId('con'),
            name,
            connector,
            settings: json(settings),
            secrets: Object.keys(given).length ? secrets.seal(JSON.stringify(given)) : null,
            isEnabled,
            createdBy: caller.name,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
          .catch((error: unknown) => Promise.reject(nameTaken(error, name)))
        names.set(row.id, row.name)
        audit.record({ caller, action: 'connection.add', target: row.id, detail: { name, connector } })
        if (isEnabled) await begin(row)
        const [shown] = await view([row])
        if (!shown) throw new Error('a connection that was just made is not there')
        return shown
      }),
      handle(changeConnection, async ({ params, body, caller }) => {
        const { name, connector, settings, secrets: given = {}, isEnabled } = body
        const before = await db.selectFrom('connection').selectAll().where('id', '=', params.connectionId).executeTakeFirst()
        if (!before) throw notFound(params.connectionId)
        const merged = { ...(before.connector === connector ? openSecrets(before.secrets) : {}), ...given }
        // switching off must work also when the other side is away
        if (isEnabled) await check(connector, settings, merged)
        const row = await db
          .updateTable('connection')
          .set({ name, connector, settings: json(settings), secrets: Object.keys(merged).length ? secrets.seal(JSON.stringify(merged)) : null, isEnabled })
          .where('id', '=', params.connectionId)
          .returningAll()
          .executeTakeFirst()
          .catch((error: unknown) => Promise.reject(nameTaken(error, name)))
        if (!row) throw notFound(params.connectionId)
        names.set(row.id, row.name)
        audit.record({ caller, action: 'connection.change', target: row.id, detail: { name, connector, isEnabled } })
        if (isEnabled) await begin(row)
        else await stop(row.id)
        const [shown] = await view([row])
        if (!shown) throw notFound(params.connectionId)
        return shown
      }),
      handle(removeConnection, async ({ params, caller }) => {
        const row = await db.deleteFrom('connection').where('id', '=', params.connectionId).returning(['id', 'name']).executeTakeFirst()
        if (!row) throw notFound(params.connectionId)
        await stop(row.id)
        names.delete(row.id)
        await db.deleteFrom('connectionProblem').where('connectionId', '=', row.id).execute()
        audit.record({ caller, action: 'connection.remove', target: row.id, detail: { name: row.name } })
        return { ok: true as const }
      }),
    ],
    rpc: {
      requests: {
        connections: async () => db.selectFrom('connection').select(['id', 'name', 'connector']).orderBy('name').execute(),
        async subscribeWorkOrders({ connectionId }) {
          const row = await db.selectFrom('connection').select('name').where('id', '=', connectionId).executeTakeFirst()
          if (!row) throw notFound(connectionId)
          names.set(connectionId, row.name)
          workOrders.subscribe(connectionId)
          return null
        },
        async workOrderTaken(taken) {
          await workOrders.taken(taken)
          return null
        },
        confirm: (request) => confirmations.confirm(request),
      },
    },
    close: () => link.close(),
  }

  async function stop(connectionId: string): Promise<void> {
    states.delete(connectionId)
    // a host that is away has nothing to stop, and will not be told to start it
    if (isHostThere)
      await link
        .peer()
        .call('stop', { connectionId }, { timeoutMs: START_MS })
        .catch((error) => log.warn({ connectionId, reason: messageOf(error) }, 'a connection could not be stopped'))
  }
}

function notFound(connectionId: string): UserError {
  return new UserError({ code: 'connection-not-found', message: `There is no connection ${connectionId}.`, status: 404 })
}
