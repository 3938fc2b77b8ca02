/**
 * Events that stand in the tables of other parts: what ended badly, what was missed, what somebody opened. The row is the truth, so that
 * nothing is lost when a process dies between it and its event, and another host's rows count as well. Read again over the last minutes,
 * since a transaction may commit late; an event has one key, and is one.
 */
import { type Kysely, sql } from 'kysely'
import type { EventType } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { type NewEvent, recordEvents } from './events.ts'

/** Longer than a transaction takes, and than clocks of hosts are apart. */
const OVERLAP_S = 600
const AT_ONCE = 500
/** The mark of when this installation began to tell anything. */
const BEGIN = 'begin'

export interface Names {
  machine(machineId: string): string
}

interface Found {
  at: Date
  event: NewEvent
}
interface Source {
  name: string
  read(db: Kysely<Database>, since: Date, names: Names): Promise<Found[]>
}

/** Has no event yet. */
const isNew = (prefix: string, id: string) => sql<boolean>`not exists (select from "notificationEvent" e where e.key = ${`${prefix} `} || ${sql.ref(id)})`
const optional = <K extends string, V>(key: K, value: V | null | undefined) =>
  value === null || value === undefined ? {} : ({ [key]: value } as { [k in K]: V })

const JOB_EVENTS = {
  completed: 'job.ended',
  failed: 'job.failed',
  interrupted: 'job.interrupted',
  stopped: 'job.stopped',
  cancelled: 'job.stopped',
} as const satisfies Record<string, EventType>

const jobs: Source = {
  name: 'jobs',
  async read(db, since, names) {
    const rows = await db
      .selectFrom('job')
      .select(['id', 'kind', 'name', 'state', 'machineId', 'runId', 'reason', 'endedAt'])
      .where(sql<boolean>`"endedAt" is not null and (kind = 'program' or state in ('failed', 'interrupted'))`)
      .where('endedAt', '>', since)
      // one that never began and was taken out of its queue is nobody's news
      .where((where) => where.or([where('state', '<>', 'cancelled'), where('startedAt', 'is not', null)]))
      .where(isNew('job', 'job.id'))
      .orderBy('endedAt')
      .limit(AT_ONCE)
      .execute()
    return rows.flatMap(({ id, kind, name, state, machineId, runId, reason, endedAt }): Found[] => {
      const type = JOB_EVENTS[state as keyof typeof JOB_EVENTS] as (typeof JOB_EVENTS)[keyof typeof JOB_EVENTS] | undefined
      if (!type || !endedAt) return []
      const machine = machineId === null ? {} : { machineId, machine: names.machine(machineId) }
      const data = { jobId: id, kind, name, ...machine, ...optional('runId', runId), endedAt: endedAt.toISOString(), ...optional('reason', reason) }
      return [{ at: endedAt, event: { type, key: `job ${id}`, at: endedAt, data } }]
    })
  },
}

const runs: Source = {
  name: 'runs',
  async read(db, since) {
    const rows = await db
      .selectFrom('run')
      .select(['id', 'state', 'flowName', 'summary', 'endedAt'])
      .where(sql<boolean>`state in ('failed', 'interrupted')`)
      .where('endedAt', '>', since)
      .where(isNew('run', 'run.id'))
      .orderBy('endedAt')
      .limit(AT_ONCE)
      .execute()
    return rows.flatMap(({ id, state, flowName, summary, endedAt }): Found[] =>
      endedAt && (state === 'failed' || state === 'interrupted')
        ? [
            {
              at: endedAt,
              event: {
                type: 'run.failed',
                key: `run ${id}`,
                at: endedAt,
                data: { runId: id, state, ...optional('flow', flowName), ...optional('summary', summary) },
              },
            },
          ]
        : [],
    )
  },
}

