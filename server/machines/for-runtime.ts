/**
 * Machines as the flow runtime may reach them: lists, single commands on behalf of a deployed node, and
 * events. Flows request; the guard decides.
 */

import { UserError } from '../../base/errors.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { MachineRegistry } from './machines.ts'
import { asGuardGone } from './machines.ts'
import type { ProgramLibrary } from './programs.ts'

type Asks = RpcHandlers<typeof gatewayRpc>['requests']

const STOP_TIMEOUT_MS = 3000
const COMMAND_TIMEOUT_MS = 300_000

/** What a flow's command is called in the answer to its node. */
const DONE = { hold: 'held', stop: 'stopping', resume: 'resumed', home: 'homed', unlock: 'unlocked' } as const

export function machinesForRuntime({ machines, programs, audit }: { machines: MachineRegistry; programs: ProgramLibrary; audit: Audit }): {
  requests: Pick<Asks, 'machines' | 'programs' | 'commandMachine'>
} {
  return {
    requests: {
      machines: () => machines.list().map(({ id, name, isVirtual }) => ({ id, name, isVirtual })),
      programs: () => programs.list(),
      async commandMachine({ machineId, command, line, nodeId, runId }) {
        const by = `flow node ${nodeId}`
        audit.record({
          who: by,
          via: 'runtime',
          action: `machine.${command}`,
          target: machineId,
          detail: { ...(line === undefined ? {} : { line }), ...(runId === undefined ? {} : { runId }) },
        })
        const guard = machines.guard(machineId)
        const gone = asGuardGone(machineId)
        switch (command) {
          case 'hold':
            await guard.call('hold', { by }, { timeoutMs: STOP_TIMEOUT_MS }).catch(gone)
            break
          case 'stop':
            await guard.call('stop', { by, hard: false }, { timeoutMs: STOP_TIMEOUT_MS }).catch(gone)
            break
          case 'resume':
          case 'home':
          case 'unlock':
            await guard.call(command, { by }, { timeoutMs: COMMAND_TIMEOUT_MS }).catch(gone)
            break
          case 'line': {
            if (!line) throw new UserError({ code: 'line-missing', message: 'The command "line" needs the G-code line to send.' })
            return guard.call('command', { line, by }, { timeoutMs: COMMAND_TIMEOUT_MS }).catch(gone)
          }
          default:
            return command satisfies never
        }
        return { answer: DONE[command] }
      },
    },
  }
}

/** Tells the flows what happens at machines; while the runtime is away nobody listens, and nothing is kept. */
export function tellRuntimeOfMachines({ machines, runtime }: { machines: MachineRegistry; runtime: Pick<Runtime, 'peer' | 'state'> }): void {
  machines.onEvent((machineId, event) => {
    if (runtime.state.process === 'running') runtime.peer().notify('machineEvent', { machineId, ...event })
  })
}
