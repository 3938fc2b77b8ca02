/** How this host is, in one report: for the page, the command line and the diagnostics; and that of the other hosts, asked over the bus. */
import { cpus, freemem, loadavg, release, totalmem, type } from 'node:os'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { type BackupState, getSystemReport, type JobQueue, type MachineView, type SpaceReport, SystemReport } from '../api/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LookHub, Viewer, ViewerLine } from '../http/live-hub.ts'
import type { Store } from '../store/index.ts'
import { limitsOfDisk } from '../system/disk.ts'
import type { System } from '../system/index.ts'
import { watchClock } from './clock.ts'
import { askDatabase, type DatabaseFacts } from './database.ts'
import { findingsOf } from './findings.ts'
import { watchProcesses } from './processes.ts'

/** How often who looks is told. */
const TELL_MS = 2000
/** Several who look at once get the same. */
const FRESH_MS = 1000
const ASK_MS = 5000
/** What the queues hold costs a look through all that waits. */
const QUEUES_MS = 5000
const reports = checker(SystemReport)

export interface HealthDeps {
  store: Pick<Store, 'db' | 'isAway'>
  log: Logger
  live: LookHub
  hosts: Hosts
  system: Pick<System, 'processes' | 'isSafeMode' | 'disk' | 'rule' | 'startedAt' | 'areQueuesAway'>
  space: { report(): SpaceReport }
  machines: { list(): readonly MachineView[] }
  queues: () => Promise<readonly JobQueue[]>
  certificate: () => SystemReport['certificate']
  backup: () => BackupState | undefined
  version: string
  isEmbeddedDatabase: boolean
  hasRedis: boolean
}

export interface HealthPart {
  report(): Promise<SystemReport>
  readonly routes: readonly RouteHandler[]
  close(): void
}

