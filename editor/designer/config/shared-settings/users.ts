/** Who uses which shared settings (config nodes). No view. */
import type { FlowModel } from '../../model/flow-model.ts'
import { type FlowNode, kindOf } from '../../model/raw.ts'

// where ids stand that are no references to config nodes
const NOT_A_REFERENCE = new Set(['id', 'z', 'g', 'wires', 'nodes', 'in', 'out', 'status'])

/** Config nodes that are there without a user: Node-RED's global settings, and what other modules keep for the whole of the flows. */
export const isForAll = ({ type }: FlowNode): boolean => type === 'global-config'

/** Users by config node, in one pass over the flows; nodes that are disabled use it, too. */
export function usersByConfig(model: FlowModel): Map<string, FlowNode[]> {
  const users = new Map<string, FlowNode[]>(
    model
      .configNodes()
      .filter((node) => !isForAll(node))
      .map((node) => [node.id, []]),
  )
  for (const node of model.export()) {
    const named = new Set<string>()
    for (const [key, value] of Object.entries(node)) if (!NOT_A_REFERENCE.has(key)) collect(value, named, 0)
    for (const id of named) if (id !== node.id) users.get(id)?.push(node)
  }
  return users
}

const DEEPEST = 4

/** References stand in a property, in a list of them (`type[]`), and in a subflow instance's `env`. */
function collect(value: unknown, into: Set<string>, depth: number): void {
  if (typeof value === 'string') {
    // ids are short; code and texts are not looked at
    if (value !== '' && value.length <= 40) into.add(value)
    return
  }
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return
  for (const one of Object.values(value)) collect(one, into, depth + 1)
}

/**
 * Those that nobody uses, also not by way of others that nobody uses: what can be taken out at once.
 * A page's settings used only by a group that is not used are unused, too.
 */
export function unusedConfigs(model: FlowModel): FlowNode[] {
  const users = usersByConfig(model)
  const unused = new Set<string>()
  for (let isMore = true; isMore; ) {
    isMore = false
    for (const [id, list] of users) {
      if (unused.has(id) || list.some((user) => !unused.has(user.id))) continue
      unused.add(id)
      isMore = true
    }
  }
  return model.configNodes().filter((node) => unused.has(node.id) && kindOf(node) === 'config')
}
