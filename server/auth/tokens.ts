/** API tokens of our own: 256 random bits, shown once, kept as SHA-256. */
import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { ApiToken, BodyOf, createToken } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { Caller } from './caller.ts'
import { LOCAL_USER, type Memory, sha256 } from './memory.ts'
import { beyond } from './rights.ts'

/** A new token's text. The prefix lets secret scanners and people recognise it. */
export const newTokenText = () => `cw_${randomBytes(32).toString('base64url')}`

export interface Tokens {
  /** Those of a person that count. */
  list(person: Pick<Caller, 'userId' | 'name'>): Promise<ApiToken[]>
  /** @throws UserError `role-too-wide` (403), `role-unknown` */
  create(caller: Caller, request: BodyOf<typeof createToken>): Promise<{ token: string; info: ApiToken }>
  /** One's own; for those who manage accounts anybody's whom they may change, which `mayChange` throws for. @throws UserError `token-not-found` (404) */
  revoke(caller: Caller, tokenId: string, mayChange: (userId: string) => Promise<void>): Promise<void>
  /** @throws UserError `token-not-found` (404) */
  revokeOf(userId: string, tokenId: string): Promise<void>
}

export function createTokens(options: { db: Kysely<Database>; memory: Memory }): Tokens {
  const { db, memory } = options
  /** @param userId nobody's in particular when left out */
  const revoke = async (tokenId: string, userId: string | undefined): Promise<void> => {
    let query = db.updateTable('apiToken').set({ revokedAt: new Date() }).where('id', '=', tokenId).where('revokedAt', 'is', null)
    if (userId !== undefined) query = query.where('userId', '=', userId)
    const result = await query.executeTakeFirst()
    if (result.numUpdatedRows === 0n)
      throw new UserError({ code: 'token-not-found', status: 404, message: 'There is no such token, or it is revoked already.' })
    memory.endToken(tokenId)
  }
  return {
    async list({ userId, name }) {
      const rows = await db
        .selectFrom('apiToken')
        .selectAll()
        .where('userId', '=', userId)
        .where('revokedAt', 'is', null)
        .where((where) => where.or([where('expiresAt', 'is', null), where('expiresAt', '>', new Date())]))
        .orderBy('createdAt', 'desc')
        .execute()
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        role: memory.rightsOf(row.role).id,
        createdBy: name,
        createdAt: row.createdAt.toISOString(),
        ...(row.expiresAt ? { expiresAt: row.expiresAt.toISOString() } : {}),
        ...(row.lastUsedAt ? { lastUsedAt: row.lastUsedAt.toISOString() } : {}),
      }))
    },
    async create(caller, { name, role = caller.ownRole?.id ?? caller.role, expiresInDays }) {
      const rights = memory.rightsOf(role)
      if (rights.id !== role) throw new UserError({ code: 'role-unknown', message: `There is no role "${role}" any more. Choose another.` })
      const missing = beyond(rights.capabilities, caller.capabilities)
      if (missing.length)
        throw new UserError({
          code: 'role-too-wide',
          status: 403,
          message: `A token of role "${rights.name ?? role}" could do what you may not (${missing.join(', ')}). Choose a role within your own rights.`,
          details: { role: rights.name ?? role, more: missing },
        })
      const text = newTokenText()
      const createdAt = new Date()
      const expiresAt = expiresInDays === undefined ? undefined : new Date(createdAt.getTime() + expiresInDays * 86_400_000)
      const token = { id: newId('tok'), name, sha256: sha256(text), role, userId: caller.userId }
      await db
        .insertInto('apiToken')
        .values({ ...token, createdAt, expiresAt: expiresAt ?? null })
        .execute()
      memory.putToken({ ...token, expiresAtMs: expiresAt?.getTime() })
      const info: ApiToken = {
        id: token.id,
        name,
        role,
        createdBy: caller.name,
        createdAt: createdAt.toISOString(),
        ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
      }
      return { token: text, info }
    },
    async revoke(caller, tokenId, mayChange) {
      if (!caller.capabilities.has('accounts.manage')) return revoke(tokenId, caller.userId)
      const row = await db.selectFrom('apiToken').select('userId').where('id', '=', tokenId).where('revokedAt', 'is', null).executeTakeFirst()
      // the command line's are nobody's account
      if (row && row.userId !== caller.userId && row.userId !== LOCAL_USER) await mayChange(row.userId)
      await revoke(tokenId, undefined)
    },
    revokeOf: (userId, tokenId) => revoke(tokenId, userId),
  }
}
