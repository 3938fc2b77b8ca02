/**
 * Protected flows: a deploy that changes one becomes a request, which a second person approves or refuses. Asked from the two places
 * where flows are set (`deploys.ts`: the deploy, and the save that every way has to pass), so that there is no way around.
 */
import type { Kysely } from 'kysely'
import { messageOf, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { parseJsonInSlices, stringifyInSlices } from '../../../base/json-slices.ts'
import { inSteps } from '../../../base/steps.ts'
import type { AuditAction, Capability, ChangeRequest, FlowNode } from '../../api/index.ts'
import { sameJson } from '../../api/same-json.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import type { Rights } from '../../auth/rights.ts'
import type { Secrets } from '../../secrets/index.ts'
import { type Database, json } from '../../store/index.ts'
import type { KeptVersions } from '../../versions/index.ts'
import type { DeployRequest } from '../contract.ts'
import { diffOf, type Versions } from '../versions.ts'
import { type Approval, namesOf, type Protection } from './contract.ts'
import { findRow, flowsTextOf, hashOfRequest, nameOfFlow, type RequestRow, readRequests, toRequest, whyNot } from './rows.ts'
import { touchedSteps } from './touches.ts'

/** A decision that was not carried out after so long never will be: its gateway is gone. */
const GONE_MS = 5 * 60_000
/** The command line of this computer: nobody in particular, so nobody could be the second person. */
const NOBODY_IN_PARTICULAR = 'local'

export interface ProtectPart extends Protection {
  list(caller: Caller, query: { state?: 'open' | 'decided'; limit: number }): Promise<ChangeRequest[]>
  get(requestId: string, caller: Caller): Promise<{ request: ChangeRequest; hash?: string; flows: FlowNode[]; base: FlowNode[] }>
  approve(requestId: string, given: { hash?: string | undefined; comment?: string | undefined }, caller: Caller): Promise<ChangeRequest>
  refuse(requestId: string, reason: string, caller: Caller): Promise<ChangeRequest>
  withdraw(requestId: string, caller: Caller): Promise<ChangeRequest>
  protections(): Promise<{ flowId: string; name: string; by: string; at: string; isThere: boolean }[]>
  protect(flowId: string, caller: Caller): Promise<void>
  askToUnprotect(flowId: string, reason: string, caller: Caller): Promise<ChangeRequest>
}

export function createProtection(deps: {
  db: Kysely<Database>
  versions: Pick<Versions, 'current' | 'get'>
  secrets: Pick<Secrets, 'seal' | 'open'>
  audit: Audit
  kept: Pick<KeptVersions, 'keep' | 'own'>
  deploy: (request: DeployRequest, caller: Caller, approval: Approval) => Promise<{ rev: string; versionId: string }>
  /** What a role lets people do now. */
  rightsOf: (role: string | null | undefined) => Pick<Rights, 'base' | 'capabilities'>
  /** The list of requests has changed. */
  onChange: () => void
}): ProtectPart {
  const { db, versions, secrets, audit, kept, rightsOf, onChange } = deps
  kept.own({ kind: 'setting', subject: 'flow-protection' }, { sees: 'flows.view', changes: 'flows.protect' })

  const rows = () => db.selectFrom('flowProtection').selectAll().orderBy('name').execute()
  const shown = async (requestId: string, caller: Caller): Promise<ChangeRequest> =>
    toRequest(await findRow(db, requestId), caller, (await versions.current()).rev)
  const record = (caller: Caller, action: AuditAction, row: Pick<RequestRow, 'id' | 'author' | 'kind' | 'protected'>, detail: object = {}) =>
    audit.record({ caller, action, target: row.id, detail: { kind: row.kind, author: row.author, flows: row.protected, ...detail } })

  const requirePerson = (caller: Caller, touched: ReadonlyMap<string, string>): void => {
    if (caller.userId === NOBODY_IN_PARTICULAR)
      throw new UserError({
        code: 'request-needs-person',
        status: 403,
        message: `A change of ${namesOf(touched)} takes two people, and the command line of this computer is nobody in particular. Use an API token of your own (CELLWRIGHT_URL and CELLWRIGHT_TOKEN), or the designer. Nothing was changed.`,
        details: { flows: [...touched].map(([id, name]) => ({ id, name })) },
      })
  }
  /** @throws UserError request-decided, own-request, not-allowed, approve-in-person, request-stale */
  const requireDecider = (row: RequestRow, caller: Caller, isStale: boolean): void => {
    const problem = whyNot(row, caller, isStale)
    if (problem === undefined) return
    const [code, status, message] = {
      decided: ['request-decided', 409, `This request was decided already: it is ${row.state}.`],
      own: ['own-request', 403, 'You asked for this yourself: a second person has to decide.'],
      right: ['not-allowed', 403, 'Your role does not include the right to approve or refuse changes in protected flows.'],
      'in-person': [
        'approve-in-person',
        403,
        'Only somebody who is signed in themselves can decide this: an API token could be anybody. Open it in a browser.',
      ],
      stale: [
        'request-stale',
        409,
        `The flows have changed since ${row.author} asked for this. It cannot be deployed as it is: ${row.author} has to bring the two together and ask again.`,
      ],
    }[problem] as [string, number, string]
    throw new UserError({ code, status, message })
  }

  /** From now on it is this caller's decision; false where somebody was faster. */
  const decide = async (requestId: string, state: 'approved' | 'refused' | 'withdrawn', caller: Caller, why: string | undefined): Promise<void> => {
    const taken = await db
      .updateTable('changeRequest')
      .set({ state, decidedBy: caller.name, decidedById: caller.userId, decidedAt: new Date(), decidedWhy: why?.trim() || null })
      .where('id', '=', requestId)
      .where('state', '=', 'open')
      .executeTakeFirst()
    if (taken.numUpdatedRows === 0n) throw new UserError({ code: 'request-decided', status: 409, message: 'Somebody else decided this request just now.' })
  }
  /** A gateway that ended between the yes and the deploy: what came of it is in the versions. */
  const settle = async (): Promise<void> => {
    const hanging = await db
      .selectFrom('changeRequest')
      .select('id')
      .where('state', '=', 'approved')
      .where('decidedAt', '<', new Date(Date.now() - GONE_MS))
      .execute()
    for (const { id } of hanging) {
      const version = await db.selectFrom('flowVersion').select('id').where('requestId', '=', id).where('state', '!=', 'failed').executeTakeFirst()
      await db
        .updateTable('changeRequest')
        .set(version ? { state: 'deployed', versionId: version.id } : { state: 'failed', decidedWhy: 'The server ended before it was deployed. Ask again.' })
        .where('id', '=', id)
        .where('state', '=', 'approved')
        .execute()
    }
  }

  /** What its author might when asking, and still may. */
  const authorOf = async (row: RequestRow): Promise<Caller> => {
    const person = await db.selectFrom('user').select(['role', 'banned']).where('id', '=', row.authorId).executeTakeFirst()
    const rights = rightsOf(person?.role)
    const now = person && !person.banned ? rights.capabilities : new Set<Capability>()
    const capabilities = new Set([...now].filter((one) => row.capabilities.includes(one)))
    if (!capabilities.has('flows.deploy'))
      throw new UserError({
        code: 'author-not-allowed',
        status: 409,
        message: `${row.author} may not deploy flows any more. Refuse the request, or have somebody else ask for it.`,
      })
    return { userId: row.authorId, userName: row.authorName, name: row.author, role: rights.base, capabilities, via: 'session', session: row.id }
  }

  const touched: Protection['touched'] = async ({ before, after, credentials = {}, sets: readSets }) => {
    const list = await rows()
    if (!list.length) return new Map()
    const sets = await readSets?.()
    const hasNewCredentials = (id: string) => Object.hasOwn(credentials, id) || (sets !== undefined && !sameJson(sets.before[id] ?? {}, sets.after[id] ?? {}))
    const ids = await inSteps(touchedSteps({ before, after, protectedIds: list.map(({ flowId }) => flowId), hasNewCredentials }))
    return new Map(list.filter(({ flowId }) => ids.includes(flowId)).map(({ flowId, name }) => [flowId, name]))
  }

  const approveUnprotect = async (row: RequestRow, caller: Caller): Promise<void> => {
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('flowProtection').where('flowId', 'in', Object.keys(row.protected)).execute()
      await keepProtection(tx, { name: row.author, userId: row.authorId }, row.reason ?? undefined)
      await tx.updateTable('changeRequest').set({ state: 'deployed' }).where('id', '=', row.id).execute()
    })
    record(caller, 'flows.unprotect', row)
  }
  const keepProtection = async (tx: Parameters<KeptVersions['keep']>[0], author: { name: string; userId?: string }, reason?: string) => {
    const now = await tx.selectFrom('flowProtection').select(['flowId', 'name']).orderBy('flowId').execute()
    await kept.keep(tx, { kind: 'setting', subject: 'flow-protection', title: 'Protected flows', content: { flows: now }, author, reason })
  }

  return {
    touched,
    async ask({ flows, credentials, kind, comment, untested, promotedFrom }, touchedNow, before, caller) {
      requirePerson(caller, touchedNow)
      const text = (await stringifyInSlices(flows)).toString()
      const sealed = credentials && Object.keys(credentials).length ? secrets.seal(JSON.stringify(credentials)) : null
      const id = newId('req')
      const values = { flows: text, credentials: sealed, baseRev: before.rev, deployKind: kind, untested: untested?.reason ?? null }
      const row = await db.transaction().execute(async (tx) => {
        const replaced = await tx
          .updateTable('changeRequest')
          .set({ state: 'replaced', decidedAt: new Date() })
          .where('authorId', '=', caller.userId)
          .where('kind', '=', 'deploy')
          .where('state', '=', 'open')
          .returning('id')
          .execute()
        const protectedNames = Object.fromEntries(touchedNow)
        const diff = await diffOf(before.flows, flows)
        await tx
          .insertInto('changeRequest')
          .values({
            id,
            kind: 'deploy',
            state: 'open',
            author: caller.name,
            authorId: caller.userId,
            authorName: caller.userName,
            capabilities: json([...caller.capabilities]),
            reason: comment?.trim() || null,
            baseVersion: before.versionId ?? null,
            protected: json(protectedNames),
            flowsHash: hashOfRequest(values),
            promotedFrom: promotedFrom === undefined ? null : json(promotedFrom),
            diff: json(diff),
            ...values,
          })
          .execute()
        return { id, author: caller.name, kind: 'deploy' as const, protected: protectedNames, replaced: replaced.map((one) => one.id) }
      })
      record(caller, 'flows.request', row, { ...(comment ? { reason: comment } : {}), ...(row.replaced.length ? { replaces: row.replaced } : {}) })
      onChange()
      throw new UserError({
        code: 'change-requested',
        status: 409,
        message: `${namesOf(touchedNow)} ${touchedNow.size === 1 ? 'is' : 'are'} protected: a second person has to say yes. Your change waits for that as a request; nothing was deployed yet.`,
        details: { requestId: id, flows: [...touchedNow].map(([flowId, name]) => ({ id: flowId, name })) },
      })
    },
    async list(caller, { state, limit }) {
      await settle()
      let query = readRequests(db)
      if (state === 'open') query = query.where('state', 'in', ['open', 'approved'])
      if (state === 'decided') query = query.where('state', 'not in', ['open', 'approved'])
      const [found, { rev }] = await Promise.all([query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute(), versions.current()])
      return found.map((row) => toRequest(row, caller, rev))
    },
    async get(requestId, caller) {
      const row = await findRow(db, requestId)
      const [request, text] = await Promise.all([shown(requestId, caller), flowsTextOf(db, requestId)])
      const base = row.baseVersion === null ? [] : (await versions.get(row.baseVersion)).flows
      if (text === undefined) return { request, flows: base, base }
      return { request, hash: hashOfRequest({ ...row, flows: text }), flows: (await parseJsonInSlices(Buffer.from(text))) as FlowNode[], base }
    },
    async approve(requestId, { hash, comment }, caller) {
      const row = await findRow(db, requestId)
      requireDecider(row, caller, row.kind === 'deploy' && row.baseRev !== (await versions.current()).rev)
      if (row.kind === 'unprotect') {
        await decide(requestId, 'approved', caller, comment)
        await approveUnprotect(row, caller)
        onChange()
        return shown(requestId, caller)
      }
      const text = await flowsTextOf(db, requestId)
      const real = text === undefined ? undefined : hashOfRequest({ ...row, flows: text })
      if (text === undefined || real !== row.flowsHash || hash !== real)
        throw new UserError({
          code: 'request-changed',
          status: 409,
          message: 'What would be deployed is not what you were shown. Load the request again and look at it.',
        })
      const author = await authorOf(row)
      await decide(requestId, 'approved', caller, comment)
      record(caller, 'flows.approve', row, { ...(comment ? { comment } : {}) })
      onChange()
      try {
        const flows = (await parseJsonInSlices(Buffer.from(text))) as FlowNode[]
        const { versionId } = await deps.deploy(
          {
            flows,
            rev: row.baseRev,
            kind: row.deployKind === 'full' || row.deployKind === 'flows' ? row.deployKind : 'nodes',
            comment: row.reason ?? undefined,
            ...(row.credentials === null ? {} : { credentials: JSON.parse(secrets.open(row.credentials)) as NonNullable<DeployRequest['credentials']> }),
            ...(row.untested === null ? {} : { untested: { reason: row.untested } }),
            ...(row.promotedFrom === null ? {} : { promotedFrom: row.promotedFrom }),
          },
          author,
          { requestId, by: caller, flows },
        )
        await db.updateTable('changeRequest').set({ state: 'deployed', versionId }).where('id', '=', requestId).execute()
      } catch (error) {
        // somebody deployed in this moment: it is stale, and open as before
        const isStale = error instanceof UserError && error.code === 'version-mismatch'
        await db
          .updateTable('changeRequest')
          .set(
            isStale
              ? { state: 'open', decidedBy: null, decidedById: null, decidedAt: null, decidedWhy: null }
              : { state: 'failed', decidedWhy: messageOf(error) },
          )
          .where('id', '=', requestId)
          .execute()
        record(caller, 'flows.approve-failed', row, { reason: messageOf(error) })
        throw error
      } finally {
        onChange()
      }
      return shown(requestId, caller)
    },
    async refuse(requestId, reason, caller) {
      const row = await findRow(db, requestId)
      requireDecider(row, caller, false)
      await decide(requestId, 'refused', caller, reason)
      record(caller, 'flows.refuse', row, { reason })
      onChange()
      return shown(requestId, caller)
    },
    async withdraw(requestId, caller) {
      const row = await findRow(db, requestId)
      if (row.authorId !== caller.userId)
        throw new UserError({ code: 'not-own-request', status: 403, message: 'Only who asked for it can take it back. You can refuse it, and say why.' })
      await decide(requestId, 'withdrawn', caller, undefined)
      record(caller, 'flows.withdraw', row)
      onChange()
      return shown(requestId, caller)
    },
    async protections() {
      const [list, { flows }] = await Promise.all([rows(), versions.current()])
      const there = new Map(flows.map((node) => [node.id, node]))
      return list.map(({ flowId, name, by, at }) => {
        const node = there.get(flowId)
        return { flowId, name: node ? nameOfFlow(node, flowId) : name, by, at: at.toISOString(), isThere: node !== undefined }
      })
    },
    async protect(flowId, caller) {
      const { flows } = await versions.current()
      const node = flows.find(({ id, type }) => id === flowId && (type === 'tab' || type === 'subflow'))
      if (!node) throw new UserError({ code: 'flow-not-found', status: 404, message: 'There is no deployed flow with this id. Deploy it first.' })
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('flowProtection')
          .values({ flowId, name: nameOfFlow(node, flowId), by: caller.name, byId: caller.userId, at: new Date() })
          .onConflict((conflict) => conflict.column('flowId').doNothing())
          .execute()
        await keepProtection(tx, caller)
      })
      audit.record({ caller, action: 'flows.protect', target: flowId, detail: { name: nameOfFlow(node, flowId) } })
      onChange()
    },
    async askToUnprotect(flowId, reason, caller) {
      const found = await db.selectFrom('flowProtection').selectAll().where('flowId', '=', flowId).executeTakeFirst()
      if (!found) throw new UserError({ code: 'flow-not-protected', status: 404, message: 'This flow is not protected.' })
      const one = new Map([[flowId, found.name]])
      requirePerson(caller, one)
      const { rev, versionId } = await versions.current()
      const id = newId('req')
      await db
        .insertInto('changeRequest')
        .values({
          id,
          kind: 'unprotect',
          state: 'open',
          author: caller.name,
          authorId: caller.userId,
          authorName: caller.userName,
          capabilities: json([...caller.capabilities]),
          reason: reason.trim(),
          baseRev: rev,
          baseVersion: versionId ?? null,
          protected: json(Object.fromEntries(one)),
          diff: json({ added: [], removed: [], changed: [] }),
        })
        .execute()
      record(caller, 'flows.request', { id, author: caller.name, kind: 'unprotect', protected: Object.fromEntries(one) }, { reason })
      onChange()
      return shown(id, caller)
    },
  }
}
