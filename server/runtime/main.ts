/**
 * The flow runtime: Node-RED 5 in a process of its own, without secrets. Everything outside the flows it asks the
 * gateway for, and it goes on running flows while the gateway restarts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { underLauncher } from '../../base/child.ts'
import { messageOf } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { tidyMemory } from '../../base/tidy-memory.ts'
import { announce } from './announcements.ts'
import { RuntimeInit } from './contract.ts'
import { createDebugger, type Debugger } from './debugger/index.ts'
import { createDeployer, replaceCredentials } from './deploy.ts'
import { createFront } from './front.ts'
import { connectToGateway } from './gateway-link.ts'
import { fenceMail } from './mail-fence.ts'
import { createModules, type ModuleHandlers } from './modules.ts'
import { loadGermanTexts, loadNodeRed, stopMetrics } from './node-red.ts'
import { createNodeTypes } from './node-types.ts'
import { guardPalette } from './palette.ts'
import { createRunServices } from './run-services.ts'
import { createServices } from './services.ts'
import { nodeRedSettings } from './settings.ts'
import { attachShadow, type Shadow } from './shadow.ts'
import { createSources } from './sources.ts'
import { createStoppedRuns } from './stopped-runs.ts'
import { createStorage } from './storage.ts'
import { readContext } from './tap/context.ts'
import { createTap } from './tap/tap.ts'
import { attachTracing, type Tracing } from './tracing.ts'

const log = createLog('runtime')
/** When what starting up needed is garbage. */
const TIDY_AFTER_MS = 2000
const FIRST_START_MS = 10_000

// flows read the environment through `${NAME}` and $env: only what every program has stays
const PLAIN_ENV = new Set([
  'PATH',
  'HOME',
  'TZ',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'NODE_ENV',
  'SYSTEMROOT',
  'SystemRoot',
  'APPDATA',
  'NODE_EXTRA_CA_CERTS',
])
for (const name of Object.keys(process.env)) if (!PLAIN_ENV.has(name)) delete process.env[name]
// function nodes read it with each message, and the real one asks the system each time; only Windows' knows names in any case
if (process.platform !== 'win32') process.env = { ...process.env }

let close: () => Promise<void> = async () => {}
const launcher = await underLauncher({ onShutdown: () => close(), onLauncherGone: () => close() })
const init = checker(Type.Object(RuntimeInit.properties)).parse(launcher.init, 'What the launcher passed')

// a node's bug must not leave Node-RED half alive: the launcher starts this process again
const die = (kind: string) => (error: unknown) => {
  const nodeId = tracing?.currentNode()
  log.fatal({ err: error, ...(nodeId ? { nodeId } : {}) }, kind)
  link?.notify('log', { level: 'error', text: `The flow runtime crashed and restarts: ${messageOf(error)}`, ...(nodeId ? { nodeId } : {}) })
  tracing?.flush()
  // the socket gets a moment to take it
  setTimeout(() => process.exit(1), 100)
}
let tracing: Tracing | undefined
let link: Awaited<ReturnType<typeof connectToGateway>>['link'] | undefined
process.on('uncaughtException', die('uncaught exception in a flow'))
process.on('unhandledRejection', die('unhandled rejection in a flow'))

// built, this file is dist/runtime.js and the nodes are beside it; from source they are where the build put them
const ourNodesDir = [join(import.meta.dirname, 'node-red'), join(import.meta.dirname, '../../dist/node-red')].find((dir) =>
  existsSync(join(dir, 'package.json')),
)
const ourModules = ourNodesDir ? [String((JSON.parse(readFileSync(join(ourNodesDir, 'package.json'), 'utf8')) as { name: string }).name)] : []

const red = loadNodeRed()
const sources = createSources(red)
const front = createFront()
await mkdir(init.userDir, { recursive: true })
const packageFile = join(init.userDir, 'package.json')
if (!existsSync(packageFile)) await writeFile(packageFile, '{ "name": "cellwright-palette", "private": true, "version": "0.0.0" }\n')

const notYet = (): never => {
  throw new Error('asked before Node-RED was initialised')
}
let deployer: ReturnType<typeof createDeployer> | undefined
let tap: ReturnType<typeof createTap> | undefined
let modules: ModuleHandlers | undefined
let flowDebugger: Debugger | undefined
let shadow: Shadow | undefined
let nodeTypes: ReturnType<typeof createNodeTypes> = notYet
const traced = () => tracing ?? notYet()
/** The gateway connects before Node-RED runs the stored flows: what it asks meanwhile waits until they run, or are found not to. */
const started = Promise.withResolvers<void>()
const parts: { services?: ReturnType<typeof createServices> } = {}
const services = () => parts.services ?? notYet()
const stopped = createStoppedRuns(red, (runId, text) => traced().endRun(runId, { state: 'failed', text }))
const runServices = createRunServices({ red, tracing: traced, stopped, isJobAwaited: (jobId) => services().isJobAwaited(jobId) })

