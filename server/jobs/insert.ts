/**
 * Writes the row of a new job. A person or a flow waits for it, and a queue that is idle begins it with this statement. So its
 * text is made once, not by the query builder for each job, and only what the database decides comes back: both cost
 * about as much as the write itself.
 */
import { CompiledQuery, type Insertable, type Kysely } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { JobPlan } from '../api/index.ts'
import { type Database, json, PREPARED } from '../store/index.ts'
import { addDependencies } from './dependencies.ts'
import type { JobRow } from './job-row.ts'

type Db = Kysely<Database>

export interface NewJob {
  kind: JobRow['kind']
  queue: string
  name: string
  /** The same key is one job. */
  key?: string | undefined
  machineId?: string
  programId?: string
  runId?: string | undefined
  nodeId?: string | undefined
  request: unknown
  requestedBy: string
  /** False: nobody takes it before `markReady`. @defaultValue true */
  isReady?: boolean
  retryOf?: string
  estimateS?: number | undefined
  plan?: JobPlan | undefined
  /** The flow job in whose flow it is asked for. */
  parentJob?: string | undefined
  /** Which host is asked for it, and under which deployment. */
  askedOn?: string
  deployment?: number | undefined
  /**
   * Begin it with the same statement, by this gateway and this try: only for a queue that is known to be idle here, and
   * without a plan. While the queue is held or has a rate limit it waits all the same; while it is draining, it is not ready.
   */
  begin?: { host: string; token: string } | undefined
}

/** What is given with a row, in the order of the statement's parameters. */
const GIVEN = [
  'id',
  'kind',
  'queue',
  'name',
  'key',
  'machineId',
  'programId',
  'runId',
  'nodeId',
  'request',
  'requestedBy',
  'retryOf',
  'parentJob',
  'askedOn',
  'deployment',
  'estimateS',
  'priority',
  'whenBlockerFails',
  'dueAt',
  'notBefore',
  'deadlineAt',
] as const satisfies (keyof JobRow)[]
type Given = Required<Pick<Insertable<Database['job']>, (typeof GIVEN)[number]>>

/** What the database decides. */
const DECIDED = ['createdAt', 'position', 'state', 'isReady', 'startedAt', 'host', 'claim', 'attempts'] as const satisfies (keyof JobRow)[]
type Decided = Pick<JobRow, (typeof DECIDED)[number]>

/** All else, as it is in every new row. */
const UNTOUCHED: Omit<JobRow, keyof Given | keyof Decided> = {
  endedAt: null,
  reason: null,
  cause: null,
  outcome: null,
  progressDone: null,
  progressTotal: null,
  progressText: null,
  blockedBy: 0,
  hasDependents: false,
  handledAt: null,
  handledBy: null,
  handledWhy: null,
}

const listed = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join(', ')
const COLUMNS = listed(GIVEN)
const VALUES = GIVEN.map((_, i) => `$${i + 1}`).join(', ')
const QUEUE = `$${GIVEN.indexOf('queue') + 1}`
/** What the two statements take besides. */
const next = (n: number) => `$${GIVEN.length + n}`
const ENDING = `on conflict (key) do nothing returning ${listed(DECIDED)}`

const WAITING = `insert into job (${COLUMNS}, state, "isReady") values (${VALUES}, 'waiting', ${next(1)})
  ${ENDING}`

/** Begins at once, unless its queue is controlled. */
const BEGUN = `insert into job (${COLUMNS}, state, "isReady", "startedAt", host, claim, attempts)
  select ${VALUES}, case when q."isFree" then 'active' else 'waiting' end, not q."isDraining",
    case when q."isFree" then ${next(1)}::timestamptz end, case when q."isFree" then ${next(2)} end, case when q."isFree" then ${next(3)} end,
    case when q."isFree" then 1 else 0 end
  from (
    select coalesce(bool_and(mode = 'open' and "rateJobs" is null), true) as "isFree", coalesce(bool_or(mode = 'draining'), false) as "isDraining"
    from "jobQueue" where name = ${QUEUE}) q
  ${ENDING}`

/** @returns the row, and whether it is new: a key that was there before leads to its first job */
export async function insertJob(db: Db, job: NewJob): Promise<{ row: JobRow; isNew: boolean }> {
  const { key, plan = {}, isReady = true, begin } = job
  const given = {
    id: newId('job'),
    kind: job.kind,
    queue: job.queue,
    name: job.name,
    key: key ?? null,
    machineId: job.machineId ?? null,
    programId: job.programId ?? null,
    runId: job.runId ?? null,
    nodeId: job.nodeId ?? null,
    request: json(job.request),
    requestedBy: job.requestedBy,
    retryOf: job.retryOf ?? null,
    parentJob: job.parentJob ?? null,
    askedOn: job.askedOn ?? null,
    deployment: job.deployment ?? null,
    estimateS: job.estimateS ?? null,
    priority: plan.priority ?? 0,
    whenBlockerFails: plan.whenBlockerFails ?? 'wait',
    dueAt: timeOf(plan.dueAt),
    notBefore: timeOf(plan.notBefore),
    deadlineAt: timeOf(plan.deadlineAt),
  } satisfies Given
  const values = [...GIVEN.map((column) => given[column]), ...(begin ? [new Date(), begin.host, begin.token] : [isReady])]
  const insert = async (into: Db): Promise<JobRow | undefined> => {
    // in a transaction it is not known by its plan
    const text = `${begin ? BEGUN : WAITING} ${into.isTransaction ? '' : PREPARED}`
    const { rows } = await into.executeQuery(CompiledQuery.raw(text, values))
    const decided = rows[0] as Decided | undefined
    return decided && { ...UNTOUCHED, ...given, request: JSON.parse(given.request) as unknown, ...decided }
  }
  const inserted = plan.dependsOn?.length
    ? await db.transaction().execute(async (transaction) => {
        const row = await insert(transaction)
        return row && (await addDependencies(transaction, row, plan.dependsOn ?? []))
      })
    : await insert(db)
  if (inserted) return { row: inserted, isNew: true }
  const first = await db
    .selectFrom('job')
    .selectAll()
    .where('key', '=', key ?? '')
    .executeTakeFirstOrThrow()
  return { row: first, isNew: false }
}

const timeOf = (time: string | undefined): Date | null => (time === undefined ? null : new Date(time))
