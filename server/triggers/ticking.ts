/** The triggers' own clock: it looks at what is due when BullMQ wakes it, and sweeps for what no wake told of. */
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Bull } from '../jobs/dispatch.ts'
import { type Clock, openClock } from './clock.ts'
import { clockWasSetBack, takeDue } from './due.ts'
import { scheduleIn } from './face.ts'
import type { Offers } from './offers.ts'
import { type Db, trimFirings } from './rows.ts'

const SWEEP_MS = 5000
/** BullMQ's schedulers are compared with the rows at every so many sweeps. */
const SWEEPS_TO_SYNC = 12
const TRIM_MS = 10 * 60_000
const KEEP = { perTrigger: 200, days: 30 }
/** A firing that another host took and did not bring within this time has lost its host. */
const LOST_HOST_MS = 60_000
/** What this computer's clock and its monotonic clock may differ by between two sweeps. */
const JUMP_MS = 1500
/** Beside a start nobody has seen the clock being set: another host's clock may be off by this. */
const OTHER_CLOCK_MS = 5 * 60_000

export interface Ticking {
  /** Takes up what an earlier life left. */
  start(): Promise<void>
  /** One at a time, however many wakes there are; resolves when what is due was brought, or put back. */
  tick(): Promise<void>
  tickSoon(): void
  /** The schedules have changed. */
  syncSoon(): Promise<void>
  close(): Promise<void>
}

/** Logs what keeps the triggers from their work. */
export const troubleIn = (log: Logger) => (what: string) => (error: unknown) => {
  if (error instanceof OperationalError) log.warn({ reason: messageOf(error) }, what)
  else log.error({ err: error }, what)
}

export function createTicking(deps: {
  db: Db
  log: Logger
  bull: Bull
  host: string
  offers: Pick<Offers, 'offer'>
  /** The runtime has triggers, so that firings can be brought. */
  isAnyThere: () => boolean
  /** Something became due. */
  onDue: () => void
  onChange: () => void
  /** Before each sweep. */
  onSweep: () => Promise<void>
  now: () => number
  /** Monotonic ms. */
  elapsed: () => number
  sweepMs?: number | undefined
}): Ticking {
  const { db, log, bull, host, offers, isAnyThere, onDue, onChange, onSweep, now, elapsed, sweepMs = SWEEP_MS } = deps
  const trouble = troubleIn(log)
  const timers: NodeJS.Timeout[] = []
  let clock: Clock | undefined
  let isClosed = false

  let again = false
  let ticking: Promise<void> | undefined
  const tickAll = async (): Promise<void> => {
    do {
      again = false
      if (await takeDue(db, now())) {
        onChange()
        onDue()
      }
      if (isAnyThere()) await offers.offer()
    } while (again && !isClosed)
  }
  /** One at a time, however many wakes there are. */
  const tick = (): Promise<void> => {
    again = true
    ticking ??= tickAll().finally(() => {
      ticking = undefined
    })
    return ticking
  }
  const tickSoon = () => void (isClosed || tick().catch(trouble('what is due could not be looked at')))

  let sinceWall = now()
  let sinceElapsed = elapsed()
  const lookAtClocks = async () => {
    const jumped = now() - sinceWall - (elapsed() - sinceElapsed)
    sinceWall = now()
    sinceElapsed = elapsed()
    if (Math.abs(jumped) < JUMP_MS) return
    log.warn({ jumpedMs: Math.round(jumped) }, 'the clock of this computer was set')
    if (jumped < 0 && (await clockWasSetBack(db, now(), 0))) onChange()
    await syncClock()
  }
  const syncClock = async () => {
    const rows = await db
      .selectFrom('trigger')
      .select(['id', 'face'])
      .where('nextDueAt', 'is not', null)
      .where('removedAt', 'is', null)
      .where('isOn', '=', true)
      .execute()
    await clock?.sync(
      new Map(
        rows.flatMap(({ id, face }) => {
          const schedule = scheduleIn(face)
          return schedule ? [[id, schedule] as const] : []
        }),
      ),
    )
  }
  const syncSoon = () => syncClock().catch(trouble('the clock of the triggers could not be set; the sweep goes on'))

  let sweeps = 0
  const sweep = async () => {
    sweeps += 1
    await onSweep()
    if (sweeps % SWEEPS_TO_SYNC === 0) void syncSoon()
    await lookAtClocks()
    // taken by a host that is gone, or that lost its runtime
    await db
      .updateTable('triggerFiring')
      .set({ state: 'due', host: null })
      .where('state', '=', 'offered')
      .where('cause', 'in', ['time', 'itself'])
      .where('offeredAt', '<', new Date(Date.now() - LOST_HOST_MS))
      .execute()
    await tick()
  }

  return {
    tick,
    tickSoon,
    syncSoon,
    async start() {
      clock = await openClock({ bull, log, onDue: tickSoon })
      // taken by this host's earlier life and perhaps not brought: it is brought again, and begins at most once
      await db
        .updateTable('triggerFiring')
        .set({ state: 'due', host: null })
        .where('state', '=', 'offered')
        .where('cause', 'in', ['time', 'itself'])
        .where('host', '=', host)
        .execute()
      await db
        .updateTable('triggerFiring')
        .set({ state: 'failed', reason: 'gateway-restarted' })
        .where('state', '=', 'offered')
        .where('cause', '=', 'by-hand')
        .where('host', '=', host)
        .execute()
      await clockWasSetBack(db, now(), OTHER_CLOCK_MS)
      await syncSoon()
      timers.push(setInterval(() => void sweep().catch(trouble('the sweep of the triggers failed')), sweepMs))
      timers.push(setInterval(() => void trimFirings(db, KEEP).catch(trouble('old firings could not be removed')), TRIM_MS))
      tickSoon()
    },
    async close() {
      isClosed = true
      for (const timer of timers) clearInterval(timer)
      await clock?.close()
      await ticking?.catch(() => {}) // said where it was asked for
    },
  }
}
