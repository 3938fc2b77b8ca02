/** A look at a database before a connection is made: what it is, and whether something in it tells of the channels. */
import type { Client } from 'pg'
import { UserError } from '../../base/errors.ts'
import type { Told } from '../contract.ts'
import { open } from './open.ts'
import type { Settings } from './settings.ts'
import { openTable } from './table.ts'

/** @throws UserError database-refused, database-unknown, certificate-…; OperationalError database-away */
export async function lookAt(settings: Settings, secrets: Record<string, string>): Promise<Told[]> {
  const client = await open(settings, secrets)
  try {
    const { rows } = await client.query<{ version: string }>('show server_version')
    const version = rows[0]?.version ?? '?'
    const { database, user } = settings
    const where = `${settings.host}:${settings.port}`
    const seen: Told = {
      code: 'database-version',
      text: `The database "${database}" at ${where} lets "${user}" in; it is PostgreSQL ${version}.`,
      blanks: { where, database, user, version },
    }
    if (settings.how === 'poll') return [seen, ...(await whatIsRead(client, settings))]
    const { channels = [] } = settings
    for (const channel of channels) await client.query(`listen "${channel}"`)
    return [seen, ...(await Promise.all(channels.map((channel) => whoTells(client, channel))))]
  } finally {
    await client.end().catch(() => {}) // gone already
  }
}

async function whatIsRead(client: Client, settings: Settings): Promise<Told[]> {
  const table = await openTable(client, settings)
  const column = settings.cursorColumn ?? ''
  const highest = await table.highest(client).catch((error: unknown) => {
    // 42501: insufficient privilege (PostgreSQL, "Error Codes")
    if ((error as { code?: unknown }).code !== '42501') throw error
    throw new UserError({
      code: 'table-refused',
      message: `"${settings.user}" may not read ${table.name}. Grant select on it.`,
      details: { blanks: { user: settings.user, table: table.name } },
      cause: error,
    })
  })
  return [
    highest === undefined
      ? { code: 'table-empty', text: `${table.name} can be read; it has no rows yet.`, blanks: { table: table.name } }
      : { code: 'table-read', text: `${table.name} can be read; its highest ${column} is ${highest}.`, blanks: { table: table.name, column, highest } },
    ...(table.isIndexed
      ? []
      : [
          {
            code: 'cursor-unindexed',
            text: `No index of ${table.name} begins with ${column}: each look reads the whole table. Make one if it is large.`,
            blanks: { table: table.name, column },
          },
        ]),
  ]
}

/** Tables whose triggers mention the channel: a guess by their source text, and said as one. */
async function whoTells(client: Client, channel: string): Promise<Told> {
  const { rows } = await client.query<{ table: string }>(
    `select distinct t.tgrelid::regclass::text as table from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where not t.tgisinternal and p.prosrc ~* 'pg_notify|\\mnotify\\M' and strpos(p.prosrc, $1) > 0 order by 1 limit 5`,
    [channel],
  )
  const tables = rows.map(({ table }) => table).join(', ')
  if (tables) return { code: 'channel-told', text: `Triggers of ${tables} tell of "${channel}".`, blanks: { channel, tables } }
  return {
    code: 'channel-untold',
    text: `No trigger of a table seems to tell of "${channel}" yet. Make one that calls pg_notify('${channel}', row_to_json(new)::text), or let a program do so.`,
    blanks: { channel },
  }
}
