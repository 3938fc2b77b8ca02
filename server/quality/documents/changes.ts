/** What changes a document: it is opened, saved, moved on. Each is a revision that stays, written in one transaction with where that leaves the document. */
import { sql, type Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { BodyOf, DocumentKind, KindAndContent, moveDocument, saveDocument } from '../../api/index.ts'
import { isFinal, type MoveName, workflowOf } from '../../api/quality/documents/workflow.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Caller } from '../../auth/caller.ts'
import { type Database, json, type Store } from '../../store/index.ts'
import { type Who, whoIs } from '../contract.ts'
import { checkWrites, readContent, wordsOf } from './content.ts'
import { takeNumber } from './numbers.ts'
import { contentOf, type DocumentRow, findDocument, lacksOf, nextDay, whyNot } from './rows.ts'

interface Opening {
  kind: DocumentKind
  content: unknown
  key: string
  who: Who
  reason?: string | undefined
  runId?: string | undefined
  nodeId?: string | undefined
}

interface Revision {
  act: MoveName | 'save'
  state: string
  document: KindAndContent
  who: Who
  reason?: string | undefined
}

export interface DocumentChanges {
  /**
   * @returns the document of that key, and whether it is new
   * @throws UserError `document-key-used`, and what is wrong with the content
   */
  open(opening: Opening): Promise<{ row: DocumentRow; isNew: boolean }>
  /** @returns it with a new revision, unless it is what it was. @throws UserError `document-changed`, `not-allowed`, and what is wrong with the content */
  save(id: string, body: BodyOf<typeof saveDocument>, caller: Caller): Promise<DocumentRow>
  /** @throws UserError `document-changed`, `move-not-possible`, `document-incomplete`, `reason-missing`, and what is not allowed to the caller */
  move(id: string, body: BodyOf<typeof moveDocument>, caller: Caller): Promise<DocumentRow>
}

export function createChanges({ db, clock }: { db: Store['db']; clock: () => Date }): DocumentChanges {
  /** Writes the next revision of a document together with where that leaves it. */
  const write = async (tx: Transaction<Database>, row: DocumentRow, next: Revision): Promise<DocumentRow> => {
    const { act, state, document, who, reason } = next
    const revision = row.revision + 1
    const isOver = isFinal(row.kind, state)
    const now = clock()
    const rule = act === 'save' ? undefined : workflowOf(row.kind).moves[act]
    await tx
      .insertInto('qualityDocumentRevision')
      .values({
        documentId: row.id,
        revision,
        state,
        act,
        content: json(document.content),
        by: who.name,
        byId: who.id ?? null,
        reason: reason?.trim() || null,
        at: now,
      })
      .execute()
    const hasDecided = row.kind === 'ncr' && (act === 'approve' || act === 'withdraw')
    return tx
      .updateTable('qualityDocument')
      .set({
        revision,
        state,
        content: json(document.content),
        words: wordsOf(row.number, document.content),
        machineId: machineOf(document),
        dueOn: nextDay(state, isOver, document),
        isFinal: isOver,
        changedAt: now,
        ...(act === 'save' ? {} : { since: now, askedBy: rule?.sense === 'ask' ? who.name : null, askedById: rule?.sense === 'ask' ? (who.id ?? null) : null }),
        ...(act === 'approve' && row.kind === 'control-plan' ? { releases: row.releases + 1 } : {}),
        ...(hasDecided ? { isTold: false } : {}),
      })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  const open = async ({ kind, content, key, who, reason, runId, nodeId }: Opening): Promise<{ row: DocumentRow; isNew: boolean }> => {
    const document = readContent(kind, content)
    const now = clock()
    const opened = await db.transaction().execute(async (tx) => {
      // who comes twice at once waits here, and then finds it: a number is never taken in vain
      await sql`select pg_advisory_xact_lock(hashtext('quality document'), hashtext(${key}))`.execute(tx)
      const there = await tx.selectFrom('qualityDocument').selectAll().where('key', '=', key).executeTakeFirst()
      if (there) return { row: there, isNew: false }
      const id = newId('qdc')
      const number = await takeNumber(tx, kind, now)
      const { begins } = workflowOf(kind)
      const row = await tx
        .insertInto('qualityDocument')
        .values({
          id,
          kind,
          number,
          state: begins,
          since: now,
          revision: 1,
          content: json(document.content),
          words: wordsOf(number, document.content),
          machineId: machineOf(document),
          dueOn: nextDay(begins, false, document),
          key,
          runId: runId ?? null,
          nodeId: nodeId ?? null,
          openedBy: who.name,
          openedById: who.id ?? null,
          openedAt: now,
          changedAt: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      await tx
        .insertInto('qualityDocumentRevision')
        .values({
          documentId: id,
          revision: 1,
          state: begins,
          act: 'open',
          content: json(document.content),
          by: who.name,
          byId: who.id ?? null,
          reason: reason?.trim() || null,
          at: now,
        })
        .execute()
      return { row, isNew: true }
    })
    if (opened.row.kind !== kind)
      throw new UserError({ code: 'document-key-used', status: 409, message: `This key was used for ${opened.row.number}, a document of another kind.` })
    return opened
  }

  /** The row for a change that was decided on its revision. @throws UserError document-not-found, document-changed */
  const locked = async (tx: Transaction<Database>, id: string, revision: number): Promise<DocumentRow> => {
    const row = await findDocument(tx, id, true)
    if (row.revision === revision) return row
    throw new UserError({
      code: 'document-changed',
      status: 409,
      message: `Somebody else has changed ${row.number} meanwhile. Look at what is there now, then do it again.`,
      details: { revision: row.revision },
    })
  }

  const save = (id: string, body: BodyOf<typeof saveDocument>, caller: Caller): Promise<DocumentRow> =>
    db.transaction().execute(async (tx) => {
      const before = await locked(tx, id, body.revision)
      mayWriteKind(before.kind, caller)
      const document = readContent(before.kind, body.content)
      if (sameJson(before.content, document.content)) return before
      checkWrites(before.kind, before.state, before.content, document.content)
      return write(tx, before, { act: 'save', state: before.state, document, who: whoIs(caller), reason: body.reason })
    })

  const move = async (row: DocumentRow, name: MoveName, caller: Caller, given: { reason?: string | undefined }, tx: Transaction<Database>) => {
    const rule = workflowOf(row.kind).moves[name]
    if (!rule?.from.includes(row.state))
      throw new UserError({
        code: 'move-not-possible',
        status: 409,
        message: `${row.number} is in the state “${row.state}”, from which “${name}” does not lead on. Look at it again.`,
        details: { state: row.state, move: name },
      })
    const problem = whyNot(row, rule, caller)
    if (problem !== undefined) throw refused(problem, row)
    if (rule.reason && !given.reason?.trim()) throw new UserError({ code: 'reason-missing', message: 'Say why: it stands in the history of the document.' })
    const document = contentOf(row)
    const missing = lacksOf(name, document)
    if (missing.length)
      throw new UserError({
        code: 'document-incomplete',
        message: `Before this, fill in what is missing in ${row.number}: ${missing.join(', ')}.`,
        details: { lacks: missing },
      })
    return write(tx, row, { act: name, state: rule.to, document, who: whoIs(caller), reason: given.reason })
  }

  return {
    open,
    save,
    move: (id, body, caller) => db.transaction().execute(async (tx) => move(await locked(tx, id, body.revision), body.move, caller, body, tx)),
  }
}

/** @throws UserError not-allowed */
export function mayWriteKind(kind: DocumentKind, caller: Caller): void {
  if (kind !== 'ncr' && !caller.capabilities.has('quality.edit'))
    throw new UserError({
      code: 'not-allowed',
      status: 403,
      message: 'With your role you may write nonconformance reports. Other documents of quality take the right to change quality.',
    })
}

const machineOf = ({ content }: KindAndContent): string | null => ('machineId' in content ? (content.machineId ?? null) : null)

function refused(problem: NonNullable<ReturnType<typeof whyNot>>, { number, askedBy }: DocumentRow): UserError {
  switch (problem) {
    case 'right':
      return new UserError({ code: 'not-allowed', status: 403, message: 'Your role does not include the right to do this.' })
    case 'own':
      return new UserError({ code: 'own-request', status: 403, message: `You asked for this yourself: a second person has to decide on ${number}.` })
    case 'in-person':
      return new UserError({
        code: 'approve-in-person',
        status: 403,
        message: `Only somebody who is signed in themselves can decide what ${askedBy ?? 'somebody'} asked for: an API token could be anybody. Open ${number} in a browser.`,
      })
  }
}