const triggers: Source = {
  name: 'triggers',
  async read(db, since) {
    const rows = await db
      .selectFrom('triggerFiring')
      .leftJoin('trigger', 'trigger.id', 'triggerFiring.triggerId')
      .select(['triggerFiring.id', 'triggerFiring.triggerId', 'triggerFiring.at', 'triggerFiring.dueAt', 'triggerFiring.missed', 'trigger.face'])
      .where(sql<boolean>`"triggerFiring".state = 'skipped' and "triggerFiring".missed is not null`)
      .where('triggerFiring.at', '>', since)
      .where(isNew('firing', 'triggerFiring.id'))
      .orderBy('triggerFiring.at')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, triggerId, at, dueAt, missed, face }) => {
      const { name } = (face ?? {}) as { name?: unknown }
      const trigger = typeof name === 'string' && name ? name : triggerId
      return { at, event: { type: 'trigger.missed', key: `firing ${id}`, at, data: { triggerId, trigger, dueAt: dueAt.toISOString(), missed: missed ?? 1 } } }
    })
  },
}

const asks: Source = {
  name: 'asks',
  async read(db, since) {
    const rows = await db
      .selectFrom('step')
      .select(['id', 'runId', 'nodeName', 'text', 'createdAt'])
      .where('kind', '=', 'person')
      .where('createdAt', '>', since)
      .where(isNew('ask', 'step.id'))
      .orderBy('createdAt')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, runId, nodeName, text, createdAt }) => ({
      at: createdAt,
      event: { type: 'flow.asks', key: `ask ${id}`, at: createdAt, data: { stepId: id, runId, text, ...optional('node', nodeName) } },
    }))
  },
}

const deploys: Source = {
  name: 'deploys',
  async read(db, since) {
    const rows = await db
      .selectFrom('flowVersion')
      .select(['id', 'number', 'author', 'comment', 'state', 'at'])
      .where('at', '>', since)
      .where(isNew('deploy', 'flowVersion.id'))
      .orderBy('at')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, number, author, comment, state, at }) => ({
      at,
      event: {
        type: state === 'failed' ? 'deploy.failed' : 'deploy.done',
        key: `deploy ${id}`,
        at,
        data: { versionId: id, number, by: author, ...optional('comment', comment) },
      },
    }))
  },
}

const signals: Source = {
  name: 'signals',
  async read(db, since) {
    const rows = await db
      .selectFrom('qualitySignal')
      .innerJoin('characteristic', 'characteristic.id', 'qualitySignal.characteristicId')
      .select([
        'qualitySignal.id',
        'qualitySignal.characteristicId',
        'qualitySignal.chart',
        'qualitySignal.rule',
        'qualitySignal.text',
        'qualitySignal.value',
        'qualitySignal.at',
      ])
      .select('characteristic.name')
      .where('qualitySignal.at', '>', since)
      .where(isNew('signal', 'qualitySignal.id'))
      .orderBy('qualitySignal.at')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, characteristicId, name, chart, rule, text, value, at }) => ({
      at,
      event: { type: 'quality.signal', key: `signal ${id}`, at, data: { signalId: id, characteristicId, characteristic: name, chart, rule, text, value } },
    }))
  },
}

const nonconformances: Source = {
  name: 'nonconformances',
  async read(db, since) {
    const rows = await db
      .selectFrom('qualityDocument')
      .select(['id', 'number', 'openedBy', 'machineId', 'openedAt'])
      .where('kind', '=', 'ncr')
      .where('openedAt', '>', since)
      .where(isNew('document', 'qualityDocument.id'))
      .orderBy('openedAt')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, number, openedBy, machineId, openedAt }) => ({
      at: openedAt,
      event: {
        type: 'quality.nonconformance',
        key: `document ${id}`,
        at: openedAt,
        data: { documentId: id, number, openedBy, ...optional('machineId', machineId) },
      },
    }))
  },
}

