/** Back-ups: made, checked, kept, sent elsewhere. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'backup'

export const BackupName = Type.String({ pattern: '^cellwright-\\d{8}-\\d{6}Z(-\\d{1,3})?\\.tar\\.gz\\.age$' })
const NameParams = Type.Object({ name: BackupName })
/** Of a back-up: whoever has the file can try as many as they like. */
const NewPassphrase = Type.String({ minLength: 12, maxLength: 1000 })
const Passphrase = Type.String({ minLength: 1, maxLength: 1000 })

/** Where scheduled back-ups are brought. `kept`: in the folder of the host alone. */
export const BackupPlace = Type.Union([
  Type.Object({ kind: Type.Literal('kept') }, closed),
  Type.Object({ kind: Type.Literal('folder'), folder: Type.String({ minLength: 1, maxLength: 500 }) }, closed),
  Type.Object(
    {
      kind: Type.Literal('sftp'),
      host: Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:_-]+$' }),
      port: Type.Integer({ minimum: 1, maximum: 65_535, default: 22 }),
      userName: Type.String({ minLength: 1, maxLength: 100 }),
      folder: Type.String({ minLength: 1, maxLength: 500 }),
      /** `SHA256:…`, as ssh-keygen -lf shows it. Empty: not known yet, and nothing is sent. */
      hostKey: Type.String({ maxLength: 100, pattern: '^(SHA256:[A-Za-z0-9+/]{43}=?)?$' }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('s3'),
      /** `https://…`; of AWS or of one's own server, which is asked with the bucket in the path. */
      endpoint: Type.String({ maxLength: 300, pattern: '^https?://[^\\s/]+/?$' }),
      region: Type.String({ minLength: 1, maxLength: 60, default: 'us-east-1' }),
      bucket: Type.String({ minLength: 3, maxLength: 63, pattern: '^[a-z0-9][a-z0-9.-]+$' }),
      /** In front of the names. */
      folder: Type.String({ maxLength: 300 }),
      accessKeyId: Type.String({ minLength: 1, maxLength: 128 }),
    },
    closed,
  ),
])
export type BackupPlace = Static<typeof BackupPlace>

export const BackupPlan = Type.Object({
  isOn: Type.Boolean(),
  /** `HH:mm` by the clock of the host that makes it, once a day. */
  atTime: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
  place: BackupPlace,
  keepDaily: Type.Integer({ minimum: 1, maximum: 366 }),
  keepWeekly: Type.Integer({ minimum: 0, maximum: 520 }),
  keepMonthly: Type.Integer({ minimum: 0, maximum: 240 }),
  hasPassphrase: Type.Boolean(),
  /** Of the place. */
  hasSecret: Type.Boolean(),
  by: Type.Optional(Type.String()),
  at: Type.Optional(When),
})
export type BackupPlan = Static<typeof BackupPlan>

export const BackupFile = Type.Object({
  name: BackupName,
  at: When,
  bytes: Type.Integer(),
  why: Type.Enum(['person', 'schedule', 'upgrade']),
  by: Type.Optional(Type.String()),
  /** Of the program that made it. */
  version: Type.Optional(Type.String()),
  /** When all of it was last read again. */
  verifiedAt: Type.Optional(When),
  /** A check that failed, in words. */
  problem: Type.Optional(Type.String()),
})
export type BackupFile = Static<typeof BackupFile>

export const BackupRunView = Type.Object({
  why: Type.Enum(['person', 'schedule', 'upgrade']),
  state: Type.Enum(['done', 'failed', 'stopped']),
  name: Type.Optional(Type.String()),
  bytes: Type.Optional(Type.Integer()),
  destination: Type.Optional(Type.String()),
  host: Type.String(),
  by: Type.String(),
  code: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  startedAt: When,
  endedAt: When,
})
export type BackupRunView = Static<typeof BackupRunView>

export const BackupWork = Type.Object({
  what: Type.Enum(['backup', 'verify']),
  why: Type.Enum(['person', 'schedule', 'upgrade']),
  name: Type.String(),
  by: Type.String(),
  startedAt: When,
  step: Type.Enum(['database', 'files', 'checking', 'sending']),
  done: Type.Number(),
  total: Type.Optional(Type.Number()),
})
export type BackupWork = Static<typeof BackupWork>

