/** The rows of documents, and what they are for the API. */
import { type Selectable, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { DocumentChoice, DocumentKind, DocumentMove, DocumentRevision, DocumentSummary, KindAndContent, QualityDocument } from '../../api/index.ts'
import { dueItems, lacks } from '../../api/quality/documents/complete.ts'
import { type DocumentState, type Move, type MoveName, movesFrom } from '../../api/quality/documents/workflow.ts'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../store/index.ts'
import type { Db } from '../contract.ts'
import { together } from './content.ts'
import { dayOf } from './numbers.ts'

export type DocumentRow = Selectable<Database['qualityDocument']>
export const contentOf = ({ kind, content }: Pick<DocumentRow, 'kind' | 'content'>): KindAndContent => together(kind, content)

/** @throws UserError document-not-found */
export async function findDocument(db: Db, id: string, isLocked = false): Promise<DocumentRow> {
  let query = db.selectFrom('qualityDocument').selectAll().where('id', '=', id)
  if (isLocked) query = query.forUpdate()
  const row = await query.executeTakeFirst()
  if (!row) throw new UserError({ code: 'document-not-found', status: 404, message: 'There is no document with this id.' })
  return row
}

/** The nearest day of what is to be done; null where nothing is. */
export const nextDay = (state: string, isOver: boolean, document: KindAndContent): string | null =>
  isOver ? null : (dueItems(state, document)[0]?.dueOn ?? null)

type Listed = Pick<
  DocumentRow,
  'id' | 'number' | 'kind' | 'state' | 'since' | 'revision' | 'machineId' | 'dueOn' | 'isFinal' | 'releases' | 'openedBy' | 'openedAt' | 'changedAt'
> & { title: string; part: string | null; severity: string | null; quantity: number | null; owner: string | null }
/** Without what is written in them: a control plan has hundreds of rows. */
const listed = (db: Db) =>
  db
    .selectFrom('qualityDocument')
    .select(['id', 'number', 'kind', 'state', 'since', 'revision', 'machineId', 'dueOn', 'isFinal', 'releases', 'openedBy', 'openedAt', 'changedAt'])
    .select([
      sql<string>`content ->> 'title'`.as('title'),
      sql<string | null>`content ->> 'part'`.as('part'),
      sql<string | null>`content ->> 'severity'`.as('severity'),
      sql<number | null>`case when jsonb_typeof(content -> 'quantity') = 'number' then (content ->> 'quantity')::int end`.as('quantity'),
      sql<string | null>`content ->> 'owner'`.as('owner'),
    ])

const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '')) as never

