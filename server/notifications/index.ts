/**
 * What the product tells people and other programs: events, rules, mail, browser push, webhooks. README.md says what arrives when
 * something dies in between.
 */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Channel, DiskView, Gauge, MachineView, OverBudget, PanelMessage, ProcessView } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { NoticeWay } from '../connections/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { MaintenanceTask } from '../jobs/maintenance-jobs.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'
import { type Condition, createConditions } from './conditions.ts'
import { type NewEvent, recordEvents } from './events.ts'
import { harvest } from './harvest.ts'
import { createDeliveryLog } from './log.ts'
import { createMailSettings } from './mail/settings.ts'
import { createMine } from './mine.ts'
import { createOutbox } from './outbox.ts'
import { createDevices } from './push/devices.ts'
import { openPushKeys } from './push/keys.ts'
import { createPushSending } from './push/send.ts'
import { routeEvents } from './route.ts'
import { createRules } from './rules.ts'
import { createSender } from './sender.ts'
import { type ConnectionNow, isStarting, ofCertificate, ofConnection, ofDisk, ofGauge, ofMachine, ofSpace, watchProcesses } from './sources.ts'
import { createWays } from './ways.ts'
import { createHooks } from './webhooks/hooks.ts'
import { createHookSending } from './webhooks/send.ts'

/** Whatever nobody told of: other hosts' rows, time that passes. */
const LOOK_MS = 5_000
/** A machine tells ten states a second. */
const GATHER_MS = 150
const PUBLISH_MS = 300
const GAUGES_EVERY_MS = 60_000

