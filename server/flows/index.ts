/** Flows: storage, versions, deploys, the fence, node types, templates, and the connection to the runtime. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Logger } from '../../base/log.ts'
import {
  checkFlows,
  commentVersion,
  deployFlows,
  type FlowNode,
  type FlowVersion,
  getFlows,
  getVersion,
  listNodeTypes,
  listVersions,
  type NodeStatus,
  type RuntimeState,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { type Rights, rightsOf } from '../auth/rights.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub, LookHub } from '../http/live-hub.ts'
import type { Mount } from '../http/mounts.ts'
import type { Deployment } from '../jobs/index.ts'
import type { GatewayInit } from '../launcher/contract.ts'
import type { QualityThing } from '../quality/pickable.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import { createVersions as createKeptVersions, type KeptVersions } from '../versions/index.ts'
import { createDebugHistory } from './activity/debug-history.ts'
import { createActivity } from './activity/index.ts'
import { createAdviser } from './advice/index.ts'
import type { QualityWanted } from './advice/quality.ts'
import { createFlowChecker, requireSound } from './check.ts'
import type { Arrivals, DeployGate, DeployRequest, Runtime } from './contract.ts'
import { credentialNames } from './credential-names.ts'
import { createDeployment } from './deployment.ts'
import { createDeploys } from './deploys.ts'
import { createDrafts, createPresence, createProgress, togetherRoutes } from './drafts/index.ts'
import { refusals, requireAllowed } from './fence.ts'
import { followOthers } from './follow.ts'
import { createRuntimeLink, type RpcPart } from './link.ts'
import { createNodeTypes } from './node-types.ts'
import { ALLOWED_MODULES, mayInstall } from './palette.ts'
import { createProtection } from './protect/index.ts'
import { protectRoutes } from './protect/routes.ts'
import { createProxy } from './proxy.ts'
import { createTickets, type Tickets } from './tickets.ts'
import { createVersions, EMPTY_REV } from './versions.ts'

export type { RpcPart } from './link.ts'

export interface FlowsPart {
  readonly runtime: Runtime
  readonly tickets: Tickets
  routes: RouteHandler[]
  /** Lets whoever sent a request show dashboards in a frame; what their addresses begin with there. */
  openFrame(request: IncomingMessage): string
  /** For `http.mount`: `/red`, `/dashboard`, `/hooks`. */
  mounts: Mount[]
  /** Adds answers of another part; before `start`. */
  serve(part: RpcPart): void
  /** Deploys inside the gateway (the demo, the command line's import). */
  deploy(request: DeployRequest, caller: Caller): Promise<{ rev: string; versionId: string }>
  /** Palette modules that may be installed and loaded: exact names, or `@scope/*`. */
  readonly allowedModules: readonly string[]
  /** What a deploy would refuse of these flows is refused now. @throws UserError `node-type-unknown`, `flows-invalid`, `node-type-not-allowed` */
  requireDeployable(flows: readonly FlowNode[], caller: Caller): Promise<void>
  /** Has deploys pass tests first. */
  setGate(gate: DeployGate): void
  /** Has deploys take along what an import left for them. */
  setArrivals(arrivals: Arrivals): void
  /** Any version that was ever deployed. @throws UserError version-not-found */
  version(versionId: string): Promise<{ version: FlowVersion; number: number; flows: FlowNode[] }>
  /** The flows that run or should run. */
  current(): Promise<{ flows: FlowNode[]; rev: string }>
  /** What this host's runtime runs, among several hosts. */
  readonly deployment: Deployment & { isCurrent(): Promise<boolean> }
  /** Of what was deployed last, on whichever host. */
  newestNumber(): Promise<number | undefined>
  /** Other flows count from now on, whoever deployed them by whichever way. */
  onDeployed(listener: () => void): void
  /** Ends the open WebSockets of people whose rights have shrunk. */
  recheck(): Promise<void>
  /** Opens the door for the runtime. */
  start(): Promise<void>
  close(): Promise<void>
}

