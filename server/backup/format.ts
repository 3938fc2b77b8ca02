/**
 * What a back-up is: a gzipped tar, encrypted as a whole with age, so that the usual programs open it too
 * (`age -d FILE | tar xz`). Its first entry says what it is of, its last one what must be in it.
 */
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'

/** Grows when an older program could not read it any more. */
export const FORMAT = 1
export const HEADER = 'header.json'
export const MANIFEST = 'manifest.json'
/** Rows in PostgreSQL's text format for COPY: `database/<table>/000001`, … */
export const DATABASE = 'database/'
/** What lay in the data directory. */
export const DATA = 'data/'
/** Programs, attachments, templates, promotions: in the data directory, or where CELLWRIGHT_FILES says. */
export const FILES = 'files/'
const ENDING = '.tar.gz.age'

const When = Type.String({ format: 'date-time' })

export const TableShape = Type.Object({ name: Type.String({ minLength: 1 }), columns: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }) })
export type TableShape = Static<typeof TableShape>

export const BackupWhy = Type.Enum(['person', 'schedule', 'upgrade'])
export type BackupWhy = Static<typeof BackupWhy>

export const BackupHeader = Type.Object({
  what: Type.Literal('cellwright back-up'),
  format: Type.Integer({ minimum: 1 }),
  /** Of the program that made it. */
  version: Type.String(),
  createdAt: When,
  why: BackupWhy,
  /** The host that made it: its keys and its data directory are in it. */
  host: Type.String(),
  /** Names of the migrations that its database had. */
  migrations: Type.Array(Type.String({ minLength: 1 })),
  tables: Type.Array(TableShape),
  /** Where the audit log ended. */
  auditEnd: Type.Optional(Type.Object({ seq: Type.Integer({ minimum: 0 }), hash: Type.String() })),
  /** Node-RED modules that were installed: the restored host installs them again. */
  modules: Type.Array(Type.Object({ name: Type.String(), version: Type.String() })),
})
export type BackupHeader = Static<typeof BackupHeader>

const Entry = Type.Object({ path: Type.String(), bytes: Type.Integer({ minimum: 0 }), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) })
export type BackupEntry = Static<typeof Entry>

export const BackupManifest = Type.Object({
  entries: Type.Array(Entry),
  rows: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  /** Where each sequence stands. */
  sequences: Type.Array(Type.Object({ table: Type.String(), column: Type.String(), last: Type.String(), isCalled: Type.Boolean() })),
  /** Files that went away while the back-up was made. */
  gone: Type.Array(Type.String()),
})
export type BackupManifest = Static<typeof BackupManifest>

const header = checker(BackupHeader)
const manifest = checker(BackupManifest)

/** @throws UserError backup-damaged, backup-newer */
export function readHeader(text: string): BackupHeader {
  const value = parsed(text, HEADER)
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > FORMAT)
    throw new UserError({
      code: 'backup-newer',
      message: `This back-up was made by a newer Cellwright (format ${format}; this version knows ${FORMAT}). Restore it with that version or a later one.`,
    })
  if (!header.is(value)) throw damaged(`its ${HEADER} is not one of Cellwright's`)
  return value
}

/** @throws UserError backup-damaged */
export function readManifest(text: string): BackupManifest {
  const value = parsed(text, MANIFEST)
  if (!manifest.is(value)) throw damaged(`its ${MANIFEST} is not one of Cellwright's`)
  return value
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged(`its ${name} cannot be read`, cause)
  }
}

export const damaged = (why: string, cause?: unknown): UserError =>
  new UserError({ code: 'backup-damaged', message: `The back-up is damaged: ${why}. Use another one.`, ...(cause === undefined ? {} : { cause }) })

/** What a back-up that is made now is called. */
export const backupName = (at: Date): string => `cellwright-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}Z${ENDING}`

/** Names in our folder and at destinations; nothing else there is ours to touch. */
export const BACKUP_NAME = /^cellwright-(\d{8})-(\d{6})Z(-\d+)?\.tar\.gz\.age$/

export interface Progress {
  step: 'database' | 'files' | 'checking' | 'sending' | 'restoring' | 'schema'
  /** Of bytes, about; absent where nobody knows. */
  done: number
  total?: number
}