/** What flows show on the panels. What machines say there is told by {@link import('./conditions.ts')}: every host hears of it. */
const messages: Source = {
  name: 'messages',
  async read(db, since, names) {
    const rows = await db
      .selectFrom('panelMessage')
      .select(['id', 'key', 'priority', 'title', 'text', 'machineId', 'at'])
      .where('kind', '=', 'flow')
      .where('at', '>', since)
      // gauges remind on the panels as well, and have events of their own
      .where((where) => where.or([where('key', 'is', null), where('key', 'not like', 'gauge %')]))
      .where(
        sql<boolean>`not exists (select from "notificationEvent" e where e.key = 'message ' || "panelMessage".id || ' ' || (extract(epoch from "panelMessage".at) * 1000)::bigint)`,
      )
      .orderBy('at')
      .limit(AT_ONCE)
      .execute()
    return rows.map(({ id, key, priority, title, text, machineId, at }) => ({
      at,
      event: {
        type: 'message.shown',
        key: `message ${id} ${at.getTime()}`,
        at,
        severity: priority === 'alarm' ? 'alarm' : priority === 'info' ? 'info' : 'warning',
        panelKey: key ?? id,
        data: { messageId: id, priority, title, ...optional('text', text), ...(machineId === null ? {} : { machineId, machine: names.machine(machineId) }) },
      },
    }))
  },
}

/** An address counts as theirs when they came from it before, as long as the audit log is kept. Nobody's first sign-in is news. */
const signIns: Source = {
  name: 'sign-ins',
  async read(db, since) {
    const { rows } = await sql<{ id: string; who: string; address: string; at: Date; name: string | null }>`
      select a.id, a.who, a.detail ->> 'address' as address, a.at, u.name from audit a left join "user" u on u.username = a.who
      where a.action = 'signed in' and a.at > ${since} and a.detail ->> 'address' is not null
        and not exists (select from "notificationEvent" e where e.key = 'sign-in ' || a.id)
        and exists (select from audit b where b.action = 'signed in' and b.who = a.who and b.at < a.at)
        and not exists (select from audit b where b.action = 'signed in' and b.who = a.who and b.at < a.at and b.detail ->> 'address' = a.detail ->> 'address')
      order by a.at limit ${AT_ONCE}`.execute(db)
    return rows.map(({ id, who, address, at, name }) => ({
      at,
      event: { type: 'sign-in.new-device', key: `sign-in ${id}`, at, data: { userName: who, person: name ?? who, address } },
    }))
  },
}

const SOURCES: readonly Source[] = [jobs, runs, triggers, asks, deploys, signals, nonconformances, messages, signIns]

/**
 * Writes what is new since the last time. What happened before this installation told anything is left alone.
 * @returns how many events are new
 */
export async function harvest(db: Kysely<Database>, names: Names): Promise<number> {
  const marks = new Map((await db.selectFrom('notificationMark').selectAll().execute()).map(({ source, upTo }) => [source, upTo]))
  const now = (await sql<{ now: Date }>`select now()`.execute(db)).rows[0]?.now ?? new Date()
  const begin = marks.get(BEGIN)
  const missing = [BEGIN, ...SOURCES.map(({ name }) => name)].filter((source) => !marks.has(source))
  if (missing.length)
    await db
      .insertInto('notificationMark')
      .values(missing.map((source) => ({ source, upTo: now })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  let count = 0
  for (const { name, read } of SOURCES) {
    const upTo = marks.get(name)
    if (!upTo || !begin) continue
    const since = new Date(Math.max(upTo.getTime() - OVERLAP_S * 1000, begin.getTime()))
    const found = await read(db, since, names)
    const newest = found.length < AT_ONCE ? now : found.at(-1)?.at
    count += await recordEvents(
      db,
      found.map(({ event }) => event),
    )
    // read more rarely written than read: the overlap covers what lies between
    if (newest && newest.getTime() - upTo.getTime() > (OVERLAP_S * 1000) / 10)
      await db.updateTable('notificationMark').set({ upTo: newest }).where('source', '=', name).where('upTo', '<', newest).execute()
  }
  return count
}
