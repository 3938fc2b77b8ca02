/**
 * Machines as the flow runtime may reach them: lists, and what deployed nodes ask of machines and programs. Flows request;
 * the guard decides. The runtime is not trusted: what arrives was checked by its schema, how often it comes is bounded, a lease
 * must be one that flows hold, and what takes a person's right (settings of a controller, a plan agreed to) is refused.
 */
import { UserError } from '../../base/errors.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { MachineAction } from '../../nodes/motion/action.ts'
import type { AuditAction } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import { act } from './act.ts'
import { checkOn } from './check.ts'
import { flowLimits } from './flow-limits.ts'
import { FLOWS, type Holders } from './holders.ts'
import { createInterlockNews } from './interlock-news.ts'
import { asGuardGone, asOutcomeUnknown, type MachineRegistry } from './machines.ts'
import type { ProbeResults } from './probe-results.ts'
import type { ProgramLibrary } from './programs.ts'
import { ANSWER_MS, actionMs, BEAT_MS, STOP_MS } from './timeouts.ts'
import type { Transforms } from './transforms.ts'
import { refuseForFlows } from './two-keys.ts'

type Asks = RpcHandlers<typeof gatewayRpc>['requests']

/** What a flow's command is called in the answer to its node. */
const DONE = { hold: 'held', stop: 'stopping', resume: 'resumed', home: 'homed', unlock: 'unlocked' } as const

export interface FlowRequests {
  requests: Pick<
    Asks,
    | 'machines'
    | 'programs'
    | 'commandMachine'
    | 'actOnMachine'
    | 'takeLease'
    | 'beatLease'
    | 'dropLease'
    | 'setInterlock'
    | 'answerMachineJob'
    | 'checkProgram'
    | 'transformProgram'
    | 'machineState'
  >
  /** Gives machines back that runs held which have ended. */
  followRuns(runs: Pick<Runs, 'whenEnded'>): void
}

