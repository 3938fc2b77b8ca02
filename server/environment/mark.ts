/** What this installation is. Kept in memory as well: every deploy asks, and every page shows it. */
import { Type } from 'typebox'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { type Environment, Environment as EnvironmentShape, getEnvironment, setEnvironment } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'

export interface EnvironmentMark {
  readonly current: Environment
  /** A deploy needs a reason here. */
  readonly asksReason: boolean
  routes: RouteHandler[]
}

export interface EnvironmentDeps {
  store: Store
  live: LiveHub
  audit: Audit
  log: Logger
  /** @defaultValue the only one */
  hosts?: Pick<Hosts, 'bus' | 'list' | 'onBeat'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  /** What it is called while nobody has said so. */
  hostName: string
}

export async function createEnvironmentMark({ store, live, audit, log, hosts = aloneHost(), versions, hostName }: EnvironmentDeps): Promise<EnvironmentMark> {
  const { db } = store
  const read = async (): Promise<Environment> => {
    const row = await db.selectFrom('environment').selectAll().executeTakeFirst()
    return row ? { kind: row.kind, name: row.name, by: row.by, at: row.at.toISOString() } : { kind: 'unmarked', name: nameFrom(hostName) }
  }
  let current = await read()
  /** Counted with each time that it is shown: a look that began before and ends after it is of the past. */
  let shown = 0
  const show = (next: Environment) => {
    shown += 1
    current = next
    live.publish('environment', next)
  }
  live.provide('environment', () => current)
  hosts.bus.on(
    'environment',
    () => void read().then(show, (error: unknown) => log.warn({ err: error }, 'the mark of this installation could not be read again')),
  )
  // news of other hosts may get lost: the row tells it a few seconds later
  const look = async () => {
    const before = shown
    const next = await read()
    if (before === shown && JSON.stringify(next) !== JSON.stringify(current)) show(next)
  }
  hosts.onBeat(() => {
    if (hosts.list().length > 1) look().catch((error: unknown) => log.debug({ err: error }, 'the mark of this installation could not be looked at'))
  })
  const mark = async (
    kind: Environment['kind'],
    name: string,
    by: Caller,
    kept: { reason?: string | undefined; restoredFrom?: string } = {},
  ): Promise<Environment> => {
    const before = current
    const values = { kind, name, by: by.name, at: new Date() }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('environment')
        .values(values)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      await versions.keep(tx, { kind: 'setting', subject: SUBJECT, title: 'Test or production', content: { kind, name }, author: by, ...kept })
    })
    show({ ...values, at: values.at.toISOString() })
    hosts.bus.tell('environment', {})
    audit.record({ caller: by, action: 'environment.mark', target: kind, detail: { name, before: { kind: before.kind, name: before.name } } })
    return current
  }
  versions.own(
    { kind: 'setting', subject: SUBJECT },
    {
      sees: 'system.view',
      changes: 'system.manage',
      async restore({ caller, version, reason }) {
        const { kind, name } = content.parse(version.content, 'The kept version')
        await mark(kind, name, caller, { reason, restoredFrom: version.id })
      },
    },
  )
  return {
    get current() {
      return current
    },
    get asksReason() {
      return current.kind === 'production'
    },
    routes: [
      handle(getEnvironment, () => current),
      handle(setEnvironment, ({ body, caller }) => mark(body.kind, body.name?.trim() || current.name, caller, { reason: body.reason })),
    ],
  }
}

const SUBJECT = 'environment'
const content = checker(Type.Pick(EnvironmentShape, ['kind', 'name']))

/** A computer's name as one line that the schema takes. */
const nameFrom = (hostName: string): string => hostName.replaceAll(/\p{Cc}/gu, '').slice(0, 60) || 'Cellwright'