const connection = await connectToGateway({
  path: init.gatewaySocket,
  token: init.gatewayToken,
  log,
  handlers: {
    requests: {
      async deploy(request) {
        await started.promise
        return (deployer ?? notYet()).deploy(request)
      },
      async getFlows() {
        await started.promise
        return (await red.runtime.flows.getFlows({})) ?? { flows: [], rev: '' }
      },
      paletteModules: () => started.promise.then(() => (modules ?? notYet()).paletteModules()),
      installModule: (request) => started.promise.then(() => (modules ?? notYet()).installModule(request)),
      removeModule: (request) => started.promise.then(() => (modules ?? notYet()).removeModule(request)),
      newestVersions: (request) => started.promise.then(() => (modules ?? notYet()).newestVersions(request)),
      nodeTypes: async () => (await started.promise.then(() => nodeTypes())).map((type) => ({ ...type, needs: 'flows.code' as const })),
      activity: (request) => started.promise.then(() => (tap ?? notYet()).read(request)),
      passedMessage: (request) => started.promise.then(() => (tap ?? notYet()).message(request)),
      contextValue: (request) => started.promise.then(() => readContext(red, request)),
      debugger: (request) => started.promise.then(() => (flowDebugger ?? notYet()).order(request)),
      debuggerMessage: (request) => started.promise.then(() => (flowDebugger ?? notYet()).message(request)),
      shadowGive: (request) => started.promise.then(() => (shadow ?? notYet()).handlers.shadowGive(request)),
      shadowSend: (request) => started.promise.then(() => (shadow ?? notYet()).handlers.shadowSend(request)),
      shadowClock: (request) => (shadow ?? notYet()).handlers.shadowClock(request),
      press: (request) => started.promise.then(() => services().handlers.requests.press(request)),
      runJob: (request) => started.promise.then(() => services().handlers.requests.runJob(request)),
      machineState: (request) => started.promise.then(() => services().handlers.requests.machineState(request)),
      tagValues: (request) => started.promise.then(() => services().handlers.requests.tagValues(request)),
      replay: (request) => started.promise.then(() => runServices.replay(request)),
      halt: (request) => runServices.halt(request),
      wakeStep: (request) => started.promise.then(() => services().handlers.requests.wakeStep(request)),
      fireTrigger: (request) => started.promise.then(() => services().handlers.requests.fireTrigger(request)),
    },
    notifications: {
      lead: ({ leads }) => sources.lead(leads),
      stepEnded: (notice) => parts.services?.handlers.notifications.stepEnded(notice),
      triggersOff: (notice) => parts.services?.handlers.notifications.triggersOff(notice),
      // these come for nodes that asked before, so there are services
      jobEnded: (notice) => services().handlers.notifications.jobEnded(notice),
      jobProgress: (notice) => services().handlers.notifications.jobProgress(notice),
      machineEvent: (notice) => services().handlers.notifications.machineEvent(notice),
      workOrder: (notice) => services().handlers.notifications.workOrder(notice),
    },
  },
})
link = connection.link
const gateway = connection.link
parts.services = createServices({
  link: gateway,
  tracing: traced,
  log,
  stopped,
})
fenceMail()
const allowedModules = [...ourModules, ...connection.welcome.allowedModules]

red.init(
  front.server,
  nodeRedSettings({
    userDir: init.userDir,
    nodesDirs: ourNodesDir ? [ourNodesDir] : [],
    storageModule: createStorage(gateway, { restoreCredentials: (good) => replaceCredentials(red, good) }),
    services: parts.services.services,
    link: gateway,
    allowedModules,
    isSafeMode: init.isSafeMode,
    isShadow: init.isShadow === true,
  }),
)
stopMetrics()
tracing = attachTracing(red, {
  sink: {
    isReady: () => gateway.hasRoom(),
    send: (batch, dropped) => gateway.notify('trace', { batch: batch.toString('base64'), dropped }),
  },
  onFault: (error) => log.error({ err: error }, 'tracing failed'),
})
sources.attach()
if (init.isShadow) shadow = attachShadow(red, { link: gateway })
// before the flows start: what was paused in the runtime before this one is paused from the first message on
const plan = await gateway.call('debuggerPlan', {}).catch((error: unknown) => {
  log.warn({ err: error }, 'the debugger begins without breakpoints')
  return undefined
})
flowDebugger = createDebugger({ red, tracing, publish: (state) => gateway.notify('debuggerState', state), log, ...(plan ? { plan } : {}) })
tap = createTap(red, { onFault: (error) => log.error({ err: error }, 'watching failed') })
deployer = createDeployer(red, (lifecycle) => {
  gateway.notify('lifecycle', lifecycle)
  // with a revision they were started, even when a single node could not be
  services().flowsRun(lifecycle.rev !== undefined)
  if (lifecycle.flows !== 'stopped') started.resolve()
})
nodeTypes = createNodeTypes(red, { ourNodesDir, log })
const announcing = announce(red, { link: gateway, log })
const palette = guardPalette(red, gateway)
modules = createModules(red, { userDir: init.userDir, allowed: connection.welcome.allowedModules })
let awaySince = Number.POSITIVE_INFINITY
gateway.onConnection((isConnected) => {
  if (!isConnected) {
    awaySince = performance.now()
    return
  }
  traced().repeatRuns(awaySince)
  gateway.notify('lifecycle', deployer.lifecycle)
  flowDebugger?.repeat()
})
front.attach(red, palette.onInstallRequest)

close = async () => {
  traced().flush()
  announcing.close()
  tap?.close()
  flowDebugger?.close()
  shadow?.close()
  await red.stop()
  traced().stop()
  gateway.close()
  await front.close()
}

await loadGermanTexts()
await red.start()
// Node-RED says nothing when it could not even load the flows; then a deploy is what helps
setTimeout(() => started.resolve(), FIRST_START_MS).unref()
await front.listen(init.httpSocket)
launcher.ready()
setTimeout(tidyMemory, TIDY_AFTER_MS).unref()
