/**
 * Looks at the rows when the next one is due, when something changed, and every few seconds, and tells the runtime of those
 * that are to be looked at. It holds nothing worth losing: what it tells twice is found done.
 */
import { sql } from 'kysely'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Runtime } from '../flows/contract.ts'
import { type Db, keptParts, type StepRow, toWire } from './rows.ts'
import type { Wake } from './runtime-contract.ts'

/** Longest time without a look: clocks are set, and other hosts write. */
const LOOK_MS = 2000
const AT_ONCE = 500
const IN_PARALLEL = 32
/** A node that could not take its turn is asked again after so long. */
const AGAIN_MS = 2000
const TURN_MS = 60_000
/** A host that has said nothing for so long is gone (server/hosts beats for it): what it had in its flows is lost, and its steps go on elsewhere. */
const GONE_MS = 60_000
/** A clock that goes so much wrong within one look was set. */
const JUMP_MS = 5000

export interface Clock {
  /** Epoch ms. */
  now(): number
  /** Ms that only grow with time. */
  elapsed(): number
}

export interface Waker {
  /** The runtime's flows run: with which life, and which nodes take wakes. */
  ready(runtime: { life: string; nodeIds: readonly string[] }): void
  gone(): void
  /** The flows run without that node. */
  isMissing(nodeId: string): boolean
  /** A node that opens steps runs. */
  seen(nodeId: string): void
  /** Of what an earlier life of the runtime gave out, what is not lost; undefined when this life gave it out. */
  keptOf(row: StepRow): Promise<number[] | undefined>
  /** Something changed: looks at once. */
  poke(): void
  /** A step falls due at that time. */
  expect(at: number): void
  /** A turn of a step was stored. */
  turned(stepId: string): void
  counts: { woken: number; failed: number; jumps: number }
  close(): Promise<void>
}

