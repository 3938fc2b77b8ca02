/** Versions of panels, templates and settings, and the one list in which they stand beside the deploys. README.md says how to keep some. */
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import {
  CAPABILITIES,
  deployFlows,
  type FlowNode,
  getFlows,
  getHistoryEntry,
  getVersion,
  labelVersion,
  listHistory,
  restoreVersion,
  VERSION_KINDS,
  type VersionEntry,
  type VersionKind,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { InProcess } from '../http/in-process.ts'
import type { Database } from '../store/index.ts'
import type { KeptVersion, KeptVersions, VersionOwner } from './contract.ts'
import { type HistoryRow, readHistory, rowOf, type Sight, versionNotFound } from './history.ts'
import { COLUMNS, keepVersion, toKept } from './keep.ts'

export type { KeepVersion, KeptVersion, KeptVersions, VersionOwner } from './contract.ts'
export { keepVersion } from './keep.ts'

export interface VersionsPart extends KeptVersions {
  routes(deps: { call: InProcess; audit: Audit }): RouteHandler[]
}

/** Flows are restored through the deploy, whose checks they meet; these are what its routes ask for. */
const FLOWS: Pick<VersionOwner, 'sees' | 'changes'> = { sees: 'flows.view', changes: 'flows.deploy' }
/** Of a part that is not there any more. */
const NOBODY: VersionOwner = { sees: 'system.view', changes: 'system.manage' }

export function createVersions(db: Kysely<Database>): VersionsPart {
  /** By kind and subject; '' stands for a whole kind. */
  const owners = new Map<string, { kind: string; subject: string; owner: VersionOwner }>()
  const keyOf = (kind: string, subject: string) => `${kind} ${subject}`
  const ownerOf = (kind: VersionKind, subject: string): VersionOwner => owners.get(keyOf(kind, subject))?.owner ?? owners.get(keyOf(kind, ''))?.owner ?? NOBODY
  const rightsOf = (kind: VersionKind, subject: string) => (kind === 'flow' ? FLOWS : ownerOf(kind, subject))

  const sightOf = ({ capabilities }: Caller): Sight => {
    const all = [...owners.values()]
    const kept = all.filter(({ owner }) => capabilities.has(owner.sees)).map(({ kind, subject }) => [kind, subject] as const)
    const unowned = VERSION_KINDS.filter((kind) => kind !== 'flow' && !owners.has(keyOf(kind, '')) && capabilities.has(NOBODY.sees))
    return {
      flows: capabilities.has(FLOWS.sees),
      kept: [...kept, ...unowned.map((kind) => [kind, ''] as const)],
      own: all.filter(({ subject }) => subject !== '').map(({ kind, subject }) => [kind, subject] as const),
    }
  }

  const mayRestore = (row: HistoryRow, caller: Caller): boolean => {
    if (row.kind === 'flow') return caller.capabilities.has(FLOWS.changes)
    const { changes, restore } = ownerOf(row.kind, row.subject)
    return restore !== undefined && caller.capabilities.has(changes)
  }
  const view = (row: HistoryRow, caller: Caller): VersionEntry => ({
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    number: row.number,
    title: row.title,
    author: row.author,
    at: row.at.toISOString(),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.label === null ? {} : { label: row.label }),
    ...(row.state === null ? {} : { state: row.state }),
    ...(row.text === null ? {} : { text: row.text }),
    ...(row.approvedBy === null ? {} : { approvedBy: row.approvedBy }),
    ...(row.diff === null ? {} : { changes: { added: row.diff.added.length, removed: row.diff.removed.length, changed: row.diff.changed.length } }),
    ...(row.restoredFrom === null ? {} : { restoredFrom: row.restoredFrom }),
    isCurrent: row.isCurrent,
    mayRestore: mayRestore(row, caller),
  })

  const get = async (versionId: string): Promise<KeptVersion | undefined> => {
    const row = await db.selectFrom('keptVersion').select(COLUMNS).where('id', '=', versionId).executeTakeFirst()
    return row && toKept(row)
  }
  const keptOf = async (versionId: string): Promise<KeptVersion> => {
    const found = await get(versionId)
    if (!found) throw versionNotFound()
    return found
  }
  const requireRight = (row: HistoryRow, caller: Caller): void => {
    const { changes } = rightsOf(row.kind, row.subject)
    if (!caller.capabilities.has(changes))
      throw new UserError({ code: 'not-allowed', status: 403, message: `Your role does not include the right to ${CAPABILITIES[changes]}.` })
  }

  return {
    keep: keepVersion,
    own({ kind, subject = '' }, owner) {
      const key = keyOf(kind, subject)
      if (owners.has(key)) throw new Error(`Two parts own the versions of ${key}`)
      owners.set(key, { kind, subject, owner })
    },
    get,
    async list({ kind, subject, limit = 100 }) {
      const rows = await db
        .selectFrom('keptVersion')
        .select(COLUMNS)
        .where('kind', '=', kind)
        .where('subject', '=', subject)
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toKept)
    },
    routes: ({ call, audit }) => [
      handle(listHistory, async ({ query, caller }) => (await readHistory(db, sightOf(caller), query)).map((row) => view(row, caller))),
      handle(getHistoryEntry, async ({ params, caller }) => {
        const row = await rowOf(db, sightOf(caller), params.versionId)
        const version = view(row, caller)
        if (row.kind === 'flow') {
          const before = await flowsBefore(db, row)
          const { flows } = await call(getVersion, { caller, params: { versionId: row.id } })
          if (!before) return { version, content: flows }
          const { flows: old } = await call(getVersion, { caller, params: { versionId: before.id } })
          return { version, content: flows, before: { ...before, content: old } }
        }
        const { content } = await keptOf(row.id)
        const before = await db
          .selectFrom('keptVersion')
          .select(['id', 'number', 'content'])
          .where('kind', '=', row.kind)
          .where('subject', '=', row.subject)
          .where('number', '<', row.number)
          .orderBy('number', 'desc')
          .limit(1)
          .executeTakeFirst()
        return { version, content, ...(before ? { before } : {}) }
      }),
      handle(labelVersion, async ({ params, body, caller }) => {
        const row = await rowOf(db, sightOf(caller), params.versionId)
        requireRight(row, caller)
        const label = body.label.trim() || null
        await db
          .updateTable(row.kind === 'flow' ? 'flowVersion' : 'keptVersion')
          .set({ label })
          .where('id', '=', row.id)
          .execute()
        audit.record({
          caller,
          action: 'version.label',
          target: row.id,
          detail: { kind: row.kind, subject: row.subject, number: row.number, label, before: row.label },
        })
        return view({ ...row, label }, caller)
      }),
      handle(restoreVersion, async ({ params, body, caller }) => {
        const row = await rowOf(db, sightOf(caller), params.versionId)
        requireRight(row, caller)
        if (row.isCurrent)
          throw new UserError({ code: 'version-current', status: 409, message: 'This version is what counts now. There is nothing to restore.' })
        const reason = body.reason?.trim() || undefined
        if (row.kind === 'flow') {
          const [{ flows }, { rev }] = await Promise.all([call(getVersion, { caller, params: { versionId: row.id } }), call(getFlows, { caller })])
          const comment = reason ?? `Version ${row.number} restored`
          await call(deployFlows, { caller, body: { flows: flows as FlowNode[], rev, kind: 'full', comment } })
        } else {
          const { restore } = ownerOf(row.kind, row.subject)
          if (!restore)
            throw new UserError({ code: 'version-not-restorable', status: 409, message: 'This version can be looked at and compared, not put back.' })
          await restore({ caller, version: await keptOf(row.id), reason })
        }
        audit.record({
          caller,
          action: 'version.restore',
          target: row.id,
          detail: { kind: row.kind, subject: row.subject, number: row.number, ...(reason ? { reason } : {}) },
        })
        return { ok: true as const }
      }),
    ],
  }
}

/** @throws UserError version-removed where the thing is not there in this version */
export function requireContent({ content }: Pick<KeptVersion, 'content'>): object {
  if (typeof content !== 'object' || content === null)
    throw new UserError({
      code: 'version-removed',
      status: 409,
      message:
        'In this version it was removed. Putting that back would remove it once more: do that where it is set, or choose a version in which it is there.',
    })
  return content
}

/** The flows that ran before a version. */
function flowsBefore(db: Kysely<Database>, row: HistoryRow): Promise<{ id: string; number: number } | undefined> {
  return db
    .selectFrom('flowVersion')
    .select(['id', 'number'])
    .where('state', '!=', 'failed')
    .where('number', '<', row.number)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
}
