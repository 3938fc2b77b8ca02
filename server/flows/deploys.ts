/**
 * Deploys: check, fence, hand to the runtime, wait until the flows run; or put the last good version back and say
 * why. One at a time. What the stock editor deploys arrives through `saveFlows` alone and meets the same fence there;
 * when it does not start, the last good version is put back as well.
 */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice, RpcParams } from '../../base/rpc.ts'
import { CAPABILITIES, type FlowNode } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { gatewayRpc, runtimeRpc } from '../runtime/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import { type FlowChecker, requireSound } from './check.ts'
import type { Arrivals, DeployGate, DeployRequest } from './contract.ts'
import { requireOwners, requireReason, requireSameRev, withArriving } from './deploy-rules.ts'
import type { DeployFollower, Progress } from './drafts/progress.ts'
import { requireAllowed } from './fence.ts'
import type { RuntimeLink } from './link.ts'
import type { NodeTypes } from './node-types.ts'
import { type Approval, flowProtected, type Protection } from './protect/contract.ts'
import type { Tickets } from './tickets.ts'
import { upgradeNodes } from './upgrade.ts'
import type { CurrentFlows, Versions } from './versions.ts'

export interface Deploys {
  /** @param approval what a second person has said yes to, where flows are protected */
  deploy(request: DeployRequest, caller: Caller, approval?: Approval): Promise<{ rev: string; versionId: string; upgraded?: FlowNode[] }>
  /** The runtime wants to save: the fence again, then a version row. */
  save(request: RpcParams<typeof gatewayRpc, 'saveFlows'>): Promise<void>
  /** Another host has deployed: its version runs here too, with as little stopped as there. Resolves when it runs. */
  follow(decide: () => Promise<{ kind: string; isNext: boolean } | undefined>): Promise<void>
  /** What the runtime tells of its flows. */
  onLifecycle(notice: RpcNotice<typeof gatewayRpc, 'lifecycle'>): void
}

const ARRIVAL_MS = 15_000
/** Longer than the runtime's own limit for a start. */
const DEPLOY_TIMEOUT_MS = 90_000
const TICKET_LIFE_MS = DEPLOY_TIMEOUT_MS + 30_000

/** What came of putting back what ran before. */
interface Restored {
  isRestored: boolean
  text: string
}

/** A deploy of ours on its way through the runtime. */
interface Pending {
  kind: string
  comment: string | undefined
  /** What a restore puts back, and why. */
  restores?: string
  /** What another host has deployed is taken over here: it is stored already. */
  follows?: true
  /** The version that it was made from. */
  onto?: string | undefined
  /** Said with the version: why its tests did not have to pass. */
  untested?: string
  promotedFrom?: unknown
  approval?: Approval | undefined
  saved?: { versionId: string; rev: string }
  follower?: DeployFollower
}

