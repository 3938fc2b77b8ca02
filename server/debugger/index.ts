/**
 * The gateway's side of the flow debugger: who may, what is written down, and that nothing is paused whose machine moves.
 * The runtime does the work (`server/runtime/debugger`); what it last told is kept here for the runtime that follows it.
 */
import { UserError } from '../../base/errors.ts'
import {
  type AuditAction,
  type BreakpointPlace,
  beatDebugger,
  type DebuggerState,
  dropWaiting,
  editWaiting,
  endDebugging,
  type FlowNode,
  getDebugger,
  getWaitingMessage,
  goOnAll,
  goOnWaiting,
  pauseFlow,
  removeBreakpoint,
  setBreakpoint,
  withoutContents,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Runtime } from '../flows/contract.ts'
import type { RpcPart } from '../flows/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Machines } from '../machines/contract.ts'
import type { DebuggerOrder } from '../runtime/debugger/index.ts'
import { machinesAt } from './machines-at.ts'

export interface DebuggerPart {
  routes: RouteHandler[]
  rpc: RpcPart
}

const NOTHING: DebuggerState = { revision: 0, breakpoints: [], paused: [], waiting: [], waitingCount: 0, waitingAt: {}, lost: { full: 0, deploy: 0 } }
/** A runtime whose flows hang answers nobody. */
const ANSWER_MS = 10_000

