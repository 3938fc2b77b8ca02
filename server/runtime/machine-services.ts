/** What nodes may ask of machines beyond programs: leases that this process keeps alive, and the state of those that nodes watch. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'
import type { CellwrightServices, HeldMachine } from '../../nodes/services.ts'
import type { runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'

type Services = Pick<CellwrightServices, 'holdMachine' | 'releaseMachine' | 'onMachineState' | 'machineState'>
type TakeLease = (request: { machineId: string; holder: string; ttlMs: number; nodeId: string; runId?: string }) => Promise<{ token: number }>

/** A gateway that is restarted is back within seconds; beats are tried on until the lease must have run out. */
const BEATS_IN_TTL = 4
const GATHER_MS = 20

interface Held extends HeldMachine {
  timer: NodeJS.Timeout
  onLost: (why: string) => void
}

/** @param options.take takes a lease in the run of the caller */
export function createMachineServices(options: { link: GatewayLink; take: TakeLease; log: Logger }): {
  services: Services
  machineState: RpcHandlers<typeof runtimeRpc>['requests']['machineState']
} {
  const { link, take, log } = options
  const held = new Map<string, Held>()
  const keyOf = ({ machineId, token }: HeldMachine) => `${machineId} ${token}`

  const watchers = new Map<string, Set<(state: MachineState | undefined) => void>>()
  const tell = (machineId: string, state: MachineState | undefined) => {
    for (const listener of [...(watchers.get(machineId) ?? [])]) {
      try {
        listener(state)
      } catch (error) {
        log.error({ err: error }, 'a node failed on the state of a machine')
      }
    }
  }
  let isWatchDue = false
  /** Several nodes start at once; the gateway gets one list. */
  const watch = () => {
    if (isWatchDue) return
    isWatchDue = true
    setTimeout(() => {
      isWatchDue = false
      if (!link.isConnected) return
      link
        .call('watchMachines', { machineIds: [...watchers.keys()] })
        .catch((error) => log.warn({ err: error }, 'the states of machines could not be asked for'))
    }, GATHER_MS)
  }
  link.onConnection((isConnected) => {
    if (isConnected) {
      if (watchers.size) watch()
    } else for (const machineId of watchers.keys()) tell(machineId, undefined)
  })

  return {
    services: {
      async holdMachine(request, onLost) {
        const { machineId, ttlMs } = request
        const { token } = await take(request)
        const lease: HeldMachine = { machineId, token }
        const key = keyOf(lease)
        let confirmedAt = performance.now()
        let isBeating = false
        const lose = (why: string) => {
          const entry = held.get(key)
          if (!entry) return
          clearInterval(entry.timer)
          held.delete(key)
          entry.onLost(why)
        }
        const beat = async () => {
          if (isBeating) return
          isBeating = true
          const begun = performance.now()
          try {
            await link.call('beatLease', lease)
            confirmedAt = begun
          } catch (error) {
            if (error instanceof UserError) lose(messageOf(error))
            // the guard may not have heard of us for so long that somebody else can have the machine
            else if (performance.now() - confirmedAt > ttlMs) lose('The gateway or the guard was away for too long.')
            if (!(error instanceof OperationalError || error instanceof UserError)) log.error({ err: error }, 'a lease could not be kept')
          } finally {
            isBeating = false
          }
        }
        held.set(key, { ...lease, onLost, timer: setInterval(() => void beat(), ttlMs / BEATS_IN_TTL) })
        return lease
      },
      async releaseMachine(lease) {
        const entry = held.get(keyOf(lease))
        if (entry) {
          clearInterval(entry.timer)
          held.delete(keyOf(lease))
        }
        try {
          await link.call('dropLease', { machineId: lease.machineId, token: lease.token })
        } catch (error) {
          // over already; or away, and then it runs out by itself
          if (!(error instanceof OperationalError) && !(error instanceof UserError && error.code === 'lease-stale')) throw error
        }
      },
      machineState: async (machineId) => (await link.call('machineState', { machineId })) ?? undefined,
      onMachineState(machineId, listener) {
        const set = watchers.get(machineId) ?? new Set()
        watchers.set(machineId, set)
        set.add(listener)
        watch()
        return () => {
          if (!set.delete(listener) || set.size || watchers.get(machineId) !== set) return
          watchers.delete(machineId)
          watch()
        }
      },
    },
    machineState({ machineId, state }) {
      tell(machineId, state ?? undefined)
      return null
    },
  }
}
