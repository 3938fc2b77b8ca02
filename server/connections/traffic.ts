/** What went through connections: counted in memory, written once a second, so that thousands of messages cost one statement. */
import { type Kysely, sql } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Database } from '../store/index.ts'

const WRITE_MS = 1000

interface Counted {
  in: number
  lastInAt?: Date
  lastIn?: string
  out: number
  lastOutAt?: Date
  lastOut?: string
}

export interface Traffic {
  /** @param last what the newest was */
  cameIn(connectionId: string, count: number, last: string): void
  wentOut(connectionId: string, last: string): void
  /** What was written so far and what is still to be. */
  of(connectionIds: readonly string[]): Promise<Map<string, Counted>>
  /** Nothing more is written of this connection. */
  forget(connectionId: string): Promise<void>
  close(): Promise<void>
}

export function createTraffic({ db, log, onWritten }: { db: Kysely<Database>; log: Logger; onWritten: () => void }): Traffic {
  const fresh = new Map<string, Counted>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const counted = (id: string): Counted => {
    const one = fresh.get(id) ?? { in: 0, out: 0 }
    fresh.set(id, one)
    timer ??= setTimeout(() => {
      timer = undefined
      writing = writing.then(write)
    }, WRITE_MS)
    return one
  }
  const write = async (): Promise<void> => {
    const batch = [...fresh]
    if (!batch.length) return
    fresh.clear()
    try {
      for (const [id, { in: came, lastInAt, lastIn, out, lastOutAt, lastOut }] of batch)
        await sql`
          insert into "connectionTraffic" as t ("connectionId", "in", "lastInAt", "lastIn", "out", "lastOutAt", "lastOut")
          values (${id}, ${came}, ${lastInAt ?? null}, ${lastIn ?? null}, ${out}, ${lastOutAt ?? null}, ${lastOut ?? null})
          on conflict ("connectionId") do update set "in" = t."in" + excluded."in", "out" = t."out" + excluded."out",
            "lastInAt" = coalesce(excluded."lastInAt", t."lastInAt"), "lastIn" = coalesce(excluded."lastIn", t."lastIn"),
            "lastOutAt" = coalesce(excluded."lastOutAt", t."lastOutAt"), "lastOut" = coalesce(excluded."lastOut", t."lastOut")`.execute(db)
    } catch (error) {
      // figures for people: not worth holding anything up for
      log.warn({ reason: messageOf(error) }, 'what went through connections could not be counted')
    }
    onWritten()
  }

  return {
    cameIn(id, count, last) {
      const one = counted(id)
      one.in += count
      one.lastInAt = new Date()
      one.lastIn = last.slice(0, 300)
    },
    wentOut(id, last) {
      const one = counted(id)
      one.out += 1
      one.lastOutAt = new Date()
      one.lastOut = last.slice(0, 300)
    },
    async of(ids) {
      if (!ids.length) return new Map()
      const rows = await db.selectFrom('connectionTraffic').selectAll().where('connectionId', 'in', ids).execute()
      const found = new Map<string, Counted>()
      for (const { connectionId, in: came, out, lastInAt, lastIn, lastOutAt, lastOut } of rows)
        found.set(connectionId, {
          in: Number(came),
          out: Number(out),
          ...(lastInAt ? { lastInAt } : {}),
          ...(lastIn === null ? {} : { lastIn }),
          ...(lastOutAt ? { lastOutAt } : {}),
          ...(lastOut === null ? {} : { lastOut }),
        })
      for (const id of ids) {
        const more = fresh.get(id)
        const before = found.get(id)
        if (more) found.set(id, { ...before, ...more, in: (before?.in ?? 0) + more.in, out: (before?.out ?? 0) + more.out })
      }
      return found
    },
    async forget(id) {
      fresh.delete(id)
      await db.deleteFrom('connectionTraffic').where('connectionId', '=', id).execute()
    },
    async close() {
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}
