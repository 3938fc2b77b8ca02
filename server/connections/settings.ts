/** What a connection is set to: completed, checked, unlike all others, with the secrets that are kept. */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { TSchema } from 'typebox'
import type { hostRpc } from '../../adapters/host-contract.ts'
import { UserError } from '../../base/errors.ts'
import type { RpcResult } from '../../base/rpc.ts'
import { checkerOf } from '../../base/schema.ts'
import type { Told } from '../api/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database } from '../store/index.ts'
import type { HostLink } from './host-link.ts'
import { secretsFor } from './kept-secrets.ts'
import { isTaken } from './refusals.ts'
import type { ConnectionRow } from './view.ts'

type Connectors = RpcResult<typeof hostRpc, 'connectors'>

export const CHECK_MS = 30_000

/** Settings and secrets as the connector host gets them. */
interface Meant {
  settings: Record<string, unknown>
  secrets: Record<string, string>
}

export interface ConnectionSettings {
  /** @throws OperationalError connector-host-away */
  connectors(): Promise<Connectors>
  /** Asks anew: the host was restarted. */
  refresh(): Promise<void>
  /** What is meant: settings with their defaults, secrets with those that are kept. @throws UserError invalid-input, secret-again, … */
  meant(given: { connector: string; settings: Record<string, unknown>; secrets?: Record<string, string> }, before: ConnectionRow | undefined): Promise<Meant>
  /** @throws UserError connection-name-taken, connection-twice */
  requireUnlike(name: string, connector: string, settings: Record<string, unknown>, exceptId?: string): Promise<void>
  /** Really connects. @throws what the connector says */
  check(connector: string, what: Meant): Promise<Told[]>
  /** Of a row, opened. */
  of(row: ConnectionRow): Meant
  seal(secrets: Record<string, string>): string | null
}

export function createConnectionSettings(deps: {
  db: Kysely<Database>
  secrets: Pick<Secrets, 'seal' | 'open'>
  link: () => Pick<HostLink, 'peer' | 'awaited'>
}): ConnectionSettings {
  const { db, secrets, link } = deps
  let known: Connectors = []
  const openSecrets = (sealed: string | null): Record<string, string> => (sealed === null ? {} : (JSON.parse(secrets.open(sealed)) as Record<string, string>))
  const settingsOf = (row: Pick<ConnectionRow, 'settings'>) => row.settings as Record<string, unknown>

  const refresh = async () => {
    known = await (await link().awaited()).call('connectors', {}, { timeoutMs: CHECK_MS })
  }
  const connectors = async (): Promise<Connectors> => {
    if (!known.length) await refresh()
    return known
  }
  /** @throws UserError connector-unknown; OperationalError connector-host-away */
  const infoOf = async (connector: string): Promise<Connectors[number]> => {
    const there = await connectors()
    const info = there.find((entry) => entry.id === connector)
    if (info) return info
    const all = there.map((entry) => entry.id).join(', ')
    throw new UserError({ code: 'connector-unknown', message: `There is no connector "${connector}"; there are: ${all}.` })
  }
  const meant: ConnectionSettings['meant'] = async ({ connector, settings, secrets: given = {} }, before) => {
    const info = await infoOf(connector)
    const complete = (raw: Record<string, unknown>) => checkerOf(info.settings as TSchema).parse(raw, 'The settings') as Record<string, unknown>
    const filled = complete(settings)
    const isSameKind = before?.connector === connector
    return {
      settings: filled,
      secrets: secretsFor({
        info,
        settings: filled,
        given,
        before: isSameKind ? { settings: orAsItIs(complete, settingsOf(before)), secrets: openSecrets(before.secrets) } : undefined,
      }),
    }
  }
  const requireUnlike: ConnectionSettings['requireUnlike'] = async (name, connector, settings, exceptId) => {
    const others = (await db.selectFrom('connection').selectAll().execute()).filter((row) => row.id !== exceptId)
    if (others.some((row) => row.name === name)) throw isTaken(name)
    const { distinctBy, settings: schema } = await infoOf(connector)
    const twin = others.find(
      (row) => row.connector === connector && distinctBy.length > 0 && distinctBy.every((key) => isDeepStrictEqual(settingsOf(row)[key], settings[key])),
    )
    const last = distinctBy.at(-1)
    if (!twin || last === undefined) return
    const { properties = {} } = schema as { properties?: Record<string, { title?: string }> }
    const titles = distinctBy.map((key) => properties[key]?.title ?? key).join(', ')
    throw new UserError({
      code: 'connection-twice',
      message: `"${twin.name}" is already connected with the same ${titles}: the two would take from each other. Use that one, or choose another.`,
      status: 409,
      details: { blanks: { name: twin.name, settings: titles }, errors: [{ path: `/${last}`, message: 'is used by another connection' }] },
    })
  }

  return {
    connectors,
    refresh,
    meant,
    requireUnlike,
    check: async (connector, what) => (await link().awaited()).call('check', { connector, ...what }, { timeoutMs: CHECK_MS }),
    of: (row) => ({ settings: settingsOf(row), secrets: openSecrets(row.secrets) }),
    seal: (given) => (Object.keys(given).length ? secrets.seal(JSON.stringify(given)) : null),
  }
}

/** Settings that an earlier version stored may not be valid any more. */
function orAsItIs(complete: (raw: Record<string, unknown>) => Record<string, unknown>, stored: Record<string, unknown>): Record<string, unknown> {
  try {
    return complete(stored)
  } catch {
    // compared as they are: then they count as others
    return stored
  }
}
