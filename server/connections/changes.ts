/** Adding, changing, switching and removing connections, and putting an older version of one back: each a version, in one transaction with the row. */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import { type Static, Type } from 'typebox'
import { newId } from '../../base/ids.ts'
import { checker } from '../../base/schema.ts'
import { type AuditAction, ConnectionBody } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { type Database, json } from '../store/index.ts'
import { type KeepVersion, type KeptVersions, requireContent } from '../versions/index.ts'
import type { Holding } from './holding.ts'
import type { MachinePorts } from './machine-ports.ts'
import type { Marks } from './marks.ts'
import type { Problems } from './problems.ts'
import { inUse, nameTaken, notFound } from './refusals.ts'
import type { ConnectionSettings } from './settings.ts'
import type { Traffic } from './traffic.ts'
import type { ConnectionRow, Views } from './view.ts'

type Wanted = Static<typeof ConnectionBody>
/** On whose behalf, and why. */
interface By {
  caller: Caller
  reason?: string | undefined
  restoredFrom?: string
}

export interface ConnectionChanges {
  /** @throws UserError what `ConnectionSettings` throws, connection-name-taken */
  add(wanted: Wanted, by: By): Promise<ConnectionRow>
  /** Secrets that are not named stay. @throws UserError the same, connection-not-found */
  change(connectionId: string, wanted: Wanted, by: By): Promise<ConnectionRow>
  /** @throws UserError connection-not-found */
  turn(connectionId: string, isOn: boolean, by: By): Promise<ConnectionRow>
  /** @throws UserError connection-not-found, connection-in-use */
  remove(connectionId: string, by: By & { evenIfUsed: boolean }): Promise<void>
}

/** Kept of a connection: never a secret, not even its name. */
const content = checker(Type.Pick(ConnectionBody, ['name', 'connector', 'settings', 'isEnabled']))
const contentOf = ({ name, connector, settings, isEnabled }: ConnectionRow) => ({ name, connector, settings, isEnabled })

export function audited(
  audit: Audit,
  action: AuditAction,
  row: Pick<ConnectionRow, 'id' | 'name' | 'connector'>,
  { caller, ...detail }: Pick<By, 'caller'> & Record<string, unknown>,
): void {
  audit.record({ caller, action, target: row.id, detail: { name: row.name, connector: row.connector, ...detail } })
}

