/** One thing asked of a machine without a program, for people and for flows. */
import type { ActionResult, MachineAction } from '../../nodes/motion/action.ts'
import { asOutcomeUnknown, type MachineRegistry } from './machines.ts'
import { actionMs } from './timeouts.ts'

/** @throws UserError, OperationalError of the guard; `guard-gone` before anything was sent, `outcome-unknown` after it */
export function act(
  machines: Pick<MachineRegistry, 'guard'>,
  { machineId, action, by, lease }: { machineId: string; action: MachineAction; by: string; lease?: number | undefined },
): Promise<ActionResult> {
  return machines
    .guard(machineId)
    .call('act', { action, by, ...(lease === undefined ? {} : { lease }) }, { timeoutMs: actionMs(action) })
    .catch(asOutcomeUnknown(machineId))
}
