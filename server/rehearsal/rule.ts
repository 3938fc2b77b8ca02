/** Which flow tests are run before each deploy: those of the whole shop, or of single flows. */
import type { Kysely } from 'kysely'
import type { FlowTestRule } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'

/** The row that stands for all flows. */
const SHOP = ''
const SETTING = { kind: 'setting', subject: 'flow-test-rule' } as const

export interface TestRule {
  get(): Promise<FlowTestRule>
  set(rule: FlowTestRule, by: Pick<Caller, 'name'> & Partial<Pick<Caller, 'userId'>>): Promise<FlowTestRule>
}

export function createTestRule(db: Kysely<Database>, versions: Pick<KeptVersions, 'keep' | 'own'>): TestRule {
  const set = async (
    rule: FlowTestRule,
    by: Parameters<TestRule['set']>[1],
    kept: { reason?: string | undefined; restoredFrom?: string } = {},
  ): Promise<FlowTestRule> => {
    const { shop, flowIds } = rule
    const wanted = [...(shop ? [SHOP] : []), ...new Set(flowIds)]
    const content = { shop, flowIds: [...new Set(flowIds)] }
    await db.transaction().execute(async (trx) => {
      await trx
        .deleteFrom('flowTestRule')
        .$if(wanted.length > 0, (q) => q.where('flowId', 'not in', wanted))
        .execute()
      if (wanted.length > 0)
        await trx
          .insertInto('flowTestRule')
          .values(wanted.map((flowId) => ({ flowId, setBy: by.name, setAt: new Date() })))
          .onConflict((conflict) => conflict.column('flowId').doNothing())
          .execute()
      await versions.keep(trx, {
        ...SETTING,
        title: 'Flow tests before a deploy',
        content: { ...content, flowIds: content.flowIds.toSorted() },
        author: by,
        ...kept,
      })
    })
    return content
  }
  versions.own(SETTING, {
    sees: 'flows.view',
    changes: 'flows.untested',
    async restore({ caller, version, reason }) {
      await set(version.content as FlowTestRule, caller, { reason, restoredFrom: version.id })
    },
  })
  return {
    async get() {
      const rows = await db.selectFrom('flowTestRule').select('flowId').orderBy('flowId').execute()
      return { shop: rows.some(({ flowId }) => flowId === SHOP), flowIds: rows.map(({ flowId }) => flowId).filter((id) => id !== SHOP) }
    },
    set: (rule, by) => set(rule, by),
  }
}
