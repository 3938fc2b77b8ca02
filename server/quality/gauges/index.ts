/** The register of gauges: what each is, when it was calibrated, how that stands. Rows are only added. */
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { addCalibration, type BodyOf, changeGauge, createGauge, type Gauge, type GaugeDefinition, getGauge, listGauges } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle } from '../../http/handler.ts'
import type { LiveHub } from '../../http/live-hub.ts'
import { json, type Store } from '../../store/index.ts'
import type { Db } from '../contract.ts'
import type { Gauges } from './contract.ts'
import { calibrationOf, calibrationsOf, gaugeOf, lockNames, readGauges, revisionsOf } from './rows.ts'
import { daysLater } from './state.ts'

export { createGaugeReminders } from './reminders.ts'

/** Clocks of people and of the server differ. */
const AHEAD_MS = 5 * 60_000

export function createGauges(deps: { store: Pick<Store, 'db'>; audit: Audit; live: Pick<LiveHub, 'publish'> }): Gauges {
  const { audit, live } = deps
  const { db } = deps.store
  const listeners: (() => void)[] = []
  const changed = () => {
    live.publish('quality', { kind: 'changed', what: 'gauge' })
    for (const listener of listeners) listener()
  }

  const one = async (id: string, within: Db = db): Promise<Gauge> => {
    const [newest] = await revisionsOf(within, id)
    if (!newest) throw notFound()
    return gaugeOf(newest, (await calibrationsOf(within, id))[0])
  }
  const requireName = async (within: Db, { name, isRetired }: GaugeDefinition, exceptId?: string) => {
    await lockNames(within)
    const same = (await readGauges(within)).find(
      (gauge) => gauge.id !== exceptId && !gauge.definition.isRetired && gauge.definition.name.toLowerCase() === name.toLowerCase(),
    )
    if (same && !isRetired)
      throw new UserError({
        code: 'gauge-exists',
        status: 409,
        message: `There is a gauge "${name}" already. Use the number that is marked on it, or retire the other one.`,
        details: { blanks: { name }, errors: [{ path: '/definition/name', message: 'is taken' }] },
      })
  }
  const requireConnection = async (within: Db, { connectionId }: GaugeDefinition) => {
    if (connectionId === undefined) return
    const there = await within.selectFrom('connection').select('id').where('id', '=', connectionId).executeTakeFirst()
    if (!there)
      throw new UserError({ code: 'connection-not-found', status: 404, message: 'The connection of this gauge was removed. Choose another, or none.' })
  }
  const row = (id: string, revision: number, definition: GaugeDefinition, caller: Caller, reason: string) => ({
    gaugeId: id,
    revision,
    name: definition.name,
    isRetired: definition.isRetired,
    definition: json(definition),
    by: caller.name,
    byId: caller.userId,
    reason,
  })

  return {
    list: async () => (await readGauges(db)).filter(({ definition }) => !definition.isRetired),
    onChange: (listener) => void listeners.push(listener),
    routes: [
      handle(listGauges, async ({ query }) => (await readGauges(db)).filter(({ definition }) => query.retired || !definition.isRetired)),
      handle(getGauge, async ({ params: { id } }) => {
        const revisions = await revisionsOf(db, id)
        const [newest] = revisions
        if (!newest) throw notFound()
        const calibrations = await calibrationsOf(db, id)
        return {
          gauge: gaugeOf(newest, calibrations[0]),
          calibrations: calibrations.map(calibrationOf),
          revisions: revisions.map(({ revision, definition, by, reason, at }) => ({ revision, definition, by, reason, at: at.toISOString() })),
        }
      }),
      handle(createGauge, async ({ body, caller }) => {
        const definition = trimmed(body.definition)
        const id = newId('gau')
        const gauge = await db.transaction().execute(async (tx) => {
          await requireName(tx, definition)
          await requireConnection(tx, definition)
          await tx
            .insertInto('gaugeRevision')
            .values(row(id, 1, definition, caller, body.reason?.trim() || 'Added'))
            .execute()
          return one(id, tx)
        })
        audit.record({ caller, action: 'gauge.add', target: id, detail: { ...definition } })
        changed()
        return gauge
      }),
      handle(changeGauge, async ({ params: { id }, body, caller }) => {
        const definition = trimmed(body.definition)
        const gauge = await db.transaction().execute(async (tx) => {
          await requireName(tx, definition, id)
          const before = await one(id, tx)
          if (before.revision !== body.revision)
            throw new UserError({
              code: 'gauge-changed',
              status: 409,
              message: 'Somebody has changed this gauge meanwhile. Look at it as it is now, and change it again.',
              details: { revision: before.revision },
            })
          if (definition.connectionId !== before.definition.connectionId) await requireConnection(tx, definition)
          await tx
            .insertInto('gaugeRevision')
            .values(row(id, before.revision + 1, definition, caller, body.reason.trim()))
            .execute()
          return one(id, tx)
        })
        audit.record({ caller, action: 'gauge.change', target: id, detail: { ...definition, reason: body.reason } })
        changed()
        return gauge
      }),
      handle(addCalibration, async ({ params: { id }, body, caller }) => {
        const gauge = await db.transaction().execute(async (tx) => {
          const { definition } = await one(id, tx)
          const { calibratedAt, dueAt } = timesOf(body, definition)
          const { passed, certificate, lab, comment } = body
          await tx
            .insertInto('gaugeCalibration')
            .values({
              id: newId('cal'),
              gaugeId: id,
              calibratedAt,
              dueAt,
              passed,
              certificate: certificate?.trim() || null,
              lab: lab?.trim() || null,
              comment: comment?.trim() || null,
              by: caller.name,
              byId: caller.userId,
            })
            .execute()
          return one(id, tx)
        })
        audit.record({ caller, action: 'gauge.calibrate', target: id, detail: { name: gauge.definition.name, ...body } })
        changed()
        return gauge
      }),
    ],
  }
}

