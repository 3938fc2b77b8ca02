/** When back-ups are made by themselves, where they are brought, and how each came out: rows. */
import type { Kysely } from 'kysely'
import { DateTime } from 'luxon'
import { UserError } from '../../base/errors.ts'
import type { BackupPlace, BackupPlan, BackupRunView, BodyOf, setBackupPlan } from '../api/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { type Database, json } from '../store/index.ts'
import { requirePassphrase } from './lock.ts'

type Db = Kysely<Database>

export interface PlanSecrets {
  passphrase?: string
  /** Of the place. */
  secret?: string
}

export interface Plan extends Omit<BackupPlan, 'hasPassphrase' | 'hasSecret'> {
  /** Sealed. */
  secrets: string | undefined
}

const NONE: Plan = { isOn: false, atTime: '02:30', place: { kind: 'kept' }, keepDaily: 7, keepWeekly: 4, keepMonthly: 12, secrets: undefined }
/** Rows of earlier back-ups; they say what this installation has brought to its place. */
const KEPT_RUNS = 2000
const SHOWN_RUNS = 20
/** After a failure it is tried again. */
const RETRY_MS = 3_600_000

export async function readPlan(db: Db): Promise<Plan> {
  const row = await db.selectFrom('backupPlan').selectAll().executeTakeFirst()
  if (!row) return NONE
  const { id: _, destination, secrets, at, ...rest } = row
  return { ...rest, place: destination, secrets: secrets ?? undefined, at: at.toISOString() }
}

export function secretsOf({ secrets }: Pick<Plan, 'secrets'>, box: Pick<Secrets, 'open'>): PlanSecrets {
  return secrets === undefined ? {} : (JSON.parse(box.open(secrets)) as PlanSecrets)
}

export function shown({ secrets, ...plan }: Plan, box: Pick<Secrets, 'open'>): BackupPlan {
  let known: PlanSecrets = {}
  try {
    known = secretsOf({ secrets }, box)
  } catch {
    // sealed under another key: they are entered again
  }
  return { ...plan, hasPassphrase: known.passphrase !== undefined, hasSecret: known.secret !== undefined }
}

/**
 * The plan after a change.
 * @throws UserError passphrase-weak, backup-plan-incomplete, backup-place
 */
export function changedPlan(before: Plan, body: BodyOf<typeof setBackupPlan>, by: string, box: Pick<Secrets, 'open' | 'seal'>): Plan {
  const { passphrase, secret, place, ...rest } = body
  checkPlace(place)
  const known = secretsOf(before, box)
  const next: PlanSecrets = {
    ...(passphrase !== undefined ? { passphrase: requirePassphrase(passphrase) } : known.passphrase !== undefined ? { passphrase: known.passphrase } : {}),
    // a password is for one place: it does not go to another by itself
    ...(secret !== undefined ? { secret } : known.secret !== undefined && isSamePlace(before.place, place) ? { secret: known.secret } : {}),
  }
  if (body.isOn) {
    const lacks = (what: string) =>
      new UserError({ code: 'backup-plan-incomplete', status: 422, message: `Back-ups cannot be made by themselves yet: ${what}` })
    if (next.passphrase === undefined) throw lacks('say the passphrase that locks them.')
    if ((place.kind === 'sftp' || place.kind === 's3') && next.secret === undefined) throw lacks('say the password or key of the place they are brought to.')
    if (place.kind === 'sftp' && !place.hostKey) throw lacks('test the server, compare the key that it shows, and keep it.')
  }
  return { ...rest, place, secrets: Object.keys(next).length ? box.seal(JSON.stringify(next)) : undefined, by, at: new Date().toISOString() }
}

/** @throws UserError backup-place */
export function checkPlace(place: BackupPlace): void {
  const bad = (message: string) => new UserError({ code: 'backup-place', status: 422, message })
  if (place.kind === 'folder' && !/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(place.folder)) throw bad('Give the whole path of the folder, as in /mnt/backup.')
  if (place.kind === 's3' && !URL.canParse(place.endpoint)) throw bad('The address of the S3 server is none. It looks like https://s3.example.com.')
  if ('folder' in place && /[\0\r\n]/.test(place.folder)) throw bad('The folder has a character in it that no folder has.')
}

