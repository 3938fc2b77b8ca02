/** What trigger nodes may ask: the list of them goes to the gateway, which keeps schedules and hands back firings. */
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { Firing, TriggerFace, TriggerServices } from '../../nodes/triggers/services.ts'
import type { runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'
import type { Tracing } from './tracing.ts'

type Handlers = RpcHandlers<typeof runtimeRpc>

interface Entry {
  face: TriggerFace
  onFire: (firing: Firing) => void | Promise<void>
  onSwitch: (isOn: boolean) => void
}

export interface TriggerPart {
  services: TriggerServices
  requests: Pick<Handlers['requests'], 'fireTrigger'>
  notifications: Pick<Handlers['notifications'], 'triggersOff'>
  /** Flows were started or stopped: the list counts only while they run. */
  flowsRun(areRunning: boolean): void
}

const GATHER_MS = 20
/** Firings that the gateway could not be told of while it was away; the newest are told when it is back. */
const MAX_UNTOLD = 500

export function createTriggerServices(options: { link: GatewayLink; tracing: () => Tracing; log: Logger }): TriggerPart {
  const { link, tracing, log } = options
  const triggers = new Map<string, Entry>()
  const listeners = new Map<string, Set<(message: Record<string, unknown>) => void>>()
  let off: ReadonlySet<string> = new Set()
  let areRunning = false
  let isTellDue = false
  let untold: { nodeId: string; runId: string; at: string; text: string }[] = []

  const tell = () => {
    if (isTellDue) return
    isTellDue = true
    setTimeout(() => {
      isTellDue = false
      // while a deploy replaces nodes the list is not the whole one
      if (!areRunning) return
      link.notify(
        'triggers',
        [...triggers.values()].map(({ face }) => face),
      )
    }, GATHER_MS)
  }
  link.onConnection((isConnected) => {
    if (!isConnected) return
    tell()
    for (const fired of untold.splice(0)) link.notify('triggerFired', fired)
  })

  return {
    services: {
      register(entry) {
        const { nodeId } = entry.face
        triggers.set(nodeId, entry)
        tell()
        if (off.has(nodeId)) queueMicrotask(() => triggers.get(nodeId) === entry && entry.onSwitch(false))
        return () => {
          if (triggers.get(nodeId) !== entry) return
          triggers.delete(nodeId)
          tell()
        }
      },
      begin(nodeId, { text }) {
        if (off.has(nodeId)) return undefined
        const runId = tracing().newRun(nodeId)
        const fired = { nodeId, runId, at: new Date().toISOString(), text: text.slice(0, 1000) }
        if (link.isConnected) link.notify('triggerFired', fired)
        else {
          untold.push(fired)
          if (untold.length > MAX_UNTOLD) untold = untold.slice(-MAX_UNTOLD)
        }
        return runId
      },
      emit(name, message) {
        const found = [...(listeners.get(name) ?? [])]
        for (const listener of found) {
          try {
            listener(message)
          } catch (error) {
            log.error({ err: error }, 'a node failed on an event of a flow')
          }
        }
        return found.length
      },
      onEmit(name, listener) {
        const set = listeners.get(name) ?? new Set()
        listeners.set(name, set)
        set.add(listener)
        return () => {
          set.delete(listener)
          if (!set.size && listeners.get(name) === set) listeners.delete(name)
        }
      },
    },
    requests: {
      async fireTrigger({ nodeId, ...firing }) {
        const entry = triggers.get(nodeId)
        if (!entry)
          throw new UserError({
            code: 'trigger-gone',
            status: 404,
            message: 'This trigger is no longer part of the running flows, or its flow is switched off.',
          })
        const { begins, at } = await link.call('triggerBegins', { firingId: firing.firingId })
        if (begins) {
          // what the node makes of it belongs to the run, where it is shown; the firing itself has begun
          tracing().withRun(
            firing.runId,
            () => {
              Promise.resolve()
                .then(() => entry.onFire({ ...firing, at }))
                .catch((error) => {
                  log.error({ err: error, nodeId }, 'a trigger failed')
                  tracing().endRun(firing.runId, { state: 'failed', text: error instanceof Error ? error.message : String(error) })
                })
            },
            nodeId,
          )
        }
        return { hasBegun: begins }
      },
    },
    notifications: {
      triggersOff(list) {
        const before = off
        off = new Set(list)
        for (const [nodeId, { onSwitch }] of triggers) if (before.has(nodeId) !== off.has(nodeId)) onSwitch(!off.has(nodeId))
      },
    },
    flowsRun(next) {
      areRunning = next
      if (areRunning) tell()
    },
  }
}
