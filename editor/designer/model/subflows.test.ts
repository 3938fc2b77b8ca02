import { describe, expect, test } from 'vitest'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'
import {
  addInstance,
  addSubflow,
  addSubflowPort,
  freeSubflowName,
  removeSubflow,
  removeSubflowPorts,
  subflowFromNodes,
  unpackInstance,
  whyNoSubflow,
} from './subflows.ts'
import { wiresIn } from './wires.ts'

const flow = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'one' },
  { id: 'a', type: 'inject', z: 't', x: 100, y: 100, wires: [['b', 'd']] },
  { id: 'b', type: 'switch', z: 't', x: 300, y: 100, wires: [['c'], ['e']] },
  { id: 'c', type: 'change', z: 't', x: 500, y: 100, wires: [['e', 'f']] },
  { id: 'd', type: 'debug', z: 't', x: 300, y: 300, wires: [] },
  { id: 'e', type: 'debug', z: 't', x: 700, y: 100, wires: [] },
  { id: 'f', type: 'debug', z: 't', x: 700, y: 200, wires: [] },
]
const wiresOfPlace = (model: FlowModel, place: string) =>
  wiresIn(model, place)
    .map(({ from, to }) => `${from.id}:${from.port}>${to.id}`)
    .sort()

describe('a subflow made of nodes', () => {
  test('is wired as they were, inside and outside, and one undo brings them back', () => {
    const model = new FlowModel(flow())
    const { subflow, instance } = subflowFromNodes(model, ['b', 'c'], 'Sort')!
    expect(model.get(subflow)).toMatchObject({
      name: 'Sort',
      in: [{ wires: [{ id: 'b' }] }],
      out: [{ wires: [{ id: 'c', port: 0 }] }, { wires: [{ id: 'b', port: 1 }] }],
    })
    expect(model.get(instance)).toMatchObject({ type: `subflow:${subflow}`, z: 't', x: 400, y: 100, wires: [['e', 'f'], ['e']] })
    expect(model.get('a')?.wires).toEqual([['d', instance]])
    expect(model.get('b')).toMatchObject({ z: subflow, wires: [['c'], []] })
    model.undo()
    expect(model.export()).toEqual(flow())
  })

  test('takes the place of its nodes in their group', () => {
    const grouped = flow().map((node) => (['b', 'c'].includes(node.id) ? { ...node, g: 'g' } : node))
    const model = new FlowModel([...grouped, { id: 'g', type: 'group', z: 't', nodes: ['b', 'c'], x: 0, y: 0, w: 9, h: 9 }])
    const { instance } = subflowFromNodes(model, ['b', 'c'], 'Sort')!
    expect(model.get('g')).toMatchObject({ nodes: [instance] })
    expect(model.get('b')).not.toHaveProperty('g')
  })

  test('keeps a group that is selected whole', () => {
    const grouped = flow().map((node) => (['b', 'c'].includes(node.id) ? { ...node, g: 'g' } : node))
    const model = new FlowModel([...grouped, { id: 'g', type: 'group', z: 't', nodes: ['b', 'c'], x: 0, y: 0, w: 9, h: 9 }])
    const { subflow } = subflowFromNodes(model, ['g'], 'Sort')!
    expect(model.get('g')).toMatchObject({ z: subflow, nodes: ['b', 'c'] })
    expect(model.get('b')).toMatchObject({ z: subflow, g: 'g' })
  })

  test('is refused where messages come in at several places: it has one input', () => {
    const model = new FlowModel(flow())
    expect(whyNoSubflow(model, ['c', 'd'])).toBe('several-inputs')
    expect(subflowFromNodes(model, ['c', 'd'], 'x')).toBeUndefined()
    // one source to both is one input
    expect(whyNoSubflow(model, ['b', 'd'])).toBeUndefined()
    expect(whyNoSubflow(model, [])).toBe('nothing')
  })

  test('can be made inside a subflow, of what its ports lead to', () => {
    const model = new FlowModel(flow())
    const outer = subflowFromNodes(model, ['b', 'c'], 'Outer')!
    const inner = subflowFromNodes(model, ['b'], 'Inner')!
    expect(wiresOfPlace(model, outer.subflow)).toEqual(
      [`${outer.subflow}#in#0:0>${inner.instance}`, `${inner.instance}:0>c`, `${inner.instance}:1>${outer.subflow}#out#1`, `c:0>${outer.subflow}#out#0`].sort(),
    )
  })
})

