/**
 * What of the database is history: it says how something went and nothing stands on it. In the order in which it goes when the database takes
 * more than it may. Never: what is younger than a day (jobs: a week), runs that are active or that an open work order or a failure that nobody
 * has dealt with needs, what is still to be told. All else of the database (audit log, quality, versions, work orders, people …) is not here.
 */
import type { HistoryClass } from '../api/index.ts'

/** Every host and every version needs these days to look at what has just happened; no budget shortens them. */
const KEPT_HOURS = 24
/** The key of a job is what makes the same request twice one job. */
const KEPT_JOB_HOURS = 7 * 24

export interface HistoryTables {
  class: HistoryClass
  /** Names of tables that hold it, by which its size is judged. */
  tables: readonly string[]
  /** Those that it deletes from beside them. */
  alsoFrom?: readonly string[]
  /**
   * One batch, in the order of `after`: $1 the last that was looked at ('' at first), $2 how many are looked at, $3 hours that are kept.
   * Gives one row: `looked` (fewer than $2: that was all), `last`, `rows` that were deleted and `bytes` that they took.
   */
  batch: string
  keptHours: number
  /** How many are looked at in one batch at most. */
  step: number
}

/** What a row takes: its columns as they are stored, and its head. */
export const rowBytes = (of: string, columns: readonly string[]): string =>
  `(28 + ${columns.map((column) => `coalesce(pg_column_size(${of}."${column}"), 0)`).join(' + ')})::bigint`

const MESSAGE = rowBytes('m', ['runId', 'seq', 'bytes', 'isWhole', 'message', 'cuts'])
const LINK = rowBytes('l', ['runId', 'kind', 'targetId', 'text', 'at'])
const STEP = rowBytes('s', ['id', 'runId', 'nodeId', 'nodeType', 'text', 'message', 'data', 'ask', 'wake', 'createdAt', 'changedAt', 'endedAt'])
const RUN = rowBytes('r', ['id', 'state', 'triggerNodeId', 'triggerNodeType', 'flowId', 'flowName', 'startedAt', 'endedAt', 'summary', 'detail', 'held'])
const FIRING = rowBytes('f', ['id', 'triggerId', 'key', 'cause', 'state', 'dueAt', 'at', 'begunAt', 'runId', 'values', 'text', 'reason'])
const EVENT = rowBytes('e', ['id', 'n', 'key', 'type', 'severity', 'data', 'panelKey', 'at', 'recordedAt', 'routedAt'])
const DELIVERY = rowBytes('d', ['id', 'eventId', 'channel', 'to', 'language', 'state', 'nextAt', 'messageId', 'error', 'createdAt', 'endedAt'])
const JOB = rowBytes('j', ['id', 'kind', 'queue', 'name', 'key', 'state', 'request', 'requestedBy', 'createdAt', 'startedAt', 'endedAt', 'outcome', 'reason'])

/** Of a run that ended long enough ago, and that nothing open needs. */
const OLD_RUN = `r.state <> 'active' and coalesce(r."endedAt", r."startedAt") < now() - make_interval(hours => $3)
      and not exists (select 1 from "workOrder" w where w."runId" = r.id and w.state in ('new', 'delivered'))
      and not exists (select 1 from job j where j."runId" = r.id and (j.state in ('waiting', 'active') or (j.state in ('failed', 'interrupted') and j."handledAt" is null)))
      and not exists (select 1 from step s where s."runId" = r.id and s.state = 'waiting')`
const totals = (deleted: readonly string[]): string =>
  `select (select count(*) from look)::integer as looked, (select max(id) from look) as last,
      ${deleted.map((name) => `(select count(*) from ${name})`).join(' + ')} as rows,
      ${deleted.map((name) => `coalesce((select sum(bytes) from ${name}), 0)`).join(' + ')} as bytes`

export const HISTORY: readonly HistoryTables[] = [
  {
    class: 'messages',
    tables: ['runMessage'],
    keptHours: KEPT_HOURS,
    step: 200,
    batch: `
      with look as (select distinct "runId" as id from "runMessage" where "runId" > $1 order by 1 limit $2),
      old as (select r.id from run r join look on look.id = r.id where ${OLD_RUN}),
      gone as (delete from "runMessage" m using old where m."runId" = old.id returning ${MESSAGE} as bytes)
      ${totals(['gone'])}`,
  },
  {
    class: 'runs',
    tables: ['run', 'runLink', 'step'],
    alsoFrom: ['runMessage'],
    keptHours: KEPT_HOURS,
    step: 500,
    batch: `
      with look as (select id from run where id > $1 order by id limit $2),
      old as (select r.id from run r join look on look.id = r.id where ${OLD_RUN} order by r.id for update of r skip locked),
      links as (delete from "runLink" l using old where l."runId" = old.id returning ${LINK} as bytes),
      messages as (delete from "runMessage" m using old where m."runId" = old.id returning ${MESSAGE} as bytes),
      steps as (delete from step s using old where s."runId" = old.id and s.state = 'ended' returning ${STEP} as bytes),
      runs as (delete from run r using old where r.id = old.id returning ${RUN} as bytes)
      ${totals(['runs', 'links', 'messages', 'steps'])}`,
  },
  {
    class: 'firings',
    tables: ['triggerFiring'],
    keptHours: KEPT_HOURS,
    step: 2000,
    batch: `
      with look as (select id, state, at, "dueAt" from "triggerFiring" where id > $1 order by id limit $2),
      gone as (delete from "triggerFiring" f using look where f.id = look.id and f.state not in ('due', 'offered')
        and greatest(f.at, f."dueAt") < now() - make_interval(hours => $3) returning ${FIRING} as bytes)
      ${totals(['gone'])}`,
  },
  {
    class: 'told',
    tables: ['notificationEvent', 'notificationDelivery'],
    keptHours: KEPT_HOURS,
    step: 500,
    batch: `
      with look as (select id from "notificationEvent" where id > $1 order by id limit $2),
      old as (select e.id from "notificationEvent" e join look on look.id = e.id
        where e."recordedAt" < now() - make_interval(hours => $3) and e."routedAt" is not null
          and not exists (select 1 from "notificationDelivery" d where d."eventId" = e.id and d.state in ('waiting', 'dead'))
        for update of e skip locked),
      deliveries as (delete from "notificationDelivery" d using old where d."eventId" = old.id returning ${DELIVERY} as bytes),
      events as (delete from "notificationEvent" e using old where e.id = old.id returning ${EVENT} as bytes)
      ${totals(['events', 'deliveries'])}`,
  },
  {
    class: 'jobs',
    tables: ['job', 'jobDependency'],
    keptHours: KEPT_JOB_HOURS,
    step: 1000,
    batch: `
      with look as (select id from job where id > $1 order by id limit $2),
      old as (select j.id from job j join look on look.id = j.id
        where j.state not in ('waiting', 'active') and j."endedAt" < now() - make_interval(hours => $3)
          and (j."handledAt" is not null or j.state not in ('failed', 'interrupted'))
          and not exists (select 1 from "jobDependency" p join job later on later.id = p."jobId" where p."onJob" = j.id and later.state in ('waiting', 'active'))
          and not exists (select 1 from "workOrder" w where w."runId" = j."runId" and w.state in ('new', 'delivered'))
        for update of j skip locked),
      gone as (delete from job j using old where j.id = old.id returning ${JOB} as bytes)
      ${totals(['gone'])}`,
  },
]
