/**
 * The gateway's side of the flow debugger: who may, what is written down, and that nothing is paused whose machine moves.
 * The runtime does the work (`server/runtime/debugger`); what it last told is kept here for the runtime that follows it.
 */
import { UserError } from '../../base/errors.ts'
import {
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
  const note = (caller: Caller, action: string, target: string | undefined, detail?: unknown) =>
    audit.record({ caller, action: `debugger.${action}`, ...(target === undefined ? {} : { target }), ...(detail === undefined ? {} : { detail }) })

  live.provide('debugger', () => state)
  runtime.onConnection((isConnected) => {
    // what waited is gone with a runtime that ended; one that only lost the line tells again
    if (!isConnected) take({ ...NOTHING, revision: Math.max(state.revision + 1, Date.now()), breakpoints: state.breakpoints, paused: state.paused })
  })

  /** @throws UserError machine-moving */
  async function refuseWhileMoving(at: { placeId: string } | { nodeId: string }, what: string): Promise<void> {
    const wanted = machinesAt((await currentFlows()).flows, at)
    for (const { id, name, guard, state: known } of machines.list()) {
      if (!wanted.has(id) || !known) continue
      const isAtWork = known.job !== undefined && known.job.phase !== 'waiting' && known.job.phase !== 'holding'
      const isMoving = known.link === 'connected' && guard === 'running' && !known.isStanding
      if (!isMoving && !isAtWork) continue
      throw new UserError({
        code: 'machine-moving',
        status: 409,
        message: `${name} ${isMoving ? 'moves' : 'works'} now, and ${what} acts on it. Nothing was paused. Wait until it stands, or hold it with HOLD, then try again.`,
        details: { machineId: id },
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
      handle(getDebugger, () => state),
      handle(getWaitingMessage, ({ params }) => runtime.peer().call('debuggerMessage', { id: params.waitingId }, { timeoutMs: ANSWER_MS })),
      handle(setBreakpoint, async ({ body, caller }) => {
        const at: BreakpointPlace = body.at
        if (body.isOn) await refuseWhileMoving({ nodeId: at.kind === 'node' ? at.nodeId : at.to }, 'this node')
        const next = await order({ do: 'set-breakpoint', ...body, by: caller.name })
        note(caller, body.isOn ? 'set a breakpoint' : 'switched a breakpoint off', at.kind === 'node' ? at.nodeId : `${at.from}:${at.port} → ${at.to}`, {
          ...(body.condition ? { condition: body.condition } : {}),
        })
        return next
      }),
      handle(removeBreakpoint, async ({ params, caller }) => {
        const next = await order({ do: 'remove-breakpoint', id: params.breakpointId })
        note(caller, 'removed a breakpoint', params.breakpointId)
        return next
      }),
      handle(pauseFlow, async ({ body, caller }) => {
        if (body.isPaused) await refuseWhileMoving({ placeId: body.placeId }, 'this flow')
        const next = await order({ do: 'pause', ...body, by: caller.name })
        note(caller, body.isPaused ? 'paused a flow' : 'let a flow run again', body.placeId)
        return next
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
        note(caller, body.isMotionConfirmed ? 'let a message act on a machine' : 'let a message go on', nodeId, { how: body.how, ...facts })
        return next
      }),
      handle(goOnAll, async ({ caller }) => {
        const { waitingCount } = state
        const next = await order({ do: 'go-on-all' })
        note(caller, 'let all messages go on', undefined, { before: waitingCount, left: next.waitingCount })
        return next
      }),
      handle(editWaiting, async ({ params, body, caller }) => {
        const shown = await runtime.peer().call('debuggerMessage', { id: params.waitingId, edits: body.edits }, { timeoutMs: ANSWER_MS })
        note(caller, 'changed a message', waitingOf(params.waitingId)?.nodeId, { ...factsOf(params.waitingId), edits: body.edits.map(shortened) })
        return shown
      }),
      handle(dropWaiting, async ({ params, caller }) => {
        const facts = factsOf(params.waitingId)
        const nodeId = waitingOf(params.waitingId)?.nodeId
        const next = await order({ do: 'drop', id: params.waitingId })
        note(caller, 'dropped a message', nodeId, facts)
        return next
      }),
      handle(endDebugging, async ({ caller }) => {
        const next = await order({ do: 'end' })
        note(caller, 'ended debugging', undefined, { left: next.waitingCount })
        return next
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
