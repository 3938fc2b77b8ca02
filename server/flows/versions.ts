/** Flows, credentials and Node-RED's other documents in the database. Every deploy is a row that stays. */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { parseJsonInSlices, stringifyInSlices } from '../../base/json-slices.ts'
import { atOnce, inSteps, type Steps } from '../../base/steps.ts'
import type { FlowNode, FlowVersion } from '../api/index.ts'
import type { Database } from '../store/index.ts'
import { json } from '../store/index.ts'

interface FlowDiff {
  added: string[]
  removed: string[]
  changed: string[]
}

export interface CurrentFlows {
  versionId: string | undefined
  flows: FlowNode[]
  rev: string
}

/** What is deployed without its credentials; `sealed` is what the secrets part made of them. */
interface Saving {
  flows: FlowNode[]
  sealed: string | undefined
  author: string
  kind: string
  comment: string | undefined
  state: 'deployed' | 'restored'
  text?: string | undefined
  /** What it was made from: nothing else may have been deployed since. */
  onto?: string | undefined
  /** The installation and version that it was promoted from (server/environment/promotion). */
  promotedFrom?: unknown
  authorId?: string | undefined
  /** The second person, and what they approved. */
  approvedBy?: string | undefined
  requestId?: string | undefined
}

export interface Versions {
  /** The version that runs or should run: the newest that did not fail. */
  current(): Promise<CurrentFlows>
  /** The same without its flows. */
  newest(): Promise<{ id: string; rev: string; kind: string; number: number } | undefined>
  /** The newest number under which these flows were deployed. */
  numberOf(rev: string): Promise<number | undefined>
  /**
   * Writes a version, with the credentials in the same transaction; the set it replaces is kept for a way back.
   * @throws UserError version-mismatch when another host has deployed since
   */
  save(saving: Saving): Promise<{ versionId: string; rev: string; number: number }>
  /** The version could not be started: it no longer counts, and the credentials from before it are back. */
  fail(versionId: string, text: string): Promise<void>
  list(limit: number): Promise<FlowVersion[]>
  /** Says why a version was deployed. @throws UserError version-not-found */
  comment(versionId: string, comment: string): Promise<{ version: FlowVersion; before: string | undefined }>
  /** @throws UserError version-not-found */
  get(versionId: string): Promise<{ version: FlowVersion; number: number; flows: FlowNode[]; diff: FlowDiff }>
  document(what: string): Promise<unknown>
  setDocument(what: string, data: unknown): Promise<void>
  library(type: string, path: string): Promise<unknown>
  saveLibrary(entry: { type: string; path: string; meta: unknown; body: string }): Promise<void>
}

const CREDENTIALS = 'credentials'
/** The set before the newest version, with that version's id. */
const CREDENTIALS_BEFORE = 'credentials-before'

/** As Node-RED computes it (@node-red/runtime/lib/storage/index.js): the order of keys counts, so the column is `json`, not `jsonb`. */
function* revSteps(text: Buffer): Steps<string> {
  const hash = createHash('sha256')
  for (let from = 0; from < text.length; from += HASH_SLICE_BYTES) {
    hash.update(text.subarray(from, from + HASH_SLICE_BYTES))
    yield
  }
  return hash.digest('hex')
}
const HASH_SLICE_BYTES = 131_072
/** The revision of no flows at all. */
export const EMPTY_REV = atOnce(revSteps(Buffer.from('[]')))

function* diffSteps(before: readonly FlowNode[], after: readonly FlowNode[]): Steps<FlowDiff> {
  const old = new Map<string, FlowNode>()
  for (const node of before) {
    yield
    old.set(node.id, node)
  }
  const ids = new Set<string>()
  const diff: FlowDiff = { added: [], removed: [], changed: [] }
  for (const node of after) {
    yield
    ids.add(node.id)
    const was = old.get(node.id)
    if (!was) diff.added.push(node.id)
    else if (JSON.stringify(was) !== JSON.stringify(node)) diff.changed.push(node.id)
  }
  for (const { id } of before) if (!ids.has(id)) diff.removed.push(id)
  return diff
}

/** Ids of what was added, removed and changed. */
export const diffOf = (before: readonly FlowNode[], after: readonly FlowNode[]): Promise<FlowDiff> => inSteps(diffSteps(before, after))

