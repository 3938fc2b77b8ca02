/** Causes and actions that people choose from: each change a new revision. */
import { sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { addToCatalogue, type CatalogueEntry, changeCatalogue, listCatalogue } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { QualityContext } from './context.ts'
import { type Db, whoIs } from './contract.ts'

interface Row {
  entryId: string
  revision: number
  kind: 'cause' | 'action'
  code: string | null
  title: string
  isRetired: boolean
}

/** Newest revisions, by title. */
export async function readCatalogue(db: Db, { entryId, retired = true }: { entryId?: string; retired?: boolean }): Promise<CatalogueEntry[]> {
  const { rows } = await sql<Row>`
    select * from (select distinct on ("entryId") "entryId", revision, kind, code, title, "isRetired" from "qualityCatalogue"
      ${entryId === undefined ? sql`` : sql`where "entryId" = ${entryId}`} order by "entryId", revision desc) newest
    ${retired ? sql`` : sql`where not "isRetired"`} order by kind, title, "entryId"`.execute(db)
  return rows.map(({ entryId: id, revision, kind, code, title, isRetired }) => ({ id, revision, kind, title, isRetired, ...(code === null ? {} : { code }) }))
}

export function catalogueRoutes({ store, audit, publish }: Pick<QualityContext, 'store' | 'audit' | 'publish'>): RouteHandler[] {
  const alone = <T>(work: (tx: Db) => Promise<T>) =>
    store.db.transaction().execute(async (tx) => {
      // two people who add the same title at once: one waits, and is told
      await sql`select pg_advisory_xact_lock(hashtext('quality-catalogue'))`.execute(tx)
      return work(tx)
    })
  const refuseSame = async (tx: Db, { id, kind, title }: { id?: string; kind: string; title: string }) => {
    const same = (await readCatalogue(tx, { retired: false })).find(
      (one) => one.kind === kind && one.id !== id && one.title.toLowerCase() === title.toLowerCase(),
    )
    if (same) throw new UserError({ code: 'catalogue-entry-exists', status: 409, message: `"${title}" is in the catalogue already.`, details: { id: same.id } })
  }
  return [
    handle(listCatalogue, ({ query: { retired } }) => readCatalogue(store.db, { retired })),
    handle(addToCatalogue, async ({ body, caller }) => {
      const title = body.title.trim()
      const id = newId('cau')
      const who = whoIs(caller)
      await alone(async (tx) => {
        await refuseSame(tx, { kind: body.kind, title })
        await tx
          .insertInto('qualityCatalogue')
          .values({
            entryId: id,
            revision: 1,
            kind: body.kind,
            code: body.code?.trim() || null,
            title,
            isRetired: body.isRetired,
            by: who.name,
            byId: who.id ?? null,
            reason: null,
          })
          .execute()
      })
      return told(id, caller)
    }),
    handle(changeCatalogue, async ({ params: { id }, body, caller }) => {
      const title = body.title.trim()
      const who = whoIs(caller)
      await alone(async (tx) => {
        const [before] = await readCatalogue(tx, { entryId: id })
        if (!before) throw new UserError({ code: 'catalogue-entry-not-found', status: 404, message: 'There is no such cause or action.' })
        if (!body.isRetired) await refuseSame(tx, { id, kind: before.kind, title })
        await tx
          .insertInto('qualityCatalogue')
          .values({
            entryId: id,
            revision: before.revision + 1,
            kind: before.kind,
            code: body.code?.trim() || null,
            title,
            isRetired: body.isRetired,
            by: who.name,
            byId: who.id ?? null,
            reason: body.reason ?? null,
          })
          .execute()
      })
      return told(id, caller)
    }),
  ]

  async function told(id: string, caller: Parameters<typeof whoIs>[0] & Parameters<QualityContext['audit']['record']>[0]['caller']): Promise<CatalogueEntry> {
    const [entry] = await readCatalogue(store.db, { entryId: id })
    if (!entry) throw new Error('an entry of the catalogue without a row')
    audit.record({ ...(caller ? { caller } : {}), action: 'changed the catalogue of causes and actions', target: entry.title, detail: entry })
    publish({ kind: 'changed', what: 'catalogue' })
    return entry
  }
}
