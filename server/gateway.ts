/**
 * The gateway's composition: builds the parts in order, hands each what it needs, and closes them in
 * reverse. A readable list: what a part does is written in its own folder.
 */
import { join } from 'node:path'
import { OperationalError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { createAudit } from './audit/index.ts'
import { createAuth, removeCliAccess, writeCliAccess } from './auth/index.ts'
import { dataPaths } from './config.ts'
import { createConnections } from './connections/index.ts'
import { createDebuggerPart } from './debugger/index.ts'
import { demoRoutes, inProcess } from './demo/index.ts'
import { createFlows } from './flows/index.ts'
import type { RouteHandler } from './http/handler.ts'
import { createHttp, type HttpServer } from './http/server.ts'
import { createJobs } from './jobs/index.ts'
import type { GatewayInit, GatewayNote } from './launcher/contract.ts'
import {
  createHolders,
  createMachines,
  createProbeResults,
  createPrograms,
  createSurveys,
  createTransforms,
  machineRoutes,
  machinesForRuntime,
  publishMachineEvents,
  tellRuntimeOfMachines,
  watchMachinesForFlows,
} from './machines/index.ts'
import { createPanel } from './panel/index.ts'
import { createQuality } from './quality/index.ts'
import { createRuns } from './runs/index.ts'
import { countHops } from './runs/metrics.ts'
import { openSecrets } from './secrets/index.ts'
import { openStore } from './store/index.ts'
import { createSystem } from './system/index.ts'

export interface GatewayOptions {
  init: GatewayInit
  log: Logger
  version: string
  /** Directory of the built pages. */
  pagesDir: string
  /** `flows/` of the product: the templates that ship. */
  templatesDir: string
  tellLauncher(note: GatewayNote): void
  /** Check every answer against its schema. @defaultValue false */
  checkResponses?: boolean
}

export interface Gateway {
  /** Where browsers reach it. */
  readonly url: string
  /** Where it listens, also when the setting said 0. */
  readonly port: number
  /** The address that makes the first account, while there is none. */
  readonly setupUrl: string | undefined
  /** Routes that answer, for the test that walks them all. */
  readonly handlers: readonly RouteHandler[]
  readonly http: HttpServer
  /** A token of the command line on this computer. */
  readonly localToken: string
  /** Something the launcher said. */
  takeNote(note: unknown): void
  close(): Promise<void>
}

/** Starts everything; what was already running is closed again when a later part fails. */
export async function startGateway({ init, log, version, pagesDir, templatesDir, tellLauncher, checkResponses }: GatewayOptions): Promise<Gateway> {
  const { config } = init
  const paths = dataPaths(config)
  const closers: { name: string; close: () => void | Promise<void> }[] = []
  const onClose = (name: string, close: () => void | Promise<void>) => closers.push({ name, close })
  const closeAll = async () => {
    for (const { name, close } of closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        // the others must still be closed
        log.error({ err: error, part: name }, 'could not be closed cleanly')
      }
    }
  }

  try {
    // --- what everything stands on
    const secrets = await openSecrets({ keysDir: paths.keys, key: config.secretKey })
    const store = await openStore({ database: init.database, log })
    onClose('store', () => store.close())
    const audit = createAudit({ db: store.db, log })
    onClose('audit', () => audit.close())
    const auth = await createAuth({ store, secrets, config, audit, log })
    onClose('auth', () => auth.close())
    const http = createHttp({ config, auth, log, version, pagesDir, checkResponses: checkResponses ?? false })
    onClose('http', () => http.close())
    const { live } = http
    auth.onLess(() => live.recheck())
    const system = createSystem({ store, live, log, version })
    http.readiness('store', async () => ((await store.check()) ? undefined : 'the database does not answer'))

    // --- machines and programs
    const machines = await createMachines({ store, secrets, runDir: init.runDir, guardToken: init.guardToken, tellLauncher, log })
    onClose('machines', () => machines.close())
    live.provide('machines', () => machines.list())
    machines.onChange((view) => live.publish('machines', view))
    machines.onRemoved(() => live.refresh('machines'))
    publishMachineEvents({ machines, live })
    http.readiness('guards', () => {
      const away = machines.list().filter(({ guard }) => guard !== 'running')
      return away.length ? `no guard answers for ${away.map(({ id }) => id).join(', ')}` : undefined
    })
    const programs = createPrograms({ store, filesDir: join(paths.files, 'programs') })
    const probes = createProbeResults({ store, log })
    const holders = createHolders()
    const surveys = createSurveys()
    onClose('surveys', () => surveys.close())
    const transforms = createTransforms({ programs, workDir: join(paths.files, 'programs', 'incoming') })
    onClose('transforms', () => transforms.close())

    // --- the flow runtime: its socket, storage, deploys, proxy
    const flows = createFlows({
      store,
      secrets,
      live,
      audit,
      log,
      init,
      callerOf: (request) => auth.callerOf(request),
      templatesDir,
      publicUrl: config.publicUrl,
      machineIds: () => machines.list().map(({ id }) => id),
      allowedModules: config.palette?.split(',').map((name) => name.trim()) ?? [],
    })
    onClose('flows', () => flows.close())
    const { runtime } = flows
    http.readiness('runtime', () => (runtime.state.process === 'running' ? undefined : `the flow runtime is ${runtime.state.process}`))
    for (const mount of flows.mounts) http.mount(mount)
    auth.onLess(() => void flows.recheck().catch((error) => log.error({ err: error }, 'open connections could not be looked at again')))
    const forFlows = machinesForRuntime({ machines, programs, transforms, probes, holders, audit })
    flows.serve({ requests: forFlows.requests })
    flows.serve(watchMachinesForFlows({ machines, runtime, log }))
    tellRuntimeOfMachines({ machines, runtime })
    const flowDebugger = createDebuggerPart({ runtime, live, audit, machines, currentFlows: () => flows.current() })
    flows.serve(flowDebugger.rpc)

    // --- run history, jobs, quality, connections to outside systems, the operator panel
    const runs = createRuns({ store, log, live, runtime })
    onClose('runs', () => runs.close())
    countHops(http.metrics.registry, runs)
    flows.serve(runs.rpc)
    forFlows.followRuns(runs)
    const jobs = await createJobs({ store, log, live, machines, programs, runtime, runs, holders, audit, redisUrl: config.redisUrl, database: init.database })
    onClose('jobs', () => jobs.close())
    flows.serve(jobs.rpc)
    const quality = createQuality({ store, runs })
    flows.serve(quality.rpc)
    const connections = await createConnections({ store, log, secrets, jobs, runs, runtime, audit, socket: init.connectorSocket, token: init.processToken })
    onClose('connections', () => connections.close())
    flows.serve(connections.rpc)
    const panel = createPanel({ store, log, live, machines, runtime, runs, audit })
    onClose('panel', () => panel.close())
    flows.serve(panel.rpc)
    await runs.start()
    await jobs.start(connections.sender)
    await connections.start()
    await flows.start()

    // --- last: the door opens when everything behind it is ready
    const parts: RouteHandler[] = [
      ...auth.handlers,
      ...audit.handlers,
      ...system.handlers,
      ...machineRoutes({ machines, programs, probes, holders, surveys, transforms, audit }),
      ...flows.routes,
      ...flowDebugger.routes,
      ...runs.routes,
      ...jobs.routes,
      ...connections.routes,
      ...panel.routes,
    ]
    const demo = demoRoutes({ call: inProcess(() => parts), machines, programs, templatesDir, shopDir: paths.demo })
    const handlers: readonly RouteHandler[] = [...parts, ...demo]
    const { url, port } = await http.start(handlers)
    // first at the end: no new work while the parts close
    onClose('http', () => http.close())
    await writeCliAccess(paths.cliAccess, { url, token: auth.localToken })
    onClose('cli access', () => removeCliAccess(paths.cliAccess, auth.localToken))

    const code = await auth.setupCode()
    const publicUrl = config.publicUrl?.replace(/\/$/, '') ?? url
    let closing: Promise<void> | undefined
    return {
      url: publicUrl,
      port,
      setupUrl: code === undefined ? undefined : `${publicUrl}/setup?code=${code}`,
      handlers,
      http,
      localToken: auth.localToken,
      takeNote: (note) => system.take(note),
      close() {
        closing ??= closeAll()
        return closing
      },
    }
  } catch (error) {
    await closeAll()
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw new OperationalError({ code: 'no-access', message: `A file of Cellwright may not be read or written: ${(error as Error).message}.`, cause: error })
    throw error
  }
}
