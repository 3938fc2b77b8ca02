/** The launcher's composition: which processes there are, in what order they start and end, and how each is treated when it crashes. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as setTimeoutAsync } from 'node:timers/promises'
import type { Static } from 'typebox'
import { measureVitals } from '../../base/child.ts'
import { UserError } from '../../base/errors.ts'
import { runDirFor, socketPath } from '../../base/run-dir.ts'
import { type Config, dataPaths } from '../config.ts'
import type { RuntimeInit } from '../runtime/contract.ts'
import { startEmbedded } from '../store/embedded/index.ts'
import { areGuardsAtRest } from './at-rest.ts'
import type { ConnectorHostInit, GatewayInit, GatewayNote, GatewayReady, LauncherNote, ProcessInfo } from './contract.ts'
import { environmentFor } from './environment.ts'
import { type Instance, isHeldCopy, keyFrom, takeInstance, waitForEnd } from './instance.ts'
import { type Crash, GaveUp, Keeper, type KeeperTimings } from './keeper.ts'
import { type Life, type Program, spawnLife } from './life.ts'
import { lastLines, turnOver } from './log-files.ts'
import { keepMachines, type LauncherMachines } from './machines.ts'
import type { ProgramName } from './programs.ts'
import { RuntimeCrashes } from './runtime-crashes.ts'

export interface LauncherOptions {
  config: Config
  /** The checkout or installed package: where node_modules is. */
  root: string
  programs: Record<ProgramName, Program>
  timings?: Partial<LauncherTimings>
  /** Told what an operator of this computer should know, in plain words; `who` names the process. */
  complain(who: string, text: string): void
}

export interface LauncherTimings extends KeeperTimings {
  /** The longest pause before the gateway is started again. */
  gatewaySlowestMs: number
  /** A flow may block the runtime for a while; longer than this it is ended and started again. */
  runtimeHangMs: number
  /** How long the guards may take to bring their machines to rest, and when hurried. */
  machinesEndMs: number
  machinesHurriedMs: number
  /** How long each of the others may take to close, and when hurried. */
  endMs: number
  hurriedMs: number
  /** How often heartbeats are looked at. */
  watchMs: number
  /** How long the start waits for flow runtime and connector host before it gives the address out. */
  companionsMs: number
}

const TIMINGS: LauncherTimings = {
  hangMs: 15_000,
  startMs: 60_000,
  backoffMs: 200,
  slowestMs: 10_000,
  cleanPauseMs: 1000,
  steadyMs: 30_000,
  closeMs: 5000,
  gatewaySlowestMs: 2000,
  runtimeHangMs: 60_000,
  machinesEndMs: 20_000,
  machinesHurriedMs: 8000,
  endMs: 10_000,
  hurriedMs: 1000,
  watchMs: 1000,
  companionsMs: 15_000,
}

export interface Launcher {
  /**
   * Starts everything; resolves when the gateway answers. What was started ends again when it fails.
   * @throws UserError, OperationalError or Error with one clear sentence
   */
  start(): Promise<Pick<GatewayReady, 'url' | 'setupUrl' | 'trust'>>
  /** Ends everything in reverse order. */
  stop(): Promise<void>
  /** What is being stopped may take less time from now on; machines are still held. */
  hurry(): void
  readonly processes: ProcessInfo[]
  readonly isSafeMode: boolean
  /** Asks every guard; false as long as one of them moves its machine, has a program, or does not answer. */
  areMachinesAtRest(): Promise<boolean>
}

