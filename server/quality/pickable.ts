/** What quality has for nodes to pick, by what people call it. */
import { sql } from 'kysely'
import type { QualityPick } from '../api/index.ts'
import type { Db } from './contract.ts'

export interface QualityThing {
  kind: QualityPick
  /** Of an inspection plan: its part, by which nodes ask for one. */
  id: string
  name: string
  part?: string
  revision?: string
  /** Nothing new is taken for it. */
  isRetired: boolean
  /** Of an inspection plan. */
  isFirstArticle?: boolean
}

interface Row {
  id: string
  name: string
  part: string | null
  revision: string | null
  isRetired: boolean
  isFirstArticle: boolean | null
}

/**
 * In no order. Plans of one part are several.
 * @param wanted only these, by kind. @defaultValue all that there are
 */
export async function qualityThings(db: Db, wanted?: Readonly<Partial<Record<QualityPick, readonly string[]>>>): Promise<QualityThing[]> {
  const rowsOf = async (kind: QualityPick): Promise<QualityThing[]> => {
    const ids = wanted && (wanted[kind] ?? [])
    if (ids?.length === 0) return []
    const among = (column: string) => (ids ? sql`where ${sql.ref(column)} = any(${[...ids]})` : sql``)
    const { rows } = await queryOf(kind, among).execute(db)
    return rows.map(({ id, name, part, revision, isRetired, isFirstArticle }) => ({
      kind,
      id,
      name,
      ...(part ? { part } : {}),
      ...(revision ? { revision } : {}),
      isRetired,
      ...(isFirstArticle === null ? {} : { isFirstArticle }),
    }))
  }
  return (await Promise.all([rowsOf('quality-characteristic'), rowsOf('sampling-plan'), rowsOf('gage-study'), rowsOf('inspection-plan')])).flat()
}

function queryOf(kind: QualityPick, among: (column: string) => ReturnType<typeof sql>) {
  switch (kind) {
    case 'quality-characteristic':
      return sql<Row>`select id, name, part, definition ->> 'partRevision' as revision, "isRetired", null::boolean as "isFirstArticle"
        from characteristic ${among('id')}`
    case 'sampling-plan':
      return sql<Row>`select distinct on ("planId") "planId" as id, name, definition ->> 'part' as part, null as revision, "isRetired", null::boolean as "isFirstArticle"
        from "samplingPlanRevision" ${among('planId')} order by "planId", revision desc`
    case 'gage-study':
      return sql<Row>`select distinct on ("studyId") "studyId" as id, name, null as part, null as revision, false as "isRetired", null::boolean as "isFirstArticle"
        from "gageStudyRevision" ${among('studyId')} order by "studyId", revision desc`
    case 'inspection-plan':
      return sql<Row>`select part as id, part as name, part, definition ->> 'partRevision' as revision, "isRetired",
        (definition ->> 'isFirstArticle')::boolean as "isFirstArticle" from "inspectionPlan" ${among('part')}`
    default:
      return kind satisfies never
  }
}
