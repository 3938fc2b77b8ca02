/** Which nodes of the running flows use a connection. */
import type { ConnectionUse, FlowNode } from '../api/index.ts'

const TRIGGERS = new Set(['cw-event-trigger', 'cw-condition-trigger', 'cw-work-orders'])

const textIn = (node: FlowNode | undefined, key: string): string | undefined => {
  const value = node?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** By connection, in the order of the flows. A connection is named by its id, in whatever property. */
export function usesIn(flows: readonly FlowNode[], connectionIds: ReadonlySet<string>): Map<string, ConnectionUse[]> {
  const byId = new Map(flows.map((node) => [node.id, node]))
  const uses = new Map<string, ConnectionUse[]>()
  for (const node of flows) {
    for (const id of new Set(Object.values(node).filter((value): value is string => typeof value === 'string' && connectionIds.has(value)))) {
      const place = byId.get(textIn(node, 'z') ?? '')
      const flowName = textIn(place, 'label') ?? textIn(place, 'name')
      const nodeName = textIn(node, 'name')
      const use: ConnectionUse = {
        nodeId: node.id,
        nodeType: node.type,
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(place ? { flowId: place.id } : {}),
        ...(flowName === undefined ? {} : { flowName }),
        isTrigger: TRIGGERS.has(node.type),
      }
      uses.set(id, [...(uses.get(id) ?? []), use])
    }
  }
  return uses
}