export function createLauncher(options: LauncherOptions): Launcher {
  const { config, root, programs } = options
  const timings = { ...TIMINGS, ...options.timings }
  const paths = dataPaths(config)
  const hurrying = new AbortController()
  const hurry = { signal: hurrying.signal, ms: timings.hurriedMs }
  const processToken = randomBytes(32).toString('base64url')
  const crashes = new RuntimeCrashes()
  const logFile = (name: string) => join(paths.logs, `${name}.log`)

  let instance: Instance | undefined
  let postgres: Keeper | undefined
  let gateway: Keeper | undefined
  /** Where the gateway listened last: pages and programs look for it there again. */
  let gatewayPort: number | undefined
  let connectorHost: Keeper | undefined
  let runtime: Keeper | undefined
  let machines: LauncherMachines | undefined
  let wantedMachines: { id: string; settings: unknown }[] | undefined
  let isSafeMode = false
  let watching: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined

  // --- what people and the gateway are told

  const keepers = () => [postgres, gateway, connectorHost, runtime].filter((keeper) => keeper !== undefined)
  const processes = () => [...keepers().map((keeper) => keeper.info), ...(machines?.infos ?? [])]
  const startedAt = new Date().toISOString()
  const measure = measureVitals()
  let own = measure()
  const self = (): ProcessInfo => ({ name: 'launcher', pid: process.pid, state: 'running', restarts: 0, since: startedAt, silentMs: 0, ...own })
  let remembered = ''
  let isTellingSoon = false
  const tell = () => {
    const now = processes()
    gateway?.note({ kind: 'processes', processes: [self(), ...now], isSafeMode } satisfies LauncherNote)
    const living = now.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
    const key = JSON.stringify(living)
    if (key === remembered) return
    // not written: with the next look
    if (instance?.remember(living)) remembered = key
  }
  const tellSoon = () => {
    if (isTellingSoon) return
    isTellingSoon = true
    // several changes of one moment are one message
    setImmediate(() => {
      isTellingSoon = false
      if (instance) tell()
    })
  }
  const crashed = (name: string, { ending, againInMs }: Crash) =>
    options.complain(name, `${ending.text}; started again in ${againInMs / 1000} s (${logFile(name.replace(':', '-'))})`)

  // --- the processes

  // made when the data directory is ours
  let runDir = ''
  let guardToken = ''
  const sockets = { runtime: '', connectors: '', runtimeHttp: '' }
  const common = { timings, hurry, onChange: tellSoon }
  const trusted = () => environmentFor('trusted', config.logLevel)
  /** What a killed process left: nobody listens there any more, and the next one could not. */
  const clear = (...files: string[]) => {
    if (process.platform !== 'win32') for (const file of files) rmSync(file, { force: true })
  }
  const spawnOne = (name: ProgramName, extra: { init: unknown; graceS: number; env?: Record<string, string>; cwd?: string; nice?: number }): Life => {
    const { graceS, ...rest } = extra
    const complain = (text: string) => options.complain(name, text)
    return spawnLife({ env: trusted(), cwd: root, ...rest, program: programs[name], logFile: logFile(name), last: { signal: 'KILL', graceS }, complain })
  }

  const keepPostgres = () =>
    new Keeper({
      ...common,
      name: 'postgres',
      tries: 1,
      onCrash: (crash) => crashed('postgres', crash),
      async begin(_restarts, signal) {
        turnOver(logFile('postgres'))
        const server = await startEmbedded({
          root,
          clusterDir: paths.postgres,
          passwordFile: join(paths.keys, 'postgres'),
          logFile: logFile('postgres'),
          signal,
        })
        return {
          pid: server.pid,
          isAdopted: false,
          givesSigns: false,
          ready: Promise.resolve(server.database),
          ended: server.exited.then((text) => ({ text, isClean: false })),
          onSign: () => {},
          onNote: () => {},
          note: () => false,
          shutdown: () => void server.stop(timings.endMs),
          kill: () => void server.stop(0),
        }
      },
    })

  const keepGateway = (database: string, guardToken: string) =>
    new Keeper({
      ...common,
      name: 'gateway',
      // holds and stops go through it: it must not be away for long, however often it crashes
      timings: { ...timings, slowestMs: Math.min(timings.slowestMs, timings.gatewaySlowestMs) },
      tries: 3,
      onCrash(crash) {
        // whatever a person would have to put right may be the port, taken meanwhile by somebody else
        if (crash.ending.cannotStart !== undefined) gatewayPort = undefined
        crashed('gateway', crash)
      },
      onNote: takeGatewayNote,
      onReady(data) {
        const { port } = (data ?? {}) as Partial<GatewayReady>
        if (typeof port === 'number') gatewayPort = port
        if (wantedMachines) machines?.set(wantedMachines)
      },
      async begin() {
        clear(sockets.runtime, sockets.connectors)
        const init: GatewayInit = {
          config: { ...config, port: gatewayPort ?? config.port },
          runDir,
          database,
          isEmbeddedDatabase: config.databaseUrl === undefined,
          processToken,
          guardToken,
          runtimeSocket: sockets.runtime,
          connectorSocket: sockets.connectors,
          runtimeHttpSocket: sockets.runtimeHttp,
        }
        return spawnOne('gateway', { init, graceS: 10, env: environmentFor('gateway', config.logLevel) })
      },
    })

  const keepConnectorHost = () =>
    new Keeper({
      ...common,
      name: 'connector-host',
      onCrash: (crash) => crashed('connector-host', crash),
      async begin() {
        const init: ConnectorHostInit = { gatewaySocket: sockets.connectors, gatewayToken: processToken }
        return spawnOne('connector-host', { init, graceS: 5 })
      },
    })

  const keepRuntime = () =>
    new Keeper({
      ...common,
      name: 'runtime',
      timings: { ...timings, hangMs: timings.runtimeHangMs },
      onCrash(crash) {
        crashes.add(crash.wasHung, performance.now())
        crashed('runtime', crash)
        if (isSafeMode || !crashes.areTooMany) return
        isSafeMode = true
        options.complain(
          'runtime',
          'crashed again and again: it is started in safe mode, with the flows stopped. Change them in the designer and leave safe mode there.',
        )
      },
      async begin() {
        clear(sockets.runtimeHttp)
        mkdirSync(paths.nodeRed, { recursive: true, mode: 0o700 })
        const init: Static<typeof RuntimeInit> = {
          userDir: paths.nodeRed,
          gatewaySocket: sockets.runtime,
          gatewayToken: processToken,
          httpSocket: sockets.runtimeHttp,
          isSafeMode,
        }
        return spawnOne('runtime', { init, graceS: 3, env: environmentFor('runtime', config.logLevel), cwd: paths.nodeRed, nice: 10 })
      },
    })

  function takeGatewayNote(data: unknown): void {
    const note = (typeof data === 'object' && data !== null ? data : {}) as GatewayNote
    switch (note.kind) {
      case 'machines':
        wantedMachines = note.machines
        // those of a first start wait until the gateway is ready for their guards
        if (gateway?.isRunning) machines?.set(wantedMachines)
        return
      case 'restart':
        if (note.process === 'runtime') runtime?.restart()
        else connectorHost?.restart()
        return
      case 'leave-safe-mode':
        isSafeMode = false
        crashes.forget()
        runtime?.restart()
        tellSoon()
        return
      default:
        options.complain('gateway', `said something that the launcher does not understand: ${JSON.stringify(data).slice(0, 200)}`)
    }
  }

  // --- watching

  const watch = () => {
    let lastAt = performance.now()
    watching = setInterval(() => {
      const now = performance.now()
      // this computer slept or had no time for us: then the silence of the others proves nothing
      const wasAway = now - lastAt > timings.watchMs + 3000
      lastAt = now
      own = measure()
      for (const each of [...keepers(), machines]) {
        if (wasAway) each?.forgive()
        else each?.look()
      }
      tell()
    }, timings.watchMs)
  }

  // --- start and stop

  async function start(): Promise<Pick<GatewayReady, 'url' | 'setupUrl' | 'trust'>> {
    instance = await takeInstance({ config, root })
    runDir = runDirFor(config.dataDir, config.runDir)
    sockets.runtime = socketPath(runDir, 'gateway-runtime')
    sockets.connectors = socketPath(runDir, 'gateway-connectors')
    sockets.runtimeHttp = socketPath(runDir, 'runtime-http')
    isSafeMode = isHeldCopy(paths.restored)
    mkdirSync(paths.keys, { recursive: true, mode: 0o700 })
    mkdirSync(paths.logs, { recursive: true, mode: 0o700 })
    const isGuard = (name: string) => /^(guard|virtual):/.test(name)
    await waitForEnd(
      instance.survivors.filter(({ name }) => !isGuard(name) && name !== 'postgres'),
      10_000,
    )
    mustGoOn()
    watch()
    guardToken = keyFrom(join(paths.keys, 'guards'))
    machines = keepMachines({
      runDir,
      guardToken,
      journalsDir: paths.journals,
      machinesDir: join(config.dataDir, 'machines'),
      orphanTimeoutS: config.orphanTimeoutS,
      programs,
      env: trusted(),
      cwd: root,
      logFile,
      survivors: instance.survivors.filter(({ name }) => isGuard(name)),
      timings,
      hurry: { signal: hurrying.signal, ms: timings.machinesHurriedMs },
      onChange: tellSoon,
      onCrash: crashed,
      complain: (text) => options.complain('machines', text),
    })
    let database = config.databaseUrl
    if (database === undefined) {
      postgres = keepPostgres()
      database = String(await postgres.firstReady)
    }
    mustGoOn()
    gateway = keepGateway(database, guardToken)
    const ready = await gateway.firstReady.catch((error: Error) => {
      if (!(error instanceof GaveUp) || error.isExplained) throw error
      throw new Error(`The gateway does not start: ${error.message}. The last lines of ${logFile('gateway')}:\n${lastLines(logFile('gateway'), 3).join('\n')}`)
    })
    mustGoOn()
    const { url, setupUrl, trust } = (ready ?? {}) as Partial<GatewayReady>
    if (typeof url !== 'string') throw new Error('The gateway did not say where it listens.')
    instance.tellUrl(url)
    connectorHost = keepConnectorHost()
    runtime = keepRuntime()
    // whoever reads the address may use everything at once; pages and stops work without these two, so it is not waited for long
    await Promise.race([Promise.allSettled([connectorHost.firstReady, runtime.firstReady]), setTimeoutAsync(timings.companionsMs, undefined, { ref: false })])
    mustGoOn()
    return { url, ...(setupUrl === undefined ? {} : { setupUrl }), ...(trust ? { trust } : {}) }
  }

  function mustGoOn(): void {
    if (stopping) throw new UserError({ code: 'stopped', message: 'Stopped before everything was started.' })
  }

  async function stopAll(): Promise<void> {
    // guards first: they bring their machines to rest while the gateway can still write down how it ended
    await machines?.end(timings.machinesEndMs)
    await runtime?.end(timings.endMs)
    await connectorHost?.end(timings.endMs)
    await gateway?.end(timings.endMs)
    // a longer deadline than the server's own, which becomes harder by itself
    await postgres?.end(timings.endMs + 10_000)
    clearInterval(watching)
    // without it, the sockets are another launcher's
    if (!instance) return
    if (runDir && process.platform !== 'win32') rmSync(runDir, { recursive: true, force: true })
    instance.release()
    instance = undefined
  }

  const stop = () => {
    stopping ??= stopAll()
    return stopping
  }

  return {
    async start() {
      try {
        return await start()
      } catch (error) {
        await stop()
        throw error
      }
    },
    stop,
    hurry: () => hurrying.abort(),
    get processes() {
      return processes()
    },
    get isSafeMode() {
      return isSafeMode
    },
    areMachinesAtRest: () => areGuardsAtRest({ runDir, token: guardToken, names: (machines?.infos ?? []).map(({ name }) => name) }),
  }
}
