/**
 * Runs that own something which waits (a step, a person's answer, a due time): they do not end by settling, and stay
 * active when the runtime or the gateway goes away. Few and kept in memory too, since every end that the runtime tells is
 * held against them.
 */
import { type Kysely, sql } from 'kysely'
import type { Database, RunHeld } from '../store/tables.ts'
import type { TracedRun } from './trace.ts'

/** After a release the run may just be going on in the runtime, which tells of it a moment later. */
export const GRACE_MS = 2000

interface Held extends RunHeld {
  /** The runtime has told of it and not yet of its end. */
  isInRuntime: boolean
  /** Of an earlier life of the gateway, and not heard of since. */
  isLoaded?: boolean
  end?: NonNullable<TracedRun['end']>
  timer?: NodeJS.Timeout
}

/** How a held run ends once it is released. */
export interface HeldEnd {
  state: 'completed' | 'failed'
  endedAt: number
  text: string | undefined
  endedBySettling: boolean
}

export interface Holds {
  /** Reads those of an earlier life of the gateway. */
  load(): Promise<void>
  has(runId: string): boolean
  why(runId: string): string | undefined
  ids(): string[]
  list(): { id: string; why: string }[]
  hold(runId: string, why: string): Promise<void>
  release(runId: string): Promise<void>
  /** Let go in an earlier life of the gateway, and the runtime has told nothing of them since: they stay until it is known which life of the runtime had them. */
  unheard(): string[]
  /** The runtime that had them runs, and has told of all that it has: those end. */
  endUnheard(): void
  /** What the runtime tells of a held run; true: its end is kept back. */
  traced(run: TracedRun): boolean
  runtimeGone(): void
  /** The run has ended and that is stored. */
  drop(runId: string): Promise<void>
  close(): void
}

/** @param options.finish ends the run; called once nothing holds it and the runtime has nothing of it under way */
export function createHolds(options: {
  db: Kysely<Database> /** Whose they are. */
  host: string | null
  graceMs: number
  finish: (runId: string, end: HeldEnd) => void
}): Holds {
  const { db, host, graceMs, finish } = options
  const held = new Map<string, Held>()
  const store = (runId: string, { why, since, releasedAt, failed }: Held) =>
    sql`update run set held = ${JSON.stringify({ why, since, releasedAt, failed })}::jsonb, host = coalesce(${host}, host) where id = ${runId}`.execute(db)

  const endSoon = (runId: string, entry: Held) => {
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => {
      if (entry.isInRuntime || held.get(runId) !== entry) return
      held.delete(runId)
      finish(runId, {
        state: entry.failed === undefined ? 'completed' : 'failed',
        endedAt: Math.max(entry.end?.endedAt ?? 0, Date.parse(entry.releasedAt ?? '') || Date.now()),
        text: entry.failed ?? entry.end?.text,
        endedBySettling: entry.end?.endedBySettling ?? false,
      })
    }, graceMs)
    entry.timer.unref()
  }

  return {
    async load() {
      await sql`update run set held = null where held is not null and state <> 'active'`.execute(db)
      const rows = await db
        .selectFrom('run')
        .select(['id', 'held'])
        .where('held', 'is not', null)
        .$if(host !== null, (query) => query.where((e) => e.or([e('host', '=', host), e('host', 'is', null)])))
        .execute()
      for (const { id, held: found } of rows) {
        if (!found) continue
        const entry: Held = { ...found, isInRuntime: false, isLoaded: true }
        held.set(id, entry)
      }
    },
    has: (runId) => held.has(runId),
    why: (runId) => held.get(runId)?.why,
    ids: () => [...held.keys()],
    list: () => [...held].filter(([, entry]) => entry.releasedAt === undefined).map(([id, { why }]) => ({ id, why })),
    async hold(runId, why) {
      const known = held.get(runId)
      clearTimeout(known?.timer)
      const entry: Held = {
        why,
        since: known?.since ?? new Date().toISOString(),
        isInRuntime: known?.isInRuntime ?? false,
        ...(known?.failed === undefined ? {} : { failed: known.failed }),
      }
      held.set(runId, entry)
      try {
        await store(runId, entry)
      } catch (error) {
        if (held.get(runId) === entry) {
          if (known) held.set(runId, known)
          else held.delete(runId)
        }
        throw error
      }
    },
    async release(runId) {
      const entry = held.get(runId)
      if (!entry || entry.releasedAt !== undefined) return
      entry.releasedAt = new Date().toISOString()
      endSoon(runId, entry)
      await store(runId, entry)
    },
    traced(run) {
      const entry = held.get(run.id)
      if (!entry) return false
      entry.isInRuntime = run.end === undefined
      entry.isLoaded = false
      if (!run.end) return false
      entry.end = run.end
      if (run.end.state === 'failed' && entry.failed === undefined) {
        entry.failed = run.end.text ?? 'a step failed'
        // kept in memory as well; lost only if the gateway dies before the database is back
        store(run.id, entry).catch(() => {})
      }
      if (entry.releasedAt !== undefined) endSoon(run.id, entry)
      return true
    },
    unheard: () => [...held].filter(([, { isLoaded, releasedAt }]) => isLoaded && releasedAt !== undefined).map(([runId]) => runId),
    endUnheard() {
      for (const [runId, entry] of held) if (entry.isLoaded && entry.releasedAt !== undefined) endSoon(runId, entry)
    },
    runtimeGone() {
      for (const [runId, entry] of held) {
        entry.isInRuntime = false
        if (entry.releasedAt === undefined || entry.isLoaded) continue
        // it had just gone on, and its messages died with the runtime
        if (!entry.end || entry.end.endedAt < Date.parse(entry.releasedAt)) entry.failed ??= 'the flow runtime went away while the run was active'
        endSoon(runId, entry)
      }
    },
    async drop(runId) {
      clearTimeout(held.get(runId)?.timer)
      held.delete(runId)
      await sql`update run set held = null where id = ${runId}`.execute(db)
    },
    close() {
      for (const { timer } of held.values()) clearTimeout(timer)
    },
  }
}
