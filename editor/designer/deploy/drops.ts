/**
 * Which of the messages that wait in the debugger a deploy drops: those before nodes that Node-RED stops for it
 * (@node-red/runtime, flows/util.js diffConfigs and flows/index.js stop). Where it cannot be told from the flow file, such as
 * which instance of a subflow a message is in, it counts as dropped: told too often is better than lost in silence. No view.
 */
import type { NodeDiff } from '../model/diff.ts'
import { type FlowNode, subflowOf } from '../model/raw.ts'
import type { DeployKind } from './deploy-state.ts'

export interface DropQuestion {
  kind: DeployKind
  /** How many wait before each node. */
  waitingAt: Readonly<Record<string, number>>
  diff: readonly NodeDiff[]
  /** The flows that run. */
  before: ReadonlyMap<string, FlowNode>
}

/** @returns how many messages are dropped before each node */
export function droppedBy({ kind, waitingAt, diff, before }: DropQuestion): Map<string, number> {
  const waiting = Object.entries(waitingAt).filter(([, count]) => count > 0)
  const changes = diff.filter((one) => one.kind !== 'moved')
  const isWhole = kind === 'full' || changes.some(({ node }) => node.type === 'global-config')
  if (isWhole) return new Map(waiting)
  /** Removed, or changed in more than its wires: Node-RED makes it anew. */
  const renewed = new Set(changes.filter((one) => one.kind === 'removed' || one.properties.some((key) => key !== 'wires')).map(({ id }) => id))
  /** Tabs and subflows in which anything is different. */
  const touched = new Set(changes.flatMap(({ id, node }) => [id, String(node.z ?? ''), String(before.get(id)?.z ?? '')]))
  const seen = new Map<string, boolean>()
  const stops = (id: string): boolean => {
    const known = seen.get(id)
    if (known !== undefined) return known
    seen.set(id, false)
    const found = isStopped(id)
    seen.set(id, found)
    return found
  }
  const isStopped = (id: string): boolean => {
    const node = before.get(id)
    // nobody knows it here: it waits before something that is not in the flow file
    if (!node || renewed.has(id)) return true
    if (kind === 'flows' && typeof node.z === 'string' && touched.has(node.z)) return true
    for (const [key, value] of Object.entries(node)) {
      if (key === 'id' || typeof value !== 'string' || value === '' || !before.has(value)) continue
      // its tab, its groups, and the config nodes it uses
      if (renewed.has(value) || (key !== 'z' && stops(value))) return true
    }
    const inside = subflowOf(node)
    if (inside !== undefined && touched.has(inside)) return true
    const place = typeof node.z === 'string' ? before.get(node.z) : undefined
    if (place?.type !== 'subflow') return false
    return touched.has(place.id) || [...before.values()].some((one) => subflowOf(one) === place.id && stops(one.id))
  }
  return new Map(waiting.filter(([id]) => stops(id)))
}