export function createDeploys(deps: {
  versions: Versions
  link: RuntimeLink
  /** How long a deploy just after a start waits for the runtime to be there. @defaultValue 15 s */
  arrivalMs?: number | undefined
  tickets: Tickets
  secrets: Pick<Secrets, 'seal' | 'open'>
  check: FlowChecker
  nodeTypes: NodeTypes
  audit: Audit
  log: Logger
  progress: Progress
  /** Tests that have to pass, where there are some. */
  gate: () => DeployGate | undefined
  /** What an import left for the deploy of its nodes. */
  arrivals: () => Arrivals | undefined
  /** Flows whose changes take a second person. */
  protection: Protection
  /** A deploy needs a reason. */
  asksReason: () => boolean
  /** A version was stored, and is about to be started. */
  onSaved: (number: number) => void
  /** A new version counts. */
  onDeployed: (rev: string, by: string) => void
}): Deploys {
  const { versions, link, tickets, secrets, check, nodeTypes, audit, log, progress, protection } = deps
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
    by: Pick<Caller, 'name' | 'userName' | 'capabilities'> & Partial<Pick<Caller, 'userId'>>,
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
  const restore = async (before: CurrentFlows, why: string): Promise<Restored> => {
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
      return { isRestored: true, text: 'The flows from before are running again.' }
    } catch (error) {
      log.error({ err: error }, 'the flows from before could not be put back')
      return {
        isRestored: false,
        text: `The flows from before could not be started again either (${messageOf(error)}); they are what the runtime starts with next.`,
      }
    }
  }

  const undo = async (version: { versionId: string }, before: CurrentFlows, why: string): Promise<Restored> => {
    await versions.fail(version.versionId, why)
    return restore(before, why)
  }

  /** Undefined when they cannot be read (another key): they are lost, and nothing can be told about them. */
  const storedCredentials = async (): Promise<Record<string, unknown> | undefined> => {
    const sealed = await versions.document('credentials')
    if (typeof sealed !== 'string') return {}
    try {
      return JSON.parse(secrets.open(sealed)) as Record<string, unknown>
    } catch (error) {
      if (error instanceof OperationalError) return undefined
      throw error
    }
  }
  /** Whatever way flows came to be saved. The runtime is not trusted: it may save what was approved, and nothing else. @throws UserError flow-protected */
  const requireUnprotected = async (saving: {
    flows: readonly FlowNode[]
    before: CurrentFlows
    credentials: Readonly<Record<string, unknown>> | undefined
    approval: Approval | undefined
  }): Promise<void> => {
    const flows = upgradeNodes(saving.flows)
    const { approval } = saving
    const before = { ...saving.before, flows: upgradeNodes(saving.before.flows) }
    if (approval) {
      const touched = await protection.touched({ before: upgradeNodes(approval.flows), after: flows })
      if (touched.size) throw flowProtected(touched, 'What would be saved is not what was approved.')
      return
    }
    const sets = async () => {
      const { credentials: after } = saving
      return after === undefined ? undefined : { before: (await storedCredentials()) ?? after, after }
    }
    const touched = await protection.touched({ before: before.flows, after: flows, sets })
    if (touched.size) throw flowProtected(touched, 'Change it in the designer: its deploy asks for that.')
  }

  /** @returns what was passed over, and why. @throws UserError flow-tests-failed, deploy-stopped, not-allowed */
  const requireTested = async (
    { flows, id, untested }: DeployRequest,
    caller: Caller,
    follower: DeployFollower,
  ): Promise<{ reason: string; tests: string[] } | undefined> => {
    const gate = deps.gate()
    if (!gate) return undefined
    if (!untested) {
      await gate.check({ flows, caller, deployId: id, onOutcomes: (outcomes) => follower.tests(outcomes) })
      return undefined
    }
    if (!caller.capabilities.has('flows.untested'))
      throw new UserError({
        code: 'not-allowed',
        status: 403,
        message: `Your role does not include the right to ${CAPABILITIES['flows.untested']}.`,
      })
    const tests = (await gate.wanted(flows)).map(({ name }) => name)
    return tests.length > 0 ? { reason: untested.reason.trim(), tests } : undefined
  }

  const deploy = async (
    request: DeployRequest,
    caller: Caller,
    follower: DeployFollower,
    approval: Approval | undefined,
  ): Promise<{ rev: string; versionId: string; upgraded?: FlowNode[] }> => {
    const { rev, kind, comment } = request
    const flows = upgradeNodes(request.flows)
    const upgraded = flows.filter((node, index) => node !== request.flows[index])
    follower.at('checking')
    requireReason(deps.asksReason(), comment)
    await link.arrival(deps.arrivalMs ?? ARRIVAL_MS)
    const before = await versions.current()
    if (rev !== undefined) requireSameRev(rev, before)
    requireSound(await check(flows, await nodeTypes.list()))
    const arriving = await deps.arrivals()?.of(flows, before.flows, caller.userId)
    const credentials = withArriving(request.credentials, arriving?.credentials)
    requireOwners(flows, credentials)
    // new credentials are a change of the node
    await requireAllowed(
      credentials ? flows.map((node) => (Object.hasOwn(credentials, node.id) ? { ...node, credentials: credentials[node.id] } : node)) : flows,
      before.flows,
      caller.capabilities,
    )
    const skipped = await requireTested({ ...request, flows }, caller, follower)
    // somebody in the stock editor may have deployed while the tests ran
    if (rev !== undefined) requireSameRev(rev, await versions.current())
    if (!approval) {
      // that a node is of a newer type now is nobody's change
      const touched = await protection.touched({ before: upgradeNodes(before.flows), after: flows, credentials })
      if (touched.size) await protection.ask({ ...request, credentials }, touched, before, caller)
    }
    const entry: Pending = {
      kind,
      comment,
      follower,
      onto: before.versionId,
      promotedFrom: request.promotedFrom,
      approval,
      ...(skipped ? { untested: skipped.reason } : {}),
    }
    follower.at('saving')
    try {
      const { rev: deployed } = await hand(
        entry,
        {
          flows,
          kind,
          ...(rev === undefined ? {} : { rev }),
          ...(credentials === undefined ? {} : { credentials }),
          ...(arriving?.context.length ? { context: arriving.context } : {}),
        },
        caller,
      )
      if (!entry.saved) throw new OperationalError({ code: 'deploy-failed', status: 422, message: 'The runtime answered without having saved the flows.' })
      const approved = approval ? { author: caller.name, requestId: approval.requestId } : {}
      audit.record({
        caller: approval?.by ?? caller,
        action: 'flows.deploy',
        target: entry.saved.versionId,
        detail: { kind, nodes: flows.length, ...approved },
      })
      if (skipped)
        audit.record({ caller, action: 'flows.deploy-untested', target: entry.saved.versionId, detail: { reason: skipped.reason, tests: skipped.tests } })
      deps.onDeployed(deployed, caller.name)
      // what is not forgotten would come again with a later deploy of these nodes
      await arriving?.arrived().catch((error: unknown) => log.warn({ err: error }, 'what came with an import could not be taken off the list'))
      follower.at('running')
      return { rev: deployed, versionId: entry.saved.versionId, ...(upgraded.length ? { upgraded } : {}) }
    } catch (error) {
      if (!entry.saved) throw error
      follower.at('undoing', messageOf(error))
      const after = await undo(entry.saved, before, messageOf(error))
      follower.at('undone', `${messageOf(error)} ${after.text}`)
      audit.record({ caller, action: 'flows.deploy-failed', target: entry.saved.versionId, detail: { reason: messageOf(error) } })
      const details = error instanceof OperationalError || error instanceof UserError ? error.details : undefined
      throw new OperationalError({
        code: 'deploy-failed',
        status: 422,
        message: `The flows could not be started: ${messageOf(error)} ${after.text}`,
        details: { ...(typeof details === 'object' ? details : {}), reason: messageOf(error), isRestored: after.isRestored },
        cause: error,
      })
    }
  }

  return {
    deploy(request, caller, approval) {
      const { id, kind, comment, flows } = request
      const follower = progress.begin({ id, by: caller.name, kind, nodes: flows.length, comment })
      let isOver = false
      const watched: DeployFollower = {
        at(stage, text) {
          isOver = stage === 'running' || stage === 'undone'
          follower.at(stage, text)
        },
        tests: (outcomes) => follower.tests(outcomes),
      }
      watched.at('waiting')
      return oneAtATime(async () => {
        try {
          return await deploy(request, caller, watched, approval)
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
      if (ours?.follows) return
      if (!ours) requireReason(deps.asksReason(), undefined, true)
      const before = await versions.current()
      await requireAllowed(flows, before.flows, ticket.capabilities)
      // what ran before is put back as it was, whoever protects it
      if (ours?.restores === undefined)
        await requireUnprotected({ flows, before, credentials: credentials as Record<string, unknown> | undefined, approval: ours?.approval })
      // the stock editor shows no tests while they run; it says which did not pass
      if (!ours) await deps.gate()?.check({ flows, caller: { userId: ticket.userName, capabilities: ticket.capabilities }, onOutcomes: () => {} })
      const saved = await versions.save({
        flows,
        sealed: credentials === undefined ? undefined : secrets.seal(JSON.stringify(credentials)),
        author: ticket.name,
        kind: ours?.kind ?? 'editor',
        comment: ours?.comment,
        state: ours?.restores === undefined ? 'deployed' : 'restored',
        onto: ours ? ours.onto : before.versionId,
        promotedFrom: ours?.promotedFrom,
        authorId: ticket.userId,
        approvedBy: ours?.approval?.by.name,
        requestId: ours?.approval?.requestId,
        text: ours?.restores ?? (ours?.untested === undefined ? undefined : `Deployed without its tests: ${ours.untested}`),
      })
      deps.onSaved(saved.number)
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
    follow: (decide) =>
      oneAtATime(async () => {
        // a deploy of this host that was under way may have made it needless
        const decided = await decide()
        if (!decided) return
        const { kind, isNext } = decided
        const { flows } = await versions.current()
        const sealed = await versions.document('credentials')
        const isPart = isNext && (kind === 'nodes' || kind === 'flows')
        await hand(
          { kind: 'follow', comment: undefined, follows: true },
          isPart
            ? { flows, kind, isRestore: true, credentials: typeof sealed === 'string' ? (JSON.parse(secrets.open(sealed)) as Record<string, unknown>) : {} }
            : // read anew from the store, with the credentials
              { flows: [], kind: 'reload' },
          { name: 'Cellwright', userName: 'cellwright', capabilities: new Set(['flows.deploy', 'flows.code']) },
        )
      }),
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