describe('an unpacked instance', () => {
  test('is the nodes of the subflow, wired as the instance was, as a group with its environment', () => {
    const model = new FlowModel(flow())
    const { subflow, instance } = subflowFromNodes(model, ['b', 'c'], 'Sort')!
    model.edit('change', (draft) => {
      draft.patch(subflow, {
        env: [
          { name: 'LIMIT', type: 'num', value: '5', ui: { label: {} } },
          { name: 'UNIT', type: 'str', value: 'mm' },
        ],
      })
      draft.patch(instance, { env: [{ name: 'LIMIT', type: 'num', value: '7' }] })
      draft.put({ id: 'k', type: 'catch', z: subflow, scope: null, x: 0, y: 0, wires: [[]] })
    })
    const group = unpackInstance(model, instance)!
    expect(model.get(group)).toMatchObject({
      name: 'Sort',
      env: [
        { name: 'LIMIT', type: 'num', value: '7' },
        { name: 'UNIT', type: 'str', value: 'mm' },
      ],
    })
    const byType = new Map(model.childrenOf('t').map((node) => [node.type, node]))
    const [b, c] = [byType.get('switch')!, byType.get('change')!]
    expect(b).toMatchObject({ g: group, wires: [[c.id], ['e']] })
    expect(c.wires).toEqual([['e', 'f']])
    expect(model.get('a')?.wires).toEqual([['d', b.id]])
    expect(byType.get('catch')).toMatchObject({ scope: 'group' })
    expect(model.get(instance)).toBeUndefined()
    expect(model.childrenOf(subflow)).toHaveLength(3)
  })

  test('lets through what the subflow leads straight from its input to its output', () => {
    const model = new FlowModel([
      { id: 't', type: 'tab' },
      { id: 's', type: 'subflow', name: 's', in: [{ x: 0, y: 0, wires: [] }], out: [{ x: 9, y: 0, wires: [{ id: 's', port: 0 }] }] },
      { id: 'a', type: 'inject', z: 't', x: 0, y: 0, wires: [['i']] },
      { id: 'i', type: 'subflow:s', z: 't', x: 0, y: 0, wires: [['d']] },
      { id: 'd', type: 'debug', z: 't', x: 0, y: 0, wires: [] },
    ])
    unpackInstance(model, 'i')
    expect(model.get('a')?.wires).toEqual([['d']])
  })
})

describe('ports', () => {
  const withInstance = () => {
    const model = new FlowModel(flow())
    const made = subflowFromNodes(model, ['b', 'c'], 'Sort')!
    return { model, ...made }
  }

  test('an output that goes takes the wires of every instance with it, and the others keep theirs', () => {
    const { model, subflow, instance } = withInstance()
    removeSubflowPorts(model, [`${subflow}#out#0`])
    expect(model.get(subflow)).toMatchObject({ out: [{ wires: [{ id: 'b', port: 1 }] }] })
    expect(model.get(instance)?.wires).toEqual([['e']])
    model.undo()
    expect(model.get(instance)?.wires).toEqual([['e', 'f'], ['e']])
  })

  test('an input that goes takes the wires to every instance with it', () => {
    const { model, subflow, instance } = withInstance()
    removeSubflowPorts(model, [`${subflow}#in#0`])
    expect(model.get(subflow)?.in).toEqual([])
    expect(model.get('a')?.wires).toEqual([['d']])
    expect(model.get(instance)).toBeDefined()
  })

  test('there is one input and one status at most, and any number of outputs, one below the other', () => {
    const model = new FlowModel()
    const id = addSubflow(model, 'new')
    for (const side of ['in', 'in', 'out', 'out', 'status', 'status'] as const) addSubflowPort(model, id, side)
    const { in: inputs, out, status } = model.get(id) as unknown as { in: unknown[]; out: { y: number }[]; status: unknown }
    expect(inputs).toHaveLength(1)
    expect(out.map(({ y }) => y)).toEqual([0, 60])
    expect(status).toMatchObject({ y: 120 })
  })
})

test('a subflow goes with all its instances, wherever they are', () => {
  const model = new FlowModel([...flow(), { id: 'u', type: 'tab' }])
  const { subflow } = subflowFromNodes(model, ['b', 'c'], 'Sort')!
  const second = addInstance(model, { subflow, parent: 'u', at: { x: 0, y: 0 } })!
  expect(model.get(second)?.wires).toEqual([[], []])
  removeSubflow(model, subflow)
  expect(model.export().map((node) => node.id)).toEqual(['t', 'a', 'd', 'e', 'f', 'u'])
  expect(model.get('a')?.wires).toEqual([['d']])
})

test('a new subflow stands behind the tabs, under a name that is free', () => {
  const model = new FlowModel(flow())
  addSubflow(model, freeSubflowName(model, 'Subflow'))
  addSubflow(model, freeSubflowName(model, 'Subflow'))
  expect(
    model
      .export()
      .slice(0, 3)
      .map((node) => node.name ?? node.label),
  ).toEqual(['one', 'Subflow 1', 'Subflow 2'])
})
