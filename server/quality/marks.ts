/** What people say of points: comments, causes, actions, exclusions. Causes and actions let the next entry in where the characteristic asks for them. */
import type { Insertable } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { addMarks, CAPABILITIES, type CatalogueEntry, listMarks, type SignalView } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import { readCatalogue } from './catalogue.ts'
import { lockCharacteristic, type QualityContext, readCharacteristic } from './context.ts'
import { type Db, whoIs } from './contract.ts'
import { type CharacteristicRow, readSignals, viewMark } from './rows.ts'

const LEAST_REASON = 3

export function markRoutes(context: QualityContext): RouteHandler[] {
  const { store, charts, audit } = context
  return [
    handle(listMarks, async ({ params: { id }, query: { subgroup, limit } }) => {
      await readCharacteristic(store.db, id)
      let query = store.db.selectFrom('measurementMark').selectAll().where('characteristicId', '=', id)
      if (subgroup !== undefined) query = query.where('subgroup', '=', subgroup)
      return (await query.orderBy('n', 'desc').limit(limit).execute()).map(viewMark)
    }),
    handle(addMarks, async ({ params: { id }, body, caller }) => {
      const { kind, subgroups, signalId } = body
      const text = body.text?.trim() || undefined
      const isExclusion = kind === 'exclude' || kind === 'include'
      if (isExclusion && !caller.capabilities.has('quality.edit'))
        throw new UserError({ code: 'not-allowed', status: 403, message: `Your role does not include the right to ${CAPABILITIES['quality.edit']}.` })
      const who = whoIs(caller)
      const { marks, row, open } = await context.oneAtATime(id, () =>
        store.db.transaction().execute(async (tx) => {
          const row = await lockCharacteristic(tx, id)
          const missing = subgroups.find((subgroup) => subgroup > row.subgroup)
          if (missing !== undefined)
            throw new UserError({ code: 'subgroup-not-found', status: 404, message: `There is no point ${missing}: the chart ends at ${row.subgroup}.` })
          const entry = body.entryId === undefined ? undefined : await entryOf(tx, body.entryId, kind)
          refuseWordless({ kind, text, entry })
          const answered = await answeredBy(tx, row, { signalId, subgroups })
          const stored = await tx
            .insertInto('measurementMark')
            .values(
              subgroups.map(
                (subgroup): Insertable<Database['measurementMark']> => ({
                  id: newId('mrk'),
                  characteristicId: id,
                  subgroup,
                  kind,
                  signalId: signalId ?? null,
                  entryId: entry?.id ?? null,
                  title: entry?.title ?? null,
                  text: text ?? null,
                  by: who.name,
                  byId: who.id ?? null,
                }),
              ),
            )
            .returningAll()
            .execute()
          const settled =
            kind === 'exclude' ? answered.map((signal) => signal.id) : kind === 'cause' || kind === 'action' ? await settledOf(tx, row.id, answered) : []
          const open = row.openSignals.filter((signal) => !settled.includes(signal))
          await tx
            .updateTable('characteristic')
            .set((e) => ({ openSignals: json(open), ...(isExclusion ? { changes: e('changes', '+', 1) } : {}) }))
            .where('id', '=', id)
            .execute()
          return { marks: stored.sort((a, b) => a.n - b.n).map(viewMark), row, open }
        }),
      )
      if (isExclusion) {
        charts.forget(id)
        audit.record({
          caller,
          action: kind === 'exclude' ? 'excluded points of a chart' : 'included points of a chart',
          target: row.name,
          detail: { characteristicId: id, subgroups, reason: text },
        })
      }
      context.publish({ kind: 'changed', characteristicId: id, what: 'marks' })
      return { marks, isLocked: open.length > 0 }
    }),
  ]
}

type Kind = 'exclude' | 'include' | 'comment' | 'cause' | 'action'

/** @throws UserError catalogue-entry-not-found */
async function entryOf(db: Db, entryId: string, kind: Kind): Promise<CatalogueEntry> {
  const [entry] = await readCatalogue(db, { entryId })
  if (!entry || entry.isRetired || entry.kind !== kind)
    throw new UserError({
      code: 'catalogue-entry-not-found',
      status: 404,
      message: `This is no ${kind} of the catalogue, or not any more. Choose another one.`,
    })
  return entry
}

/** @throws UserError reason-missing */
function refuseWordless({ kind, text, entry }: { kind: Kind; text: string | undefined; entry: CatalogueEntry | undefined }): void {
  const missing = (message: string) => new UserError({ code: 'reason-missing', message })
  switch (kind) {
    case 'exclude':
    case 'include':
      if ((text?.length ?? 0) < LEAST_REASON) throw missing('Say why: whoever looks at the chart later will ask.')
      return
    case 'comment':
      if (!text) throw missing('The comment is empty.')
      return
    case 'cause':
    case 'action':
      if (!text && !entry) throw missing(`Choose the ${kind} from the catalogue, or say it in words.`)
      return
    default:
      kind satisfies never
  }
}

/** The open signals that it speaks of. @throws UserError signal-not-found */
async function answeredBy(
  db: Db,
  row: CharacteristicRow,
  { signalId, subgroups }: { signalId: string | undefined; subgroups: readonly number[] },
): Promise<SignalView[]> {
  if (signalId !== undefined) {
    const [signal] = await readSignals(db, { ids: [signalId], characteristicId: row.id })
    if (!signal) throw new UserError({ code: 'signal-not-found', status: 404, message: 'This characteristic has no such signal.' })
    return row.openSignals.includes(signalId) ? [signal] : []
  }
  return (await readSignals(db, { ids: row.openSignals })).filter(({ subgroup }) => subgroups.includes(subgroup))
}

/** Those that have everything now that they ask for. */
async function settledOf(db: Db, characteristicId: string, signals: readonly SignalView[]): Promise<string[]> {
  if (!signals.length) return []
  const said = await db
    .selectFrom('measurementMark')
    .select(['kind', 'subgroup', 'signalId'])
    .where('characteristicId', '=', characteristicId)
    .where(
      'subgroup',
      'in',
      signals.map(({ subgroup }) => subgroup),
    )
    .where('kind', 'in', ['cause', 'action'])
    .execute()
  return signals
    .filter((signal) => {
      const has = (kind: Kind) =>
        said.some((one) => one.kind === kind && one.subgroup === signal.subgroup && (one.signalId === null || one.signalId === signal.id))
      return has('cause') && (signal.asks === 'cause' || has('action'))
    })
    .map(({ id }) => id)
}
