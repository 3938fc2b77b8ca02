/**
 * How machines are, for the nodes that watch them. A runtime that is busy gets the latest state when it is ready for it, and
 * nothing piles up here: the next one goes out when the last was answered.
 */

import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { Runtime } from '../flows/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { MachineRegistry } from './machines.ts'

/** A runtime that does not answer for so long is asked again with what is known then. */
const ANSWER_MS = 10_000
/** Ten states a second are as many as a guard tells. */
const LEAST_MS = 100

export function watchMachinesForFlows(parts: {
  machines: Pick<MachineRegistry, 'get' | 'onChange' | 'onRemoved'>
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  log: Logger
}): { requests: Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'watchMachines'> } {
  const { machines, runtime, log } = parts
  let watched = new Set<string>()
  /** Machines with a state on its way. */
  const sending = new Set<string>()
  /** Machines that changed meanwhile. */
  const due = new Set<string>()

  const stateOf = (machineId: string) => {
    try {
      const { host, state } = machines.get(machineId)
      // the flows of its own host watch it: what follows from a state happens once
      return host ? null : (state ?? null)
    } catch {
      // removed, or never there: the node shows that nobody can tell
      return null
    }
  }
  const send = async (machineId: string) => {
    if (sending.has(machineId)) {
      due.add(machineId)
      return
    }
    sending.add(machineId)
    try {
      do {
        due.delete(machineId)
        await Promise.all([
          runtime.peer().call('machineState', { machineId, state: stateOf(machineId) }, { timeoutMs: ANSWER_MS }),
          new Promise((resolve) => setTimeout(resolve, LEAST_MS)),
        ])
      } while (due.has(machineId) && watched.has(machineId))
    } catch (error) {
      // it is away, or hangs: it asks again when it is back, and the next change is tried
      log.debug({ machineId, reason: messageOf(error) }, 'a state did not reach the flows')
    } finally {
      sending.delete(machineId)
      due.delete(machineId)
    }
  }
  /** Machines of other hosts, of which the flows were told that nobody here can tell. */
  const toldAway = new Set<string>()
  machines.onChange(({ id, host }) => {
    if (!host) toldAway.delete(id)
    else if (toldAway.has(id)) return
    else toldAway.add(id)
    if (watched.has(id)) void send(id)
  })
  machines.onRemoved((id) => {
    if (watched.has(id)) void send(id)
  })
  runtime.onConnection((isConnected) => {
    if (!isConnected) watched = new Set()
  })
  return {
    requests: {
      watchMachines({ machineIds }) {
        watched = new Set(machineIds)
        // also to those watched before: a node that begins to listen wants to know how things are
        setImmediate(() => {
          for (const id of watched) void send(id)
        })
        return null
      },
    },
  }
}
