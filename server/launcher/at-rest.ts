/** Whether every machine stands, asked of the guards themselves: the gateway may be away. */
import { socketPath } from '../../base/run-dir.ts'
import { connectTo } from './adopt.ts'
import { guardSocketName } from './contract.ts'
import { callsOver } from './json-rpc.ts'

const ANSWER_MS = 5000

/** What is read of a guard's state (nodes/motion/machine.ts). */
interface State {
  isStanding?: unknown
  link?: unknown
  job?: unknown
}

/** A guard without a connection sends nothing; one with a program may go on with it at any time. */
const isAtRest = ({ isStanding, link, job }: State) => job === undefined && (isStanding === true || (typeof link === 'string' && link !== 'connected'))

async function isGuardAtRest(path: string, token: string): Promise<boolean> {
  const socket = await connectTo(path)
  if (!socket) return false
  try {
    const rpc = callsOver(socket)
    await rpc.call('hello', { token, as: 'launcher' }, ANSWER_MS)
    return isAtRest((await rpc.call('state', {}, ANSWER_MS)) as State)
  } finally {
    socket.destroy()
  }
}

/**
 * False as long as one guard moves its machine, has a program, or does not answer.
 * @param options.names names of processes, as in `ProcessInfo`; only guards are asked
 */
export async function areGuardsAtRest({ runDir, token, names }: { runDir: string; token: string; names: readonly string[] }): Promise<boolean> {
  const ids = names.flatMap((name) => (name.startsWith('guard:') ? [name.slice('guard:'.length)] : []))
  const answers = await Promise.all(ids.map((id) => isGuardAtRest(socketPath(runDir, guardSocketName(id)), token).catch(() => false)))
  return answers.every(Boolean)
}
