/** Dead letters: what failed or was interrupted and nobody has dealt with, by what they are of. */
import { type Kysely, type SqlBool, sql } from 'kysely'
import type { Static } from 'typebox'
import type { JobCause, LetterFilter, LetterGroups, listDeadLetters } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'
import { type JobRow, toJob } from '../rows.ts'

type Db = Kysely<Database>

const GROUPS = 50

function matching(db: Db, { queue, name, cause, text }: LetterFilter) {
  const words = text?.toLowerCase().split(/\s+/).filter(Boolean) ?? []
  const hay = sql<string>`lower(concat_ws(' ', name, reason))`
  return db
    .selectFrom('job')
    .where('state', 'in', ['failed', 'interrupted'])
    .where('handledAt', 'is', null)
    .$if(queue !== undefined, (q) => q.where('queue', '=', queue ?? ''))
    .$if(name !== undefined, (q) => q.where('name', '=', name ?? ''))
    .$if(cause !== undefined, (q) => q.where('cause', '=', cause ?? ''))
    .$if(words.length > 0, (q) => q.where((e) => e.and(words.map((word) => sql<SqlBool>`position(${word} in ${hay}) > 0`))))
}

/** Newest first. */
export async function listLetters(
  db: Db,
  { before, limit, ...filter }: LetterFilter & { before?: string | undefined; limit: number },
): Promise<Static<(typeof listDeadLetters)['response']>> {
  const [counted, rows] = await Promise.all([
    matching(db, filter)
      .select(['kind', (e) => e.fn.countAll<string>().as('n')])
      .groupBy('kind')
      .execute(),
    matching(db, filter)
      .selectAll()
      .$if(before !== undefined, (q) =>
        q.where(sql<boolean>`("endedAt", id) < (select mark."endedAt", mark.id from job as mark where mark.id = ${before ?? ''})`),
      )
      .orderBy('endedAt', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute(),
  ])
  const kinds = { program: 0, flow: 0, confirmation: 0, maintenance: 0 }
  for (const { kind, n } of counted) kinds[kind] = Number(n)
  return { total: Object.values(kinds).reduce((sum, n) => sum + n, 0), kinds, jobs: rows.map(toJob) }
}

export async function letterGroups(db: Db): Promise<LetterGroups> {
  const [names, causes] = await Promise.all([
    matching(db, {})
      .select(['name', 'queue', (e) => e.fn.countAll<string>().as('n')])
      .groupBy(['name', 'queue'])
      .orderBy('n', 'desc')
      .limit(GROUPS)
      .execute(),
    matching(db, {})
      .select(['cause', (e) => e.fn.countAll<string>().as('n')])
      .where('cause', 'is not', null)
      .groupBy('cause')
      .orderBy('n', 'desc')
      .execute(),
  ])
  return {
    names: names.map(({ name, queue, n }) => ({ name, queue, count: Number(n) })),
    causes: causes.map(({ cause, n }) => ({ cause: cause as JobCause, count: Number(n) })),
  }
}

export interface LetterPart {
  filter: LetterFilter
  until: string
  after?: string | undefined
  limit: number
}

/** The next ones, oldest first: in the order in which they would have been done. */
export async function nextLetters(db: Db, { filter, until, after, limit }: LetterPart): Promise<JobRow[]> {
  return matching(db, filter)
    .selectAll()
    .where('endedAt', '<=', new Date(until))
    .$if(after !== undefined, (q) => q.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
}