/** Where a password would be shown to the same server and for the same user. */
export function isSamePlace(a: BackupPlace, b: BackupPlace): boolean {
  if (a.kind === 'sftp' && b.kind === 'sftp') return a.host === b.host && a.port === b.port && a.userName === b.userName && a.hostKey === b.hostKey
  return a.kind === 's3' && b.kind === 's3' && a.endpoint === b.endpoint && a.accessKeyId === b.accessKeyId
}

export async function writePlan(db: Db, { place, secrets, by, at, ...rest }: Plan): Promise<void> {
  const values = { ...rest, destination: json(place), secrets: secrets ?? null, by: by ?? '', at: at ?? new Date() }
  await db
    .insertInto('backupPlan')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

export interface RunFacts extends Omit<BackupRunView, 'startedAt' | 'endedAt'> {
  sha256?: string | undefined
  startedAt: Date
}

export async function addRun(db: Db, { name, bytes, sha256, destination, code, text, ...rest }: RunFacts): Promise<void> {
  const { id } = await db
    .insertInto('backupRun')
    .values({
      ...rest,
      name: name ?? null,
      bytes: bytes ?? null,
      sha256: sha256 ?? null,
      destination: destination ?? null,
      code: code ?? null,
      text: text ?? null,
      endedAt: new Date(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .deleteFrom('backupRun')
    .where('id', '<=', id - KEPT_RUNS)
    .execute()
}

export async function lastRuns(db: Db): Promise<BackupRunView[]> {
  const rows = await db.selectFrom('backupRun').selectAll().orderBy('id', 'desc').limit(SHOWN_RUNS).execute()
  return rows.map(({ id: _, sha256: __, name, bytes, destination, code, text, startedAt, endedAt, ...rest }) => ({
    ...rest,
    ...(name === null ? {} : { name }),
    ...(bytes === null ? {} : { bytes }),
    ...(destination === null ? {} : { destination }),
    ...(code === null ? {} : { code }),
    ...(text === null ? {} : { text }),
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
  }))
}

/** When the last one came out well; why the newest did not. */
export async function lastOutcome(db: Db): Promise<{ at?: string; failed?: string }> {
  const good = await db.selectFrom('backupRun').select('endedAt').where('state', '=', 'done').orderBy('id', 'desc').limit(1).executeTakeFirst()
  const newest = await db.selectFrom('backupRun').select(['state', 'text']).where('state', '!=', 'stopped').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return { ...(good ? { at: good.endedAt.toISOString() } : {}), ...(newest?.state === 'failed' ? { failed: newest.text ?? 'It failed.' } : {}) }
}

/** What this installation has brought to that place. */
export async function broughtTo(db: Db, destination: string): Promise<string[]> {
  const rows = await db.selectFrom('backupRun').select('name').where('destination', '=', destination).where('state', '=', 'done').execute()
  return rows.flatMap(({ name }) => name ?? [])
}

/** The last moment at which one was to begin. */
export function lastDue({ atTime }: Pick<Plan, 'atTime'>, now: DateTime): DateTime {
  const [hour, minute] = atTime.split(':').map(Number)
  const today = now.set({ hour: hour ?? 0, minute: minute ?? 0, second: 0, millisecond: 0 })
  return today > now ? today.minus({ days: 1 }) : today
}

/** Whether one is to begin now: none has come out since it was due, and a failure is an hour old. */
export async function isDue(db: Db, plan: Plan, now = DateTime.now()): Promise<boolean> {
  if (!plan.isOn) return false
  const due = lastDue(plan, now)
  // switched on after that moment: the first one is the next
  if (plan.at !== undefined && DateTime.fromISO(plan.at) > due) return false
  const last = await db
    .selectFrom('backupRun')
    .select(['state', 'endedAt'])
    .where('why', '=', 'schedule')
    .where('startedAt', '>=', due.toJSDate())
    .orderBy('id', 'desc')
    .executeTakeFirst()
  if (!last) return true
  // somebody has stopped it: it is not begun against them
  return last.state === 'failed' && now.toMillis() - last.endedAt.getTime() > RETRY_MS
}
