/**
 * Deploys: check, fence, hand to the runtime, wait until the flows run; or put the last good version back and say
 * why. One at a time. What the stock editor deploys arrives through `saveFlows` alone and meets the same fence there;
 * when it does not start, the last good version is put back as well.
 */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice, RpcParams } from '../../base/rpc.ts'
import type { FlowNode } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { gatewayRpc, runtimeRpc } from '../runtime/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import { type FlowChecker, requireSound } from './check.ts'
import type { DeployFollower, Progress } from './drafts/progress.ts'
import { requireAllowed } from './fence.ts'
import type { RuntimeLink } from './link.ts'
import type { NodeTypes } from './node-types.ts'
import type { Tickets } from './tickets.ts'
import type { CurrentFlows, Versions } from './versions.ts'

export interface DeployRequest {
  flows: FlowNode[]
  rev?: string | undefined
  credentials?: Record<string, Record<string, unknown>> | undefined
  kind: 'full' | 'nodes' | 'flows'
  comment?: string | undefined
  /** To follow it by. */
  id?: string | undefined
}

export interface Deploys {
  deploy(request: DeployRequest, caller: Caller): Promise<{ rev: string; versionId: string }>
  /** The runtime wants to save: the fence again, then a version row. */
  save(request: RpcParams<typeof gatewayRpc, 'saveFlows'>): Promise<void>
  /** What the runtime tells of its flows. */
  onLifecycle(notice: RpcNotice<typeof gatewayRpc, 'lifecycle'>): void
}

/** A deploy just after a start waits so long for the runtime to be there. */
const ARRIVAL_MS = 15_000
/** Longer than the runtime's own limit for a start. */
const DEPLOY_TIMEOUT_MS = 90_000
const TICKET_LIFE_MS = DEPLOY_TIMEOUT_MS + 30_000

/** Node-RED would drop a password for nobody without a word. @throws UserError flows-invalid */
function requireOwners(flows: readonly FlowNode[], credentials: DeployRequest['credentials']): void {
  if (!credentials) return
  const ids = new Set(flows.map(({ id }) => id))
  const problems = Object.keys(credentials)
    .filter((id) => !ids.has(id))
    .map((id) => ({ nodeId: id, message: `Credentials were given for node ${JSON.stringify(id)}, which is not part of these flows.` }))
  const [first] = problems
  if (first) throw new UserError({ code: 'flows-invalid', status: 422, message: `${first.message} Nothing was changed.`, details: { problems } })
}

/** A deploy of ours on its way through the runtime. */
interface Pending {
  kind: string
  comment: string | undefined
  /** What a restore puts back, and why. */
  restores?: string
  saved?: { versionId: string; rev: string }
  follower?: DeployFollower
}

