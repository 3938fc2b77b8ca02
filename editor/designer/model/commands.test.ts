import { describe, expect, test } from 'vitest'
import type { NodeType } from '../../../server/api/flows.ts'
import { addNode, connect, disconnect, freeTabName, isWired, moveNodes, removeNodes, removeTab, spliceInto } from './commands.ts'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'
import { sceneOf } from './scene.ts'

const flow = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'Flow 1' },
  { id: 's', type: 'subflow', name: 'sub', in: [{ x: 0, y: 0, wires: [{ id: 'c' }] }], out: [{ x: 300, y: 0, wires: [{ id: 'c', port: 0 }] }] },
  { id: 'g', type: 'group', z: 't', name: '', nodes: ['a', 'b'], x: 0, y: 0, w: 10, h: 10 },
  { id: 'a', type: 'inject', z: 't', g: 'g', x: 100, y: 100, wires: [['b', 'd']] },
  { id: 'b', type: 'debug', z: 't', g: 'g', x: 300, y: 100, wires: [] },
  { id: 'd', type: 'debug', z: 't', x: 500, y: 100, wires: [] },
  { id: 'c', type: 'change', z: 's', x: 100, y: 0, wires: [[]] },
  { id: 'i', type: 'subflow:s', z: 't', x: 300, y: 300, wires: [[]] },
]
const measure = () => 50

describe('wires', () => {
  test('are drawn once, and never from a node to itself', () => {
    const model = new FlowModel(flow())
    expect(connect(model, { id: 'a', port: 0 }, { id: 'b', port: 0 })).toBe(false)
    expect(connect(model, { id: 'a', port: 0 }, { id: 'a', port: 0 })).toBe(false)
    expect(connect(model, { id: 'i', port: 0 }, { id: 'd', port: 0 })).toBe(true)
    expect(model.get('i')?.wires).toEqual([['d']])
  })

  test('to an output that had none yet leave the outputs before it empty', () => {
    const model = new FlowModel(flow())
    connect(model, { id: 'i', port: 2 }, { id: 'b', port: 0 })
    expect(model.get('i')?.wires).toEqual([[], [], ['b']])
  })

  test.each([
    ['to another tab', 'c', 'b'],
    ['to a group', 'a', 'g'],
    ['from a group', 'g', 'd'],
    ['to a tab', 'a', 't'],
    ['to what is not there', 'a', 'nothing'],
  ])('%s are not drawn', (_, from, to) => {
    const model = new FlowModel(flow())
    expect(connect(model, { id: from, port: 0 }, { id: to, port: 0 })).toBe(false)
    expect(model.export()).toEqual(flow())
  })

  test('go with a node that is removed', () => {
    const model = new FlowModel(flow())
    removeNodes(model, ['b'])
    expect(model.get('a')?.wires).toEqual([['d']])
    expect(model.get('g')?.nodes).toEqual(['a'])
  })

  test('are taken away one by one', () => {
    const model = new FlowModel(flow())
    disconnect(model, [{ from: { id: 'a', port: 0 }, to: { id: 'b', port: 0 } }])
    expect(model.get('a')?.wires).toEqual([['d']])
  })

  test('take a node into their middle', () => {
    const model = new FlowModel(flow())
    spliceInto(model, 'i', { from: { id: 'a', port: 0 }, to: { id: 'b', port: 0 } })
    expect(model.get('a')?.wires).toEqual([['d', 'i']])
    expect(model.get('i')?.wires).toEqual([['b']])
    model.undo()
    expect(model.export()).toEqual(flow())
  })
})

