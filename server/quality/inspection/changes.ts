/** What changes an inspection: it is begun, its forms are filled, people put their names to it. Each is one transaction, with its act in the history. */
import { sql, type Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { type BodyOf, type InspectionForms, lacksOf, type moveInspection, type saveInspectionForms } from '../../api/index.ts'
import { numberingOf } from '../../api/quality/documents/numbering.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Caller } from '../../auth/caller.ts'
import { type Database, json, type Store } from '../../store/index.ts'
import { type QualityCore, type Who, whoIs } from '../contract.ts'
import { takeNext } from '../numbers.ts'
import { findInspection, type InspectionRow, isPossible, mustBeOpen, type PlanRow, planOf, resultsOf, whyNot } from './read.ts'

interface Begin {
  plan: PlanRow
  key: string
  who: Who
  serials: string[]
  lot?: string | undefined
  quantity: number
  workOrder?: string | undefined
  runId?: string | undefined
  nodeId?: string | undefined
}

export interface InspectionChanges {
  /**
   * @returns the inspection of that key, and whether it is new
   * @throws UserError `serials-too-many`, `inspection-plan-retired`
   */
  begin(begin: Begin): Promise<{ row: InspectionRow; isNew: boolean }>
  /** @returns it with a new revision, unless the forms are what they were. @throws UserError `inspection-changed`, `inspection-signed` */
  saveForms(id: string, body: BodyOf<typeof saveInspectionForms>, caller: Caller): Promise<InspectionRow>
  /** @throws UserError `inspection-changed`, `move-not-possible`, `inspection-incomplete`, `reason-missing`, and what is not allowed to the caller */
  move(id: string, body: BodyOf<typeof moveInspection>, caller: Caller): Promise<InspectionRow>
}

export function createChanges(deps: { db: Store['db']; core: Pick<QualityCore, 'measurements'>; clock: () => Date }): InspectionChanges {
  const { db, core, clock } = deps

  const act = (
    tx: Transaction<Database>,
    { id, revision }: Pick<InspectionRow, 'id' | 'revision'>,
    what: { act: string; who: Who; reason?: string | undefined; forms?: InspectionForms },
  ) =>
    tx
      .insertInto('inspectionAct')
      .values({
        inspectionId: id,
        revision,
        act: what.act,
        reason: what.reason?.trim() || null,
        by: what.who.name,
        byId: what.who.id ?? null,
        at: clock(),
        ...(what.forms === undefined ? {} : { forms: json(what.forms) }),
      })
      .execute()

  /** The row for a change that was decided on its revision. */
  const locked = async (tx: Transaction<Database>, id: string, revision: number): Promise<InspectionRow> => {
    const row = await findInspection(tx, id, true)
    if (row.revision === revision) return row
    throw new UserError({
      code: 'inspection-changed',
      status: 409,
      message: `Somebody else has changed ${row.number} meanwhile. Look at what is there now, then do it again.`,
      details: { revision: row.revision },
    })
  }

  const begin = async ({ plan, key, who, serials, lot, quantity, workOrder, runId, nodeId }: Begin): Promise<{ row: InspectionRow; isNew: boolean }> => {
    const { definition } = plan
    if (serials.length > quantity)
      throw new UserError({
        code: 'serials-too-many',
        message: `There are ${serials.length} serial numbers for ${quantity} parts. Say how many parts are inspected.`,
      })
    const now = clock()
    return db.transaction().execute(async (tx) => {
      // who comes twice at once waits here, and then finds it: a number is never taken in vain
      await sql`select pg_advisory_xact_lock(hashtext('inspection'), hashtext(${key}))`.execute(tx)
      const there = await tx.selectFrom('inspection').selectAll().where('key', '=', key).executeTakeFirst()
      if (there) return { row: there, isNew: false }
      if (plan.isRetired)
        throw new UserError({
          code: 'inspection-plan-retired',
          message: `The plan of ${plan.part} is not used any more. Choose another, or take it back into use.`,
        })
      const id = newId('ins')
      const number = await takeNext(tx, numberingOf(definition.isFirstArticle ? 'FAIR-{YYYY}-{####}' : 'INS-{YYYY}-{####}', String(now.getFullYear())))
      const forms: InspectionForms = { one: { assembly: [] }, two: definition.product }
      const row = await tx
        .insertInto('inspection')
        .values({
          id,
          number,
          planId: plan.id,
          planRevision: plan.revision,
          state: 'open',
          revision: 1,
          part: definition.part,
          partName: definition.partName,
          isFirstArticle: definition.isFirstArticle,
          serials,
          lot: lot ?? null,
          quantity,
          workOrder: workOrder ?? null,
          forms: json(forms),
          words: [number, definition.part, definition.partName, lot, workOrder, ...serials].filter(Boolean).join(' ').toLowerCase(),
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
      await act(tx, row, { act: 'open', who })
      return { row, isNew: true }
    })
  }

  const saveForms = (id: string, { forms, revision }: BodyOf<typeof saveInspectionForms>, caller: Caller): Promise<InspectionRow> => {
    return db.transaction().execute(async (tx) => {
      const before = await locked(tx, id, revision)
      mustBeOpen(before)
      if (sameJson(before.forms, forms)) return before
      const next = await tx
        .updateTable('inspection')
        .set({ forms: json(forms), revision: revision + 1, changedAt: clock() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await act(tx, next, { act: 'forms', who: whoIs(caller), forms })
      return next
    })
  }

  const move = (id: string, { move: name, revision, reason }: BodyOf<typeof moveInspection>, caller: Caller): Promise<InspectionRow> =>
    db.transaction().execute(async (tx) => {
      const row = await locked(tx, id, revision)
      if (!isPossible(name, row.state))
        throw new UserError({
          code: 'move-not-possible',
          status: 409,
          message: `${row.number} is in the state “${row.state}”, from which “${name}” does not lead on. Look at it again.`,
          details: { state: row.state, move: name },
        })
      const plan = await planOf(tx, row)
      const results = row.signed ?? (await resultsOf(core, tx, row, plan))
      const lacks = lacksOf({ plan, quantity: row.quantity, serials: row.serials, forms: row.forms, results })
      const problem = whyNot(name, row, { plan, isComplete: lacks.length === 0 }, caller)
      if (problem === 'incomplete')
        throw new UserError({
          code: 'inspection-incomplete',
          message: `${row.number} is not complete: ${lacks.length} entries are missing. The list beside it says which.`,
          details: { lacks: lacks.slice(0, 50) },
        })
      if (problem !== undefined) throw refused(problem, row)
      const isConcession = name === 'accept' && results.some(({ isConforming }) => !isConforming)
      if (name !== 'verify' && name !== 'accept' && !reason?.trim())
        throw new UserError({ code: 'reason-missing', message: 'Say why: it stands in the history of the inspection.' })
      if (isConcession && !reason?.trim())
        throw new UserError({
          code: 'reason-missing',
          message: 'Some results do not conform. Say why the part is accepted all the same, e.g. the number of the concession.',
        })
      const state = ({ verify: 'verified', accept: 'accepted', reject: 'rejected', reopen: 'open', withdraw: 'withdrawn' } as const)[name]
      const next = await tx
        .updateTable('inspection')
        .set({
          state,
          revision: revision + 1,
          changedAt: clock(),
          ...(name === 'verify' ? { signed: json(results), verifiedById: caller.userId } : {}),
          ...(name === 'reopen' ? { signed: null, verifiedById: null } : {}),
          ...(state === 'accepted' || state === 'rejected' || state === 'withdrawn' ? { isTold: false } : {}),
        })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await act(tx, next, { act: name, who: whoIs(caller), reason })
      return next
    })

  return { begin, saveForms, move }
}

function refused(problem: 'right' | 'same-person' | 'in-person', { number }: InspectionRow): UserError {
  switch (problem) {
    case 'right':
      return new UserError({ code: 'not-allowed', status: 403, message: 'Your role does not include the right to do this.' })
    case 'same-person':
      return new UserError({ code: 'own-signature', status: 403, message: `You have verified ${number} yourself: a second person has to decide on it.` })
    case 'in-person':
      return new UserError({
        code: 'approve-in-person',
        status: 403,
        message: `Only somebody who is signed in themselves can put their name to ${number}: an API token could be anybody. Open it in a browser.`,
      })
    default:
      return problem satisfies never
  }
}