export function createDeploys(deps: {
  versions: Versions
  link: RuntimeLink
  tickets: Tickets
  secrets: Pick<Secrets, 'seal' | 'open'>
  check: FlowChecker
  nodeTypes: NodeTypes
  audit: Audit
  log: Logger
  progress: Progress
  /** A new version counts. */
  onDeployed: (rev: string, by: string) => void
}): Deploys {
  const { versions, link, tickets, secrets, check, nodeTypes, audit, log, progress } = deps
  const pending = new Map<string, Pending>()
  let queue: Promise<unknown> = Promise.resolve()
  /** Saved by the stock editor and not yet seen running. */
  let unproven: { versionId: string; rev: string; before: CurrentFlows } | undefined

  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  const hand = async (
    entry: Pending,
    params: Omit<RpcParams<typeof runtimeRpc, 'deploy'>, 'ticket' | 'by'>,
    by: Pick<Caller, 'name' | 'userName' | 'capabilities'>,
  ): Promise<{ rev: string }> => {
    const use = newId('evt')
    pending.set(use, entry)
    try {
      return await link.peer().call('deploy', { ...params, by: by.name, ticket: tickets.issue(by, use, TICKET_LIFE_MS) }, { timeoutMs: DEPLOY_TIMEOUT_MS })
    } finally {
      pending.delete(use)
    }
  }

  /** Puts flows and credentials back as they were before a version that did not start. */
  const restore = async (before: CurrentFlows, why: string): Promise<string> => {
    try {
      const sealed = await versions.document('credentials')
      await hand(
        { kind: 'restore', comment: undefined, restores: why },
        {
          flows: before.flows,
          credentials: typeof sealed === 'string' ? (JSON.parse(secrets.open(sealed)) as Record<string, unknown>) : {},
          kind: 'full',
          isRestore: true,
        },
        // these flows were deployed before, by somebody who might
        { name: 'Cellwright', userName: 'cellwright', capabilities: new Set(['flows.deploy', 'flows.code']) },
      )
      return 'The flows from before are running again.'
    } catch (error) {
      log.error({ err: error }, 'the flows from before could not be put back')
      return `The flows from before could not be started again either (${messageOf(error)}); they are what the runtime starts with next.`
    }
  }

  const undo = async (version: { versionId: string }, before: CurrentFlows, why: string): Promise<string> => {
    await versions.fail(version.versionId, why)
    return restore(before, why)
  }

  const deploy = async (request: DeployRequest, caller: Caller, follower: DeployFollower): Promise<{ rev: string; versionId: string }> => {
    const { flows, rev, credentials, kind, comment } = request
    follower.at('checking')
    await link.arrival(ARRIVAL_MS)
    const before = await versions.current()
    if (rev !== undefined && rev !== before.rev)
      throw new UserError({
        code: 'version-mismatch',
        status: 409,
        message: 'The flows were changed by somebody else in the meantime. Load the current flows, bring in your change and deploy again.',
        details: { rev: before.rev },
      })
    requireSound(await check(flows, await nodeTypes.list()))
    requireOwners(flows, credentials)
    // new credentials are a change of the node
    await requireAllowed(
      credentials ? flows.map((node) => (Object.hasOwn(credentials, node.id) ? { ...node, credentials: credentials[node.id] } : node)) : flows,
      before.flows,
      caller.capabilities,
    )
    const entry: Pending = { kind, comment, follower }
    follower.at('saving')
    try {
      const { rev: deployed } = await hand(
        entry,
        { flows, kind, ...(rev === undefined ? {} : { rev }), ...(credentials === undefined ? {} : { credentials }) },
        caller,
      )
      if (!entry.saved) throw new OperationalError({ code: 'deploy-failed', status: 422, message: 'The runtime answered without having saved the flows.' })
      audit.record({ caller, action: 'flows.deploy', target: entry.saved.versionId, detail: { kind, nodes: flows.length } })
      deps.onDeployed(deployed, caller.name)
      follower.at('running')
      return { rev: deployed, versionId: entry.saved.versionId }
    } catch (error) {
      if (!entry.saved) throw error
      follower.at('undoing', messageOf(error))
      const after = await undo(entry.saved, before, messageOf(error))
      follower.at('undone', `${messageOf(error)} ${after}`)
      audit.record({ caller, action: 'flows.deploy-failed', target: entry.saved.versionId, detail: { reason: messageOf(error) } })
      const details = error instanceof OperationalError || error instanceof UserError ? error.details : undefined
      throw new OperationalError({
        code: 'deploy-failed',
        status: 422,
        message: `The flows could not be started: ${messageOf(error)} ${after}`,
        ...(details === undefined ? {} : { details }),
        cause: error,
      })
    }
  }

  return {
    deploy(request, caller) {
      const { id, kind, comment, flows } = request
      const follower = progress.begin({ id, by: caller.name, kind, nodes: flows.length, comment })
      let isOver = false
      const watched: DeployFollower = {
        at(stage, text) {
          isOver = stage === 'running' || stage === 'undone'
          follower.at(stage, text)
        },
      }
      watched.at('waiting')
      return oneAtATime(async () => {
        try {
          return await deploy(request, caller, watched)
        } catch (error) {
          if (!isOver) watched.at('refused', messageOf(error))
          throw error
        }
      })
    },
    async save({ flows: given, credentials, ticket: text }) {
      const flows = given as FlowNode[]
      const ticket = text === undefined ? undefined : tickets.read(text)
      if (!ticket)
        throw new UserError({
          code: 'ticket-missing',
          status: 403,
          message: 'Flows can be changed by people who are signed in only. Reload the editor and deploy again.',
        })
      const ours = pending.get(ticket.use)
      // a ticket that came with a page of a flow, or with a dialog, is not one for deploying
      if (!ours && ticket.use !== 'editor')
        throw new UserError({ code: 'ticket-wrong', status: 403, message: 'Flows are deployed by the designer or the stock editor only.' })
      const before = await versions.current()
      await requireAllowed(flows, before.flows, ticket.capabilities)
      const saved = await versions.save({
        flows,
        sealed: credentials === undefined ? undefined : secrets.seal(JSON.stringify(credentials)),
        author: ticket.name,
        kind: ours?.kind ?? 'editor',
        comment: ours?.comment,
        state: ours?.restores === undefined ? 'deployed' : 'restored',
        text: ours?.restores,
      })
      if (ours) {
        ours.saved = saved
        ours.follower?.at('starting')
        // what the editor deployed before is no longer what counts
        unproven = undefined
        return
      }
      unproven = { ...saved, before: unproven?.before ?? before }
      audit.record({ who: ticket.name, via: 'editor', action: 'flows.deploy', target: saved.versionId, detail: { nodes: flows.length } })
      deps.onDeployed(saved.rev, ticket.name)
    },
    onLifecycle({ flows, text, rev }) {
      if (!unproven) return
      const { before, ...version } = unproven
      if (flows === 'running' && rev === version.rev) unproven = undefined
      // while a deploy of ours is under way, it is the one that failed, and sees to it itself
      if (flows !== 'failed' || pending.size) return
      unproven = undefined
      oneAtATime(async () => {
        log.warn({ versionId: version.versionId, reason: text }, 'what the stock editor deployed did not start')
        await undo(version, before, text ?? 'The flows did not start.')
        deps.onDeployed(before.rev, 'Cellwright')
      }).catch((error) => log.error({ err: error }, 'the flows from before could not be put back'))
    },
  }
}
