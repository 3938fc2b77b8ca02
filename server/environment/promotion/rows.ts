/** What was promoted here stands with the version that it made; what somebody chose for it is kept for the next time. */
import { type Kysely, sql } from 'kysely'
import { parseJsonInSlices } from '../../../base/json-slices.ts'
import type { FlowNode, FlowTest, PromotionManifest, TakenPromotion } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'
import type { PromotedPanel } from './panels.ts'
import type { ProgramToStore } from './programs.ts'

/** `flowVersion.promotedFrom`. */
export interface PromotedFrom {
  promotionId: string
  from: PromotionManifest['from']
  version: PromotionManifest['version']
  fingerprint: string
  /** In this version: what the next promotion from there is compared with. */
  nodeIds: string[]
  tests: FlowTest[]
  /** As they were saved here. */
  panels: PromotedPanel[]
  /** Name and content as they were left here; absent before programs went along. */
  programs?: { name: string; sha256: string }[]
  /** What comes after the deploy, until it has come. Of panels: which of `panels`, and the revision that somebody looked at. */
  placing?: { panels: { key: string; basedOn: number }[]; programs: ProgramToStore[] }
}

/** The version that runs, as long as something of its promotion is to be placed. */
export interface Unplaced {
  versionId: string
  promoted: PromotedFrom
  author: string
  reason: string | undefined
  /** A second person has let it through. */
  isApproved: boolean
}

export interface PromotionRows {
  list(limit: number): Promise<TakenPromotion[]>
  /** The newest from there that did not fail, with its nodes as they were deployed here. */
  last(fromId: string): Promise<{ promoted: PromotedFrom; nodes: FlowNode[] } | undefined>
  /** @param versionId this one, though a newer one may run already */
  unplaced(versionId?: string): Promise<Unplaced | undefined>
  placed(versionId: string): Promise<void>
  choices(fromId: string): Promise<Map<string, string>>
  remember(fromId: string, choices: ReadonlyMap<string, string>, by: string): Promise<void>
}

export function createPromotionRows(db: Kysely<Database>): PromotionRows {
  return {
    async list(limit) {
      const rows = await db
        .selectFrom('flowVersion')
        .select([
          'id',
          'author',
          'at',
          'comment',
          sql<
            Omit<PromotedFrom, 'nodeIds' | 'tests' | 'panels' | 'programs' | 'placing'>
          >`"promotedFrom" - 'nodeIds' - 'tests' - 'panels' - 'programs' - 'placing'`.as('promoted'),
        ])
        .where('promotedFrom', 'is not', null)
        .where('state', '!=', 'failed')
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ id, author, at, comment, promoted: { promotionId, from, version, fingerprint } }) => ({
        id: `${id}`,
        promotionId,
        from,
        version,
        fingerprint,
        versionId: id,
        ...(comment === null ? {} : { reason: comment }),
        by: author,
        at: at.toISOString(),
      }))
    },
    async last(fromId) {
      const row = await db
        .selectFrom('flowVersion')
        .select(['promotedFrom', sql<string>`flows::text`.as('flowsText')])
        .where('promotedFrom', 'is not', null)
        .where('state', '!=', 'failed')
        .where(sql`"promotedFrom" -> 'from' ->> 'id'`, '=', fromId)
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!row) return undefined
      const promoted = row.promotedFrom as PromotedFrom
      const ids = new Set(promoted.nodeIds)
      const flows = (await parseJsonInSlices(Buffer.from(row.flowsText))) as FlowNode[]
      return { promoted, nodes: flows.filter(({ id }) => ids.has(id)) }
    },
    async unplaced(versionId) {
      const newest = db
        .selectFrom('flowVersion')
        .select(['id', 'author', 'comment', 'requestId', 'promotedFrom'])
        .where('state', '!=', 'failed')
        .orderBy('number', 'desc')
        .limit(1)
      const row = await (versionId === undefined ? newest : newest.where('id', '=', versionId)).executeTakeFirst()
      const promoted = row?.promotedFrom as PromotedFrom | null | undefined
      if (!row || !promoted?.placing) return undefined
      return { versionId: row.id, promoted, author: row.author, reason: row.comment ?? undefined, isApproved: row.requestId !== null }
    },
    async placed(versionId) {
      await db.updateTable('flowVersion').set({ promotedFrom: sql`"promotedFrom" - 'placing'` }).where('id', '=', versionId).execute()
    },
    async choices(fromId) {
      const rows = await db.selectFrom('promotionChoice').select(['key', 'value']).where('fromId', '=', fromId).execute()
      return new Map(rows.map(({ key, value }) => [key, value]))
    },
    async remember(fromId, choices, by) {
      if (!choices.size) return
      const at = new Date()
      await db
        .insertInto('promotionChoice')
        .values([...choices].map(([key, value]) => ({ fromId, key, value, by, at })))
        .onConflict((conflict) =>
          conflict.columns(['fromId', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value'), by: eb.ref('excluded.by'), at: eb.ref('excluded.at') })),
        )
        .execute()
    },
  }
}
