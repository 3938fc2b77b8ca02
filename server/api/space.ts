/** What each part of the installation takes on the disk, how much it may, and what is deleted when. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })

export const TableGroup = Type.Enum(['runs', 'jobs', 'audit', 'quality', 'flows', 'connections', 'other'])
export type TableGroup = Static<typeof TableGroup>

export const SpaceKind = Type.Enum(['database', 'runs', 'journals', 'programs', 'files', 'logs', 'backups', 'palette', 'mirror'])
export type SpaceKind = Static<typeof SpaceKind>

/** What of the database goes before its time when it takes more than it may, in this order; of each the oldest first. */
export const HistoryClass = Type.Enum(['messages', 'runs', 'firings', 'told', 'jobs'])
export type HistoryClass = Static<typeof HistoryClass>

/** What was done to bring the database within its budget. Bytes are those that count: of history its rows and not the room that they left. */
export const DatabasePass = Type.Object({
  beforeBytes: Type.Number(),
  afterBytes: Type.Number(),
  limitBytes: Type.Number(),
  /** Deleted. */
  rows: Type.Record(HistoryClass, Type.Integer()),
  /** It is within its budget now. */
  suffices: Type.Boolean(),
  /** Ended before all was looked at: the database refused something, or the host ended. The next time goes on. */
  isCut: Type.Optional(Type.Boolean()),
})
export type DatabasePass = Static<typeof DatabasePass>

/** `limitBytes` is the budget: absent where nothing is deleted by itself. */
export const SpaceView = Type.Object({
  kind: SpaceKind,
  bytes: Type.Number(),
  limitBytes: Type.Optional(Type.Number()),
  /** What the budget is compared with, where that is not `bytes`: of the database without its log and without room that it uses again. */
  countedBytes: Type.Optional(Type.Number()),
  /** Of the database: what the tables are for. Of the journals: machines. */
  parts: Type.Optional(Type.Array(Type.Object({ name: Type.String(), bytes: Type.Number() }))),
  path: Type.Optional(Type.String()),
})
export type SpaceView = Static<typeof SpaceView>

/** What takes more than it may although everything that may go has gone. */
export const OverBudget = Type.Object({ kind: SpaceKind, bytes: Type.Number(), limitBytes: Type.Number() })
export type OverBudget = Static<typeof OverBudget>

/** What a person may set. */
export const SpaceRule = Type.Object(
  {
    /** Journals of machines are kept for at least so many days, whatever they take. */
    journalDays: Type.Integer({ minimum: 1, maximum: 3650 }),
    /** Older ones go, oldest first, when all journals of a host take more. */
    journalMb: Type.Integer({ minimum: 100, maximum: 10_000_000 }),
    /** Contents of programs that nothing refers to are kept for so many days. */
    programDays: Type.Integer({ minimum: 1, maximum: 3650 }),
    /** Turned-over log files go, oldest first, when all logs of a host take more. */
    logMb: Type.Integer({ minimum: 20, maximum: 1_000_000 }),
    /** History goes before its time, the least worth first, when the database takes more; what is younger than a day never. */
    databaseMb: Type.Integer({ minimum: 100, maximum: 10_000_000 }),
  },
  closed,
)
export type SpaceRule = Static<typeof SpaceRule>

export const SpaceReport = Type.Object({
  host: Type.String(),
  /** Absent while it is measured for the first time. */
  measuredAt: Type.Optional(When),
  spaces: Type.Array(SpaceView),
  rule: SpaceRule,
  setBy: Type.Optional(Type.String()),
  setAt: Type.Optional(When),
  /** Somebody asked for deleting, and it goes on. */
  isSweeping: Type.Optional(Type.Literal(true)),
  /** What was deleted last, by itself or because somebody asked. */
  swept: Type.Optional(
    Type.Object({
      at: When,
      journalBytes: Type.Number(),
      programBytes: Type.Number(),
      logBytes: Type.Number(),
      fileBytes: Type.Number(),
      /** Where this host looked after the database and it was beyond its budget. */
      database: Type.Optional(DatabasePass),
    }),
  ),
})
export type SpaceReport = Static<typeof SpaceReport>

export const getSpace = route({
  id: 'getSpace',
  method: 'get',
  path: '/api/system/space',
  access: 'system.view',
  tag: 'system',
  summary: 'What each part of this host takes on the disk, as last measured, and what is deleted when.',
  response: SpaceReport,
})
export const setSpaceRule = route({
  id: 'setSpaceRule',
  method: 'put',
  path: '/api/system/space/rule',
  access: 'system.manage',
  tag: 'system',
  summary: 'Sets how much database, journals, logs and unused programs may take and how long they are kept at least; null goes back to what is usual.',
  body: Type.Object({ rule: Type.Union([SpaceRule, Type.Null()]), ...ReasonField }, closed),
  response: SpaceReport,
})
export const sweepSpace = route({
  id: 'sweepSpace',
  method: 'post',
  path: '/api/system/space/sweep',
  access: 'system.manage',
  tag: 'system',
  summary: 'Deletes at once what is beyond the limits, and measures anew.',
  response: SpaceReport,
})