export function createConnectionChanges(deps: {
  db: Kysely<Database>
  audit: Audit
  versions: Pick<KeptVersions, 'keep' | 'own'>
  settings: ConnectionSettings
  ports: Pick<MachinePorts, 'requireFree'>
  holding: Holding
  views: Pick<Views, 'usesOf'>
  problems: Pick<Problems, 'forget'>
  traffic: Pick<Traffic, 'forget'>
  marks: Pick<Marks, 'forget'>
  /** One was added, changed or removed here. */
  tellAll: (connectionId: string) => void
}): ConnectionChanges {
  const { db, audit, versions, settings, ports, holding, views, problems, traffic, marks, tellAll } = deps

  const find = (id: string) => db.selectFrom('connection').selectAll().where('id', '=', id).executeTakeFirst()
  const rowOf = async (id: string): Promise<ConnectionRow> => {
    const row = await find(id)
    if (!row) throw notFound(id)
    return row
  }
  const versionOf = (row: ConnectionRow, { caller, reason, restoredFrom }: By, before?: ConnectionRow): KeepVersion => ({
    kind: 'connection',
    subject: row.id,
    title: row.name,
    content: contentOf(row),
    author: caller,
    reason,
    restoredFrom,
    before: before && { content: contentOf(before), author: before.createdBy, at: before.createdAt },
  })
  /** Held or let go as the row says, here and at other hosts. */
  const follow = async (row: ConnectionRow): Promise<ConnectionRow> => {
    if (row.isEnabled) await holding.begin(row)
    else await holding.stop(row.id)
    tellAll(row.id)
    return row
  }
  const why = ({ reason }: By) => (reason?.trim() ? { reason: reason.trim() } : {})

  const insert = async (id: string, wanted: Wanted, by: By): Promise<ConnectionRow> => {
    const { name, connector, isEnabled, isUntested } = wanted
    const what = await settings.meant(wanted, undefined)
    await settings.requireUnlike(name, connector, what.settings)
    await ports.requireFree({ name, connector, settings: what.settings })
    if (isEnabled && !isUntested) await settings.check(connector, what)
    const row = await db.transaction().execute(async (tx) => {
      const made = await tx
        .insertInto('connection')
        .values({ id, name, connector, settings: json(what.settings), secrets: settings.seal(what.secrets), isEnabled, createdBy: by.caller.name })
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch((error: unknown) => Promise.reject(nameTaken(error, name)))
      await versions.keep(tx, versionOf(made, by))
      return made
    })
    holding.note(row)
    audited(audit, 'connection.add', row, { caller: by.caller, ...why(by) })
    return follow(row)
  }

  const change: ConnectionChanges['change'] = async (connectionId, wanted, by) => {
    const { name, connector, isEnabled, isUntested, secrets } = wanted
    const before = await rowOf(connectionId)
    const what = await settings.meant(wanted, before)
    await settings.requireUnlike(name, connector, what.settings, connectionId)
    // one that has become a machine's can still be switched off
    if (isEnabled || connector !== before.connector || !isDeepStrictEqual(what.settings, before.settings))
      await ports.requireFree({ name, connector, settings: what.settings })
    // switching off must work also when the other side is away
    if (isEnabled && !isUntested) await settings.check(connector, what)
    const row = await db.transaction().execute(async (tx) => {
      const changed = await tx
        .updateTable('connection')
        .set({ name, connector, settings: json(what.settings), secrets: settings.seal(what.secrets), isEnabled })
        .where('id', '=', connectionId)
        .returningAll()
        .executeTakeFirst()
        .catch((error: unknown) => Promise.reject(nameTaken(error, name)))
      if (!changed) throw notFound(connectionId)
      await versions.keep(tx, versionOf(changed, by, before))
      return changed
    })
    holding.note(row)
    audited(audit, 'connection.change', row, { caller: by.caller, isEnabled, secrets: Object.keys(secrets ?? {}), ...why(by) })
    return follow(row)
  }

  versions.own(
    { kind: 'connection' },
    {
      // its settings are seen by nobody else on the page of connections either
      sees: 'connections.manage',
      changes: 'connections.manage',
      async restore({ caller, version, reason }) {
        const older = content.parse(requireContent(version), 'The kept version')
        const by = { caller, reason, restoredFrom: version.id }
        // one that was removed has lost its secrets: it comes back under the id that flows know, and a person completes it and switches it on
        if (await find(version.subject)) await change(version.subject, older, by)
        else await insert(version.subject, { ...older, isEnabled: false }, by)
      },
    },
  )

  return {
    add: (wanted, by) => insert(newId('con'), wanted, by),
    change,
    async turn(connectionId, isOn, by) {
      const before = await rowOf(connectionId)
      if (before.isEnabled === isOn) return before
      if (isOn) await ports.requireFree({ ...before, settings: settings.of(before).settings })
      const row = await db.transaction().execute(async (tx) => {
        const changed = await tx.updateTable('connection').set({ isEnabled: isOn }).where('id', '=', before.id).returningAll().executeTakeFirst()
        if (!changed) throw notFound(before.id)
        await versions.keep(tx, versionOf(changed, by, before))
        return changed
      })
      holding.note(row)
      audited(audit, isOn ? 'connection.on' : 'connection.off', row, { caller: by.caller, ...why(by) })
      return follow(row)
    },
    async remove(connectionId, by) {
      const uses = await views.usesOf(connectionId)
      const before = await rowOf(connectionId)
      if (uses.length && !by.evenIfUsed) throw inUse(before.name, uses)
      const row = await db.transaction().execute(async (tx) => {
        const gone = await tx.deleteFrom('connection').where('id', '=', before.id).returningAll().executeTakeFirst()
        if (!gone) throw notFound(before.id)
        await versions.keep(tx, { ...versionOf(gone, by, gone), content: null })
        return gone
      })
      holding.gone(row.id)
      await holding.stop(row.id)
      await Promise.all([problems.forget(row.id), traffic.forget(row.id), marks.forget(row.id)])
      audited(audit, 'connection.remove', row, { caller: by.caller, ...(uses.length ? { uses: uses.map(({ nodeId }) => nodeId) } : {}) })
      holding.letForget(row)
      tellAll(row.id)
    },
  }
}