export function createHealth(deps: HealthDeps): HealthPart {
  const { store, log, live, hosts, system, space, machines, version, isEmbeddedDatabase, hasRedis } = deps
  const clock = watchClock((ms) => log.warn({ ms }, 'the clock of this computer jumped, or it slept'))
  const lookAtProcesses = watchProcesses(() => system.processes)
  let queues: { at: number; found: SystemReport['queues'] } = { at: 0, found: [] }
  let last: DatabaseFacts | undefined

  const queuesNow = async (): Promise<SystemReport['queues']> => {
    if (Date.now() - queues.at < QUEUES_MS) return queues.found
    const found = (await deps.queues()).map(({ queue, name, waiting, active, dead, late, mode, why }) => ({
      queue,
      name,
      waiting,
      active: active.length,
      dead,
      late,
      mode,
      ...(why === undefined ? {} : { why }),
    }))
    queues = { at: Date.now(), found }
    return found
  }
  const databaseNow = async (): Promise<DatabaseFacts | undefined> => {
    if (store.isAway) return undefined
    return askDatabase(store.db).catch((error: unknown) => {
      log.debug({ err: error }, 'the database did not say how it is')
      return undefined
    })
  }

  const gather = async (): Promise<SystemReport> => {
    const [processes, facts] = await Promise.all([lookAtProcesses(), databaseNow()])
    last = facts ?? last
    const spaces = space.report()
    const limits = limitsOfDisk(system.disk.totalBytes, system.rule)
    const limitBytes = process.constrainedMemory()
    const bytes = spaces.spaces.find(({ kind }) => kind === 'database')?.bytes
    const shown = deps.certificate()
    const certificate = shown && { endsAt: shown.endsAt, names: shown.names, ...(shown.trouble === undefined ? {} : { trouble: shown.trouble }) }
    const backup = deps.backup()
    const load = loadavg()[0]
    const now = Date.now()
    const report = {
      at: new Date(now).toISOString(),
      host: hosts.name,
      hosts: hosts.list().length
        ? hosts.list().map(({ name, state }) => ({ name, isHere: name === hosts.name, state }))
        : [{ name: hosts.name, isHere: true, state: 'living' as const }],
      versions: {
        program: version,
        node: process.version,
        system: `${type()} ${release()}`,
        // they do not change while it is away
        ...(last === undefined ? {} : { postgres: last.postgres }),
        ...(last?.schema === undefined ? {} : { schema: last.schema }),
      },
      startedAt: system.startedAt,
      isSafeMode: system.isSafeMode,
      processes,
      memory: { totalBytes: totalmem(), freeBytes: freeMemory(), ...(limitBytes > 0 && limitBytes < totalmem() ? { limitBytes } : {}) },
      cpu: { cores: cpus().length, ...(process.platform === 'win32' || load === undefined ? {} : { load: Math.round(load * 100) / 100 }) },
      database: {
        state: facts ? ('ok' as const) : ('away' as const),
        isEmbedded: isEmbeddedDatabase,
        ...(bytes === undefined ? {} : { bytes }),
        ...(facts ? { connections: facts.connections, mostConnections: facts.mostConnections, answerMs: facts.answerMs, longestS: facts.longestS } : {}),
      },
      redis: hasRedis ? (system.areQueuesAway ? ('away' as const) : ('ok' as const)) : ('none' as const),
      queues: facts ? await queuesNow().catch(() => queues.found) : queues.found,
      disk: { ...system.disk, lowBytes: limits.low, criticalBytes: limits.critical },
      space: spaces,
      machines: machines
        .list()
        .filter(({ host }) => !host)
        .map(({ id, name, isVirtual, guard, state }) => ({
          id,
          name,
          isVirtual,
          guard,
          ...(state ? { link: state.link } : {}),
          ...(state?.reportedAt === undefined ? {} : { silentMs: Math.max(0, now - Date.parse(state.reportedAt)) }),
        })),
      clock: { jumps: [...clock.jumps], ...(facts ? { offMs: facts.offMs } : {}) },
      ...(certificate ? { certificate } : {}),
      ...(backup ? { backup } : {}),
    } satisfies Omit<SystemReport, 'findings'>
    return { ...report, findings: findingsOf(report) }
  }

  let gathered: { at: number; report: Promise<SystemReport> } | undefined
  const report = (): Promise<SystemReport> => {
    if (!gathered || performance.now() - gathered.at > FRESH_MS) gathered = { at: performance.now(), report: gather() }
    return gathered.report
  }
  const reportOf = async (host: string | undefined): Promise<SystemReport> => {
    if (host === undefined || host === hosts.name) return report()
    if (!hosts.find(host)) throw new UserError({ code: 'host-unknown', status: 404, message: `There is no host "${host}" on this database.` })
    return reports.parse(await hosts.bus.ask(host, 'system-report', {}, { timeoutMs: ASK_MS }), `What host "${host}" answered`)
  }
  hosts.bus.answer('system-report', () => report())

  const viewers = new Set<Viewer<'system-report'>>()
  const open = (line: ViewerLine<'system-report'>): Viewer<'system-report'> => {
    let host: string | undefined
    /** Counts what was looked at: an answer about another host than the one that is looked at now is not told. */
    let turn = 0
    let askingTurn: number | undefined
    const tell = async () => {
      if (askingTurn === turn || !line.hasRoom()) return
      const mine = turn
      askingTurn = mine
      try {
        const report = await reportOf(host)
        if (mine === turn) line.send(report)
      } catch (error) {
        log.debug({ err: error, host }, 'a report could not be told')
        if (mine === turn) line.refuse(error)
      } finally {
        if (askingTurn === mine) askingTurn = undefined
      }
    }
    const timer = setInterval(() => void tell(), TELL_MS)
    const viewer: Viewer<'system-report'> = {
      look(at) {
        host = at.host
        turn += 1
        void tell()
      },
      close() {
        clearInterval(timer)
        viewers.delete(viewer)
      },
    }
    viewers.add(viewer)
    return viewer
  }
  live.serve('system-report', open)

  return {
    report,
    routes: [handle(getSystemReport, ({ query }) => reportOf(query.host))],
    close() {
      clock.close()
      for (const viewer of [...viewers]) viewer.close()
    },
  }
}

/** What the system could give at once: on Linux with what it only keeps as a cache, which Node counts as taken before 20. */
const freeMemory = (): number => Math.max(freemem(), process.availableMemory())