export const BackupsState = Type.Object({
  /** What works just now, on the host that answers. */
  work: Type.Optional(BackupWork),
  /** Newest first, in the folder of the host that answers. */
  files: Type.Array(BackupFile),
  folder: Type.String(),
  host: Type.String(),
  freeBytes: Type.Integer(),
  plan: BackupPlan,
  nextAt: Type.Optional(When),
  /** Newest first. */
  runs: Type.Array(BackupRunView),
  /** How the last check on this host came out. */
  lastCheck: Type.Optional(
    Type.Object({ name: Type.String(), isWhole: Type.Boolean(), code: Type.Optional(Type.String()), text: Type.Optional(Type.String()), at: When }),
  ),
  /** This host was restored from a back-up. */
  restored: Type.Optional(Type.Object({ at: When, backupAt: When, as: Type.Enum(['copy', 'replacement']), host: Type.String(), isHeld: Type.Boolean() })),
})
export type BackupsState = Static<typeof BackupsState>

export const getBackups = route({
  id: 'getBackups',
  method: 'get',
  path: '/api/backups',
  access: 'backup.manage',
  tag,
  summary: 'Back-ups that are kept on this host, what works just now, the schedule and how the last ones came out.',
  response: BackupsState,
})
export const makeBackup = route({
  id: 'makeBackup',
  method: 'post',
  path: '/api/backups',
  access: 'backup.manage',
  tag,
  summary: 'Begins a back-up that is locked with this passphrase. It goes on by itself; GET /api/backups says how far it is.',
  body: Type.Object({ passphrase: NewPassphrase }, closed),
  status: 202,
  response: BackupWork,
  errors: ['backup-running', 'passphrase-weak', 'passphrase-untypable'],
})
export const stopBackup = route({
  id: 'stopBackup',
  method: 'post',
  path: '/api/backups/stop',
  access: 'backup.manage',
  tag,
  summary: 'Stops what works just now. Nothing half is left behind.',
  response: Type.Object({ wasRunning: Type.Boolean() }),
})
export const verifyBackupRoute = route({
  id: 'verifyBackup',
  method: 'post',
  path: '/api/backups/:name/verify',
  access: 'backup.manage',
  tag,
  summary: 'Reads all of a back-up again, in the background, and says whether it is whole. Of one that was made before an upgrade the passphrase is left out.',
  params: NameParams,
  body: Type.Object({ passphrase: Type.Optional(Passphrase) }, closed),
  status: 202,
  response: BackupWork,
  errors: ['backup-running', 'backup-not-found'],
})
export const downloadBackup = route({
  id: 'downloadBackup',
  method: 'get',
  path: '/api/backups/:name/file',
  access: 'backup.manage',
  tag,
  rawResponse: true,
  summary: 'A back-up as a file, locked as it is. Each download stands in the audit log.',
  params: NameParams,
  response: Type.String({ contentMediaType: 'application/octet-stream' }),
  errors: ['backup-not-found'],
})
export const deleteBackup = route({
  id: 'deleteBackup',
  method: 'delete',
  path: '/api/backups/:name',
  access: 'backup.manage',
  tag,
  summary: 'Removes a back-up from the folder of this host.',
  params: NameParams,
  response: BackupsState,
  errors: ['backup-not-found', 'backup-running'],
})

const PlanChange = {
  isOn: Type.Boolean(),
  atTime: BackupPlan.properties.atTime,
  place: BackupPlace,
  keepDaily: BackupPlan.properties.keepDaily,
  keepWeekly: BackupPlan.properties.keepWeekly,
  keepMonthly: BackupPlan.properties.keepMonthly,
  /** Left out: as it is. */
  passphrase: Type.Optional(NewPassphrase),
  /** Of the place: SFTP's password or private key, S3's secret key. Left out: as it is, while the place is the same. */
  secret: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
}
export const setBackupPlan = route({
  id: 'setBackupPlan',
  method: 'put',
  path: '/api/backups/plan',
  access: 'backup.manage',
  tag,
  summary: 'Says when back-ups are made by themselves, where they are brought and how many are kept.',
  body: Type.Object(PlanChange, closed),
  response: BackupsState,
  errors: ['passphrase-weak', 'passphrase-untypable', 'backup-plan-incomplete', 'backup-place'],
})
export const testBackupPlace = route({
  id: 'testBackupPlace',
  method: 'post',
  path: '/api/backups/test',
  access: 'backup.manage',
  tag,
  summary: 'Writes a small file to a place, reads it again and removes it. Of SFTP it says the key of the server, to be compared.',
  body: Type.Object({ place: BackupPlace, secret: PlanChange.secret }, closed),
  response: Type.Object({
    isFine: Type.Boolean(),
    code: Type.Optional(Type.String()),
    text: Type.Optional(Type.String()),
    /** What the server showed, `SHA256:…`. */
    hostKey: Type.Optional(Type.String()),
  }),
})
export const beginRestored = route({
  id: 'beginRestored',
  method: 'post',
  path: '/api/backups/restored/begin',
  access: 'backup.manage',
  tag,
  summary: 'Lets the flows of a restored copy begin. Connections, triggers and machines stay off until they are switched on one by one.',
  response: BackupsState,
  errors: ['restored-not-held'],
})
