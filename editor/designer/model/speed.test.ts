import { expect, test } from 'vitest'
import { copyText, paste, readFlows } from './clipboard.ts'
import { change, moveNodes, placeNodes, removeNodes } from './commands.ts'
import { diffFlows } from './diff.ts'
import { FlowModel } from './flow-model.ts'
import { groupNodes, ungroup } from './groups.ts'
import type { FlowNode } from './raw.ts'
import { sceneOf } from './scene.ts'
import { subflowFromNodes, unpackInstance } from './subflows.ts'
import { reachable } from './walk.ts'

const COUNT = 5_000
/** Chains with cross links, in groups of ten. */
function large(count: number): FlowNode[] {
  const nodes: FlowNode[] = [{ id: 't', type: 'tab', label: 'large' }]
  for (let index = 0; index < count; index += 1) {
    const wires = [[`n${index + 1}`, `n${index + 7}`].filter((id) => Number(id.slice(1)) < count)]
    nodes.push({ id: `n${index}`, type: 'function', z: 't', g: `g${Math.floor(index / 10)}`, x: (index % 60) * 240, y: Math.floor(index / 60) * 120, wires })
  }
  for (let group = 0; group < count / 10; group += 1)
    nodes.push({ id: `g${group}`, type: 'group', z: 't', nodes: Array.from({ length: 10 }, (_, at) => `n${group * 10 + at}`), x: 0, y: 0, w: 9, h: 9 })
  return nodes
}

/** Processor time, so that a busy machine does not decide. */
function took(work: () => void): number {
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1_000
}

/** The best of some: the first ones also compile. */
function times(count: number): Record<string, number> {
  const best: Record<string, number> = {}
  for (let round = 0; round < 2; round += 1) {
    const flow = large(count)
    const model = new FlowModel(flow)
    const all = flow.filter((node) => node.type === 'function').map((node) => node.id)
    const deployed = model.deployed()
    let instance = ''
    const steps: Record<string, () => void> = {
      load: () => model.load(flow),
      'change one': () => change(model, 'n7', { name: 'x' }),
      'move one': () => moveNodes(model, ['n7'], { x: 20, y: 0 }),
      'move all': () => moveNodes(model, all, { x: 20, y: 20 }),
      'undo that': () => model.undo(),
      'redo that': () => model.redo(),
      'place all': () => placeNodes(model, new Map(all.map((id, index) => [id, { x: index, y: index }])), 'layout'),
      diff: () => diffFlows(deployed, new Map(model.export().map((node) => [node.id, node]))),
      scene: () => sceneOf(model, 't', new Map(), () => 60),
      'fold all': () => sceneOf(model, 't', new Map(), () => 60, new Set(all.map((_, index) => `g${Math.floor(index / 10)}`))),
      walk: () => reachable(model, 't', ['n0'], 'downstream'),
      ungroup: () =>
        ungroup(
          model,
          Array.from({ length: count / 10 }, (_, at) => `g${at}`),
        ),
      group: () => groupNodes(model, all),
      'make a subflow': () => {
        instance = subflowFromNodes(model, all.slice(0, count / 2), 's')?.instance ?? ''
      },
      unpack: () => unpackInstance(model, instance),
      'copy and paste': () => {
        const read = readFlows(copyText(model, new Set(model.childrenOf('t').map((node) => node.id))))
        if ('nodes' in read) paste(model, read.nodes, { parent: 't', at: { x: 0, y: 0 }, label: 'paste' })
      },
      remove: () =>
        removeNodes(
          model,
          model.childrenOf('t').map((node) => node.id),
        ),
      'undo all': () => {
        while (model.undoLabel) model.undo()
      },
    }
    for (const [name, step] of Object.entries(steps)) best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, took(step))
  }
  return best
}

test('no step takes much longer for each node of a large flow than of a small one', () => {
  const small = times(COUNT / 5)
  const all = times(COUNT)
  if (process.env.CELLWRIGHT_SHOW_TIMES) console.table(all)
  // five times the nodes: a step that is quadratic takes 25 times as long; what nobody waits for is not worth judging
  for (const [name, ms] of Object.entries(all)) expect(ms, name).toBeLessThan(Math.max(250, (small[name] ?? 0) * 18))
})
