/** The sessions of a person, for themselves and for whoever manages accounts. Told by an id: the token itself is a key. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { SessionView } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Memory } from './memory.ts'

export interface Sessions {
  /** The one used last first. @param current the token of the one that asks */
  list(userId: string, current?: string): Promise<SessionView[]>
  /** @throws UserError `session-not-found` (404) */
  end(userId: string, sessionId: string): Promise<void>
}

export function createSessions({ db, memory }: { db: Kysely<Database>; memory: Memory }): Sessions {
  return {
    async list(userId, current) {
      const { rows } = await sql<{
        id: string
        token: string
        method: string | null
        createdAt: Date
        expiresAt: Date
        at: Date | null
        address: string | null
        agent: string | null
        isLocked: boolean
      }>`
        select s.id, s.token, s.method, s."createdAt", s."expiresAt", n.at, n.address, n.agent,
          exists (select from "lockedSession" l where l.token = s.token) as "isLocked"
        from session s left join "sessionSeen" n on n.token = s.token
        where s."userId" = ${userId} and s."expiresAt" > now()`.execute(db)
      const views = rows.map(({ id, token, method, createdAt, expiresAt, at, address, agent, isLocked }): SessionView => {
        const here = memory.sightOf(token)
        const seen = here && here.atMs >= (at?.getTime() ?? 0) ? { at: new Date(here.atMs), address: here.address, agent: here.agent } : { at, address, agent }
        return {
          id,
          ...(seen.agent ? { agent: seen.agent } : {}),
          ...(seen.address ? { address: seen.address } : {}),
          method: method ?? 'password',
          since: new Date(createdAt).toISOString(),
          ...(seen.at ? { lastSeenAt: seen.at.toISOString() } : {}),
          endsAt: new Date(expiresAt).toISOString(),
          isCurrent: token === current,
          isLocked,
        }
      })
      const last = ({ lastSeenAt, since }: SessionView) => lastSeenAt ?? since
      return views.sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || last(b).localeCompare(last(a)))
    },
    async end(userId, sessionId) {
      const row = await db.selectFrom('session').select('token').where('id', '=', sessionId).where('userId', '=', userId).executeTakeFirst()
      if (!row) throw new UserError({ code: 'session-not-found', status: 404, message: 'This session has ended already.' })
      memory.endSession(row.token)
      await db.deleteFrom('session').where('id', '=', sessionId).execute()
    },
  }
}
