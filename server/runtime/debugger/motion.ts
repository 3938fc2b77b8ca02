/** What a running node does to which machine. */
import { type MotionRole, motionRoleOf } from '../../api/debugger.ts'
import type { NodeRed, RunningNode } from '../node-red.ts'

/** Where our nodes keep their checked settings (nodes/define-node/runtime.ts). */
const CONFIG = Symbol.for('cellwright.config')
type OwnNode = { [CONFIG]?: Record<string, unknown> }

export interface NodeMotion {
  role: MotionRole
  machineId: string | undefined
}

export function motionOf(red: Pick<NodeRed, 'nodes'>, node: RunningNode): NodeMotion {
  const config = (node as OwnNode)[CONFIG]
  const role = motionRoleOf(node.type, config?.command)
  if (role === 'watches' || typeof config?.machine !== 'string') return { role, machineId: undefined }
  const machineId = (red.nodes.getNode(config.machine) as OwnNode | null)?.[CONFIG]?.machineId
  return { role, machineId: typeof machineId === 'string' ? machineId : undefined }
}