export function machinesForRuntime(parts: {
  machines: MachineRegistry
  programs: ProgramLibrary
  transforms: Transforms
  probes: ProbeResults
  holders: Holders
  audit: Audit
}): FlowRequests {
  const { machines, programs, transforms, probes, holders, audit } = parts
  const limits = flowLimits()
  const news = createInterlockNews()
  let runs: Pick<Runs, 'whenEnded'> | undefined
  const byNode = (nodeId: string) => `flow node ${nodeId}`

  const note = (asked: { nodeId: string; runId?: string }, action: AuditAction, target: string, detail: object = {}) =>
    audit.record({
      who: byNode(asked.nodeId),
      via: 'runtime',
      action,
      target,
      detail: { ...detail, ...(asked.runId === undefined ? {} : { runId: asked.runId }) },
    })

  const drop = (machineId: string, token: number) =>
    machines.guard(machineId).call('dropLease', { token }, { timeoutMs: ANSWER_MS }).catch(asGuardGone(machineId))
  const dropWithRun = (machineId: string, token: number, runId: string) =>
    runs?.whenEnded(runId, () => {
      // given back long ago, mostly: the token of an older lease does nothing
      if (!holders.isOf(machineId, token, FLOWS)) return
      holders.take(machineId, token)
      audit.record({ who: 'a flow', via: 'runtime', action: 'gave the machine back', target: machineId, detail: { token, runId, why: 'its run has ended' } })
      // a guard that is away has forgotten it, or lets it run out
      Promise.resolve()
        .then(() => drop(machineId, token))
        .catch(() => {})
    })

  const requests: FlowRequests['requests'] = {
    machines: () => machines.list().map(({ id, name, isVirtual }) => ({ id, name, isVirtual })),
    programs: () => programs.list(),
    async commandMachine({ machineId, command, line, nodeId, runId }) {
      const by = byNode(nodeId)
      // a hold or a stop waits for no limit
      if (command !== 'hold' && command !== 'stop') await limits.action(machineId)
      if (command === 'line' && line) refuseForFlows({ kind: 'line', line })
      note({ nodeId, ...(runId === undefined ? {} : { runId }) }, `machine.${command}`, machineId, line === undefined ? {} : { line })
      const guard = machines.guard(machineId)
      switch (command) {
        case 'hold':
          await guard.call('hold', { by }, { timeoutMs: STOP_MS }).catch(asGuardGone(machineId))
          break
        case 'stop':
          await guard.call('stop', { by, hard: false }, { timeoutMs: STOP_MS }).catch(asGuardGone(machineId))
          break
        case 'resume':
        case 'unlock':
          await guard.call(command, { by }, { timeoutMs: ANSWER_MS }).catch(asOutcomeUnknown(machineId))
          break
        case 'home':
          await guard.call('home', { by }, { timeoutMs: actionMs({ kind: 'home' }) }).catch(asOutcomeUnknown(machineId))
          break
        case 'line': {
          if (!line) throw new UserError({ code: 'line-missing', message: 'The command "line" needs the G-code line to send.' })
          return guard.call('command', { line, by }, { timeoutMs: actionMs({ kind: 'line', line }) }).catch(asOutcomeUnknown(machineId))
        }
        default:
          return command satisfies never
      }
      return { answer: DONE[command] }
    },
    async actOnMachine(asked) {
      const { machineId, lease, nodeId } = asked
      const action = asked.action as MachineAction
      await limits.action(machineId)
      refuseForFlows(action)
      if (lease !== undefined) holders.require(machineId, lease, FLOWS)
      note(asked, `machine.${action.kind}`, machineId, { ...action, ...(lease === undefined ? {} : { lease }) })
      return act({ machines, probes }, { machineId, action, by: byNode(nodeId), lease })
    },
    async takeLease(asked) {
      const { machineId, holder, ttlMs, nodeId, runId } = asked
      await limits.action(machineId)
      const { token } = await machines
        .guard(machineId)
        .call('takeLease', { holder, ttlMs, by: byNode(nodeId) }, { timeoutMs: ANSWER_MS })
        .catch(asGuardGone(machineId))
      holders.give(machineId, token, FLOWS)
      if (runId !== undefined) dropWithRun(machineId, token, runId)
      note(asked, 'took the machine', machineId, { token, ttlMs, holder })
      return { token }
    },
    async beatLease({ machineId, token }) {
      holders.require(machineId, token, FLOWS)
      await machines.guard(machineId).call('beatLease', { token }, { timeoutMs: BEAT_MS }).catch(asGuardGone(machineId))
      return null
    },
    async dropLease({ machineId, token }) {
      holders.require(machineId, token, FLOWS)
      holders.take(machineId, token)
      await drop(machineId, token)
      audit.record({ who: 'a flow', via: 'runtime', action: 'gave the machine back', target: machineId, detail: { token } })
      return null
    },
    async setInterlock({ machineId, id, isSafe, nodeId }) {
      await limits.interlock(machineId)
      await machines
        .guard(machineId)
        .call('setInterlock', { id, isSafe, by: byNode(nodeId) }, { timeoutMs: ANSWER_MS })
        .catch(asGuardGone(machineId))
      if (news.isNew(machineId, id, isSafe, nodeId)) note({ nodeId }, isSafe ? 'told an interlock is safe' : 'told an interlock is unsafe', machineId, { id })
      return null
    },
    async answerMachineJob(asked) {
      const { machineId, jobId, answer, nodeId } = asked
      await limits.action(machineId)
      note(asked, `answered ${answer}`, machineId, { jobId })
      await machines
        .guard(machineId)
        .call('answerJob', { jobId, answer, by: byNode(nodeId) }, { timeoutMs: actionMs({ kind: 'home' }) })
        .catch(asOutcomeUnknown(machineId))
      return null
    },
    async checkProgram({ machineId, program }) {
      await limits.check(machineId)
      const { sha256 } = await programs.find(program)
      return checkOn(machines, machineId, { path: programs.path(sha256), sha256 }).catch(asGuardGone(machineId))
    },
    async transformProgram(asked) {
      await limits.check('programs')
      const { id } = await programs.find(asked.program)
      const made = await transforms.make({ programId: id, name: asked.name, transform: asked.transform, by: byNode(asked.nodeId) })
      note(asked, 'made a program from another', made.program.id, { name: asked.name, origin: made.program.origin, report: made.report })
      return made
    },
    machineState: ({ machineId }) => machines.get(machineId).state ?? null,
  }
  return {
    requests,
    followRuns(followed) {
      runs = followed
    },
  }
}

/** Tells the flows what happens at machines; while the runtime is away nobody listens, and nothing is kept. */
export function tellRuntimeOfMachines({ machines, runtime }: { machines: MachineRegistry; runtime: Pick<Runtime, 'peer' | 'state'> }): void {
  machines.onEvent((machineId, event) => {
    if (runtime.state.process === 'running') runtime.peer().notify('machineEvent', { machineId, ...event })
  })
}
