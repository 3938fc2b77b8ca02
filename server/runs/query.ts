/**
 * Lists and searches of the history. Whatever is asked, a statement looks at a bounded number of rows: the newest that an
 * index gives, and for words a stretch of the history at a time, from which the next question goes on.
 */
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Static } from 'typebox'
import type { QueryOf, Run, RunSummary } from '../api/index.ts'
import type { listRunFlows, listRunTriggers, searchRuns } from '../api/runs.ts'
import type { Database } from '../store/tables.ts'
import { rowToSummary } from './rows.ts'

type Db = Kysely<Database>
type Filters = Omit<QueryOf<typeof searchRuns>, 'text' | 'limit'>

/** Runs whose words are looked at in one question. */
const LOOK_AT = 5000
const OF_A_SUMMARY = [
  'id',
  'state',
  'triggerNodeId',
  'triggerNodeType',
  'triggerNodeName',
  'flowId',
  'flowName',
  'startedAt',
  'endedAt',
  'hops',
  'summary',
  'endedBySettling',
  'held',
  'replayOf',
] as const

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** Ids begin with their time (base/ids.ts): a bound on the time is one on the id. */
function idAt(iso: string, prefix: string): string {
  let rest = Math.max(0, Date.parse(iso))
  let head = ''
  for (let i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) head = ALPHABET[rest % 32] + head
  return `${prefix}_${head}`
}

function matching(db: Db, { state, flowId, trigger, job, from, to, before }: Filters) {
  let query = db.selectFrom('run')
  if (state !== undefined) query = query.where('state', '=', state)
  if (flowId !== undefined) query = query.where('flowId', '=', flowId)
  if (trigger !== undefined) query = query.where('triggerNodeId', '=', trigger)
  if (job !== undefined) query = query.where('id', 'in', runsOfJob(db, job))
  const id = orderedBy({ flowId, trigger })
  if (before !== undefined) query = query.where(id, '<', before)
  if (from !== undefined) query = query.where(id, '>=', idAt(from, 'run'))
  if (to !== undefined) query = query.where(id, '<', idAt(to, 'run'))
  return query.orderBy(id, 'desc')
}

/** Asked for in a run, or linked with one: few, by their indexes. */
const runsOfJob = (db: Db, job: string) =>
  db
    .selectFrom('runLink')
    .select('runId')
    .where('kind', 'in', ['job', 'program'])
    .where('targetId', '=', job)
    .union(db.selectFrom('job').select(sql<string>`"runId"`.as('runId')).where('id', '=', job).where('runId', 'is not', null))

/**
 * Of one trigger or flow by its own index, whose order the primary key has not: for one that ran long ago PostgreSQL would
 * else read the whole history backwards. Ids sort the same either way.
 */
const orderedBy = ({ flowId, trigger }: { flowId: string | undefined; trigger: string | undefined }) =>
  flowId === undefined && trigger === undefined ? sql<string>`id` : sql<string>`id collate "C"`

/** Newest first; run ids sort by time. */
export async function listRuns(db: Db, { limit, ...filters }: Filters & { limit: number }): Promise<RunSummary[]> {
  const rows = await matching(db, filters).select(OF_A_SUMMARY).limit(limit).execute()
  return rows.map(rowToSummary)
}

export interface Found {
  runs: RunSummary[]
  before?: string
  lookedBackTo?: string
}

export async function findRuns(db: Db, { text = '', limit, ...filters }: Filters & { text?: string | undefined; limit: number }): Promise<Found> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) {
    const runs = await listRuns(db, { ...filters, limit })
    const last = runs.at(-1)
    return { runs, ...(runs.length === limit && last ? { before: last.id } : {}) }
  }
  const stretch = matching(db, filters).select(OF_A_SUMMARY).limit(LOOK_AT)
  const hay = sql<string>`lower(concat_ws(' ', id, "triggerNodeName", "triggerNodeType", "flowName", summary))`
  // one statement, one look at the stretch: what is in it, and where it ends
  const rows = await db
    .with(
      (cte) => cte('stretch').materialized(),
      () => stretch,
    )
    .with('edge', (q) =>
      q.selectFrom('stretch').select((e) => [e.fn.min('id').as('edgeId'), e.fn.min('startedAt').as('edgeAt'), e.fn.countAll<string>().as('looked')]),
    )
    .with('found', (q) =>
      q
        .selectFrom('stretch')
        .select(OF_A_SUMMARY)
        .where((e) => e.and(words.map((word) => sql<SqlBool>`position(${word} in ${hay}) > 0`)))
        .orderBy('id', 'desc')
        .limit(limit),
    )
    .selectFrom('edge')
    .leftJoin('found', (join) => join.onTrue())
    .selectAll()
    .orderBy('found.id', 'desc')
    .execute()
  const runs = rows.flatMap((row) => (row.id === null ? [] : [rowToSummary(row as Parameters<typeof rowToSummary>[0])]))
  const last = runs.at(-1)
  if (runs.length === limit && last) return { runs, before: last.id, lookedBackTo: last.startedAt }
  const [edge] = rows
  if (!edge?.edgeId || Number(edge.looked) < LOOK_AT) return { runs }
  return { runs, before: edge.edgeId, lookedBackTo: edge.edgeAt.toISOString() }
}

/** What began the newest runs, most frequent first. */
export async function recentTriggers(db: Db): Promise<Static<(typeof listRunTriggers)['response']>> {
  const { rows } = await sql<{ trigger: Run['trigger']; runs: number }>`
    select json_build_object('nodeId', "triggerNodeId", 'nodeType', max("triggerNodeType"), 'nodeName', max("triggerNodeName"), 'flowId', max("flowId"), 'flowName', max("flowName")) as trigger,
      count(*)::integer as runs
    from (select * from run order by id desc limit 1000) as newest where "triggerNodeId" <> '' group by "triggerNodeId" order by runs desc limit 200`.execute(
    db,
  )
  return rows.map(({ trigger, runs }) => ({ ...withoutNulls(trigger), runs }))
}

/** Flows shown as choices. */
const MOST_FLOWS = 200

/**
 * One look into the index for each flow: with a history of any length it costs what there are flows (PostgreSQL has no skip scan
 * before version 18; its wiki, "Loose indexscan").
 */
export async function recentFlows(db: Db): Promise<Static<(typeof listRunFlows)['response']>> {
  const { rows } = await sql<{ flowId: string; flowName: string | null; lastAt: Date }>`
    with recursive flow(id) as (
      (select "flowId" from run where "flowId" is not null order by "flowId" limit 1)
      union all
      select (select "flowId" from run where "flowId" > flow.id order by "flowId" limit 1) from flow where flow.id is not null)
    select flow.id as "flowId", newest."flowName", newest."startedAt" as "lastAt" from flow
    cross join lateral (select "flowName", "startedAt" from run where run."flowId" = flow.id order by run.id collate "C" desc limit 1) as newest
    where flow.id is not null order by newest."startedAt" desc limit ${MOST_FLOWS}`.execute(db)
  return rows.map(({ flowId, flowName, lastAt }) => ({ flowId, ...(flowName === null ? {} : { flowName }), lastAt: lastAt.toISOString() }))
}

function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null)) as T
}
