/** The flow as it was when a run began, for drawing: names, places and wires, and nothing of what the nodes are set to. */
import { type Kysely, sql } from 'kysely'
import type { FlowNode, Run, RunFlow } from '../api/index.ts'
import type { Database } from '../store/tables.ts'

const DRAWN = ['id', 'type', 'name', 'label', 'z', 'x', 'y', 'w', 'h', 'g', 'wires', 'd', 'nodes', 'in', 'out', 'style', 'links', 'mode'] as const

export async function drawnFlow(db: Kysely<Database>, run: Run): Promise<RunFlow> {
  const version = await db
    .selectFrom('flowVersion')
    .select(['id', 'at', 'flows'])
    .where('state', '<>', 'failed')
    .where('at', '<=', new Date(run.startedAt))
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!version) return { isCurrent: false, nodes: [] }
  const { rows } = await sql<{ id: string }>`select id from "flowVersion" where state <> 'failed' order by at desc limit 1`.execute(db)
  const flows = version.flows as FlowNode[]
  const ids = new Set([run.trigger.nodeId, ...run.detail.map(({ nodeId }) => nodeId)])
  const places = new Set(flows.filter(({ id }) => ids.has(id)).map(({ z }) => z))
  return {
    versionId: version.id,
    deployedAt: version.at.toISOString(),
    isCurrent: rows[0]?.id === version.id,
    nodes: flows.filter((node) => places.has(node.id) || (node.z !== undefined && places.has(node.z))).map(drawn),
  }
}

function drawn(node: FlowNode): FlowNode {
  return Object.fromEntries(DRAWN.filter((key) => node[key] !== undefined).map((key) => [key, node[key]])) as FlowNode
}