export function createWaker(deps: {
  db: Db
  host: string
  runtime: Pick<Runtime, 'peer'>
  log: Logger
  clock: Clock
  /** A lease is over: who is next? */
  leaseOver(name: string): Promise<void>
  /** A step of a host that is gone is about to go on here. */
  adopt(row: StepRow): Promise<void>
  /** Steps of this node are not for this host, whatever becomes of theirs: its flow acts on a machine of another one. */
  isElsewhere(nodeId: string): boolean
  /** @defaultValue {@link GONE_MS} */
  goneMs?: number
}): Waker {
  const { db, host, runtime, log, clock, goneMs = GONE_MS } = deps
  const counts = { woken: 0, failed: 0, jumps: 0 }
  const busy = new Set<string>()
  const turned = new Set<string>()
  const later = new Map<string, number>()
  let running: { life: string; nodeIds: string[]; set: Set<string> } | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let isAskedAgain = false
  let isClosed = false
  let isAway = false
  let lookAt = 0
  /** Since when the database has answered every look. */
  let reachedSince = clock.elapsed()
  let seen = { now: clock.now(), elapsed: clock.elapsed() }

  /** A clock that was set moves what counts time gone by. */
  async function followClock(): Promise<void> {
    const next = { now: clock.now(), elapsed: clock.elapsed() }
    const jump = next.now - seen.now - (next.elapsed - seen.elapsed)
    if (Math.abs(jump) >= JUMP_MS) {
      await db
        .updateTable('step')
        .set({ dueAt: sql<Date>`"dueAt" + ${jump} * interval '1 millisecond'` })
        .where('state', '=', 'waiting')
        .where('host', '=', host)
        .where('isElapsed', '=', true)
        .where('dueAt', 'is not', null)
        .execute()
      counts.jumps += 1
      log.warn({ jumpMs: Math.round(jump) }, 'the clock was set; steps that count time gone by were moved with it')
    }
    seen = next
  }

  async function deliver(row: StepRow, life: string): Promise<void> {
    const now = clock.now()
    const cause: Wake = row.isOut && row.life !== life ? { kind: 'restart' } : row.wake !== null ? (row.wake as Wake) : { kind: 'due' }
    try {
      if (row.kind === 'lock' && row.isOut && row.key !== null && row.dueAt && row.dueAt.getTime() <= now) await deps.leaseOver(row.key)
      if (row.host !== host) await deps.adopt(row)
      await runtime.peer().call('wakeStep', { step: toWire(row, await keptOf(row)), cause }, { timeoutMs: TURN_MS })
      counts.woken += 1
      if (turned.has(row.id)) isAskedAgain = true
      else later.set(row.id, now + AGAIN_MS)
    } catch (error) {
      counts.failed += 1
      later.set(row.id, now + AGAIN_MS)
      log[error instanceof OperationalError ? 'debug' : 'warn']({ stepId: row.id, nodeId: row.nodeId, reason: messageOf(error) }, 'a step could not be woken')
    } finally {
      turned.delete(row.id)
      busy.delete(row.id)
    }
  }

  const keptOf = async (row: StepRow) => (running && row.isOut && row.life !== running.life ? keptParts(db, row, running.life) : undefined)

  async function lookOnce(): Promise<number> {
    await followClock()
    const at = running
    if (!at) return LOOK_MS
    const now = clock.now()
    for (const [id, until] of later) if (until <= now || until > now + AGAIN_MS) later.delete(id)
    const hidden = [...busy, ...later.keys()]
    const due = new Date(now)
    const nodes = sql.val(at.nodeIds)
    // a database that was away has silenced the other hosts as well
    const mayAdopt = clock.elapsed() - reachedSince > goneMs
    const ofGone = sql`(${mayAdopt} and not exists (select 1 from "jobHost" h where h.name = step.host and h."endedAt" is null
      and h.at > now() - make_interval(secs => ${goneMs / 1000})))`
    // each part has an index of its own (migration 006)
    const candidates = sql<{ id: string }>`
      select id from step where state = 'waiting' and wake is not null and (host = ${host} or ${ofGone})
      union select id from step where state = 'waiting' and "dueAt" <= ${due} and (host = ${host} or ${ofGone})
      union select id from step where state = 'waiting' and "isOut" and host = ${host} and life <> ${at.life}
      union select id from step where state = 'waiting' and "isOut" and host <> ${host} and ${ofGone}`
    const rows = await db
      .selectFrom('step')
      .selectAll()
      .where(sql<boolean>`id in (${candidates})`)
      .where('state', '=', 'waiting')
      .where(sql<boolean>`"nodeId" = any(${nodes}::text[])`)
      .$if(hidden.length > 0, (query) => query.where(sql<boolean>`id <> all(${sql.val(hidden)}::text[])`))
      .orderBy(sql`coalesce("dueAt", "changedAt")`)
      .limit(AT_ONCE)
      .execute()
    const queue = rows.filter((row) => !busy.has(row.id) && (row.host === host || !deps.isElsewhere(row.nodeId)))
    for (const { id } of queue) busy.add(id)
    // not waited for: one that is slow must not hold up the next look
    for (let lane = 0; lane < Math.min(IN_PARALLEL, queue.length); lane += 1) void work(queue, at.life)
    if (rows.length === AT_ONCE) return 20
    const next = await db
      .selectFrom('step')
      .select('dueAt')
      .where('state', '=', 'waiting')
      .where('host', '=', host)
      .where('dueAt', '>', due)
      .orderBy('dueAt')
      .limit(1)
      .executeTakeFirst()
    return next?.dueAt ? Math.min(LOOK_MS, Math.max(0, next.dueAt.getTime() - clock.now())) : LOOK_MS
  }

  async function work(queue: StepRow[], life: string): Promise<void> {
    for (let row = queue.shift(); row; row = queue.shift()) await deliver(row, life)
    if (!isAskedAgain) return
    isAskedAgain = false
    look()
  }

  function look(): void {
    if (isClosed) return
    if (looking) {
      isAskedAgain = true
      return
    }
    clearTimeout(timer)
    let pauseMs = LOOK_MS
    looking = lookOnce()
      .then(
        (next) => {
          pauseMs = next
          if (isAway) log.info('steps are looked after again')
          isAway = false
        },
        (error) => {
          reachedSince = clock.elapsed()
          if (!isAway && !isClosed) log.warn({ reason: messageOf(error) }, 'steps wait for the database')
          isAway = true
        },
      )
      .finally(() => {
        looking = undefined
        if (isClosed) return
        const isAgain = isAskedAgain && !isAway
        isAskedAgain = false
        plan(isAgain ? 0 : pauseMs)
      })
  }
  function plan(pauseMs: number): void {
    const ms = Math.min(LOOK_MS, Math.max(0, pauseMs))
    lookAt = clock.now() + ms
    timer = setTimeout(look, ms)
  }
  plan(0)

  return {
    counts,
    ready({ life, nodeIds }) {
      running = { life, nodeIds: [...nodeIds], set: new Set(nodeIds) }
      later.clear()
      look()
    },
    gone() {
      running = undefined
    },
    isMissing: (nodeId) => running !== undefined && !running.set.has(nodeId),
    seen(nodeId) {
      if (!running || running.set.has(nodeId)) return
      running.set.add(nodeId)
      running.nodeIds.push(nodeId)
    },
    keptOf,
    poke: look,
    expect(at) {
      if (isClosed || looking || at >= lookAt) return
      clearTimeout(timer)
      plan(at - clock.now())
    },
    turned: (stepId) => {
      if (busy.has(stepId)) turned.add(stepId)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      await looking
    },
  }
}
