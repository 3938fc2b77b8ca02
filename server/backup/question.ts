/** What the gateway asks the process that makes and reads back-ups, and what it says meanwhile. */
import { type Static, Type } from 'typebox'
import { BackupPlace } from '../api/backup.ts'
import { BackupWhy } from './format.ts'

const closed = { additionalProperties: false }
const Lock = Type.Union([Type.Object({ passphrase: Type.String() }, closed), Type.Object({ identity: Type.String() }, closed)])
const PlaceWithSecret = { place: BackupPlace, secret: Type.Optional(Type.String()) }

export const BackupQuestion = Type.Union([
  Type.Object(
    {
      what: Type.Literal('write'),
      file: Type.String(),
      lock: Lock,
      database: Type.String(),
      dataDir: Type.String(),
      filesDir: Type.Optional(Type.String()),
      secretKey: Type.Optional(Type.String()),
      version: Type.String(),
      why: BackupWhy,
      workFactor: Type.Optional(Type.Integer()),
    },
    closed,
  ),
  Type.Object({ what: Type.Literal('verify'), file: Type.String(), lock: Lock }, closed),
  /** Brings a file to a place, and removes there what is too old of `known`. */
  Type.Object(
    {
      what: Type.Literal('send'),
      ...PlaceWithSecret,
      name: Type.String(),
      file: Type.String(),
      bytes: Type.Integer(),
      sha256: Type.String(),
      /** What it is called there until it is whole. */
      part: Type.String(),
      known: Type.Array(Type.String()),
      keep: Type.Object({ keepDaily: Type.Integer(), keepWeekly: Type.Integer(), keepMonthly: Type.Integer() }, closed),
    },
    closed,
  ),
  Type.Object({ what: Type.Literal('try'), ...PlaceWithSecret }, closed),
])
export type BackupQuestion = Static<typeof BackupQuestion>

/** What was removed at a place as too old, and why not all of it was. */
export interface Sent {
  removed: string[]
  trouble?: string
}

export const BackupSaid = Type.Union([
  Type.Object({ progress: Type.Object({ step: Type.String(), done: Type.Number(), total: Type.Optional(Type.Number()) }) }),
  Type.Object({ hostKey: Type.String() }),
  Type.Object({ result: Type.Unknown() }),
  Type.Object({
    error: Type.Object({
      kind: Type.Enum(['user', 'operational', 'bug']),
      code: Type.String(),
      message: Type.String(),
      status: Type.Integer(),
      details: Type.Optional(Type.Unknown()),
    }),
  }),
])
