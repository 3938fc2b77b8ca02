/** Connections to outside systems: their rows, the connector host that holds them, what comes in and goes out. */
import type { Kysely } from 'kysely'
import type { Notice, TagValue } from '../../adapters/contract.ts'
import type { hostAsks } from '../../adapters/host-contract.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers, RpcParams } from '../../base/rpc.ts'
import type { MachineLink } from '../../nodes/motion/machine.ts'
import { type Connection, type ConnectionSamples, type FlowNode, readGauge } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Jobs } from '../jobs/contract.ts'
import type { ConfirmationSender } from '../jobs/index.ts'
import type { MachineRegistry } from '../machines/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database, Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import { createConnectionChanges } from './changes.ts'
import { createConfirmations } from './confirmations.ts'
import { createElsewhere } from './elsewhere.ts'
import { createGaugeLines, GAUGE_CONNECTOR } from './gauge-lines.ts'
import { createHolding } from './holding.ts'
import { listenForHost } from './host-link.ts'
import { createPortsOfMachines } from './machine-ports.ts'
import { createMarks } from './marks.ts'
import { createProblems } from './problems.ts'
import { notFound } from './refusals.ts'
import { connectionRoutes, connectionRow } from './routes.ts'
import { samplesOf } from './samples.ts'
import { createConnectionSettings } from './settings.ts'
import { createStates } from './states.ts'
import { createTags } from './tags.ts'
import { createTraffic } from './traffic.ts'
import { createViews } from './view.ts'
import { createWorkOrders } from './work-orders.ts'

type RuntimeAsks = RpcHandlers<typeof gatewayRpc>['requests']
type Events = RpcParams<typeof hostAsks, 'events'>

/** Live changes: pages read the list again, at most so often. */
const PUBLISH_MS = 400
/** A gauge may be set to answer within a minute, and others may ask it first. */
const ASK_MS = 120_000

/** The way out for notices: taken on once by key, tried until they are there. */
export interface NoticeWay {
  /** @returns the name of the connection @throws UserError connection-not-found */
  send(connectionId: string, notice: Notice): Promise<string>
  /** Connections that can bring one. */
  takers(): Promise<{ connectionId: string; name: string }[]>
}

export interface ConnectionsPart {
  /** For the jobs' `start`. */
  sender: ConfirmationSender
  /** Queues confirmations that an earlier life left without a job; after the jobs' `start`. */
  start(): Promise<void>
  routes: RouteHandler[]
  /** Before a machine is bound to a port. @throws UserError port-of-connection */
  requirePortFreeFor(machine: { id: string; name: string; link: MachineLink }): Promise<void>
  /** Of each connection what its connector could bring and answer, made from the schemas that it declares. */
  samples(): Promise<ConnectionSamples[]>
  /** How live values are, as far as it is known; asked again a moment later it is known better. */
  lookAtTags(connectionId: string, tags: readonly string[]): TagValue[]
  /** For what nobody acknowledges (server/panel/escalation). */
  notices: NoticeWay
  /** How each is just now, as far as this host knows. */
  now(): { connectionId: string; connection: string; state: Connection['state']; since: Date; reason?: string }[]
  rpc: { requests: Pick<RuntimeAsks, 'connections' | 'subscribeWorkOrders' | 'workOrderTaken' | 'confirm' | 'watchTags' | 'askConnection'> }
  close(): Promise<void>
}

