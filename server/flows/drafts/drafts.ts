/** Drafts: what people have drawn and not deployed. One a person, by revisions, so that two windows do not write over each other. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { parseJsonInSlices, stringifyInSlices } from '../../../base/json-slices.ts'
import type { FlowChanges, FlowDraft } from '../../api/index.ts'
import { type Database, json } from '../../store/index.ts'

interface DraftSaving {
  base: FlowDraft['base']
  changes: FlowChanges
  /** The revision this one follows; 0: there was none. */
  after: number
}

export interface Drafts {
  get(owner: string): Promise<FlowDraft | undefined>
  /** @throws UserError draft-stale (409) with the revision that is there */
  save(owner: string, saving: DraftSaving): Promise<{ revision: number; at: string }>
  /** Does nothing when there is none. @throws UserError draft-stale (409) */
  drop(owner: string, after: number): Promise<void>
}

export function createDrafts(db: Kysely<Database>): Drafts {
  const stale = async (owner: string) => {
    const there = await db.selectFrom('flowDraft').select(['revision', 'at']).where('owner', '=', owner).executeTakeFirst()
    return new UserError({
      code: 'draft-stale',
      status: 409,
      message: there
        ? 'You have changed these flows in another window since. Take what is there, or save over it.'
        : 'The draft was deployed or dropped in another window. Load the flows anew, or save what is here as a new draft.',
      details: { revision: there?.revision ?? 0, ...(there ? { at: there.at.toISOString() } : {}) },
    })
  }
  return {
    async get(owner) {
      const row = await db
        .selectFrom('flowDraft')
        // as text: the driver would parse it in one piece
        .select(['base', 'revision', 'at', sql<string>`changes::text`.as('text')])
        .where('owner', '=', owner)
        .executeTakeFirst()
      if (!row) return undefined
      return { base: row.base, changes: (await parseJsonInSlices(Buffer.from(row.text))) as FlowChanges, revision: row.revision, at: row.at.toISOString() }
    },
    async save(owner, { base, changes, after }) {
      const values = { base: json(base), changes: (await stringifyInSlices(withoutSecrets(changes))).toString(), at: new Date() }
      const saved =
        after === 0
          ? await db
              .insertInto('flowDraft')
              .values({ owner, ...values, revision: 1 })
              .onConflict((conflict) => conflict.column('owner').doNothing())
              .returning(['revision', 'at'])
              .executeTakeFirst()
          : await db
              .updateTable('flowDraft')
              .set({ ...values, revision: after + 1 })
              .where('owner', '=', owner)
              .where('revision', '=', after)
              .returning(['revision', 'at'])
              .executeTakeFirst()
      if (!saved) throw await stale(owner)
      return { revision: saved.revision, at: saved.at.toISOString() }
    },
    async drop(owner, after) {
      const gone = await db.deleteFrom('flowDraft').where('owner', '=', owner).where('revision', '=', after).returning('owner').executeTakeFirst()
      if (gone) return
      const there = await db.selectFrom('flowDraft').select('owner').where('owner', '=', owner).executeTakeFirst()
      if (there) throw await stale(owner)
    },
  }
}

/** Node-RED takes new passwords from a node's `credentials`. A draft is no place for them: they would lie there readable. */
function withoutSecrets(changes: FlowChanges): FlowChanges {
  if (!changes.put.some((node) => 'credentials' in node)) return changes
  return {
    ...changes,
    put: changes.put.map((node) => {
      const { credentials: _, ...rest } = node as typeof node & { credentials?: unknown }
      return rest
    }),
  }
}
