/** The rows of imports, as values. What stands in a draft is pending until flows are deployed in which it is found. */
import type { Kysely, Selectable } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { FlowNode, FlowTest } from '../api/index.ts'
import { sameJson } from '../api/same-json.ts'
import { type Database, json } from '../store/index.ts'
import type { BroughtPanel, PanelChoices } from './panels/place.ts'

interface BroughtProgram {
  name: string
  programId: string
  sha256: string
}

/** One state of an import: what was made, from which version. */
export interface ImportState {
  version: string
  name: string
  title: string | null
  parameters: Record<string, unknown>
  ids: [string, string][]
  base: FlowNode[]
  tests: FlowTest[]
  programs: BroughtProgram[]
  /** Of what is deployed: as they stand on panels. Of what is pending: as they shall. */
  panels: BroughtPanel[]
  /** Of what is pending; absent: panels stay as they are. */
  panelChoices?: PanelChoices
  signer: string | null
}

export interface ImportRow {
  id: string
  templateId: string
  n: number
  at: Date
  by: string
  /** As it is deployed. */
  now?: ImportState
  pending?: ImportState
}

const toRow = (row: Selectable<Database['templateImport']>): ImportRow => {
  const { version, name, title, signer } = row
  const base = row.base as FlowNode[] | null
  return {
    id: row.id,
    templateId: row.templateId,
    n: row.n,
    at: row.at,
    by: row.by,
    ...(base === null
      ? {}
      : {
          now: {
            version,
            name,
            title,
            signer,
            base,
            parameters: row.parameters as Record<string, unknown>,
            ids: row.ids as [string, string][],
            tests: row.tests as FlowTest[],
            programs: row.programs as BroughtProgram[],
            panels: row.panels as BroughtPanel[],
          },
        }),
    // one that an older version of the product wrote has no panels
    ...(row.pending === null ? {} : { pending: { panels: [], ...(row.pending as Omit<ImportState, 'panels'>) } }),
  }
}

/** What it is, deployed or not yet. */
export const stateOf = ({ now, pending }: Pick<ImportRow, 'now' | 'pending'>): ImportState => {
  const state = now ?? pending
  if (!state) throw new Error('an import without a state')
  return state
}

/** What happens with a change of a row, or not at all. */
type Also = (db: Kysely<Database>) => Promise<unknown>

export interface ImportRows {
  list(): Promise<ImportRow[]>
  /** @throws UserError import-not-found */
  find(id: string): Promise<ImportRow>
  /** Before it is deployed. */
  putPending(row: Pick<ImportRow, 'id' | 'templateId' | 'n' | 'by'>, pending: ImportState): Promise<void>
  /** It came to nothing: a new import is gone, an older one is as it was. */
  dropPending(id: string): Promise<void>
  /** @param also in the same transaction */
  promote(id: string, state: ImportState, also: Also): Promise<void>
  remove(id: string, also: Also): Promise<void>
}

export function createImportRows(db: Kysely<Database>): ImportRows {
  const columnsOf = ({ version, name, title, parameters, ids, base, tests, programs, panels, signer }: ImportState) => ({
    version,
    name,
    title,
    signer,
    parameters: json(parameters),
    ids: json(ids),
    base: json(base),
    tests: json(tests),
    programs: json(programs),
    panels: json(panels),
  })
  return {
    async list() {
      return (await db.selectFrom('templateImport').selectAll().orderBy('at').orderBy('id').execute()).map(toRow)
    },
    async find(id) {
      const row = await db.selectFrom('templateImport').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row) throw new UserError({ code: 'import-not-found', status: 404, message: 'There is no such import any more. Look at the list of imports again.' })
      return toRow(row)
    },
    async putPending({ id, templateId, n, by }, pending) {
      await db
        .insertInto('templateImport')
        .values({ id, templateId, n, by, ...columnsOf(pending), base: null, pending: json(pending) })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ pending: json(pending) }))
        .execute()
    },
    async dropPending(id) {
      await db.deleteFrom('templateImport').where('id', '=', id).where('base', 'is', null).execute()
      await db.updateTable('templateImport').set({ pending: null }).where('id', '=', id).execute()
    },
    async promote(id, state, also) {
      await db.transaction().execute(async (tx) => {
        await tx
          .updateTable('templateImport')
          .set({ ...columnsOf(state), pending: null })
          .where('id', '=', id)
          .execute()
        await also(tx)
      })
    },
    async remove(id, also) {
      await db.transaction().execute(async (tx) => {
        await tx.deleteFrom('templateImport').where('id', '=', id).execute()
        await also(tx)
      })
    },
  }
}

/**
 * Was what is pending deployed? It was when the flows hold something that only the pending state made: a new node, or one that is
 * exactly as it made it and not as it was before.
 */
export function isDeployed({ now, pending }: ImportRow, flows: ReadonlyMap<string, FlowNode>): boolean {
  if (!pending) return false
  const before = new Map(now?.base.map((node) => [node.id, node]))
  const changed = pending.base.filter((node) => !sameJson(before.get(node.id), node))
  const removed = [...before.keys()].filter((id) => !pending.base.some((node) => node.id === id))
  // nothing to tell the two apart by
  if (!changed.length && !removed.length) return true
  return changed.some((node) => {
    const here = flows.get(node.id)
    return here !== undefined && (!before.has(node.id) || sameJson(here, node))
  })
}
