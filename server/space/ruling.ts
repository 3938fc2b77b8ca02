/** How much room things may take, and for how long they are kept: ours until somebody sets it. Each change is a version. */
import { checker } from '../../base/schema.ts'
import { type SpaceReport, SpaceRule } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Config } from '../config.ts'
import { json, type Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'

export const MB = 1024 * 1024
const USUAL: SpaceRule = { journalDays: 30, journalMb: 4000, programDays: 14, logMb: 500, databaseMb: 10_000 }
/** Until somebody sets it, the database may take so much more than its run history is allowed. */
const RUNS_TIMES = 2
const SETTING = { kind: 'setting', subject: 'space' } as const
const rules = checker(SpaceRule)

type By = Pick<Caller, 'name'> & Partial<Pick<Caller, 'userId'>>

export interface Ruling {
  /** As it was read last. */
  readonly rule: SpaceRule
  /** Who has set it, and when. */
  readonly setting: Pick<SpaceReport, 'setBy' | 'setAt'>
  /** Looks what it is by now. */
  read(): Promise<void>
  /** @param next null for ours */
  set(next: SpaceRule | null, by: By, kept: { reason?: string | undefined; restoredFrom?: string }): Promise<void>
  /** What the history of runs may take. */
  runsMb(): Promise<number>
}

export function createRuling(deps: {
  db: Store['db']
  versions: Pick<KeptVersions, 'keep' | 'own'>
  config: Pick<Config, 'runsKeepMb' | 'runMessagesKeepMb'>
}): Ruling {
  const { db, versions, config } = deps
  let rule = USUAL
  let setting: Ruling['setting'] = {}

  const runsMb = async (): Promise<number> => {
    const retention = await db.selectFrom('runRetention').selectAll().executeTakeFirst()
    return retention ? retention.maxMb + retention.maxMessageMb : config.runsKeepMb + config.runMessagesKeepMb
  }
  const read = async (): Promise<void> => {
    const row = await db.selectFrom('spaceRule').selectAll().executeTakeFirst()
    const keptMb = await runsMb()
    const usual = { ...USUAL, databaseMb: Math.max(USUAL.databaseMb, Math.ceil(keptMb * RUNS_TIMES)) }
    rule = row ? wholeRule(row.rule, usual) : usual
    setting = row ? { setBy: row.by, setAt: row.at.toISOString() } : {}
  }

  const set = async (next: SpaceRule | null, by: By, kept: { reason?: string | undefined; restoredFrom?: string }) => {
    await db.transaction().execute(async (tx) => {
      if (next === null) await tx.deleteFrom('spaceRule').execute()
      else {
        const values = { rule: json(next), by: by.name, at: new Date() }
        await tx
          .insertInto('spaceRule')
          .values({ id: 1, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .execute()
      }
      await versions.keep(tx, { ...SETTING, title: 'How much room things may take', content: { rule: next }, author: by, ...kept })
    })
    await read()
  }
  versions.own(SETTING, {
    sees: 'system.view',
    changes: 'system.manage',
    async restore({ caller, version, reason }) {
      const { rule: older } = version.content as { rule: unknown }
      await set(older === null ? null : rules.parse(wholeRule(older, rule), 'The kept version'), caller, { reason, restoredFrom: version.id })
    },
  })

  return {
    get rule() {
      return rule
    },
    get setting() {
      return setting
    },
    read,
    set,
    runsMb,
  }
}

/** A rule of an earlier version says nothing of what came later. */
const wholeRule = (kept: unknown, usual: SpaceRule): SpaceRule => {
  const whole = { ...usual, ...(kept as Partial<SpaceRule>) }
  return rules.is(whole) ? whole : usual
}
