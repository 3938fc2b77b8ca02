/**
 * What runs on which host: a trigger, a queued job or a waiting step whose flow acts on machines belongs to a host that has one of
 * them. Programs are queued with their machine and may be asked for anywhere.
 */
import type { FlowNode } from '../api/index.ts'
import type { Machines } from '../machines/contract.ts'
import { nodesBehind } from '../orchestration/motion-behind.ts'

export interface Placing {
  /** The flow behind this node acts on machines, and none of them is wired to this host. */
  isElsewhere(nodeId: string): boolean
  /** Names of flow jobs of which that is true. */
  jobsElsewhere(): readonly string[]
  /** Reads the deployed flows anew. */
  refresh(): Promise<void>
}

export function createPlacing({
  machines,
  currentFlows,
}: {
  machines: Pick<Machines, 'list' | 'isHere' | 'onHere'>
  currentFlows: () => Promise<{ flows: readonly FlowNode[] }>
}): Placing {
  let flows: readonly FlowNode[] = []
  let jobs: readonly string[] | undefined
  const known = new Map<string, boolean>()
  const forget = () => {
    known.clear()
    jobs = undefined
  }
  machines.onHere(forget)

  const machineOf = (node: FlowNode, byId: ReadonlyMap<string, FlowNode>): string | undefined => {
    if (node.type === 'cw-run-program' || typeof node.machine !== 'string') return undefined
    const id = byId.get(node.machine)?.machineId
    return typeof id === 'string' ? id : undefined
  }
  const find = (nodeId: string): boolean => {
    const there = new Set(machines.list().map(({ id }) => id))
    const byId = new Map(flows.map((node) => [node.id, node]))
    const start = byId.get(nodeId) ?? byId.get(nodeId.slice(nodeId.lastIndexOf('-') + 1))
    const nodes = [...(start ? [start] : []), ...(nodesBehind(flows, nodeId, { staysHere: true }) ?? [])]
    const ids = nodes.flatMap((node) => machineOf(node, byId) ?? []).filter((id) => there.has(id))
    return ids.length > 0 && !ids.some((id) => machines.isHere(id))
  }
  const hasOthers = () => machines.list().some(({ id }) => !machines.isHere(id))
  const isElsewhere = (nodeId: string): boolean => {
    if (!hasOthers()) return false
    const found = known.get(nodeId) ?? find(nodeId)
    known.set(nodeId, found)
    return found
  }
  return {
    isElsewhere,
    jobsElsewhere() {
      if (!hasOthers()) return []
      if (!jobs) {
        const takers = flows.filter(({ type, d, jobName }) => type === 'cw-job-in' && d !== true && typeof jobName === 'string')
        const here = new Set(takers.filter(({ id }) => !isElsewhere(id)).map(({ jobName }) => String(jobName)))
        jobs = [...new Set(takers.map(({ jobName }) => String(jobName)))].filter((name) => !here.has(name))
      }
      return jobs
    },
    async refresh() {
      ;({ flows } = await currentFlows())
      forget()
    },
  }
}
