/**
 * Nodes that begin by themselves, each in every runtime: where several hosts run the same flows, one of them leads, and in the
 * others these nodes do not begin. What belongs to a host (its HTTP endpoints, servers, files, machines) begins on each.
 */
import type { NodeRed, ReceiveEvent, SendEvent } from './node-red.ts'

/** They connect to something that tells every host the same. `tcp in` and `websocket in` only as clients. */
const isTold = ({ type, server, serverConfig }: { type?: string; server?: unknown; serverConfig?: unknown }): boolean => {
  switch (type) {
    case 'mqtt in':
      return true
    case 'tcp in':
      return server === false
    case 'websocket in':
      return (serverConfig as { isServer?: unknown } | undefined)?.isServer === false
    default:
      return false
  }
}

/** What a node of a runtime that does not lead is kept from. */
export function isKept(name: string, payload: unknown): boolean {
  if (name === 'onSend') {
    const source = (payload as SendEvent[])[0]?.source.node
    return source !== undefined && isTold(source as { type?: string })
  }
  if (name !== 'onReceive') return false
  // its clock gives `inject` a message without an id; whoever presses its button, or another node, gives one with
  // (@node-red/nodes/core/common/20-inject.js; Node.prototype.receive in @node-red/runtime/lib/nodes/Node.js)
  const { msg, destination } = payload as ReceiveEvent
  return (destination.node as { type?: string } | undefined)?.type === 'inject' && (msg as { _msgid?: unknown })._msgid === undefined
}

export interface Sources {
  lead(leads: boolean): void
  /** Ahead of everything that watches messages: what does not begin leaves no trace. After tracing was attached. */
  attach(): void
}

export function createSources(red: Pick<NodeRed, 'hooks'>): Sources {
  let leads = true
  let isAttached = false
  let isHooked = false
  const hook = () => {
    // not where one host leads for good: every hop pays for it
    if (leads || !isAttached || isHooked) return
    isHooked = true
    const { hooks } = red
    const trigger = hooks.trigger
    hooks.trigger = (name, payload, done) => {
      if (leads || !isKept(name, payload))
        return trigger(name, payload, done)
        // Node-RED's own word for "go no further" (@node-red/util/lib/hooks.js)
      ;(done as ((answer: false) => void) | undefined)?.(false)
      return undefined
    }
  }
  return {
    lead(next) {
      leads = next
      hook()
    },
    attach() {
      isAttached = true
      hook()
    },
  }
}
