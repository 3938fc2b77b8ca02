/** Keeps versions in the table `keptVersion`, counted up for each subject. */
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import { newId } from '../../base/ids.ts'
import { sameJson } from '../api/same-json.ts'
import { type Database, json } from '../store/index.ts'
import type { KeepVersion, KeptVersion } from './contract.ts'

export const COLUMNS = ['id', 'kind', 'subject', 'number', 'title', 'author', 'reason', 'label', 'at', 'content'] as const

type Row = Omit<KeptVersion, 'reason' | 'label'> & { reason: string | null; label: string | null }

export const toKept = ({ reason, label, ...row }: Row): KeptVersion => ({ ...row, reason: reason ?? undefined, label: label ?? undefined })

/** In a transaction of its own where `db` is none. */
export async function keepVersion(db: Kysely<Database> | Transaction<Database>, change: KeepVersion): Promise<KeptVersion> {
  if (!db.isTransaction) return db.transaction().execute((tx) => keepVersion(tx, change))
  const { kind, subject, title, content, author, reason, before, restoredFrom } = change
  // two changes of one thing at once are counted one after the other
  await sql`select pg_advisory_xact_lock(hashtext('cellwright version'), hashtext(${`${kind} ${subject}`}))`.execute(db)
  const newest = await db
    .selectFrom('keptVersion')
    .select(COLUMNS)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const insert = async (values: { number: number; content: string; author: string } & Partial<Insertable<Database['keptVersion']>>) =>
    db
      .insertInto('keptVersion')
      .values({ id: newId('kpt'), kind, subject, title, ...values })
      .returning(COLUMNS)
      .executeTakeFirstOrThrow()
  const first =
    !newest && before ? await insert({ number: 1, content: json(before.content), author: before.author, ...(before.at ? { at: before.at } : {}) }) : newest
  const text = json(content)
  if (first && sameJson(first.content, JSON.parse(text))) return toKept(first)
  const row = await insert({
    number: (first?.number ?? 0) + 1,
    content: text,
    author: author.name,
    authorId: author.userId ?? null,
    reason: reason?.trim() || null,
    restoredFrom: restoredFrom ?? null,
  })
  return toKept(row)
}
