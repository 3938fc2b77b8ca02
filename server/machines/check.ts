/** Checks a program on a machine, with the time that will really pass there: a virtual machine may be faster or slower than a real one. */
import type { RpcParams } from '../../base/rpc.ts'
import type { guardRpc } from '../../nodes/motion/guard/contract.ts'
import type { Machine } from '../../nodes/motion/machine.ts'
import type { ProgramReport } from '../../nodes/motion/program.ts'
import type { Machines } from './contract.ts'
import { CHECK_MS } from './timeouts.ts'

/**
 * Nothing moves.
 * @throws UserError machine-not-found; OperationalError guard-gone; what the guard throws
 */
export async function checkOn(
  machines: Pick<Machines, 'get' | 'guard'>,
  machineId: string,
  request: RpcParams<typeof guardRpc, 'checkProgram'>,
): Promise<ProgramReport> {
  const report = await machines.guard(machineId).call('checkProgram', request, { timeoutMs: CHECK_MS })
  return { ...report, estimateS: report.estimateS / paceOf(machines.get(machineId)) }
}

/** Machine seconds that pass in one real second. */
export function paceOf({ link }: Pick<Machine, 'link'>): number {
  return link.kind === 'virtual' ? link.timeScale : 1
}
