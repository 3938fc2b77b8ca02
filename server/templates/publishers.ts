/** Keys that are known here: those of this shop's imports, and those whose fingerprints somebody compared. */
import type { Kysely } from 'kysely'
import { Type } from 'typebox'
import { checker } from '../../base/schema.ts'
import type { TemplatePublisher } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/index.ts'
import type { KeptVersions } from '../versions/index.ts'

export interface Publishers {
  /** Fingerprints. */
  trusted(): Promise<ReadonlySet<string>>
  list(): Promise<TemplatePublisher[]>
  trust(one: { fingerprint: string; name: string }, by: By): Promise<void>
  forget(fingerprint: string, by: By): Promise<void>
}

type By = Pick<Caller, 'name' | 'userId'>
const SETTING = { kind: 'setting', subject: 'template-publishers' } as const
const Content = Type.Object({ publishers: Type.Array(Type.Object({ fingerprint: Type.String(), name: Type.String() })) })
const content = checker(Content)

export function createPublishers(db: Kysely<Database>, own: { fingerprint: string; name: string }, versions: Pick<KeptVersions, 'keep' | 'own'>): Publishers {
  const rows = (within: Kysely<Database> = db) => within.selectFrom('templatePublisher').selectAll().orderBy('at').execute()

  const change = (by: By, work: (tx: Kysely<Database>) => Promise<unknown>, kept: { reason?: string | undefined; restoredFrom?: string } = {}): Promise<void> =>
    db.transaction().execute(async (tx) => {
      const before = await rows(tx)
      await work(tx)
      const [first] = before
      await versions.keep(tx, {
        ...SETTING,
        title: 'Whose signatures are trusted',
        content: contentOf(await rows(tx)),
        author: by,
        before: first && { content: contentOf(before), author: first.by, at: first.at },
        ...kept,
      })
    })
  const put = (tx: Kysely<Database>, { fingerprint, name }: { fingerprint: string; name: string }, by: By) =>
    tx
      .insertInto('templatePublisher')
      .values({ fingerprint, name, by: by.name })
      .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet({ name, by: by.name }))
      .execute()
  versions.own(SETTING, {
    sees: 'flows.view',
    changes: 'flows.deploy',
    async restore({ caller, version, reason }) {
      const { publishers } = content.parse(version.content, 'The kept version')
      const wanted = publishers.map(({ fingerprint }) => fingerprint)
      await change(
        caller,
        async (tx) => {
          await tx
            .deleteFrom('templatePublisher')
            .$if(wanted.length > 0, (query) => query.where('fingerprint', 'not in', wanted))
            .execute()
          for (const one of publishers) await put(tx, one, caller)
        },
        { reason, restoredFrom: version.id },
      )
    },
  })

  return {
    trusted: async () => new Set((await rows()).map(({ fingerprint }) => fingerprint)),
    list: async () => [
      { ...own, isOwn: true },
      ...(await rows()).map(({ fingerprint, name, at, by }) => ({ fingerprint, name, by, at: at.toISOString(), isOwn: false })),
    ],
    trust: (one, by) => change(by, (tx) => put(tx, one, by)),
    forget: (fingerprint, by) => change(by, (tx) => tx.deleteFrom('templatePublisher').where('fingerprint', '=', fingerprint).execute()),
  }
}

const contentOf = (rows: readonly { fingerprint: string; name: string }[]) => ({
  publishers: rows.map(({ fingerprint, name }) => ({ fingerprint, name })).toSorted((a, b) => a.fingerprint.localeCompare(b.fingerprint)),
})