export interface Notifications {
  routes: RouteHandler[]
  /** Something that stands in no table of its own; the same key is told once. Resolves when it is stored. */
  tell(event: NewEvent): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

/** Only for tests. */
export interface NotificationTesting {
  pauses?: Partial<Record<Channel, readonly number[]>>
  /** A push service on this computer, and who signed its certificate. */
  pushCa?: string
  /** Asked at each sending. */
  hookTimeoutMs?: () => number
  lookMs?: number
}

export interface NotificationDeps {
  store: Store
  log: Logger
  live: LiveHub
  audit: Audit
  secrets: Pick<Secrets, 'seal' | 'open'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  hosts: Hosts
  machines: { list(): MachineView[]; onChange(listener: (view: MachineView) => void): void; onGuard(listener: () => void): void }
  /** What stands on the panels. */
  messages: { standing(keyOrId: string): PanelMessage | undefined }
  jobs: { onChange(listener: (job: { endedAt?: string | undefined }) => void): void; maintain(task: MaintenanceTask): void }
  runs: { onChange(listener: (run: { state: string }) => void): void }
  connections: { notices: NoticeWay; now(): ConnectionNow[] }
  gauges: { list(): Promise<Gauge[]> }
  system: { readonly disk: DiskView; readonly processes: readonly ProcessView[]; readonly isSafeMode: boolean }
  /** What takes more than it may although all that may go has gone; undefined: not known yet. */
  overBudget: () => readonly OverBudget[] | undefined
  certificate: () => { endsAt: string; names: string[]; trouble?: string } | undefined
  /** What the installation is called. */
  shop: () => string
  /** Where its pages are, for who reads of them elsewhere; undefined: nobody knows. */
  pages: () => string | undefined
  testing?: NotificationTesting | undefined
}

export async function createNotifications(deps: NotificationDeps): Promise<Notifications> {
  const { store, log, live, audit, secrets, versions, hosts, machines, messages, jobs, runs, connections, gauges, system, shop, pages, testing } = deps
  const { db } = store
  const beganAt = performance.now()

  let revision = 0
  let publishing: NodeJS.Timeout | undefined
  const publish = () => {
    publishing ??= setTimeout(() => {
      publishing = undefined
      revision += 1
      live.publish('notifications', { revision })
    }, PUBLISH_MS)
  }
  live.provide('notifications', () => ({ revision }))
  const changed = () => {
    publish()
    hosts.bus.tell('notifications', {})
    sender.kick()
  }

  const keys = await openPushKeys(db, secrets)
  const mail = createMailSettings({ db, secrets, audit, versions, onChanged: () => changed() })
  const hasMail = async () => (await mail.server()) !== undefined
  const hooks = createHooks({ db, secrets, audit, onChanged: () => changed() })
  const hookSending = createHookSending({ db, secrets, audit, onChanged: () => changed(), timeoutMs: testing?.hookTimeoutMs })
  const devices = createDevices(db, secrets, testing?.pushCa !== undefined)
  const push = createPushSending({
    devices,
    keys: () => keys,
    async contact() {
      const from = (await mail.server())?.from
      const url = pages()
      return from ? `mailto:${from}` : url?.startsWith('https:') ? url : 'mailto:notifications@cellwright.invalid'
    },
    shop,
    onGone: publish,
    testing: testing?.pushCa === undefined ? undefined : { ca: testing.pushCa },
  })
  const ways = createWays({ db, server: () => mail.server(), push, notices: connections.notices, standing: (key) => messages.standing(key), shop, pages })
  const outbox = createOutbox({ db, host: hosts.name })
  const sender = createSender({
    outbox,
    ways: { ...ways, webhook: hookSending.way },
    log,
    leads: () => hosts.leads,
    closed: () => hookSending.closed(),
    onSettled: publish,
    pauses: testing?.pauses,
  })
  const rules = createRules({ db, audit, versions, machines, notices: connections.notices, hasMail, onChanged: () => changed() })
  const mine = createMine({ db, audit, devices, pushKey: () => keys.publicKey, hasMail, ways, onChanged: () => changed() })
  const deliveries = createDeliveryLog({ db, audit, onAgain: () => changed() })
  jobs.maintain({ name: 'notification-history', everyMs: 3_600_000, run: () => deliveries.forget() })

  // --- what there is to tell
  const conditions = createConditions(db)
  const processes = watchProcesses(hosts.name)
  let gaugesAt = Number.NEGATIVE_INFINITY
  const ofSpaceNow = () => {
    const over = deps.overBudget()
    return over ? ofSpace(over, hosts.name, hosts.leads) : []
  }
  const conditionsNow = async (): Promise<Condition[]> => {
    const now = Date.now()
    const certificate = deps.certificate()
    const own = [
      ...ofDisk(system.disk, hosts.name),
      ...ofSpaceNow(),
      ...processes(system.processes, system.isSafeMode, performance.now()),
      ...(certificate ? [ofCertificate(certificate, hosts.name, now)] : []),
    ]
    if (!hosts.leads) return own
    const isEarly = isStarting(beganAt)
    const all = [
      ...own,
      ...machines.list().flatMap((machine) => ofMachine(machine, isEarly)),
      ...connections.now().flatMap((connection) => ofConnection(connection, now)),
    ]
    if (performance.now() - gaugesAt < GAUGES_EVERY_MS) return all
    gaugesAt = performance.now()
    return [...all, ...(await gauges.list()).map(ofGauge)]
  }
  const names = { machine: (id: string) => machines.list().find((one) => one.id === id)?.name ?? id }

  let isStarted = false
  let isClosed = false
  let looking: Promise<void> | undefined
  let soon: NodeJS.Timeout | undefined
  let timer: NodeJS.Timeout | undefined
  let isWanted = false
  let trouble: string | undefined
  const lookNow = async (): Promise<void> => {
    // what happens meanwhile stands in memory and in the tables, and is told when the database is back
    if (store.isAway) return
    try {
      let count = await conditions.look(await conditionsNow())
      if (hosts.leads) {
        count += await harvest(db, names)
        if ((await routeEvents(db, { hasMail })) || count) {
          publish()
          sender.kick()
        }
      } else if (count) hosts.bus.tell('notifications', {})
      trouble = undefined
    } catch (error) {
      conditions.forget()
      // every few seconds the same again helps nobody
      if (trouble !== messageOf(error)) log.warn({ err: error }, 'what there is to tell could not be looked at; it is tried again')
      trouble = messageOf(error)
    }
  }
  const look = (): void => {
    if (!isStarted || isClosed) return
    if (looking) {
      isWanted = true
      return
    }
    looking = lookNow().finally(() => {
      looking = undefined
      if (!isWanted) return
      isWanted = false
      lookSoon()
    })
  }
  function lookSoon(): void {
    if (!isStarted || isClosed) return
    soon ??= setTimeout(() => {
      soon = undefined
      look()
    }, GATHER_MS)
  }
  machines.onChange(lookSoon)
  machines.onGuard(lookSoon)
  jobs.onChange((job) => {
    if (job.endedAt !== undefined) lookSoon()
  })
  runs.onChange(({ state }) => {
    if (state === 'failed' || state === 'interrupted') lookSoon()
  })
  hosts.bus.on('notifications', () => {
    publish()
    lookSoon()
  })
  hosts.onLead((leads) => {
    conditions.forget()
    if (!leads || !isStarted) return
    // what the one before was sending is sent again when its claim is over
    lookSoon()
    sender.kick()
  })

  return {
    routes: [...rules.routes, ...mine.routes, ...deliveries.routes, ...mail.routes, ...hooks.routes, ...hookSending.routes],
    async tell(event) {
      await recordEvents(db, [event])
      if (hosts.leads) lookSoon()
      else hosts.bus.tell('notifications', {})
    },
    async start() {
      await outbox.recover()
      isStarted = true
      timer = setInterval(look, testing?.lookMs ?? LOOK_MS)
      timer.unref()
      look()
      sender.kick()
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(soon)
      clearTimeout(publishing)
      await looking
      await sender.close()
    },
  }
}
