/** Change requests and protections between the database and the API. */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { ChangeRequest, FlowNode } from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import type { Database } from '../../store/index.ts'

/** As text: it is hashed as it stands, and the driver would parse it in one piece. */
const flowsText = sql<string | null>`flows::text`.as('flowsText')
const COLUMNS = [
  'id',
  'kind',
  'state',
  'author',
  'authorId',
  'authorName',
  'capabilities',
  'reason',
  'at',
  'baseRev',
  'baseVersion',
  'protected',
  'flowsHash',
  'credentials',
  'deployKind',
  'untested',
  'promotedFrom',
  'diff',
  'decidedBy',
  'decidedById',
  'decidedAt',
  'decidedWhy',
  'versionId',
] as const

export const readRequests = (db: Kysely<Database>) => db.selectFrom('changeRequest').select(COLUMNS)
export type RequestRow = Awaited<ReturnType<typeof findRow>>

/** Without the flows. @throws UserError request-not-found */
export async function findRow(db: Kysely<Database>, requestId: string) {
  const row = await readRequests(db).where('id', '=', requestId).executeTakeFirst()
  if (!row) throw new UserError({ code: 'request-not-found', status: 404, message: 'There is no change request with this id.' })
  return row
}
export async function flowsTextOf(db: Kysely<Database>, requestId: string): Promise<string | undefined> {
  const row = await db.selectFrom('changeRequest').select(flowsText).where('id', '=', requestId).executeTakeFirst()
  return row?.flowsText ?? undefined
}

/** Over all that an approval stands for: flows, new credentials, base, way, and what tests do not have to pass. */
export function hashOfRequest(row: { flows: string; credentials: string | null; baseRev: string; deployKind: string | null; untested: string | null }): string {
  const hash = createHash('sha256')
  for (const part of [row.flows, row.credentials ?? '', row.baseRev, row.deployKind ?? '', row.untested ?? '']) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

/** Why somebody may not decide a request; undefined where they may. */
export function whyNot(row: Pick<RequestRow, 'state' | 'authorId'>, caller: Caller, isStale: boolean): ChangeRequest['mayNot'] {
  if (row.state !== 'open') return 'decided'
  if (row.authorId === caller.userId) return 'own'
  if (!caller.capabilities.has('flows.approve')) return 'right'
  // a token can be anybody's, its author's too, and so can the command line of this computer
  if (caller.via !== 'session' || caller.isLocked) return 'in-person'
  return isStale ? 'stale' : undefined
}

export function toRequest(row: RequestRow, caller: Caller, currentRev: string): ChangeRequest {
  const { added, removed, changed } = row.diff as { added: string[]; removed: string[]; changed: string[] }
  const isStale = row.kind === 'deploy' && row.state === 'open' && row.baseRev !== currentRev
  const mayNot = whyNot(row, caller, isStale)
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    author: row.author,
    at: row.at.toISOString(),
    ...(row.reason === null ? {} : { reason: row.reason }),
    flows: Object.entries(row.protected).map(([id, name]) => ({ id, name })),
    changes: { added: added.length, removed: removed.length, changed: changed.length },
    hasCredentials: row.credentials !== null,
    isStale,
    ...(row.untested === null ? {} : { untested: row.untested }),
    ...(row.decidedBy === null ? {} : { decidedBy: row.decidedBy }),
    ...(row.decidedAt === null ? {} : { decidedAt: row.decidedAt.toISOString() }),
    ...(row.decidedWhy === null ? {} : { decidedWhy: row.decidedWhy }),
    ...(row.versionId === null ? {} : { versionId: row.versionId }),
    isOwn: row.authorId === caller.userId,
    ...(mayNot ? { mayNot } : {}),
  }
}

/** What a flow is called. */
export function nameOfFlow(node: FlowNode | undefined, flowId: string): string {
  const name = node?.label ?? node?.name
  return typeof name === 'string' && name.trim() !== '' ? name : flowId
}