/** What the designer's dialogs may read of Node-RED's admin API; proxy-stock.ts says which of it, and of which node. */
const STOCK_READS = ['settings.read', 'nodes.read', 'plugins.read', 'credentials.read']

/** Live debug messages a second; more is for nobody's eyes. */
const DEBUG_PER_SECOND = 200

export function createFlows(deps: {
  store: Store
  secrets: Pick<Secrets, 'seal' | 'open'>
  live: LiveHub & LookHub
  audit: Audit
  log: Logger
  init: Pick<GatewayInit, 'runtimeSocket' | 'runtimeHttpSocket' | 'processToken'>
  callerOf: (request: IncomingMessage) => Promise<Caller | undefined>
  /** What a role lets people do now. @defaultValue only roles of ours */
  rightsOf?: (role: string | null | undefined) => Pick<Rights, 'base' | 'capabilities'>
  /** More palette modules that may be installed: exact names, or `@scope/*`. */
  allowedModules?: () => readonly string[]
  /** Where browsers reach this server when a proxy stands in front. */
  publicUrl?: string | undefined
  /** This host among those that share the database: what another one deploys runs here too. @defaultValue the only one */
  hosts?: Hosts
  /** The machines that are set up, for the check before a deploy. */
  machineIds?: () => readonly string[]
  /** What there is of what quality nodes pick, for the same check. */
  qualityHere?: (wanted: QualityWanted) => Promise<readonly QualityThing[]>
  /** Versions of settings. @defaultValue a keeper of its own */
  versions?: KeptVersions
  /** Whether a deploy needs a reason. @defaultValue never */
  asksReason?: () => boolean
  /** How long a deploy just after a start waits for the runtime to be there. @defaultValue 15 s */
  arrivalMs?: number
}): FlowsPart {
  const { store, secrets, live, audit, log, init, callerOf, publicUrl, asksReason = () => false } = deps
  const allowedModules = () => [...ALLOWED_MODULES, ...(deps.allowedModules?.() ?? [])]
  const versions = createVersions(store.db)
  // a key of this life: tickets of an earlier gateway are worthless, the editor simply asks again
  const tickets = createTickets(randomBytes(32))
  const parts: RpcPart[] = []
  const statuses = new Map<string, NodeStatus>()
  const deployedListeners: (() => void)[] = []
  let state: RuntimeState = { process: 'starting', flows: 'stopped' }
  let rev = EMPTY_REV
  let debugBudget = DEBUG_PER_SECOND
  let gate: DeployGate | undefined
  let arrivals: Arrivals | undefined
  let requestsRevision = 0
  const debugHistory = createDebugHistory()

  const link = createRuntimeLink({ path: init.runtimeSocket, token: init.processToken, allowedModules, find, log })
  const nodeTypes = createNodeTypes(link)
  const check = createFlowChecker()
  const advise = createAdviser({ credentialNames: () => credentialNames(versions, secrets), machineIds: deps.machineIds, qualityHere: deps.qualityHere })
  const presence = createPresence({ publish: (present) => live.publish('presence', present) })
  const progress = createProgress((one) => live.publish('deploys', one))
  const { hosts = aloneHost() } = deps
  const deployment = createDeployment({ versions, log })
  const deploys = createDeploys({
    versions,
    link,
    arrivalMs: deps.arrivalMs,
    tickets,
    secrets,
    check,
    nodeTypes,
    audit,
    log,
    progress,
    gate: () => gate,
    arrivals: () => arrivals,
    protection: {
      touched: (change) => protection.touched(change),
      ask: (request, touched, before, caller) => protection.ask(request, touched, before, caller),
    },
    asksReason,
    onSaved: (number) => deployment.saved(number),
    onDeployed(deployed, by) {
      rev = deployed
      hosts.bus.tell('deployed', {})
      live.publish('flows', { runtime: state, rev, by })
      for (const listener of deployedListeners) listener()
    },
  })
  const protection = createProtection({
    db: store.db,
    versions,
    secrets,
    audit,
    kept: deps.versions ?? createKeptVersions(store.db),
    rightsOf: deps.rightsOf ?? ((role) => rightsOf(role, new Map())),
    deploy: (request, caller, approval) => deploys.deploy(request, caller, approval),
    onChange() {
      // another host counts as well: a moment is told apart everywhere
      requestsRevision = Math.max(requestsRevision + 1, Date.now())
      live.publish('change-requests', { revision: requestsRevision })
    },
  })
  const follower = followOthers({
    hosts,
    versions,
    deployment,
    deploys,
    isRuntimeThere: () => link.isConnected,
    log,
    onFollowed(followed) {
      rev = followed
      live.publish('flows', { runtime: state, rev })
      for (const listener of deployedListeners) listener()
    },
  })
  const setState = (next: RuntimeState) => {
    state = next
    live.publish('flows', { runtime: state, rev })
  }
  const deployedNode = async (id: string) => (await versions.current()).flows.find((node) => node.id === id)
  const proxy = createProxy({
    runtimeHttpSocket: init.runtimeHttpSocket,
    tickets,
    isRuntimeThere: () => link.isConnected,
    callerOf,
    log,
    publicUrl,
    deployedNode,
  })

  live.provide('flows', () => ({ runtime: state, rev }))
  live.provide('node-status', () => [...statuses.values()])
  live.provide('debug', () => debugHistory.list())
  live.provide('presence', () => presence.list())
  live.provide('deploys', () => progress.last())
  live.provide('change-requests', () => ({ revision: requestsRevision }))
  link.onConnection((isConnected) => {
    nodeTypes.forget()
    if (isConnected) link.peer().notify('lead', { leads: hosts.leads })
    else deployment.runtimeGone()
    if (isConnected) return setState({ process: 'running', flows: 'stopped' })
    statuses.clear()
    setState({ process: 'gone', flows: 'stopped', text: 'The flow runtime is being started again. Machines go on as they are.' })
  })

  const own: RpcPart = {
    requests: {
      async load({ what }) {
        if (what === 'flows') {
          const current = await versions.current()
          rev = current.rev
          return current.flows
        }
        const data = await versions.document(what)
        if (what === 'credentials') follower.loaded(data)
        return what === 'credentials' && typeof data === 'string' ? (JSON.parse(secrets.open(data)) as unknown) : data
      },
      async saveFlows(request) {
        await deploys.save(request)
        return null
      },
      async save({ what, data }) {
        await versions.setDocument(what, what === 'credentials' ? secrets.seal(JSON.stringify(data)) : data)
        return null
      },
      loadLibrary: ({ type, path }) => versions.library(type, path),
      async saveLibrary(entry) {
        await versions.saveLibrary(entry)
        return null
      },
      whois({ token }) {
        const facts = tickets.read(token)
        if (!facts) return null
        const mayCode = facts.capabilities.has('flows.code')
        if (facts.use === 'editor' && mayCode) return { username: facts.userName, permissions: ['*'] }
        if (facts.use === 'stock') return { username: facts.userName, permissions: mayCode ? [...STOCK_READS, 'read', 'library.write'] : STOCK_READS }
        return null
      },
      mayInstall: ({ module }) => mayInstall(module, allowedModules()),
    },
    notifications: {
      lifecycle(notice) {
        deploys.onLifecycle(notice)
        deployment.onLifecycle(notice)
        setState({ process: 'running', flows: notice.flows, ...(notice.text ? { text: notice.text } : {}) })
      },
      nodeStatus(list) {
        for (const status of list) {
          if (status.text === undefined && status.fill === undefined) statuses.delete(status.nodeId)
          else statuses.set(status.nodeId, status)
        }
        live.publish('node-status', list)
      },
      debug(list) {
        const shown = list.slice(0, debugBudget)
        debugBudget -= shown.length
        if (shown.length > 0 && shown.length < list.length) shown.push({ lost: list.length - shown.length })
        debugHistory.add(shown)
        if (shown.length > 0) live.publish('debug', shown)
      },
      log({ level, text, nodeId }) {
        log[level]({ part: 'runtime', ...(nodeId ? { nodeId } : {}) }, text)
      },
      audit({ event, by, detail }) {
        audit.record({ who: by ?? 'flow runtime', via: 'runtime', action: `node-red.${event}`, ...(detail === undefined ? {} : { detail }) })
      },
    },
  }
  const refill = setInterval(() => {
    debugBudget = DEBUG_PER_SECOND
  }, 1000)
  refill.unref()

  const runtime: Runtime = {
    get state() {
      return state
    },
    peer: () => link.peer(),
    onConnection: (listener) => link.onConnection(listener),
  }
  const activity = createActivity({ runtime, live, log })

  function find(group: 'requests' | 'notifications', name: string): ((params: never) => unknown) | undefined {
    for (const part of [own, ...parts]) {
      const found = (part[group] as Record<string, ((params: never) => unknown) | undefined> | undefined)?.[name]
      if (found) return found
    }
    return undefined
  }
  return {
    runtime,
    tickets,
    mounts: proxy.mounts,
    openFrame: (request) => proxy.frames.open(request),
    recheck: () => proxy.recheck(),
    serve(part) {
      parts.push(part)
    },
    deploy: (request, caller) => deploys.deploy(request, caller),
    get allowedModules() {
      return allowedModules()
    },
    async requireDeployable(flows, caller) {
      requireSound(await check(flows, await nodeTypes.list()))
      await requireAllowed(flows, (await versions.current()).flows, caller.capabilities)
    },
    setGate(next) {
      gate = next
    },
    setArrivals(next) {
      arrivals = next
    },
    version: (versionId) => versions.get(versionId),
    current: () => versions.current(),
    deployment,
    newestNumber: async () => (await versions.newest())?.number,
    onDeployed: (listener) => void deployedListeners.push(listener),
    routes: [
      handle(getFlows, async () => {
        const current = await versions.current()
        return { flows: current.flows, rev: current.rev, ...(current.versionId === undefined ? {} : { versionId: current.versionId }), runtime: state }
      }),
      handle(deployFlows, ({ body, caller }) => deploys.deploy({ ...body, flows: body.flows as FlowNode[] }, caller)),
      handle(checkFlows, async ({ body, caller }) => {
        const flows = body.flows as FlowNode[]
        const types = await nodeTypes.list()
        const { unknown, invalid } = await check(flows, types)
        const { flows: before } = await versions.current()
        const isUnknown = new Set(unknown.map(({ nodeId }) => nodeId))
        const refused = (await refusals(flows, before, caller.capabilities)).filter(({ nodeId }) => !isUnknown.has(nodeId))
        const newCredentials = { ...(await arrivals?.names(caller.userId)), ...body.newCredentials }
        const advice = await advise({ flows, before, types, newCredentials })
        return {
          problems: [
            ...unknown.map((problem) => ({ ...problem, about: 'type' as const })),
            ...invalid.map((problem) => ({ ...problem, about: 'settings' as const })),
            ...refused.map((problem) => ({ ...problem, about: 'rights' as const })),
          ],
          advice,
          tests: (await gate?.wanted(flows)) ?? [],
          needsReason: asksReason(),
        }
      }),
      ...protectRoutes(protection),
      ...togetherRoutes({ drafts: createDrafts(store.db), presence }),
      handle(listVersions, ({ query }) => versions.list(query.limit)),
      handle(getVersion, ({ params }) => versions.get(params.versionId)),
      handle(commentVersion, async ({ params, body, caller }) => {
        const { version, before } = await versions.comment(params.versionId, body.comment.trim())
        audit.record({ caller, action: 'flows.comment', target: version.id, detail: { comment: version.comment, ...(before ? { before } : {}) } })
        return version
      }),
      handle(listNodeTypes, () => nodeTypes.list()),
      ...activity.routes,
    ],
    async start() {
      rev = (await versions.current()).rev
      const newest = await versions.newest()
      if (newest) deployment.saved(newest.number)
      hosts.onLead((leads) => {
        if (link.isConnected) link.peer().notify('lead', { leads })
      })
      await link.listen()
    },
    async close() {
      clearInterval(refill)
      activity.close()
      presence.close()
      proxy.close()
      await link.close()
    },
  }
}