export function toSummary(row: Listed, now: Date): DocumentSummary {
  const {
    id,
    number,
    kind,
    state,
    since,
    revision,
    title,
    part,
    machineId,
    severity,
    quantity,
    owner,
    dueOn,
    isFinal,
    releases,
    openedBy,
    openedAt,
    changedAt,
  } = row
  return {
    id,
    number,
    kind,
    state: state as DocumentState,
    since: since.toISOString(),
    revision,
    title,
    ...given({ part, machineId, severity, quantity, owner, dueOn }),
    isOverdue: dueOn !== null && dueOn < dayOf(now),
    isFinal,
    releases,
    openedBy,
    openedAt: openedAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

const summaryOf = (row: DocumentRow, now: Date): DocumentSummary => {
  const { title, part, severity, quantity, owner } = row.content as { title: string; part?: string; severity?: string; quantity?: number; owner?: string }
  return toSummary({ ...row, title, part: part ?? null, severity: severity ?? null, quantity: quantity ?? null, owner: owner ?? null }, now)
}

/** Why somebody may not make a move; undefined where they may. */
export function whyNot(row: Pick<DocumentRow, 'askedById'>, { sense, needs }: Move, caller: Caller): DocumentMove['mayNot'] {
  if (!caller.capabilities.has(needs)) return 'right'
  if (sense !== 'yes' && sense !== 'no') return undefined
  if (row.askedById === caller.userId) return 'own'
  // a token can be anybody's, and so can the command line of this computer
  return caller.via !== 'session' || caller.isLocked ? 'in-person' : undefined
}

const DECISIONS: readonly string[] = ['approve', 'refuse']

/** The document as whoever asks may see and move it. */
export async function toDocument(db: Db, row: DocumentRow, caller: Caller, now: Date): Promise<QualityDocument> {
  const [decisions, followed, outdated] = await Promise.all([
    db
      .selectFrom('qualityDocumentRevision')
      .select(['act', 'by', 'at', 'revision', 'reason'])
      .where('documentId', '=', row.id)
      .where('act', 'in', DECISIONS)
      .orderBy('revision')
      .execute(),
    db
      .selectFrom('qualityDocument')
      .select(['id', 'number', 'kind', 'state', sql<string>`content ->> 'title'`.as('title')])
      .where(linkedTo('document', row.id))
      .orderBy('openedAt')
      .limit(100)
      .execute(),
    outdatedRows(db, row),
  ])
  const moves = movesFrom(row.kind, row.state).map(([move, rule]): DocumentMove => {
    const mayNot = whyNot(row, rule, caller)
    return {
      move,
      to: rule.to as DocumentState,
      sense: rule.sense,
      asksReason: rule.reason === true,
      ...(mayNot === undefined ? {} : { mayNot }),
      lacks: lacksOf(move, contentOf(row)),
    }
  })
  return {
    ...summaryOf(row, now),
    ...contentOf(row),
    ...given({ runId: row.runId, askedBy: row.askedBy }),
    moves,
    decisions: decisions.map(({ act, by, at, revision, reason }) => ({
      move: act as MoveName,
      isYes: act === 'approve',
      by,
      at: at.toISOString(),
      revision,
      ...given({ reason }),
    })),
    followed: followed.map(({ state, ...one }) => ({ ...one, state: state as DocumentState })),
    outdated,
  } as QualityDocument
}

export const lacksOf = (move: MoveName, { kind, content }: KindAndContent): string[] => lacks<DocumentKind>(kind, move, content as never)

/** Documents that have something as their evidence. */
const linkedTo = (kind: string | undefined, id: string) => sql<boolean>`(content -> 'links') @> ${JSON.stringify([{ kind, id }])}::jsonb`

/** Those that somebody asks for, newest first. */
export function chosenDocuments(db: Db, { kind, state, open, overdue, search, machineId, linkKind, linkId }: DocumentChoice, now: Date) {
  let rows = listed(db)
  if (kind !== undefined) rows = rows.where('kind', '=', kind)
  if (state !== undefined) rows = rows.where('state', '=', state)
  if (open || overdue) rows = rows.where('isFinal', '=', false)
  if (overdue) rows = rows.where('dueOn', '<', dayOf(now))
  if (machineId !== undefined) rows = rows.where('machineId', '=', machineId)
  if (linkId !== undefined) rows = rows.where(linkedTo(linkKind, linkId))
  for (const word of (search ?? '').toLowerCase().split(/\s+/).filter(Boolean)) rows = rows.where('words', 'like', `%${word.replace(/[\\%_]/g, '\\$&')}%`)
  return rows.orderBy('openedAt', 'desc').orderBy('id', 'desc')
}

async function outdatedRows(db: Db, row: DocumentRow): Promise<QualityDocument['outdated']> {
  const { kind, content } = contentOf(row)
  if (kind !== 'control-plan') return []
  const made = content.rows.flatMap((one) =>
    one.characteristicId !== undefined && one.characteristicRevision !== undefined
      ? [{ rowId: one.id, id: one.characteristicId, was: one.characteristicRevision }]
      : [],
  )
  if (made.length === 0) return []
  const ids = [...new Set(made.map(({ id }) => id))]
  const found = await db.selectFrom('characteristic').select(['id', 'revision', 'isRetired']).where('id', 'in', ids).execute()
  const now = new Map(found.map((one) => [one.id, one]))
  return made.flatMap(({ rowId, id, was }) => {
    const is = now.get(id)
    return is && (is.revision !== was || is.isRetired) ? [{ rowId, revision: is.revision, isRetired: is.isRetired }] : []
  })
}

type RevisionRow = Selectable<Database['qualityDocumentRevision']>
export const toRevision = ({ revision, state, act, by, at, reason }: Omit<RevisionRow, 'content' | 'documentId' | 'byId'>): DocumentRevision => ({
  revision,
  state: state as DocumentState,
  act: act as DocumentRevision['act'],
  by,
  at: at.toISOString(),
  ...given({ reason }),
})
