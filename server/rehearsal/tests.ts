/** The tests that are kept with the flows, and how one came out. */
import type { Kysely, Selectable } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { FlowTest, FlowTestOutcome, RehearsalReport } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'
import { type KeepVersion, keepVersion } from '../versions/index.ts'

export interface FlowTests {
  list(): Promise<FlowTest[]>
  get(id: string): Promise<FlowTest | undefined>
  /** A version of it, too. @param by a person's name, or who it was */
  put(test: FlowTest, by: string, kept?: Partial<Kept>): Promise<FlowTest>
  /** @throws UserError `flow-test-not-found` */
  remove(id: string, by?: Kept['author']): Promise<FlowTest>
}

type Kept = Pick<KeepVersion, 'author' | 'reason' | 'restoredFrom'>

const toTest = ({ id, name, flowId, steps, answers, expect }: Selectable<Database['flowTest']>): FlowTest =>
  ({ id, name, flowId, steps, answers, expect }) as FlowTest

export function createFlowTests(db: Kysely<Database>): FlowTests {
  return {
    async list() {
      return (await db.selectFrom('flowTest').selectAll().orderBy('flowId').orderBy('name').execute()).map(toTest)
    },
    async get(id) {
      const row = await db.selectFrom('flowTest').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toTest(row)
    },
    async put({ id, name, flowId, steps, answers, expect }, by, kept) {
      const values = { name, flowId, steps: json(steps), answers: json(answers), expect: json(expect), changedBy: by, changedAt: new Date() }
      return db.transaction().execute(async (tx) => {
        const was = await tx.selectFrom('flowTest').selectAll().where('id', '=', id).executeTakeFirst()
        const row = await tx
          .insertInto('flowTest')
          .values({ id, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .returningAll()
          .executeTakeFirstOrThrow()
        await keepVersion(tx, { ...versionOf(row, was), author: { name: by }, ...kept })
        return toTest(row)
      })
    },
    async remove(id, by = { name: 'Cellwright' }) {
      return db.transaction().execute(async (tx) => {
        const row = await tx.deleteFrom('flowTest').where('id', '=', id).returningAll().executeTakeFirst()
        if (!row) throw new UserError({ code: 'flow-test-not-found', status: 404, message: 'There is no such test any more.' })
        await keepVersion(tx, { ...versionOf(row, row), content: null, author: by })
        return toTest(row)
      })
    },
  }
}

type Row = Selectable<Database['flowTest']>
const contentOf = (row: Row) => {
  const { id: _, ...content } = toTest(row)
  return content
}
const versionOf = (row: Row, was: Row | undefined): Omit<KeepVersion, 'author'> => ({
  kind: 'flow-test',
  subject: row.id,
  title: row.name,
  content: contentOf(row),
  before: was && { content: contentOf(was), author: was.changedBy, at: was.changedAt },
})

/** Every step was done, and everything that is expected came out. */
export const isPassed = ({ state, steps, expectations }: RehearsalReport): boolean =>
  state !== 'stopped' && steps.every((step) => step.state === 'done') && expectations.every(({ isMet }) => isMet)

export function outcomeOf({ id, name, flowId, expect }: FlowTest, report: RehearsalReport): FlowTestOutcome {
  return {
    id,
    name,
    flowId,
    state: isPassed(report) ? 'passed' : 'failed',
    text: report.text,
    unmet: report.expectations.flatMap(({ isMet, found }, index) => {
      const expected = expect[index]
      return isMet || !expected ? [] : [{ expected, ...(found === undefined ? {} : { found }) }]
    }),
    steps: report.steps.flatMap(({ state, text }, index) => (state === 'done' ? [] : [{ index, state, text }])),
  }
}
