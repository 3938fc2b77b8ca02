/** Studies as they stand, from the rows. */
import { sql } from 'kysely'
import type { Study, StudyDefinition, StudyReading, StudyView } from '../../api/index.ts'
import type { Db } from '../contract.ts'
import { orderOf, placeKey, placesNeeded } from './plan.ts'
import { noStudy } from './refusals.ts'
import { resultOf } from './result.ts'

interface StudyRow {
  id: string
  revision: number
  definition: StudyDefinition
  plannedAt: Date
  readings: number
  readAt: Date | null
  kind: 'closed' | 'reopened' | null
  verdict: NonNullable<Study['closing']>['verdict'] | null
  text: string | null
  by: string | null
  at: Date | null
  closedRevision: number | null
}

/** Newest first. */
export async function studiesOf(db: Db, studyId?: string): Promise<Study[]> {
  const one = studyId === undefined ? sql`` : sql`where "studyId" = ${studyId}`
  const { rows } = await sql<StudyRow>`
    select s."studyId" as id, s.revision, s.definition, s.at as "plannedAt", coalesce(r.readings, 0) as readings, r."readAt", e.kind, e.verdict, e.text, e.by, e.at,
      e.revision as "closedRevision"
    from (select distinct on ("studyId") * from "gageStudyRevision" ${one} order by "studyId", revision desc) s
    left join lateral (select count(*) filter (where reason is null) as readings, max(at) as "readAt" from "gageReading" where "studyId" = s."studyId") r on true
    left join lateral (select * from "gageStudyEvent" where "studyId" = s."studyId" order by place desc limit 1) e on true
    order by s."studyId" desc`.execute(db)
  return rows.map(({ id, revision, definition, plannedAt, readings, readAt, kind, verdict, text, by, at, closedRevision }) => {
    const of = placesNeeded(definition.design)
    const count = Number(readings)
    const isClosed = kind === 'closed' && verdict !== null && at !== null
    const last = Math.max(...[plannedAt, readAt, at].map((time) => time?.getTime() ?? 0))
    return {
      id,
      revision,
      definition,
      state: isClosed ? 'closed' : count === 0 ? 'planned' : count < of ? 'measuring' : 'measured',
      readings: count,
      of,
      ...(isClosed ? { closing: { verdict, text: text ?? '', by: by ?? '', at: at.toISOString(), revision: closedRevision ?? revision } } : {}),
      at: new Date(last).toISOString(),
    }
  })
}

/** @throws UserError study-not-found */
export async function studyById(db: Db, id: string): Promise<Study> {
  const [study] = await studiesOf(db, id)
  if (!study) throw noStudy()
  return study
}

/** As they count, in the order in which they were read first. */
export async function readingsOf(db: Db, studyId: string): Promise<StudyReading[]> {
  const rows = await db.selectFrom('gageReading').selectAll().where('studyId', '=', studyId).orderBy('n').execute()
  const places = new Map<string, (typeof rows)[number][]>()
  for (const row of rows) {
    const key = placeKey(row)
    const known = places.get(key)
    if (known) known.push(row)
    else places.set(key, [row])
  }
  return [...places.values()].map((all) => {
    const { id, part, appraiser, trial, value, source, by, at } = all.at(-1) as (typeof rows)[number]
    const corrected = all.slice(0, -1).map((before, i) => {
      const after = all[i + 1] as (typeof rows)[number]
      return { value: before.value, reason: after.reason ?? '', by: after.by, at: after.at.toISOString() }
    })
    return { id, part, appraiser, trial, value, source, by, at: at.toISOString(), ...(corrected.length ? { corrected } : {}) }
  })
}

/** @throws UserError study-not-found */
export async function studyView(db: Db, id: string): Promise<StudyView> {
  const study = await studyById(db, id)
  const readings = await readingsOf(db, id)
  const there = new Set(readings.map(placeKey))
  const missing = orderOf(study.definition.design, id).filter((place) => !there.has(placeKey(place)))
  const revisions = await db.selectFrom('gageStudyRevision').selectAll().where('studyId', '=', id).orderBy('revision', 'desc').execute()
  const events = await db.selectFrom('gageStudyEvent').selectAll().where('studyId', '=', id).orderBy('place', 'desc').execute()
  return {
    study,
    readings,
    missing,
    ...(missing.length ? {} : resultOf(study.definition, readings)),
    revisions: revisions.map(({ revision, definition, by, reason, at }) => ({ revision, definition, by, reason, at: at.toISOString() })),
    events: events.map(({ kind, verdict, revision, text, by, at }) => ({ kind, ...(verdict ? { verdict } : {}), revision, text, by, at: at.toISOString() })),
  }
}