export function createDebuggerPart(deps: {
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  live: LiveHub
  audit: Audit
  machines: Pick<Machines, 'list'>
  currentFlows: () => Promise<{ flows: readonly FlowNode[] }>
}): DebuggerPart {
  const { runtime, live, audit, machines, currentFlows } = deps
  let state = NOTHING

  const take = (next: DebuggerState) => {
    if (next.revision < state.revision) return state
    if (next.leftAt !== undefined && next.leftAt !== state.leftAt)
      audit.record({ who: 'the flow runtime', via: 'runtime', action: 'debugger.left', detail: { waiting: next.waitingCount } })
    state = next
    live.publish('debugger', next)
    return next
  }
  const order = async (what: DebuggerOrder) => take(await runtime.peer().call('debugger', what, { timeoutMs: ANSWER_MS }))
  const note = (caller: Caller, action: AuditAction, target: string | undefined, detail?: unknown) =>
    audit.record({ caller, action, ...(target === undefined ? {} : { target }), ...(detail === undefined ? {} : { detail }) })

  live.provide('debugger', () => state, { without: 'flows.messages', snapshot: withoutContents, change: withoutContents })
  const shownTo = ({ capabilities }: Caller, whole: DebuggerState) => (capabilities.has('flows.messages') ? whole : withoutContents(whole))
  runtime.onConnection((isConnected) => {
    // what waited is gone with a runtime that ended; one that only lost the line tells again
    if (!isConnected) take({ ...NOTHING, revision: Math.max(state.revision + 1, Date.now()), breakpoints: state.breakpoints, paused: state.paused })
  })

  /** @throws UserError machine-moving */
  async function refuseWhileMoving(at: { placeId: string } | { nodeId: string }, part: 'flow' | 'node'): Promise<void> {
    const wanted = machinesAt((await currentFlows()).flows, at)
    for (const { id, name, guard, state: known } of machines.list()) {
      if (!wanted.has(id) || !known) continue
      const isAtWork = known.job !== undefined && known.job.phase !== 'waiting' && known.job.phase !== 'holding'
      const isMoving = known.link === 'connected' && guard === 'running' && !known.isStanding
      if (!isMoving && !isAtWork) continue
      throw new UserError({
        code: 'machine-moving',
        status: 409,
        message: `${name} ${isMoving ? 'moves' : 'works'} now, and this ${part} acts on it. Nothing was paused. Wait until it stands, or hold it with HOLD, then try again.`,
        details: { machineId: id, machine: name, isMoving, part },
      })
    }
  }

  const waitingOf = (id: string) => state.waiting.find((each) => each.id === id)
  const factsOf = (id: string) => {
    const found = waitingOf(id)
    return found ? { waitingId: id, runId: found.runId, machineId: found.motion?.machineId } : { waitingId: id }
  }

  return {
    rpc: {
      requests: { debuggerPlan: () => ({ breakpoints: state.breakpoints, paused: state.paused }) },
      notifications: { debuggerState: (next) => void take(next) },
    },
    routes: [
      handle(getDebugger, ({ caller }) => shownTo(caller, state)),
      handle(getWaitingMessage, ({ params }) => runtime.peer().call('debuggerMessage', { id: params.waitingId }, { timeoutMs: ANSWER_MS })),
      handle(setBreakpoint, async ({ body, caller }) => {
        const at: BreakpointPlace = body.at
        if (body.isOn) await refuseWhileMoving({ nodeId: at.kind === 'node' ? at.nodeId : at.to }, 'node')
        const next = await order({ do: 'set-breakpoint', ...body, by: caller.name })
        note(
          caller,
          body.isOn ? 'debugger.set a breakpoint' : 'debugger.switched a breakpoint off',
          at.kind === 'node' ? at.nodeId : `${at.from}:${at.port} → ${at.to}`,
          {
            ...(body.condition ? { condition: body.condition } : {}),
          },
        )
        return shownTo(caller, next)
      }),
      handle(removeBreakpoint, async ({ params, caller }) => {
        const next = await order({ do: 'remove-breakpoint', id: params.breakpointId })
        note(caller, 'debugger.removed a breakpoint', params.breakpointId)
        return shownTo(caller, next)
      }),
      handle(pauseFlow, async ({ body, caller }) => {
        if (body.isPaused) await refuseWhileMoving({ placeId: body.placeId }, 'flow')
        const next = await order({ do: 'pause', ...body, by: caller.name })
        note(caller, body.isPaused ? 'debugger.paused a flow' : 'debugger.let a flow run again', body.placeId)
        return shownTo(caller, next)
      }),
      handle(goOnWaiting, async ({ params, body, caller }) => {
        if (body.isMotionConfirmed && !caller.capabilities.has('machines.operate'))
          throw new UserError({
            code: 'not-allowed',
            status: 403,
            message: 'Letting this message act on a machine takes the right to operate machines, which your role does not include.',
          })
        const facts = factsOf(params.waitingId)
        const nodeId = waitingOf(params.waitingId)?.nodeId
        const next = await order({ do: 'go-on', id: params.waitingId, ...body })
        note(caller, body.isMotionConfirmed ? 'debugger.let a message act on a machine' : 'debugger.let a message go on', nodeId, { how: body.how, ...facts })
        return shownTo(caller, next)
      }),
      handle(goOnAll, async ({ caller }) => {
        const { waitingCount } = state
        const next = await order({ do: 'go-on-all' })
        note(caller, 'debugger.let all messages go on', undefined, { before: waitingCount, left: next.waitingCount })
        return shownTo(caller, next)
      }),
      handle(editWaiting, async ({ params, body, caller }) => {
        if (!caller.capabilities.has('flows.messages'))
          throw new UserError({
            code: 'not-allowed',
            status: 403,
            message: 'Changing a message takes the right to see what is in it, which your role does not include.',
          })
        const shown = await runtime.peer().call('debuggerMessage', { id: params.waitingId, edits: body.edits }, { timeoutMs: ANSWER_MS })
        note(caller, 'debugger.changed a message', waitingOf(params.waitingId)?.nodeId, { ...factsOf(params.waitingId), edits: body.edits.map(shortened) })
        return shown
      }),
      handle(dropWaiting, async ({ params, caller }) => {
        const facts = factsOf(params.waitingId)
        const nodeId = waitingOf(params.waitingId)?.nodeId
        const next = await order({ do: 'drop', id: params.waitingId })
        note(caller, 'debugger.dropped a message', nodeId, facts)
        return shownTo(caller, next)
      }),
      handle(endDebugging, async ({ caller }) => {
        const next = await order({ do: 'end' })
        note(caller, 'debugger.ended debugging', undefined, { left: next.waitingCount })
        return shownTo(caller, next)
      }),
      handle(beatDebugger, async () => {
        await runtime.peer().call('debugger', { do: 'beat' }, { timeoutMs: ANSWER_MS })
        return { ok: true as const }
      }),
    ],
  }
}

/** Whole payloads are not for the audit trail. */
function shortened({ path, value }: { path: (string | number)[]; value?: unknown }): { path: string; value?: string } {
  const text = value === undefined ? undefined : (JSON.stringify(value) ?? '')
  return { path: path.join('.'), ...(text === undefined ? {} : { value: text.length > 500 ? `${text.slice(0, 499)}…` : text }) }
}
