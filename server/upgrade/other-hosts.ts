/** A database that several hosts share is changed when none of them works with it any more: an older program would read and write what it does not know. */
import { readFile } from 'node:fs/promises'
import type { Client } from 'pg'
import { UserError } from '../../base/errors.ts'

/** A host that spoke within this time lives (server/hosts/registry.ts: a name is taken for as long). */
const LIVES_S = 15

/** The id of this host, as its data directory remembers it; undefined at its first start. */
async function ownId(hostFile: string): Promise<string | undefined> {
  try {
    const { id } = JSON.parse(await readFile(hostFile, 'utf8')) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    // none yet, or half written: no row is ours
    return undefined
  }
}

/**
 * @param hostFile `dataPaths().host`
 * @throws UserError hosts-still-run naming those that live
 */
export async function refuseWhileOthersLive(database: Pick<Client, 'query'>, hostFile: string): Promise<void> {
  // before several hosts were possible there was no such column
  const { rows: columns } = await database.query(`select 1 from information_schema.columns where table_name = 'jobHost' and column_name = 'endedAt'`)
  if (!columns.length) return
  const { rows } = await database.query<{ name: string; version: string | null }>(
    `select name, version from "jobHost" where "endedAt" is null and at > now() - make_interval(secs => $1) and id is distinct from $2 order by name`,
    [LIVES_S, (await ownId(hostFile)) ?? null],
  )
  if (!rows.length) return
  const names = rows.map(({ name, version }) => `"${name}"${version ? ` (${version})` : ''}`).join(', ')
  throw new UserError({
    code: 'hosts-still-run',
    message: `This program would bring the database up to date, and other hosts still work with it: ${names}. Nothing was changed. Stop them first, start this one, then the others with the new program. One that was switched off just now counts as gone after ${LIVES_S} s.`,
  })
}