/** @throws UserError calibration-ahead, calibration-reversed, due-date-missing */
function timesOf(body: BodyOf<typeof addCalibration>, { intervalDays }: GaugeDefinition): { calibratedAt: Date; dueAt: Date } {
  const calibratedAt = new Date(body.at)
  if (calibratedAt.getTime() > Date.now() + AHEAD_MS)
    throw new UserError({
      code: 'calibration-ahead',
      message: 'This calibration lies in the future. Enter when it was done; what is planned is the date when the next one is due.',
      details: { errors: [{ path: '/at', message: 'is in the future' }] },
    })
  // what did not pass holds for no time
  if (!body.passed) return { calibratedAt, dueAt: calibratedAt }
  if (body.dueAt === undefined && intervalDays === undefined)
    throw new UserError({
      code: 'due-date-missing',
      message: 'Enter until when this calibration holds, or give the gauge an interval.',
      details: { errors: [{ path: '/dueAt', message: 'is missing' }] },
    })
  const dueAt = body.dueAt === undefined ? daysLater(calibratedAt, intervalDays ?? 0) : new Date(body.dueAt)
  if (dueAt.getTime() <= calibratedAt.getTime())
    throw new UserError({
      code: 'calibration-reversed',
      message: 'The next calibration would be due before this one was done. Check the two dates.',
      details: { errors: [{ path: '/dueAt', message: 'is before the calibration' }] },
    })
  return { calibratedAt, dueAt }
}

const notFound = () => new UserError({ code: 'gauge-not-found', status: 404, message: 'There is no such gauge. Choose one from the list of gauges.' })

/** Without spaces around, and without what is empty. */
function trimmed(definition: GaugeDefinition): GaugeDefinition {
  const name = definition.name.trim()
  if (!name)
    throw new UserError({
      code: 'invalid-input',
      message: 'Enter the name of the gauge.',
      details: { errors: [{ path: '/definition/name', message: 'is empty' }] },
    })
  const entries = Object.entries(definition).map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value] as const)
  return { ...(Object.fromEntries(entries.filter(([, value]) => value !== '' && value !== undefined)) as GaugeDefinition), name }
}
