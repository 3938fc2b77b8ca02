/** The routes of machines and programs. Stop, hold and resume go from here to the guard and touch nothing else. */
import {
  addMachine,
  changeMachine,
  commandMachine,
  connectMachine,
  getMachine,
  getProgramText,
  holdMachine,
  homeMachine,
  listMachines,
  listPrograms,
  removeMachine,
  removeProgram,
  resumeMachine,
  stopMachine,
  unlockMachine,
  uploadProgram,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { asGuardGone, type MachineRegistry } from './machines.ts'
import type { ProgramLibrary } from './programs.ts'

/** How long a guard may take: the byte is written at once, the answer follows. */
const STOP_TIMEOUT_MS = 3000
const COMMAND_TIMEOUT_MS = 60_000
/** Homing a large machine slowly. */
const HOME_TIMEOUT_MS = 300_000
const ok = { ok: true as const }

export function machineRoutes(parts: { machines: MachineRegistry; programs: ProgramLibrary; audit: Audit }): RouteHandler[] {
  const { machines, programs, audit } = parts
  return [
    handle(stopMachine, async ({ params: { machineId }, body, caller }) => {
      const { sentAt } = await machines
        .guard(machineId)
        .call('stop', { by: caller.name, hard: body.hard }, { timeoutMs: STOP_TIMEOUT_MS })
        .catch(asGuardGone(machineId))
      audit.record({ caller, action: body.hard ? 'stopped hard' : 'stopped', target: machineId, detail: { sentAt } })
      return { ok: true as const, sentAt }
    }),
    handle(holdMachine, async ({ params: { machineId }, caller }) => {
      const { sentAt } = await machines.guard(machineId).call('hold', { by: caller.name }, { timeoutMs: STOP_TIMEOUT_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'held', target: machineId, detail: { sentAt } })
      return { ok: true as const, sentAt }
    }),
    handle(resumeMachine, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('resume', { by: caller.name }, { timeoutMs: STOP_TIMEOUT_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'resumed', target: machineId })
      return ok
    }),
    handle(unlockMachine, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('unlock', { by: caller.name }, { timeoutMs: COMMAND_TIMEOUT_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'unlocked', target: machineId })
      return ok
    }),
    handle(homeMachine, async ({ params: { machineId }, caller }) => {
      audit.record({ caller, action: 'homed', target: machineId })
      await machines.guard(machineId).call('home', { by: caller.name }, { timeoutMs: HOME_TIMEOUT_MS }).catch(asGuardGone(machineId))
      return ok
    }),
    handle(connectMachine, async ({ params: { machineId }, caller }) => {
      await machines.guard(machineId).call('connect', { by: caller.name }, { timeoutMs: COMMAND_TIMEOUT_MS }).catch(asGuardGone(machineId))
      audit.record({ caller, action: 'opened the port', target: machineId })
      return ok
    }),
    handle(commandMachine, async ({ params: { machineId }, body, caller }) => {
      audit.record({ caller, action: 'sent a line', target: machineId, detail: { line: body.line } })
      const { answer } = await machines
        .guard(machineId)
        .call('command', { line: body.line, by: caller.name }, { timeoutMs: COMMAND_TIMEOUT_MS })
        .catch(asGuardGone(machineId))
      return { ok: true as const, answer }
    }),
    handle(listMachines, () => machines.list()),
    handle(getMachine, ({ params }) => machines.get(params.machineId)),
    handle(addMachine, async ({ body, caller }) => {
      const view = await machines.add(body, caller.userName)
      audit.record({ caller, action: 'added a machine', target: body.id, detail: body })
      return view
    }),
    handle(changeMachine, async ({ params, body, caller }) => {
      const view = await machines.change(params.machineId, body)
      audit.record({ caller, action: 'changed a machine', target: params.machineId, detail: body })
      return view
    }),
    handle(removeMachine, async ({ params, caller }) => {
      await machines.remove(params.machineId)
      audit.record({ caller, action: 'removed a machine', target: params.machineId })
      return ok
    }),
    handle(listPrograms, () => programs.all()),
    handle(uploadProgram, async ({ query, caller, request }) => {
      const program = await programs.upload({ name: query.name, content: request, maxBytes: uploadProgram.maxBodyBytes ?? 0, by: caller.userName })
      audit.record({ caller, action: 'uploaded a program', target: program.id, detail: { name: program.name, sha256: program.sha256 } })
      return program
    }),
    handle(getProgramText, ({ params, query }) => programs.lines(params.programId, query.from, query.count)),
    handle(removeProgram, async ({ params, caller }) => {
      await programs.remove(params.programId)
      audit.record({ caller, action: 'removed a program', target: params.programId })
      return ok
    }),
  ]
}
