/**
 * Machines that would move without a person's press: ways from a node that sends by itself (a clock, a start of the
 * flows, something outside) to one that moves a machine, on which no operator button waits. Some shops want just that,
 * so it is not forbidden; but somebody has to say yes to it.
 */
import type { Steps } from '../../../base/steps.ts'
import type { FlowAdvice, FlowNode } from '../../api/index.ts'
import { nameOf } from '../fence.ts'
import type { FlowGraph } from './graph.ts'

const MOVES: ReadonlySet<string> = new Set(['cw-run-program', 'cw-jog', 'cw-home', 'cw-probe', 'cw-spindle', 'cw-tool-change'])
const MOVING_COMMANDS: ReadonlySet<unknown> = new Set(['resume', 'home', 'line'])
/** Node-RED's own that somebody outside makes send. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['http in', 'mqtt in', 'tcp in', 'udp in', 'websocket in', 'watch'])
const OWN_EVENTS: Readonly<Record<string, string>> = {
  'cw-machine-event': 'an event of a machine',
  'cw-machine-value': 'a value of a machine',
  'cw-work-orders': 'a work order that comes in',
  'cw-job-in': 'a queued job',
  catch: 'an error of another node',
  status: 'the status of another node',
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
    advice.push({
      about: 'motion',
      nodeId: node.id,
      message: `${nameOf(node)} moves a machine without a press of a person: ${by} ("${shortName(trigger)}") leads to it, and no operator button on the way waits for somebody to look.`,
      way: way.map(({ id }) => id),
    })
  }
  if (machineIds) {
    const users = graph.nodes.filter((node) => typeof node.machine === 'string' && graph.byId.get(node.machine)?.type === 'cw-machine')
    for (const config of new Set(users.map((node) => graph.byId.get(String(node.machine)) as FlowNode))) {
      yield
      const id = config.machineId
      if (typeof id === 'string' && id !== '' && !id.startsWith('$') && !machineIds.has(id))
        advice.push({
          about: 'machine',
          nodeId: config.id,
          message: `${nameOf(config)} names the machine "${id}", which is not set up here. What its nodes ask for will fail.`,
        })
    }
  }
  return advice
}

const moves = (node: FlowNode) => MOVES.has(node.type) || (node.type === 'cw-machine-command' && MOVING_COMMANDS.has(node.command))

/** Does a button in it, or it itself, wait for a press? */
const isGuarded = (graph: FlowGraph, node: FlowNode) => node.type === 'cw-button' || graph.inside(node).some((one) => one.type === 'cw-button')

function startsBy(graph: FlowGraph, node: FlowNode): string | undefined {
  if (node.type === 'inject') {
    if (node.crontab) return 'the clock'
    if (node.repeat !== undefined && node.repeat !== '' && node.repeat !== null) return `the clock, every ${String(node.repeat)} s`
    return node.once === true ? 'the start of the flows' : undefined
  }
  // a job that these flows queue themselves begins where it is queued
  if (node.type === 'cw-job-in' && graph.hasSource(node)) return undefined
  const own = OWN_EVENTS[node.type]
  if (own !== undefined) return own
  if (FROM_OUTSIDE.has(node.type)) return 'something outside'
  if (graph.isKnown(node) || node.type.startsWith('ui-')) return undefined
  return (graph.typeOf(node)?.inputs ?? 1) === 0 ? 'something outside' : undefined
}

const shortName = (node: FlowNode) => (typeof node.name === 'string' && node.name ? node.name : node.type)