export async function createConnections(deps: {
  store: Store
  log: Logger
  live: LiveHub
  secrets: Pick<Secrets, 'seal' | 'open'>
  jobs: Pick<Jobs, 'enqueueConfirmation'>
  runs: Pick<Runs, 'link' | 'linkOnce'>
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  audit: Audit
  /** What runs, to know what uses a connection. */
  currentFlows: () => Promise<{ flows: FlowNode[] }>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  /** Stores events for the flows that wait for them, all or none, and what `also` writes with them. @defaultValue nobody waits for any */
  happened?: (events: readonly ({ connectionId: string } & Events['events'][number])[], also?: (db: Kysely<Database>) => Promise<void>) => Promise<unknown>
  /** One host at a time holds the connections. @defaultValue the only one */
  hosts?: Hosts
  /** Whose serial ports no connection opens. @defaultValue there are none */
  machines?: Pick<MachineRegistry, 'list' | 'onChange' | 'onRemoved'>
  /** Where to listen for the connector host, and the token that it says first. */
  socket: string
  token: string
  /** For how long what a person asks for waits for a host on its way. @defaultValue ten seconds */
  hostPatienceMs?: number
}): Promise<ConnectionsPart> {
  const { store, log, live, jobs, runs, runtime, audit, currentFlows, versions, hosts = aloneHost(), socket, token, hostPatienceMs } = deps
  const { db } = store
  const happened = deps.happened ?? (async (_events, also) => also?.(db))

  let revision = 0
  let publishing: NodeJS.Timeout | undefined
  const changed = () => {
    publishing ??= setTimeout(() => {
      publishing = undefined
      revision += 1
      live.publish('connections', { revision })
    }, PUBLISH_MS)
  }
  live.provide('connections', () => ({ revision }))

  const states = createStates(() => {
    changed()
    gauges.changed()
  })
  const gauges = createGaugeLines({
    live,
    lines: () => holding.ofKind(GAUGE_CONNECTOR).map((one) => ({ ...one, isThere: states.get(one.connectionId)?.state === 'running' })),
  })
  const traffic = createTraffic({ db, log, onWritten: changed })
  const problems = createProblems({ db, log, onChange: changed })
  const marks = createMarks(db)
  const settings = createConnectionSettings({ db, secrets: deps.secrets, link: () => link })
  const ports = createPortsOfMachines({
    db,
    log,
    link: () => link,
    isHostThere: () => holding.isHostThere,
    machines: deps.machines ?? { list: () => [], onChange() {}, onRemoved() {} },
  })
  const tags = createTags({ log, hosts, runtime, link: () => link })
  const holding = createHolding({
    db,
    log,
    hosts,
    states,
    settings,
    ports,
    link: () => link,
    onBegun: () => tags.begun(),
    onEnd() {
      tags.ended()
      if (!hosts.leads) workOrders.runtimeGone()
    },
  })
  const problem = (one: Parameters<typeof problems.add>[0]) => {
    if (holding.isKnown(one.connectionId)) problems.add(one)
  }
  const workOrders = createWorkOrders({ db, log, runtime, runs, problem, nameOf: (id) => holding.nameOf(id) ?? id })
  const confirmations = createConfirmations({
    db,
    jobs,
    runs,
    problem,
    bring: (request) => (hosts.leads ? holding.confirmHere(request) : elsewhere.confirm(request)),
    onSent: (id, workOrder) => traffic.wentOut(id, workOrder),
    nameOf: async (connectionId) => (await connectionRow(db, connectionId)).name,
  })

  const link = await listenForHost({
    socket,
    token,
    log,
    ...(hostPatienceMs === undefined ? {} : { patienceMs: hostPatienceMs }),
    async offer(offer) {
      holding.requireHeld(offer.connectionId)
      const result = await workOrders.offer(offer)
      const newest = offer.items.at(-1)
      if (result.taken && newest) traffic.cameIn(offer.connectionId, result.taken, newest.source)
      return result
    },
    async events({ connectionId, events, mark }) {
      holding.requireHeld(connectionId)
      // whoever measures at a panel gets it whether or not a flow waits for it
      if (holding.isOfKind(connectionId, GAUGE_CONNECTOR)) gauges.heard(connectionId, events)
      // how far a source was read is kept with what it starts, or not at all
      await happened(
        events.map((event) => ({ connectionId, ...event })),
        mark && ((within) => marks.keep(within, connectionId, mark)),
      )
      const newest = events.at(-1)
      if (newest) traffic.cameIn(connectionId, events.length, newest.subject)
      return null
    },
    marks: ({ connectionId }) => marks.of(connectionId),
    notifications: {
      problem,
      state({ connectionId, state, why, retryAt }) {
        if (holding.isKnown(connectionId)) states.set(connectionId, state, { why, retryAt })
      },
      tagValues: (params) => tags.told(params),
    },
    onHost: (isThere) => holding.hostIs(isThere),
  })
  /** Work orders go to the flows of the host that holds the connections: taken once, they are worked once. */
  const subscribed = new Set<string>()
  hosts.onLead((leads) => {
    holding.leads(leads)
    if (leads) for (const connectionId of subscribed) workOrders.subscribe(connectionId)
  })
  runtime.onConnection((isConnected) => {
    if (isConnected) return
    subscribed.clear()
    workOrders.runtimeGone()
  })

  const elsewhere = createElsewhere({
    hosts,
    log,
    own: states,
    confirmHere: (request) => holding.confirmHere(request),
    async onChanged(connectionId) {
      const row = await db.selectFrom('connection').selectAll().where('id', '=', connectionId).executeTakeFirst()
      if (row) holding.note(row)
      else holding.gone(connectionId)
      if (row?.isEnabled) await holding.begin(row)
      else await holding.stop(connectionId)
      changed()
    },
  })
  const views = createViews({
    db,
    states,
    traffic,
    hosts,
    elsewhere,
    isHostThere: () => holding.isHostThere,
    secretNames: (row) => Object.keys(settings.of(row).secrets),
    currentFlows,
  })
  const tellAll = (connectionId: string) => {
    changed()
    elsewhere.changed(connectionId)
  }
  const ask = async (connectionId: string): Promise<unknown> => {
    holding.requireHeld(connectionId)
    return link.peer().call('ask', { connectionId }, { timeoutMs: ASK_MS })
  }
  const changes = createConnectionChanges({ db, audit, versions, settings, ports, holding, views, problems, traffic, marks, tellAll })

  return {
    sender: confirmations,
    start: () => confirmations.recover(),
    async samples() {
      // without the host nobody knows the shapes: there are no samples then
      const connectors = holding.isHostThere ? await settings.connectors() : []
      const rows = await db.selectFrom('connection').select(['id', 'name', 'connector']).orderBy('name').execute()
      return rows.map(({ id, name, connector }) => ({
        connectionId: id,
        name,
        connector,
        ...samplesOf(connectors.find((each) => each.id === connector)?.shapes),
      }))
    },
    notices: {
      send: (connectionId, notice) => confirmations.notify(connectionId, notice),
      async takers() {
        const kinds = await settings.connectors()
        const rows = await db.selectFrom('connection').selectAll().where('isEnabled', '=', true).orderBy('name').execute()
        return rows.flatMap((row) => {
          const { notices } = kinds.find(({ id }) => id === row.connector) ?? {}
          const isReady = notices !== undefined && (notices.needs === undefined || Boolean(settings.of(row).settings[notices.needs]))
          return isReady ? [{ connectionId: row.id, name: row.name }] : []
        })
      },
    },
    now: () =>
      states.all().map(([connectionId, { state, since, why }]) => ({
        connectionId,
        connection: holding.nameOf(connectionId) ?? connectionId,
        state,
        since,
        ...(why ? { reason: why.text } : {}),
      })),
    requirePortFreeFor: (machine) => ports.requireFreeFor(machine),
    lookAtTags: (connectionId, names) => tags.look(connectionId, names),
    routes: [
      ...connectionRoutes({ db, audit, settings, holding, views, workOrders, changes, tags, tellAll }),
      handle(readGauge, async ({ params: { connectionId } }) => {
        if (!holding.isOfKind(connectionId, GAUGE_CONNECTOR)) throw notFound(connectionId)
        return gauges.answered(connectionId, await ask(connectionId))
      }),
    ],
    rpc: {
      requests: {
        ...tags.requests,
        askConnection: ({ connectionId }) => ask(connectionId),
        connections: async () => db.selectFrom('connection').select(['id', 'name', 'connector']).orderBy('name').execute(),
        async subscribeWorkOrders({ connectionId }) {
          holding.note(await connectionRow(db, connectionId))
          subscribed.add(connectionId)
          if (hosts.leads) workOrders.subscribe(connectionId)
          return null
        },
        async workOrderTaken(taken) {
          await workOrders.taken(taken)
          return null
        },
        confirm: (request) => confirmations.confirm(request),
      },
    },
    async close() {
      clearTimeout(publishing)
      tags.close()
      await link.close()
      await traffic.close()
      await problems.close()
    },
  }
}