export function createVersions(db: Kysely<Database>): Versions {
  type Queries = Pick<Kysely<Database>, 'selectFrom' | 'insertInto' | 'updateTable' | 'deleteFrom'>

  const currentOf = async (queries: Queries): Promise<CurrentFlows> => {
    const row = await queries
      .selectFrom('flowVersion')
      .select(['id', 'rev', flowsText])
      .where('state', '!=', 'failed')
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ? { versionId: row.id, flows: await flowsOf(row.flowsText), rev: row.rev } : { versionId: undefined, flows: [], rev: EMPTY_REV }
  }
  const put = async (queries: Queries, what: string, data: unknown) => {
    await queries
      .insertInto('runtimeDocument')
      .values({ what, data: json(data), at: new Date() })
      .onConflict((conflict) => conflict.column('what').doUpdateSet({ data: json(data), at: new Date() }))
      .execute()
  }
  const take = async (queries: Queries, what: string): Promise<unknown> =>
    (await queries.selectFrom('runtimeDocument').select('data').where('what', '=', what).executeTakeFirst())?.data ?? null

  return {
    current: () => currentOf(db),
    newest: () =>
      db
        .selectFrom('flowVersion')
        .select(['id', 'rev', 'kind', 'number'])
        .where('state', '!=', 'failed')
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst(),
    async numberOf(rev) {
      const row = await db
        .selectFrom('flowVersion')
        .select('number')
        .where('rev', '=', rev)
        .where('state', '!=', 'failed')
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.number
    },
    save: ({ flows, sealed, author, kind, comment, state, text, onto, promotedFrom, authorId, approvedBy, requestId }) =>
      db.transaction().execute(async (tx) => {
        // one writer at a time: the diff is against what really was there
        await sql`select pg_advisory_xact_lock(hashtext('cellwright flow version'))`.execute(tx)
        const before = await currentOf(tx)
        if (onto !== undefined && before.versionId !== onto)
          throw new UserError({
            code: 'version-mismatch',
            status: 409,
            message: 'The flows were changed by somebody else in the meantime. Load the current flows, bring in your change and deploy again.',
            details: { rev: before.rev },
          })
        const versionId = newId('ver')
        const written = await stringifyInSlices(flows)
        const rev = await inSteps(revSteps(written))
        const { number } = await tx
          .insertInto('flowVersion')
          .values({
            id: versionId,
            rev,
            // as it is: this text is what the revision was made of
            flows: written.toString(),
            diff: json(await inSteps(diffSteps(before.flows, flows))),
            author,
            at: sql<Date>`clock_timestamp()`,
            kind,
            state,
            comment: comment ?? null,
            text: text ?? null,
            promotedFrom: promotedFrom === undefined ? null : json(promotedFrom),
            authorId: authorId ?? null,
            approvedBy: approvedBy ?? null,
            requestId: requestId ?? null,
          })
          .returning('number')
          .executeTakeFirstOrThrow()
        await put(tx, CREDENTIALS_BEFORE, { versionId, sealed: await take(tx, CREDENTIALS) })
        if (sealed !== undefined) await put(tx, CREDENTIALS, sealed)
        return { versionId, rev, number }
      }),
    fail: (versionId, text) =>
      db.transaction().execute(async (tx) => {
        await tx.updateTable('flowVersion').set({ state: 'failed', text }).where('id', '=', versionId).execute()
        const before = (await take(tx, CREDENTIALS_BEFORE)) as { versionId: string; sealed: string | null } | null
        if (before?.versionId !== versionId) return
        if (before.sealed === null) await tx.deleteFrom('runtimeDocument').where('what', '=', CREDENTIALS).execute()
        else await put(tx, CREDENTIALS, before.sealed)
      }),
    async list(limit) {
      const rows = await db.selectFrom('flowVersion').select(columns).orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
      return rows.map(toVersion)
    },
    async get(versionId) {
      const row = await db
        .selectFrom('flowVersion')
        .select([...columns, 'number', flowsText])
        .where('id', '=', versionId)
        .executeTakeFirst()
      if (!row) throw notFound()
      return { version: toVersion(row), number: row.number, flows: await flowsOf(row.flowsText), diff: row.diff as FlowDiff }
    },
    async comment(versionId, comment) {
      const before = await db.selectFrom('flowVersion').select('comment').where('id', '=', versionId).executeTakeFirst()
      const row = await db
        .updateTable('flowVersion')
        .set({ comment: comment === '' ? null : comment })
        .where('id', '=', versionId)
        .returning(columns)
        .executeTakeFirst()
      if (!row) throw notFound()
      return { version: toVersion(row), before: before?.comment ?? undefined }
    },
    document: (what) => take(db, what),
    setDocument: (what, data) => put(db, what, data),
    async library(type, path) {
      const name = path.replace(/^\/+|\/+$/g, '')
      const entry = await db.selectFrom('runtimeLibrary').select('body').where('type', '=', type).where('path', '=', name).executeTakeFirst()
      if (entry) return entry.body
      // not an entry: a folder, listed as Node-RED's own storage does - names of folders, then entries with their meta data
      const below = name ? `${name}/` : ''
      const rows = await db.selectFrom('runtimeLibrary').select(['path', 'meta']).where('type', '=', type).orderBy('path').execute()
      const inside = rows.filter((row) => row.path.startsWith(below)).map((row) => ({ rest: row.path.slice(below.length), meta: row.meta }))
      const folders = new Set(inside.filter(({ rest }) => rest.includes('/')).map(({ rest }) => rest.slice(0, rest.indexOf('/'))))
      return [...folders, ...inside.filter(({ rest }) => !rest.includes('/')).map(({ rest, meta }) => ({ ...(meta as object), fn: rest }))]
    },
    async saveLibrary({ type, path, meta, body }) {
      const values = { type, path: path.replace(/^\/+|\/+$/g, ''), meta: json(meta ?? {}), body }
      await db
        .insertInto('runtimeLibrary')
        .values(values)
        .onConflict((conflict) => conflict.columns(['type', 'path']).doUpdateSet({ meta: values.meta, body }))
        .execute()
    },
  }
}

const columns = ['id', 'rev', 'author', 'at', 'kind', 'state', 'comment', 'text', 'diff'] as const
const notFound = () => new UserError({ code: 'version-not-found', status: 404, message: 'There is no version with this id.' })

/** As text: the driver would parse it in one piece. */
const flowsText = sql<string>`flows::text`.as('flowsText')
const flowsOf = async (text: string): Promise<FlowNode[]> => (await parseJsonInSlices(Buffer.from(text))) as FlowNode[]

function toVersion(row: {
  id: string
  rev: string
  author: string
  at: Date
  kind: string
  state: FlowVersion['state']
  comment: string | null
  text: string | null
  diff: unknown
}): FlowVersion {
  const { added, removed, changed } = row.diff as FlowDiff
  return {
    id: row.id,
    rev: row.rev,
    author: row.author,
    at: row.at.toISOString(),
    kind: row.kind,
    state: row.state,
    ...(row.comment === null ? {} : { comment: row.comment }),
    ...(row.text === null ? {} : { text: row.text }),
    changes: { added: added.length, removed: removed.length, changed: changed.length },
  }
}
