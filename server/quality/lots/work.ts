/**
 * Lots from their begin to their verdict. The series of a plan is one after the other: whoever adds to it holds the plan's lock until the
 * commit, and (planId, place) is unique.
 */
import { sql } from 'kysely'
import { newId } from '../../../base/ids.ts'
import type { Lot } from '../../api/index.ts'
import { json } from '../../store/index.ts'
import type { Happening } from '../../triggers/events.ts'
import type { Db, Who } from '../contract.ts'
import type { Finding, LotsCore, LotsDeps, NewLot } from './contract.ts'
import { lotById, lotsOf, planRow, standing } from './read.ts'
import { entryIdUsed, lotExists, lotJudged, lotNotRejected, lotOpen, lotWithdrawn, planRetired } from './refusals.ts'
import { firstState, judged, samplingOf } from './series.ts'

export interface LotWork extends LotsCore {
  correct(lotId: string, finding: Omit<Finding, 'comment'> & { reason: string }, who: Who): Promise<Lot>
  withdraw(lotId: string, reason: string, who: Who): Promise<Lot>
}

/** Until the transaction ends. */
export async function lockPlan(db: Db, planId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`sampling ${planId}`}, 0))`.execute(db)
}

export function createLotWork({
  db,
  happenedWithin,
  changed,
  decided,
}: Pick<LotsDeps, 'db' | 'happenedWithin'> & { changed: () => void; decided: (lotId: string) => void }): LotWork {
  const by = ({ name, id }: Who) => ({ by: name, byId: id ?? null })

  async function begin(lot: NewLot, who: Who): Promise<Lot> {
    const { planId, entryId, number, size, isResubmission, comment, workOrder, runId, nodeId } = lot
    const id = await db.transaction().execute(async (within) => {
      await lockPlan(within, planId)
      const known = await within.selectFrom('sampledLot').select(['id', 'planId', 'number', 'size']).where('entryId', '=', entryId).executeTakeFirst()
      if (known) {
        if (known.planId !== planId || known.number !== number || known.size !== size) throw entryIdUsed()
        return known.id
      }
      const { revision, definition } = await planRow(within, planId)
      if (definition.isRetired) throw planRetired()
      const { state } = await standing(within, planId)
      const sampling = samplingOf(definition, state, size)
      const earlier = await lotsOf(within, { planId, number })
      const last = earlier.find(({ state: one }) => one !== 'withdrawn')
      if (last && !isResubmission) throw lotExists(number)
      if (isResubmission && last?.state !== 'rejected') throw lotNotRejected(number)
      const row = {
        id: newId('lot'),
        planId,
        revision,
        number,
        submission: (earlier[0]?.submission ?? 0) + 1,
        entryId,
        size,
        sampling: json(sampling),
      }
      await within
        .insertInto('sampledLot')
        .values({ ...row, comment: comment ?? null, workOrder: workOrder ?? null, runId: runId ?? null, nodeId: nodeId ?? null, ...by(who) })
        .execute()
      return row.id
    })
    changed()
    return lotById(db, id)
  }

  async function judge(lotId: string, finding: Finding, who: Who): Promise<Lot> {
    const committed = await db.transaction().execute(async (within) => {
      const { planId } = await lotById(within, lotId)
      await lockPlan(within, planId)
      const lot = await lotById(within, lotId)
      if (await isRepeat(within, lotId, finding)) return () => {}
      if (lot.state === 'withdrawn') throw lotWithdrawn()
      if (lot.state !== 'open') throw lotJudged()
      const { definition } = await planRow(within, planId)
      const { place, state } = await standing(within, planId)
      const judgement = judged({ ...lot, isOriginal: await isFirst(within, lot) }, finding, definition, state)
      const { entryId, nonconforming, defects, comment, runId } = finding
      await within
        .insertInto('samplingEvent')
        .values({
          id: newId('sev'),
          planId,
          place: place + 1,
          kind: 'judged',
          lotId,
          entryId,
          nonconforming,
          defects: json(defects),
          isAccepted: judgement.isAccepted,
          counts: judgement.counts,
          state: json(judgement.state),
          switchReason: judgement.switchReason ?? null,
          text: comment ?? null,
          runId: runId ?? null,
          ...by(who),
        })
        .execute()
      return happenedWithin(within, [verdictOf(await lotById(within, lotId), who)])
    })
    committed()
    changed()
    decided(lotId)
    return lotById(db, lotId)
  }

  /** What was looked at before, and not taken back, came first. */
  async function isFirst(at: Db, lot: Lot): Promise<boolean> {
    const all = await lotsOf(at, { planId: lot.planId, number: lot.number })
    return !all.some(({ submission, state }) => submission < lot.submission && state !== 'withdrawn')
  }

  /** @throws UserError entry-id-used */
  async function isRepeat(at: Db, lotId: string, { entryId, nonconforming }: Pick<Finding, 'entryId' | 'nonconforming'>): Promise<boolean> {
    const known = await at.selectFrom('samplingEvent').select(['lotId', 'nonconforming']).where('entryId', '=', entryId).executeTakeFirst()
    if (!known) return false
    if (known.lotId !== lotId || known.nonconforming !== nonconforming) throw entryIdUsed()
    return true
  }

  return {
    lot: (id, at = db) => lotById(at, id),
    begin,
    judge,
    async correct(lotId, { entryId, nonconforming, defects, reason, runId }, who) {
      await db.transaction().execute(async (within) => {
        const { planId } = await lotById(within, lotId)
        await lockPlan(within, planId)
        const lot = await lotById(within, lotId)
        if (await isRepeat(within, lotId, { entryId, nonconforming })) return
        if (lot.state === 'withdrawn') throw lotWithdrawn()
        if (!lot.result) throw lotOpen()
        const { definition } = await planRow(within, planId)
        const now = await standing(within, planId)
        const events = await within.selectFrom('samplingEvent').select(['place', 'state', 'lotId']).where('planId', '=', planId).orderBy('place').execute()
        const own = events.findIndex((event) => event.lotId === lotId)
        // only corrections of this lot came after it: then the series goes on from before it
        const isNewest = events.slice(own).every((event) => event.lotId === lotId)
        const before = events[own - 1]?.state
        const isOriginal = isNewest && (await isFirst(within, lot))
        const from = isNewest ? (before ?? firstState()) : { ...now.state, isDiscontinued: false }
        // what is discontinued meanwhile does not undo a verdict from before
        const judgement = judged({ ...lot, isOriginal }, { nonconforming, defects }, definition, from)
        await within
          .insertInto('samplingEvent')
          .values({
            id: newId('sev'),
            planId,
            place: now.place + 1,
            kind: 'corrected',
            lotId,
            entryId,
            nonconforming,
            defects: json(defects),
            isAccepted: judgement.isAccepted,
            counts: judgement.counts,
            state: json(isNewest ? judgement.state : now.state),
            switchReason: judgement.switchReason ?? null,
            text: reason,
            runId: runId ?? null,
            ...by(who),
          })
          .execute()
      })
      changed()
      return lotById(db, lotId)
    },
    async withdraw(lotId, reason, who) {
      await db.transaction().execute(async (within) => {
        const { planId } = await lotById(within, lotId)
        await lockPlan(within, planId)
        const lot = await lotById(within, lotId)
        if (lot.state === 'withdrawn') throw lotWithdrawn()
        if (lot.state !== 'open') throw lotJudged()
        const { place, state } = await standing(within, planId)
        await within
          .insertInto('samplingEvent')
          .values({
            id: newId('sev'),
            planId,
            place: place + 1,
            kind: 'withdrawn',
            lotId,
            defects: 'null',
            state: json(state),
            text: reason,
            ...by(who),
          })
          .execute()
      })
      changed()
      decided(lotId)
      return lotById(db, lotId)
    },
  }
}

/** What event triggers of the plan are told. */
function verdictOf({ id, number, planId, planName, size, sampling, state, result }: Lot, { name }: Who): Happening {
  const { sample, accept, reject, severity } = sampling
  return {
    key: id,
    text: `${planName}: lot ${number} ${state}`,
    topic: number,
    payload: {
      lotId: id,
      lot: number,
      planId,
      plan: planName,
      size,
      state,
      sample,
      accept,
      reject,
      severity,
      nonconforming: result?.nonconforming,
      defects: result?.defects,
      nextSeverity: result?.isDiscontinued ? 'discontinued' : result?.severityAfter,
      ...(result?.switchReason ? { switchReason: result.switchReason } : {}),
      by: name,
    },
    what: { source: 'quality-lot', planId },
  }
}
