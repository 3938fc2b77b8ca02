/**
 * The gateway's composition: builds the parts in order, hands each what it needs, and closes them in
 * reverse. A readable list: what a part does is written in its own folder.
 */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { OperationalError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { createClosing } from './closing.ts'
import { dataPaths } from './config.ts'
import { createConnections } from './connections/index.ts'
import { createDebuggerPart } from './debugger/index.ts'
import { demoRoutes } from './demo/index.ts'
import { createFlows } from './flows/index.ts'
import { layFoundation } from './foundation.ts'
import { createPlacing, hostRoutes } from './hosts/index.ts'
import type { RouteHandler } from './http/handler.ts'
import { inProcess } from './http/in-process.ts'
import type { HttpServer } from './http/server.ts'
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
import { createNotifications, type NotificationTesting } from './notifications/index.ts'
import { createOpening, type Opened } from './opening.ts'
import { createPalette } from './palette/index.ts'
import { createLayouts } from './panel/layouts/index.ts'
import { createPanelParts } from './panel/parts.ts'
import { createQualityParts } from './quality/parts.ts'
import { qualityThings } from './quality/pickable.ts'
import { createRehearsals } from './rehearsal/index.ts'
import { createKnownSecrets } from './runs/index.ts'
import { createTemplates } from './templates/index.ts'
import { ofConnection } from './triggers/index.ts'
import { createUpkeep } from './upkeep.ts'
import { createWork } from './work.ts'

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
  /** Shorter pauses, and peers on this computer: only for tests. */
  testing?: { notifications?: NotificationTesting }
}

export interface Gateway extends Opened {
  readonly http: HttpServer
  /** A token of the command line on this computer. */
  readonly localToken: string
  /** Something the launcher said. */
  takeNote(note: unknown): void
  close(): Promise<void>
}

