/** Connects to a database, and says in words why not. */
import { Client } from 'pg'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { tlsOptions, tlsTrouble } from '../tls.ts'
import type { Settings } from './settings.ts'

const CONNECT_MS = 10_000

/** @throws UserError database-refused, database-unknown, certificate-…; OperationalError database-away */
export async function open(settings: Settings, secrets: Record<string, string>): Promise<Client> {
  const { host, port, database, user, tls } = settings
  const client = new Client({
    host,
    port,
    database,
    user,
    ...(secrets.password ? { password: secrets.password } : {}),
    ...(tls ? { ssl: { ...tlsOptions(settings, secrets), rejectUnauthorized: true } } : {}),
    application_name: 'cellwright-events',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
    keepAlive: true,
  })
  // without a listener a lost connection would end the process
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (cause) {
    await client.end().catch(() => {}) // it never was
    throw why(cause, settings)
  }
}

function why(cause: unknown, { host, port, database, user }: Settings): Error {
  const where = `${host}:${port}`
  const code = String((cause as { code?: unknown }).code)
  const reason = messageOf(cause) || code
  const fail = (name: string, message: string) => new UserError({ code: name, message, details: { blanks: { where, database, user, reason } }, cause })
  // 28…: authorization, 3D000: no such database (PostgreSQL, "Error Codes")
  if (code === '3D000') return fail('database-unknown', `There is no database "${database}" at ${where}. Correct its name.`)
  if (code.startsWith('28'))
    return fail('database-refused', `The database at ${where} refuses the user "${user}": ${reason}. Correct user and password, or its pg_hba.conf.`)
  if (/does not support SSL/i.test(reason)) return fail('no-tls', `${where} does not speak TLS: ${reason}. Switch TLS off, or on at the database.`)
  return (
    tlsTrouble(cause, where) ??
    new OperationalError({
      code: 'database-away',
      message: `The database at ${where} does not answer: ${reason}. Check host and port, and that it runs.`,
      details: { blanks: { where, reason } },
      cause,
    })
  )
}
