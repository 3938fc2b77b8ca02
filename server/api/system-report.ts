/** How the installation is: every process, the database, queues, the disk, links, the clock, and what of it is not as it should be. Browser-safe. */
import { type Static, Type } from 'typebox'
import { DiskView } from './health.ts'
import { ProcessView } from './people.ts'
import { route } from './route.ts'
import { SpaceReport } from './space.ts'

const When = Type.String({ format: 'date-time' })

/** Codes of findings; the pages and the command line have the words to each: what it is, what it means, what to do. */
export const HEALTH_CODES = [
  'safe-mode',
  'process-down',
  'process-restarted',
  'process-silent',
  'process-lag',
  'process-memory',
  'memory-low',
  'database-away',
  'database-slow',
  'database-connections',
  'database-query',
  'redis-away',
  'queue-held',
  'queue-late',
  'letters-open',
  'disk-low',
  'disk-critical',
  'disk-full',
  'space-over',
  'guard-away',
  'link-lost',
  'link-silent',
  'clock-off',
  'clock-jumped',
  'tls-trouble',
  'tls-ends',
  'tls-ended',
  'backup-never',
  'backup-old',
  'backup-failed',
  'host-silent',
] as const
export type HealthCode = (typeof HEALTH_CODES)[number]

export const HealthFinding = Type.Object({
  code: Type.Enum(HEALTH_CODES),
  /** `problem`: something does not work. `warning`: it will not for long, or is not as it should be. */
  level: Type.Enum(['warning', 'problem']),
  /** Which process, queue, machine … it is of. */
  subject: Type.Optional(Type.String()),
  /** Numbers and words that the sentence needs. Bytes, ms and days are plain numbers. */
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
})
export type HealthFinding = Static<typeof HealthFinding>

/** Where a process' figures come from: itself, or the operating system where it cannot tell them (PostgreSQL, helpers). */
export const HealthProcess = Type.Object({ ...ProcessView.properties, from: Type.Enum(['itself', 'system']) })
export type HealthProcess = Static<typeof HealthProcess>

export const BackupState = Type.Object({
  /** When the last one that is whole was made. */
  at: Type.Optional(When),
  /** Why the last try made none. */
  failed: Type.Optional(Type.String()),
  /** They are made by a schedule. */
  isScheduled: Type.Boolean(),
})
export type BackupState = Static<typeof BackupState>

export const SystemReport = Type.Object({
  at: When,
  host: Type.String(),
  /** All that share the database; alone it is the only one. */
  hosts: Type.Array(Type.Object({ name: Type.String(), isHere: Type.Boolean(), state: Type.Enum(['living', 'silent', 'ended']) })),
  versions: Type.Object({
    program: Type.String(),
    node: Type.String(),
    /** The newest migration that the database has. */
    schema: Type.Optional(Type.String()),
    postgres: Type.Optional(Type.String()),
    system: Type.String(),
  }),
  startedAt: When,
  isSafeMode: Type.Boolean(),
  processes: Type.Array(HealthProcess),
  memory: Type.Object({
    totalBytes: Type.Number(),
    freeBytes: Type.Number(),
    /** What this installation may take, where the system sets a limit (a container, a service). */
    limitBytes: Type.Optional(Type.Number()),
  }),
  /** Processors, and how many of them were wanted on average in the last minute; absent where the system does not tell. */
  cpu: Type.Object({ cores: Type.Integer(), load: Type.Optional(Type.Number()) }),
  database: Type.Object({
    state: Type.Enum(['ok', 'away']),
    isEmbedded: Type.Boolean(),
    bytes: Type.Optional(Type.Number()),
    connections: Type.Optional(Type.Integer()),
    mostConnections: Type.Optional(Type.Integer()),
    answerMs: Type.Optional(Type.Number()),
    /** The statement that runs longest. */
    longestS: Type.Optional(Type.Number()),
  }),
  redis: Type.Enum(['none', 'ok', 'away']),
  queues: Type.Array(
    Type.Object({
      queue: Type.String(),
      name: Type.String(),
      waiting: Type.Integer(),
      active: Type.Integer(),
      /** Failed or interrupted, and nobody has dealt with it. */
      dead: Type.Integer(),
      late: Type.Integer(),
      mode: Type.String(),
      why: Type.Optional(Type.String()),
    }),
  ),
  disk: Type.Object({ ...DiskView.properties, lowBytes: Type.Number(), criticalBytes: Type.Number() }),
  space: SpaceReport,
  machines: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      isVirtual: Type.Boolean(),
      guard: Type.Enum(['running', 'starting', 'gone']),
      link: Type.Optional(Type.Enum(['connecting', 'connected', 'lost', 'waiting-for-person'])),
      /** How long the controller's last report is ago. */
      silentMs: Type.Optional(Type.Number()),
    }),
  ),
  clock: Type.Object({
    /** Ours minus the database's; absent while it does not answer. */
    offMs: Type.Optional(Type.Number()),
    /** The clock was set, or the computer slept; forward is positive. The last ones. */
    jumps: Type.Array(Type.Object({ at: When, ms: Type.Number() })),
  }),
  /** Absent where we serve no HTTPS ourselves. */
  certificate: Type.Optional(Type.Object({ endsAt: When, names: Type.Array(Type.String()), trouble: Type.Optional(Type.String()) })),
  /** Absent where nothing makes back-ups. */
  backup: Type.Optional(BackupState),
  findings: Type.Array(HealthFinding),
})
export type SystemReport = Static<typeof SystemReport>

/** What the live topic is asked for. */
export const SystemReportLook = Type.Object({ host: Type.Optional(Type.String({ maxLength: 100 })) }, { additionalProperties: false })

export const getSystemReport = route({
  id: 'getSystemReport',
  method: 'get',
  path: '/api/system/report',
  access: 'system.view',
  tag: 'system',
  summary: 'How a host is in whole: processes, database, queues, disk, links, clock, certificate, and what is not as it should be.',
  query: Type.Object({ host: Type.Optional(Type.String({ maxLength: 100, description: 'Another host of the same database' })) }),
  response: SystemReport,
  errors: ['host-unknown', 'host-silent'],
})
