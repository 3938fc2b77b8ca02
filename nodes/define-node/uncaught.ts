/**
 * Errors that no Catch node takes. Node-RED tells a hook that a message ended in an error, but not whether anybody
 * handled it, so the flow's Catch nodes are looked up by the rules of @node-red/runtime lib/flows/Flow.js handleError.
 *
 * What it cannot see: a node that reports an error without ending its message with it (`node.error` alone).
 */
import { messageOf } from '../../base/errors.ts'
import type { UncaughtError } from './declare.ts'
import type { Red, RedConfig, RedNode } from './red.ts'

type Listener = (failure: UncaughtError) => void
const HOOK = 'onComplete.cellwright-uncaught'
const listeners = new Set<Listener>()

/** Starts telling `listener`; the returned function ends it. */
export function onUncaughtError(red: Red, listener: Listener): () => void {
  if (listeners.size === 0) {
    red.hooks.add(HOOK, ({ msg, error, node }) => {
      if (!error || isCaught(red, node.node)) return
      const failure = { message: msg, text: messageOf(error), nodeName: node.node.name || node.node.type }
      for (const each of [...listeners]) each(failure)
    })
  }
  listeners.add(listener)
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) red.hooks.remove(HOOK)
  }
}

/** Whether a Catch node covers the node: in its flow, or where its subflow is used. */
function isCaught(red: Red, node: RedNode): boolean {
  const configs = new Map<string, RedConfig>()
  red.nodes.eachNode((config) => configs.set(config.id, config))
  let current: RedNode | null = node
  while (current) {
    const stored = configs.get(current._alias ?? current.id)
    if (!stored) return false
    for (const config of configs.values()) if (covers(config, stored, configs)) return true
    const isInSubflow: boolean = configs.get(stored.z ?? '')?.type === 'subflow'
    current = isInSubflow && current.z ? red.nodes.getNode(current.z) : null
  }
  return false
}

function covers(candidate: RedConfig, node: RedConfig, configs: Map<string, RedConfig>): boolean {
  if (candidate.type !== 'catch' || candidate.d === true || candidate.z !== node.z) return false
  if (Array.isArray(candidate.scope)) return candidate.scope.includes(node.id)
  if (candidate.scope !== 'group' || !candidate.g) return true
  for (let group = node.g; typeof group === 'string'; group = configs.get(group)?.g) if (group === candidate.g) return true
  return false
}