describe('a subflow’s own ports', () => {
  test('are drawn with their wires', () => {
    const scene = sceneOf(new FlowModel(flow()), 's', new Map(), measure)
    expect([...scene.nodes.keys()].sort()).toEqual(['c', 's#in#0', 's#out#0'])
    expect([...scene.wires.keys()].sort()).toEqual(['c:0:s#out#0', 's#in#0:0:c'])
  })

  test('are wired and unwired in the definition', () => {
    const model = new FlowModel(flow())
    disconnect(model, [{ from: { id: 's#in#0', port: 0 }, to: { id: 'c', port: 0 } }])
    expect(model.get('s')?.in).toEqual([{ x: 0, y: 0, wires: [] }])
    expect(connect(model, { id: 's#in#0', port: 0 }, { id: 'c', port: 0 })).toBe(true)
    expect(isWired(model, { id: 's#in#0', port: 0 }, { id: 'c', port: 0 })).toBe(true)
    expect(connect(model, { id: 'c', port: 1 }, { id: 's#out#0', port: 0 })).toBe(true)
    expect(model.get('s')?.out).toEqual([
      {
        x: 300,
        y: 0,
        wires: [
          { id: 'c', port: 0 },
          { id: 'c', port: 1 },
        ],
      },
    ])
  })

  test('lose the wires of a node that is removed, and move with the mouse', () => {
    const model = new FlowModel(flow())
    removeNodes(model, ['c'])
    expect(model.get('s')).toMatchObject({ in: [{ wires: [] }], out: [{ wires: [] }] })
    moveNodes(model, ['s#out#0'], { x: 20, y: 40 })
    expect(model.get('s')?.out).toMatchObject([{ x: 320, y: 40 }])
  })
})

describe('what is drawn of a node', () => {
  test('is the same object until the node, its subflow, the types or the font change', () => {
    const model = new FlowModel(flow())
    const types = new Map()
    const draw = (id: string, known = types, width = 50) => sceneOf(model, 't', known, () => width).nodes.get(id)
    const [a, i] = [draw('a'), draw('i')]
    moveNodes(model, ['d'], { x: 20, y: 0 })
    expect(draw('a')).toBe(a)
    expect(draw('i')).toBe(i)
    expect(draw('a', new Map([['inject', { inputs: 0, outputs: 1, label: 'inject' }]]) as never)).toMatchObject({ isUnknown: false, inputs: 0 })
    expect(draw('a', types, 200)).toMatchObject({ width: 260 })
    model.edit('change', (draft) => draft.patch('s', { name: 'renamed' }))
    expect(draw('i')).toMatchObject({ label: 'renamed' })
  })
})

describe('groups', () => {
  test('take their members along', () => {
    const model = new FlowModel(flow())
    moveNodes(model, ['g'], { x: 20, y: 0 })
    expect(model.get('a')).toMatchObject({ x: 120 })
    expect(model.get('d')).toMatchObject({ x: 500 })
  })

  test('fit their members again after one was moved', () => {
    const model = new FlowModel(flow())
    moveNodes(model, ['b'], { x: 200, y: 0 })
    const { x, w } = model.get('g') as unknown as { x: number; w: number }
    expect(x).toBeLessThan(100)
    expect(x + w).toBeGreaterThan(500)
  })
})

test('a removed tab takes everything on it and nothing else', () => {
  const model = new FlowModel(flow())
  removeTab(model, 't')
  expect(model.export().map((node) => node.id)).toEqual(['s', 'c'])
})

test('a new node of a type that numbers its names gets a number that is free', () => {
  const model = new FlowModel([...flow(), { id: 'x', type: 'debug', z: 't', name: 'debug 1', x: 0, y: 0 }])
  const type = { type: 'debug', label: 'debug', outputs: 0, defaults: { name: '_DEFAULT_' } } as unknown as NodeType
  const id = addNode(model, { type, parent: 't', at: { x: 0, y: 0 } })
  expect(model.get(id)?.name).toBe('debug 2')
})

test('a new tab gets a name that is free', () => {
  expect(freeTabName(new FlowModel([...flow(), { id: 'u', type: 'tab', label: 'Flow 3' }]), 'Flow')).toBe('Flow 4')
})
