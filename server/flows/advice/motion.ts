/**
 * Machines that would move without a person's press: ways from a node that sends by itself (a clock, a start of the
 * flows, something outside) to one that moves a machine, on which no operator button waits. Some shops want just that,
 * so it is not forbidden; but somebody has to say yes to it.
 */
import type { Steps } from '../../../base/steps.ts'
import { type FlowAdvice, type FlowNode, finding, type Trigger } from '../../api/index.ts'
import { adviceOf } from './advice-of.ts'
import type { FlowGraph } from './graph.ts'

const MOVES: ReadonlySet<string> = new Set(['cw-run-program', 'cw-jog', 'cw-home', 'cw-probe', 'cw-spindle', 'cw-tool-change'])
const MOVING_COMMANDS: ReadonlySet<unknown> = new Set(['resume', 'home', 'line'])
/** Node-RED's own that somebody outside makes send. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['http in', 'mqtt in', 'tcp in', 'udp in', 'websocket in', 'watch'])
const OWN_EVENTS: Readonly<Record<string, Trigger>> = {
  'cw-machine-event': 'machine-event',
  'cw-machine-value': 'machine-value',
  'cw-work-orders': 'work-order',
  'cw-job-in': 'queued-job',
  catch: 'error-of-node',
  status: 'status-of-node',
}

export function* motion(graph: FlowGraph, machineIds: ReadonlySet<string> | undefined): Steps<FlowAdvice[]> {
  const advice: FlowAdvice[] = []
  const from = new Map<FlowNode, FlowNode | undefined>()
  const queue: FlowNode[] = []
  for (const node of graph.nodes) {
    yield
    if (startsBy(graph, node) === undefined) continue
    from.set(node, undefined)
    queue.push(node)
  }
  // breadth first: the shortest way is the one that is shown
  for (let at = 0; at < queue.length; at += 1) {
    yield
    const node = queue[at] as FlowNode
    for (const target of graph.nextThrough(node)) {
      if (from.has(target) || isGuarded(graph, target)) continue
      from.set(target, node)
      queue.push(target)
    }
  }
  for (const node of graph.nodes) {
    yield
    if (!moves(node) || !from.has(node)) continue
    const way = [node]
    for (let before = from.get(node); before; before = from.get(before)) way.unshift(before)
    const [trigger] = way
    const by = trigger && startsBy(graph, trigger)
    if (!trigger || by === undefined || trigger === node) continue
    advice.push(
      adviceOf(
        'motion',
        node,
        finding('moves-unattended', { ...by, trigger: shortName(trigger) }),
        way.map(({ id }) => id),
      ),
    )
  }
  if (machineIds) {
    const users = graph.nodes.filter((node) => typeof node.machine === 'string' && graph.byId.get(node.machine)?.type === 'cw-machine')
    for (const config of new Set(users.map((node) => graph.byId.get(String(node.machine)) as FlowNode))) {
      yield
      const id = config.machineId
      if (typeof id === 'string' && id !== '' && !id.startsWith('$') && !machineIds.has(id))
        advice.push(adviceOf('machine', config, finding('machine-unknown', { machine: id })))
    }
  }
  return advice
}

const moves = (node: FlowNode) => MOVES.has(node.type) || (node.type === 'cw-machine-command' && MOVING_COMMANDS.has(node.command))

/** Does a button in it, or it itself, wait for a press? */
const isGuarded = (graph: FlowGraph, node: FlowNode) => node.type === 'cw-button' || graph.inside(node).some((one) => one.type === 'cw-button')

function startsBy(graph: FlowGraph, node: FlowNode): { by: Trigger; every?: string } | undefined {
  if (node.type === 'inject') {
    if (node.crontab) return { by: 'clock' }
    if (node.repeat !== undefined && node.repeat !== '' && node.repeat !== null) return { by: 'clock-every', every: String(node.repeat) }
    return node.once === true ? { by: 'start' } : undefined
  }
  // a job that these flows queue themselves begins where it is queued
  if (node.type === 'cw-job-in' && graph.hasSource(node)) return undefined
  const own = OWN_EVENTS[node.type]
  if (own !== undefined) return { by: own }
  if (FROM_OUTSIDE.has(node.type)) return { by: 'outside' }
  if (graph.isKnown(node) || node.type.startsWith('ui-')) return undefined
  return (graph.typeOf(node)?.inputs ?? 1) === 0 ? { by: 'outside' } : undefined
}

const shortName = (node: FlowNode) => (typeof node.name === 'string' && node.name ? node.name : node.type)
