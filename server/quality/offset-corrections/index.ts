/**
 * Corrections of offsets by drift. The gateway weighs, and keeps what was proposed and what became of it; nothing is set here. Whoever asks
 * about an offset waits for whoever asked before, so that one drift is proposed once, and a move that was made since a point was measured
 * comes off it (stand.ts).
 */
import { sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { RpcHandlers, RpcParams } from '../../../base/rpc.ts'
import { correctionOf, type DriftPoint } from '../../../nodes/quality/engine/correction/index.ts'
import { convert } from '../../../nodes/quality/engine/units/index.ts'
import type { gatewayRpc } from '../../runtime/contract.ts'
import { json } from '../../store/index.ts'
import { lockCharacteristic, type QualityContext } from '../context.ts'
import type { Db } from '../contract.ts'
import { isOfCounts } from '../definition.ts'
import { readPoints } from '../points.ts'
import type { CharacteristicRow } from '../rows.ts'
import type { CorrectedOffset, CorrectionAnswer } from './runtime-contract.ts'
import { type CorrectionEvent, counts, movedSince, type Stand, standOf, whatIsSeen } from './stand.ts'

type Ask = RpcParams<typeof gatewayRpc, 'proposeCorrection'>
export type OffsetCorrectionRequests = Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'proposeCorrection' | 'settleCorrection' | 'resetCorrections'>

/** Points that are read beyond those wanted, since some may be excluded. */
const SPARE = 200

export function offsetCorrectionRequests({ store, now, oneAtATime }: Pick<QualityContext, 'store' | 'now' | 'oneAtATime'>): OffsetCorrectionRequests {
  /** With the characteristic held: every point is from before what is said here, or from after it. */
  const within = <T>(characteristicId: string, work: (db: Db, row: CharacteristicRow) => Promise<T>): Promise<T> =>
    oneAtATime(characteristicId, () => store.db.transaction().execute(async (db) => work(db, await lockCharacteristic(db, characteristicId))))

  async function weigh(db: Db, row: CharacteristicRow, ask: Ask): Promise<CorrectionAnswer> {
    const { proposalId, offset, plan, late, nowMm, openForS } = ask
    const target = targetOf(offset)
    await lockTarget(db, target)
    const before = await proposalOf(db, proposalId)
    if (before) return before.answer as unknown as CorrectionAnswer
    const said = (event: Said) => keep(db, { ...event, target, row, ask, by: 'Flow' })
    const look = async () => standOf(await eventsOf(db, target, row.id), row.id, late)

    let stand = await look()
    const isOver = (since: Date) => now() - since.getTime() > openForS * 1000
    const seen = whatIsSeen(stand, { nowMm, isTool: offset.tool !== undefined, isOver })
    for (const event of seen.says) await said(event)
    if (seen.says.length) stand = await look()
    const { name } = row
    const { sumMm } = stand
    if (seen.waits) return { name, verdict: 'nothing', why: seen.waits.why, sumMm, since: seen.waits.since.toISOString() }

    const verdict = correctionOf(await driftPoints(db, { row, stand, ask }), sumMm, plan)
    const { kind, ...found } = verdict
    const answer: CorrectionAnswer = { name, verdict: kind, sumMm, ...found }
    if (verdict.kind !== 'propose') return answer
    const { byMm } = verdict
    const toMm = nowMm === null ? null : Number((nowMm + byMm).toFixed(6))
    const proposal: CorrectionAnswer = { ...answer, proposalId, fromMm: nowMm, toMm }
    await said({ kind: 'proposed', proposalId, byMm, fromMm: nowMm, toMm, answer: proposal })
    return proposal
  }

  return {
    proposeCorrection: (ask) => within(ask.characteristicId, (db, row) => weigh(db, row, ask)),
    async settleCorrection(ask) {
      const { proposalId, outcome, by = 'Flow' } = ask
      const known = await proposalOf(store.db, proposalId)
      if (!known) throw unknown()
      return within(known.characteristicId, async (db, row) => {
        const { target, byMm, fromMm, toMm } = known
        await lockTarget(db, target)
        const rows = await db.selectFrom('offsetCorrection').select('kind').where('proposalId', '=', proposalId).execute()
        const has = (kind: CorrectionEvent['kind']) => rows.some((one) => one.kind === kind)
        const answer = { name: row.name, byMm: byMm ?? 0 }
        const isSet = has('applied') || has('found')
        if (outcome === 'applied' ? isSet : has('refused')) return { ...answer, isRepeat: true }
        if (outcome === 'applied' && has('refused')) throw contradicted('It was refused: it cannot be told as set any more.')
        if (outcome === 'refused' && isSet) throw contradicted('It is set: it cannot be refused any more. To take it back, set the offset back.')
        await keep(db, { kind: outcome, proposalId, byMm, fromMm, toMm, target, row, ask, by })
        return { ...answer, isRepeat: false }
      })
    },
    resetCorrections: (ask) =>
      within(ask.characteristicId, async (db, row) => {
        const target = targetOf(ask.offset)
        await lockTarget(db, target)
        const known = await db.selectFrom('offsetCorrection').select('id').where('proposalId', '=', ask.resetId).executeTakeFirst()
        if (!known) await keep(db, { kind: 'reset', proposalId: ask.resetId, target, row, ask, by: ask.by ?? 'Flow' })
        return { name: row.name }
      }),
  }
}

type Said = Pick<CorrectionEvent, 'kind'> & Partial<Pick<CorrectionEvent, 'proposalId' | 'byMm' | 'fromMm' | 'toMm'>> & { answer?: CorrectionAnswer }

async function keep(
  db: Db,
  {
    target,
    row,
    ask,
    by,
    answer,
    ...event
  }: Said & { target: string; row: CharacteristicRow; ask: { nodeId: string; runId?: string | undefined }; by: string },
): Promise<void> {
  const id = newId('ofc')
  const { kind, proposalId = id, byMm = null, fromMm = null, toMm = null } = event
  await db
    .insertInto('offsetCorrection')
    .values({
      ...{ id, target, proposalId, kind, characteristicId: row.id, place: row.subgroup, byMm, fromMm, toMm },
      ...{ answer: answer ? json(answer) : null, by, runId: ask.runId ?? null, nodeId: ask.nodeId },
    })
    .execute()
}

const proposalOf = (db: Db, proposalId: string) =>
  db.selectFrom('offsetCorrection').selectAll().where('proposalId', '=', proposalId).where('kind', '=', 'proposed').executeTakeFirst()

/** Since the last reset, oldest first. What another characteristic brought about has its place by when the points of this one were entered. */
async function eventsOf(db: Db, target: string, characteristicId: string): Promise<CorrectionEvent[]> {
  const { rows } = await sql<CorrectionEvent>`
    select c.kind, c."proposalId", c."characteristicId", c."byMm", c."fromMm", c."toMm", c.at,
      case when c."characteristicId" = ${characteristicId} then c.place else coalesce(
        (select max(m.subgroup) from measurement m where m."characteristicId" = ${characteristicId} and m."enteredAt" <= c.at), 0) end as place
    from "offsetCorrection" c where c.target = ${target}
      and c.n >= coalesce((select max(r.n) from "offsetCorrection" r where r.target = ${target} and r.kind = 'reset'), 0)
    order by c.n`.execute(db)
  return rows
}

async function driftPoints(
  db: Db,
  { row, stand, ask: { plan, isOfMachine, offset } }: { row: CharacteristicRow; stand: Stand; ask: Ask },
): Promise<DriftPoint[]> {
  const { nominal, mmOfOne } = lengthOf(row)
  // the last one may still wait for values
  const to = row.openValues > 0 ? row.subgroup - 1 : row.subgroup
  const points = await readPoints(db, row.id, {
    from: stand.floor + 1,
    to,
    machineId: isOfMachine ? offset.machineId : undefined,
    last: plan.last + SPARE,
  })
  return points
    .filter(({ isExcluded, subgroup }) => !isExcluded && counts(stand, subgroup))
    .map(({ values, subgroup }) => ({
      deviationMm: (values.reduce((sum, value) => sum + value, 0) / values.length - nominal) * mmOfOne,
      movedSinceMm: movedSince(stand, subgroup),
    }))
}

/** @throws UserError characteristic-not-length */
function lengthOf({ name, definition: { nominal, unit, chart } }: CharacteristicRow): { nominal: number; mmOfOne: number } {
  const mmOfOne = convert(1, unit, 'mm')
  if (nominal === null || mmOfOne === undefined || isOfCounts(chart))
    throw new UserError({
      code: 'characteristic-not-length',
      message: `An offset can be corrected by a length with a nominal value. "${name}" is none${unit ? ` (its unit is "${unit}")` : ''}: choose another characteristic.`,
    })
  return { nominal, mmOfOne }
}

/** One key for an offset, whoever asks. */
const targetOf = ({ machineId, workOffset, axis, tool = '' }: CorrectedOffset): string =>
  JSON.stringify([machineId, tool.trim().toLowerCase(), workOffset, axis])

async function lockTarget(db: Db, target: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`offset ${target}`}, 0))`.execute(db)
}

const unknown = () =>
  new UserError({
    code: 'correction-unknown',
    status: 404,
    message: 'There is no such proposal. The message must bring the one of the node that proposed, e.g. in msg.payload.proposalId.',
  })
const contradicted = (message: string) => new UserError({ code: 'correction-settled', status: 409, message })
