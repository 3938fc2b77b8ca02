/**
 * Triggers: which there are, when they are due, and the firings. `createTriggers` is what the gateway's composition
 * root calls. The row of a firing is the truth; BullMQ wakes (clock.ts), a sweep finds what no wake told of.
 */
import { hostname } from 'node:os'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { FlowNode } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Bull } from '../jobs/dispatch.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'
import { createAnnounced } from './announced.ts'
import { createBegins } from './begins.ts'
import { createByHand } from './by-hand.ts'
import { type Also, createEvents, type Happening } from './events.ts'
import { createOffers } from './offers.ts'
import type { ValuesNow } from './preview-condition.ts'
import { triggerRoutes } from './routes.ts'
import { type Db, insertFirings } from './rows.ts'
import { createTicking, troubleIn } from './ticking.ts'

type Asks = RpcHandlers<typeof gatewayRpc>

export { ofConnection, ofJob, ofMachine, ofSignal } from './events.ts'

export interface TriggersPart {
  /** Takes up what an earlier life left; after the jobs' start. */
  start(): Promise<void>
  routes: RouteHandler[]
  /** Something that event triggers may be set to; resolves when it is stored. */
  happened(happening: Happening): Promise<number>
  /** Many at once, all or none, with what `also` writes in the same transaction. */
  happenedAll(happenings: readonly Happening[], also?: Also): Promise<number>
  /** The same within a transaction that somebody has open; returns what is to be called after its commit. */
  happenedWithin(db: Db, happenings: readonly Happening[]): Promise<() => void>
  rpc: { requests: Pick<Asks['requests'], 'triggerBegins'>; notifications: Pick<Asks['notifications'], 'triggers' | 'triggerFired'> }
  /** Resolves when everything that is due now was brought to the runtime, or put back. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Live changes: pages read the list again, at most so often. */
const PUBLISH_MS = 400

export interface TriggersDeps {
  store: Store
  log: Logger
  live: LiveHub
  runtime: Pick<Runtime, 'peer' | 'onConnection' | 'state'>
  runs: Pick<Runs, 'open' | 'fail' | 'whenEnded'>
  audit: Audit
  /** @defaultValue nobody puts an older switch of a trigger back */
  versions?: Pick<KeptVersions, 'own'>
  bull: Bull
  currentFlows: () => Promise<{ flows: FlowNode[] }>
  /** This host among those that share the database. @defaultValue the only one */
  hosts?: Hosts
  /** The flows behind this trigger act on a machine of another host: then it fires there. @defaultValue never */
  isElsewhere?: (triggerId: string) => boolean
  /** The runtime of this host runs the newest deployment: only then its triggers are those that there are. @defaultValue always */
  isCurrent?: () => Promise<boolean>
  /** How machines and tags are, for conditions that are being edited. @defaultValue nobody knows */
  valuesNow?: ValuesNow
  /** Epoch ms. @defaultValue Date.now */
  now?: () => number
  /** Monotonic ms. @defaultValue performance.now */
  elapsed?: () => number
  sweepMs?: number
}

export function createTriggers(deps: TriggersDeps): TriggersPart {
  const {
    store,
    log,
    live,
    runtime,
    runs,
    audit,
    bull,
    currentFlows,
    hosts = aloneHost(hostname()),
    isElsewhere = () => false,
    isCurrent = async () => true,
    valuesNow = { machine: () => undefined, tags: () => [] },
    now = Date.now,
    elapsed = () => performance.now(),
    sweepMs,
  } = deps
  const { db } = store
  const host = hosts.name
  const trouble = troubleIn(log)
  let revision = 0
  let publishing: NodeJS.Timeout | undefined

  const changed = () => {
    publishing ??= setTimeout(() => {
      publishing = undefined
      revision += 1
      live.publish('triggers', { revision })
    }, PUBLISH_MS)
  }
  live.provide('triggers', () => ({ revision }))

  const announced = createAnnounced({
    db,
    log,
    runtime,
    currentFlows,
    isCurrent,
    now,
    onStored() {
      events.forget()
      changed()
      void ticking.syncSoon()
      ticking.tickSoon()
    },
    onChange: changed,
  })
  /** Alone, all of them: one that no flow has any more is settled too. */
  const mine = () => (hosts.list().length > 1 ? [...announced.running].filter((id) => !isElsewhere(id)) : undefined)
  const offers = createOffers({ db, log, runtime, runs, host, now, isThere: (id) => announced.running.has(id), mine, onChange: changed })
  /** A page shows how the run of a firing ended. */
  const follow = (runId: string | null) => {
    if (runId !== null) runs.whenEnded(runId, changed)
  }
  const begun = createBegins(db)

  /** It may be another host that is to fire. */
  const tellDue = () => {
    if (hosts.hasOthers) hosts.bus.tell('triggers-due', {})
  }
  const ticking = createTicking({
    db,
    log,
    bull,
    host,
    offers,
    isAnyThere: () => announced.running.size > 0,
    onDue: tellDue,
    onChange: changed,
    async onSweep() {
      // another host may have switched one
      events.forget()
      await begun.settle((runId) => runs.fail(runId, 'The database went away just as it began. Nothing was sent.'))
    },
    now,
    elapsed,
    sweepMs,
  })
  const events = createEvents({
    db,
    now,
    onFirings() {
      ticking.tickSoon()
      tellDue()
    },
  })
  hosts.bus.on('triggers-due', () => ticking.tickSoon())
  hosts.bus.on('triggers-switched', () => {
    events.forget()
    announced.tellOff().catch(trouble('the flows could not be told which triggers are off'))
  })

  return {
    start: () => ticking.start(),
    routes: triggerRoutes({
      db,
      audit,
      runtime,
      announced,
      fire: createByHand({ db, runs, runtime, offers, host, now, onChange: changed }),
      valuesNow,
      isElsewhere,
      onSwitched() {
        events.forget()
        hosts.bus.tell('triggers-switched', {})
        void ticking.syncSoon()
        changed()
      },
      now,
      versions: deps.versions,
    }),
    happened: (happening) => events.happened(happening),
    happenedAll: (happenings, also) => events.happenedAll(happenings, also),
    happenedWithin: (within, happenings) => events.happenedWithin(within, happenings),
    rpc: {
      requests: {
        async triggerBegins({ firingId }) {
          const at = new Date(now())
          const { begins, runId } = await begun.begin(firingId, at)
          if (begins) {
            follow(runId)
            changed()
          }
          return { begins, at: at.toISOString() }
        },
      },
      notifications: {
        triggers: (faces) => announced.take(faces),
        triggerFired({ nodeId, runId, at, text }) {
          const when = Date.parse(at)
          const begunAt = new Date(Number.isNaN(when) ? now() : when)
          insertFirings(db, [{ triggerId: nodeId, key: `itself ${runId}`, cause: 'itself', state: 'begun', dueAt: begunAt.getTime(), begunAt, runId, text }])
            .then(() => {
              follow(runId)
              changed()
            })
            .catch(trouble('a firing could not be stored'))
        },
      },
    },
    async settle() {
      await announced.stored()
      await ticking.tick()
    },
    async close() {
      announced.close()
      clearTimeout(publishing)
      await ticking.close()
    },
  }
}
