/** One thing asked of a machine without a program, for people and for flows. */
import type { ActionResult, MachineAction } from '../../nodes/motion/action.ts'
import { asOutcomeUnknown, type MachineRegistry } from './machines.ts'
import type { ProbeResults } from './probe-results.ts'
import { actionMs } from './timeouts.ts'

/** @throws UserError, OperationalError of the guard; `guard-gone` before anything was sent, `outcome-unknown` after it */
export async function act(
  { machines, probes }: { machines: Pick<MachineRegistry, 'guard'>; probes: Pick<ProbeResults, 'keep'> },
  { machineId, action, by, lease }: { machineId: string; action: MachineAction; by: string; lease?: number | undefined },
): Promise<ActionResult> {
  const done = await machines
    .guard(machineId)
    .call('act', { action, by, ...(lease === undefined ? {} : { lease }) }, { timeoutMs: actionMs(action) })
    .catch(asOutcomeUnknown(machineId))
  if (done.probe) await probes.keep({ machineId, by, result: done.probe })
  return done
}
