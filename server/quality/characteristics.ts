/** Characteristics: each change of the definition is a revision with its author and reason; the head row says where it stands. */
import { sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import {
  type Characteristic,
  type CharacteristicDefinition,
  changeCharacteristic,
  createCharacteristic,
  getCharacteristic,
  listQualityCharacteristics,
} from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import { lockCharacteristic, type QualityContext, readCharacteristic } from './context.ts'
import { type Db, type QualityCore, type Who, whoIs } from './contract.ts'
import { checkDefinition, isOfCounts } from './definition.ts'
import { type CharacteristicRow, viewCharacteristics } from './rows.ts'

const ADDED = 'Added'

/** Where it came from, and for one that a flow gives, what it is known by there. */
export interface Origin {
  origin: CharacteristicRow['origin']
  inlineKey?: string
  fromNode?: string
}

export type Characteristics = Pick<QualityCore, 'characteristic' | 'characteristics' | 'addCharacteristic' | 'changeCharacteristic'> & {
  routes: RouteHandler[]
}

export function createCharacteristics(context: QualityContext): Characteristics {
  const { store, audit, charts } = context

  const viewOne = async (db: Db, row: CharacteristicRow): Promise<Characteristic> => {
    const [view] = await viewCharacteristics(db, [row], context.now())
    if (!view) throw new Error('a characteristic without a view')
    return view
  }

  const add: QualityCore['addCharacteristic'] = async (definition, who, { reason = ADDED, also } = {}) => {
    checkDefinition(definition)
    const row = await named(definition, () =>
      store.db.transaction().execute(async (tx) => {
        await checkGaugeThere(tx, definition)
        const made = await insertCharacteristic(tx, { definition, who, reason, origin: { origin: 'person' } })
        await also?.(tx, made.id)
        return made
      }),
    )
    context.publish({ kind: 'changed', characteristicId: row.id, what: 'definition' })
    return viewOne(store.db, row)
  }

  const change: QualityCore['changeCharacteristic'] = async (id, { definition, revision, reason }, who) => {
    checkDefinition(definition)
    const row = await named(definition, () =>
      context.oneAtATime(id, () =>
        store.db.transaction().execute(async (tx) => {
          const before = await lockCharacteristic(tx, id)
          if (before.revision !== revision)
            throw new UserError({
              code: 'characteristic-changed',
              status: 409,
              message: `"${before.name}" has been changed meanwhile (revision ${before.revision}). Look at it again, then make your change anew.`,
              details: { revision: before.revision },
            })
          refuseOtherData(before, definition)
          if (definition.gaugeId !== before.definition.gaugeId) await checkGaugeThere(tx, definition)
          return reviseCharacteristic(tx, { before, definition, who, reason, origin: 'person' })
        }),
      ),
    )
    charts.forget(id)
    context.publish({ kind: 'changed', characteristicId: id, what: 'definition' })
    return viewOne(store.db, row)
  }

  const checkGaugeThere = async (db: Db, { gaugeId }: CharacteristicDefinition) => {
    if (gaugeId !== undefined && !(await context.gauges.of(gaugeId, db)))
      throw new UserError({
        code: 'gauge-not-found',
        status: 404,
        message: 'There is no such gauge. Choose one from the list of gauges.',
        details: { gaugeId },
      })
  }

  return {
    characteristic: async (id, db = store.db) => viewOne(db, await readCharacteristic(db, id)),
    async characteristics(ids, db = store.db) {
      if (!ids.length) return []
      const rows = await db
        .selectFrom('characteristic')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()
      return viewCharacteristics(db, rows, context.now())
    },
    addCharacteristic: add,
    changeCharacteristic: change,
    routes: [
      handle(listQualityCharacteristics, async ({ query: { search, machineId, retired, limit } }) => {
        let query = store.db.selectFrom('characteristic').selectAll()
        if (!retired) query = query.where('isRetired', '=', false)
        if (machineId !== undefined) query = query.where(sql<boolean>`definition->>'machineId' = ${machineId}`)
        if (search?.trim()) {
          const like = `%${search.trim().replace(/[\\%_]/g, '\\$&')}%`
          query = query.where((e) => e.or([e('name', 'ilike', like), e('part', 'ilike', like), sql<boolean>`definition->>'feature' ilike ${like}`]))
        }
        const rows = await query.orderBy('part').orderBy('name').orderBy('id').limit(limit).execute()
        return viewCharacteristics(store.db, rows, context.now())
      }),
      handle(getCharacteristic, async ({ params: { id } }) => {
        const row = await readCharacteristic(store.db, id)
        const revisions = await store.db
          .selectFrom('characteristicRevision')
          .selectAll()
          .where('characteristicId', '=', id)
          .orderBy('revision', 'desc')
          .execute()
        return {
          characteristic: await viewOne(store.db, row),
          revisions: revisions.map(({ revision, definition, origin, by, reason, at }) => ({ revision, definition, origin, by, reason, at: at.toISOString() })),
        }
      }),
      handle(createCharacteristic, async ({ body: { definition, reason }, caller }) => {
        const made = await add(definition, whoIs(caller), reason === undefined ? {} : { reason })
        audit.record({
          caller,
          action: 'added a characteristic',
          target: definition.name,
          detail: { characteristicId: made.id, ...(definition.part ? { part: definition.part } : {}) },
        })
        return made
      }),
      handle(changeCharacteristic, async ({ params: { id }, body, caller }) => {
        const made = await change(id, body, whoIs(caller))
        audit.record({
          caller,
          action: 'changed a characteristic',
          target: made.definition.name,
          detail: { characteristicId: id, revision: made.revision, reason: body.reason },
        })
        return made
      }),
    ],
  }
}

const head = (definition: CharacteristicDefinition) => ({
  name: definition.name,
  part: definition.part ?? null,
  isRetired: definition.isRetired,
  definition: json(definition),
})

export async function insertCharacteristic(
  db: Db,
  { definition, who, reason, origin: { origin, inlineKey, fromNode } }: { definition: CharacteristicDefinition; who: Who; reason: string; origin: Origin },
): Promise<CharacteristicRow> {
  const row = await db
    .insertInto('characteristic')
    .values({ id: newId('chr'), revision: 1, ...head(definition), origin, inlineKey: inlineKey ?? null, fromNode: fromNode ?? null, createdAt: new Date() })
    .returningAll()
    .executeTakeFirstOrThrow()
  await insertRevision(db, { row, definition, who, reason, origin })
  return row
}

export async function reviseCharacteristic(
  db: Db,
  {
    before,
    definition,
    who,
    reason,
    origin,
  }: { before: CharacteristicRow; definition: CharacteristicDefinition; who: Who; reason: string; origin: CharacteristicRow['origin'] },
): Promise<CharacteristicRow> {
  const row = await db
    .updateTable('characteristic')
    .set({
      ...head(definition),
      revision: before.revision + 1,
      origin,
      // another chart begins with whole points
      ...(JSON.stringify(before.definition.chart) === JSON.stringify(definition.chart) ? {} : { openValues: 0 }),
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await insertRevision(db, { row, definition, who, reason, origin })
  return row
}

async function insertRevision(
  db: Db,
  {
    row,
    definition,
    who,
    reason,
    origin,
  }: { row: CharacteristicRow; definition: CharacteristicDefinition; who: Who; reason: string; origin: CharacteristicRow['origin'] },
): Promise<void> {
  await db
    .insertInto('characteristicRevision')
    .values({ characteristicId: row.id, revision: row.revision, definition: json(definition), origin, by: who.name, byId: who.id ?? null, reason })
    .execute()
}

/** What has been measured stays what it is: another unit, or points of another size, would make nonsense of it. */
function refuseOtherData({ definition: before, subgroup, name }: CharacteristicRow, next: CharacteristicDefinition): void {
  if (subgroup === 0) return
  if (before.unit !== next.unit)
    throw new UserError({
      code: 'unit-fixed',
      status: 409,
      message: `"${name}" was measured in ${before.unit || 'no unit'}: its values would mean something else. Retire it, and add one in ${next.unit || 'no unit'}.`,
    })
  const misfit = (message: string) => new UserError({ code: 'chart-not-fitting', status: 409, message })
  if (isOfCounts(before.chart) || isOfCounts(next.chart)) {
    if (before.chart.kind !== next.chart.kind)
      throw misfit(`"${name}" has points of kind ${before.chart.kind}. Retire it, and add one of kind ${next.chart.kind}.`)
  } else if (before.chart.subgroupSize !== next.chart.subgroupSize)
    throw misfit(`"${name}" has points of ${before.chart.subgroupSize}. Retire it, and add one with subgroups of ${next.chart.subgroupSize}.`)
}

/** @throws UserError characteristic-exists */
async function named<T>({ name, part }: CharacteristicDefinition, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { constraint?: string }).constraint !== 'characteristic_of') throw error
    throw new UserError({
      code: 'characteristic-exists',
      status: 409,
      message: `There is "${name}"${part ? ` of ${part}` : ''} already, with the same revision and operation. Change that one, or give this one another name.`,
    })
  }
}