/** Starts everything; what was already running is closed again when a later part fails. */
export async function startGateway({ init, log, version, pagesDir, templatesDir, tellLauncher, checkResponses, testing }: GatewayOptions): Promise<Gateway> {
  const { config } = init
  const paths = dataPaths(config)
  const { onClose, closeAll } = createClosing(log)

  try {
    // --- what everything stands on
    const foundation = await layFoundation({ init, log, version, pagesDir, checkResponses, onClose })
    const { secrets, store, versions, audit, auth, tls, http, hosts, live, environment, shopSettings, system } = foundation

    // --- machines and programs
    const machines = await createMachines({
      store,
      secrets,
      runDir: init.runDir,
      guardToken: init.guardToken,
      tellLauncher,
      log,
      hosts,
      programPath: (sha256) => programs.path(sha256),
    })
    onClose('machines', () => machines.close())
    live.provide('machines', () => machines.list())
    machines.onChange((view) => live.publish('machines', view))
    machines.onRemoved(() => live.refresh('machines'))
    publishMachineEvents({ machines, live })
    http.readiness('guards', () => {
      const away = machines.list().filter(({ guard, host }) => guard !== 'running' && !host)
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
    const paletteOfEnvironment = config.palette?.split(',').map((name) => name.trim()) ?? []
    const flows = createFlows({
      store,
      secrets,
      live,
      audit,
      log,
      init,
      callerOf: (request) => auth.callerOf(request),
      rightsOf: (role) => auth.rightsOf(role),
      publicUrl: config.publicUrl,
      hosts,
      machineIds: () => machines.list().map(({ id }) => id),
      qualityHere: (wanted) => qualityThings(store.db, wanted),
      allowedModules: () => [...paletteOfEnvironment, ...shopSettings.get('allowedModules').map(({ module }) => module)],
      asksReason: () => environment.asksReason,
      versions,
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
    const placing = createPlacing({ machines, currentFlows: () => flows.current() })
    flows.onDeployed(() => void placing.refresh().catch((error) => log.warn({ err: error }, 'where flows belong could not be read anew')))
    flows.deployment.onChange(() => hosts.setDeployment(flows.deployment.runs))
    const palette = createPalette({
      runtime,
      settings: shopSettings,
      environment: paletteOfEnvironment,
      allowed: () => flows.allowedModules,
      currentFlows: () => flows.current(),
      audit,
      log,
      restartRuntime: () => tellLauncher({ kind: 'restart', process: 'runtime' }),
    })
    const flowDebugger = createDebuggerPart({ runtime, live, audit, machines, currentFlows: () => flows.current() })
    flows.serve(flowDebugger.rpc)

    // --- run history, jobs, quality, connections to outside systems, the operator panel
    const { runs, jobs, orchestration, cancelling, triggers } = await createWork({
      ...foundation,
      config,
      log,
      version,
      database: init.database,
      machines,
      programs,
      holders,
      forFlows,
      flows,
      placing,
      tags: (connectionId, tags) => connections.lookAtTags(connectionId, tags),
      onClose,
    })
    const shop = () => environment.current.name
    const quality = createQualityParts({
      store,
      log,
      live,
      audit,
      runs,
      versions,
      shop,
      steps: orchestration,
      triggers,
      flows,
      machines: () => machines.list(),
      metrics: http.metrics.registry,
      onClose,
    })
    const connections = await createConnections({
      store,
      log,
      secrets,
      jobs,
      runs,
      runtime,
      audit,
      live,
      happened: (events, also) => triggers.happenedAll(events.map(ofConnection), also),
      currentFlows: () => flows.current(),
      versions,
      hosts,
      machines,
      socket: init.connectorSocket,
      token: init.processToken,
    })
    onClose('connections', () => connections.close())
    machines.beforeLink((machine) => connections.requirePortFreeFor(machine))
    flows.serve(connections.rpc)
    const rehearsals = createRehearsals({
      store,
      log,
      audit,
      flows,
      machines,
      programs,
      runs,
      connections: () => connections.samples(),
      versions,
      // templates come after: both need each other
      programsOf: (template) => templates.programsOf(template),
      allowedModules: () => flows.allowedModules,
      paletteDir: paths.nodeRed,
      workDir: join(init.runDir, 'r'),
    })
    flows.setGate(rehearsals.gate)
    onClose('rehearsals', () => rehearsals.close())
    const call = inProcess(() => parts)
    const layouts = createLayouts({
      store,
      live,
      audit,
      versions,
      currentFlows: () => flows.current(),
      kioskOf: (request) => auth.kioskOf(request),
      openFrame: (request) => flows.openFrame(request),
      isRuntimeThere: () => runtime.state.process === 'running',
    })
    flows.onDeployed(() => layouts.flowsChanged())
    const keptSecrets = createKnownSecrets({ db: store.db, secrets, log })
    const templates = createTemplates({
      store,
      log,
      audit,
      versions,
      secrets,
      flows,
      machines,
      programs,
      tests: rehearsals.tests,
      shelf: layouts.shelf,
      call,
      keptSecrets,
      productDir: templatesDir,
      rootDir: join(templatesDir, '..'),
      filesDir: join(paths.files, 'templates'),
      sharedDir: config.templatesDir,
      paletteDir: paths.nodeRed,
      shopName: hostname(),
    })
    const upkeep = await createUpkeep({
      config,
      paths,
      onClose,
      store,
      log,
      live,
      audit,
      secrets,
      hosts,
      versions,
      tokens: [init.processToken, init.guardToken, auth.localToken],
      auth,
      health: {
        system,
        queues: () => jobs.queues(),
        certificate: () => tls?.facts(),
        isEmbeddedDatabase: init.isEmbeddedDatabase,
      },
      environment,
      flows,
      machines,
      programs,
      tests: rehearsals.tests,
      shelf: layouts.shelf,
      call,
      keptSecrets,
      productVersion: version,
      rootDir: join(templatesDir, '..'),
      maintain: jobs.maintain,
      tellLauncher,
    })
    const panel = createPanelParts({
      store,
      log,
      live,
      machines,
      runtime,
      runs,
      audit,
      versions,
      hosts,
      jobs,
      gauges: quality.gauges,
      notices: connections.notices,
      flows,
      onClose,
    })
    const { control } = panel
    const opening = createOpening({ config, tls, http, auth, audit, hosts, cliAccessFile: paths.cliAccess, log, onClose })
    const notifications = await createNotifications({
      store,
      log,
      live,
      audit,
      secrets,
      versions,
      hosts,
      machines,
      messages: panel.messages,
      jobs,
      runs,
      connections,
      gauges: quality.gauges,
      system,
      overBudget: upkeep.overBudget,
      certificate: () => tls?.facts(),
      shop,
      pages: () => opening.pages,
      testing: testing?.notifications,
    })
    onClose('notifications', () => notifications.close())
    upkeep.onBackupFailed(({ why, code, name, text, host, at }) => {
      // tried anew every hour: of one cause people are told once a day
      const which = why === 'schedule' ? `${code}:${at.slice(0, 10)}` : `${name}:${at}`
      const event = { type: 'backup.failed', key: `backup:${host}:${which}`, data: { target: name, reason: text } } as const
      notifications.tell(event).catch((error: unknown) => log.warn({ err: error }, 'that a back-up failed could not be told'))
    })
    await placing.refresh()
    await hosts.start()
    await runs.start()
    await panel.start()
    await orchestration.start()
    await quality.start()
    await jobs.start(connections.sender)
    await connections.start()
    await triggers.start()
    await flows.start()
    audit.start()
    await upkeep.start()
    await notifications.start()

    // --- last: the door opens when everything behind it is ready
    const parts: RouteHandler[] = [
      ...auth.handlers,
      ...audit.handlers,
      ...versions.routes({ call, audit }),
      ...system.handlers,
      ...control.guarded(machineRoutes({ machines, programs, probes, holders, surveys, transforms, audit, versions })),
      ...flows.routes,
      ...palette.routes,
      ...hostRoutes({ db: store.db, hosts, machines, newest: () => flows.newestNumber(), audit }),
      ...flowDebugger.routes,
      ...runs.routes({ runtime, audit, currentFlows: () => flows.current() }),
      ...control.guarded(jobs.routes),
      ...cancelling.routes,
      ...control.guarded(orchestration.routes),
      ...connections.routes,
      ...rehearsals.routes,
      ...templates.routes,
      ...environment.routes,
      ...shopSettings.routes,
      ...upkeep.routes,
      ...quality.routes,
      ...panel.routes,
      ...layouts.routes,
      ...notifications.routes,
      ...control.guarded(triggers.routes),
    ]
    const demo = demoRoutes({ call, machines, programs, templatesDir, shopDir: paths.demo })
    const opened = await opening.open([...parts, ...demo])

    let closing: Promise<void> | undefined
    return {
      ...opened,
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
