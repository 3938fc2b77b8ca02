import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { copyText, paste, readFlows } from './clipboard.ts'
import { addNode, addTab, change, connect, disconnect, moveNodes, moveTab, placeNodes, removeNodes, removeTab, setDisabled } from './commands.ts'
import { FlowModel } from './flow-model.ts'
import { addToGroup, groupNodes, mergeGroups, removeFromGroup, styleGroups, ungroup } from './groups.ts'
import { cutWires } from './junctions.ts'
import { splitWithLinks } from './links.ts'
import { type FlowNode, kindOf, parentOf, wiresOf } from './raw.ts'
import { detach, removeAndReconnect } from './reconnect.ts'
import { sceneOf } from './scene.ts'
import { addSubflowPort, portIds, removeSubflow, removeSubflowPorts, subflowFromNodes, unpackInstance } from './subflows.ts'
import { reachable } from './walk.ts'
import { wiresIn } from './wires.ts'

const packages = ['@node-red/nodes', '@flowfuse/node-red-dashboard']
const examples = packages.flatMap((name) => {
  const folder = join(process.cwd(), 'node_modules', name)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|\/)examples\/.*\.json$/.test(file))
    .map((file) => join(folder, file))
})

const measure = (text: string) => text.length * 7
const id = fc.constantFrom(...'abcdefghij'.split('').map((letter) => `id-${letter}`))
const ids = fc.array(id, { maxLength: 3 })
const anything = fc.jsonValue({ maxDepth: 2 })
const odd = fc.dictionary(fc.constantFrom('info', 'env', 'x-ours', 'style', 'rules', '__proto__x'), anything)
const node = fc
  .tuple(
    fc.record(
      {
        id,
        type: fc.constantFrom('tab', 'subflow', 'group', 'junction', 'inject', 'function', 'mqtt-broker', 'subflow:id-b', 'no-such-type', 'global-config'),
        z: fc.oneof(id, fc.constant('')),
        g: id,
        x: fc.oneof(fc.integer({ min: -500, max: 5000 }), fc.constant(Number.MAX_SAFE_INTEGER)),
        y: fc.integer({ min: -500, max: 5000 }),
        wires: fc.oneof(fc.array(ids, { maxLength: 3 }), fc.constant('not wires' as never)),
        nodes: ids,
        in: fc.array(fc.record({ x: fc.integer(), y: fc.integer(), wires: fc.array(fc.record({ id }), { maxLength: 2 }) }), { maxLength: 2 }),
        out: fc.array(fc.record({ x: fc.integer(), y: fc.integer(), wires: fc.array(fc.record({ id, port: fc.nat(2) }), { maxLength: 2 }) }), { maxLength: 2 }),
        d: fc.boolean(),
        broker: id,
      },
      { requiredKeys: ['id', 'type'] },
    ),
    odd,
  )
  .map(([known, more]) => ({ ...more, ...known }) as FlowNode)
const flows = fc.array(node, { maxLength: 14 })

/** A flow with nothing broken in it. */
const whole = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'one' },
  { id: 'u', type: 'tab', label: 'two' },
  { id: 's', type: 'subflow', name: 'sub', in: [{ x: 0, y: 0, wires: [{ id: 'c' }] }], out: [{ x: 9, y: 0, wires: [{ id: 'c', port: 0 }] }] },
  { id: 'g', type: 'group', z: 't', nodes: ['h', 'a'], x: 0, y: 0, w: 9, h: 9 },
  { id: 'h', type: 'group', z: 't', g: 'g', nodes: ['b', 'j'], x: 0, y: 0, w: 9, h: 9 },
  { id: 'a', type: 'inject', z: 't', g: 'g', x: 100, y: 100, wires: [['b', 'd']] },
  { id: 'b', type: 'switch', z: 't', g: 'h', x: 300, y: 100, wires: [['j'], ['d', 'i']] },
  { id: 'j', type: 'junction', z: 't', g: 'h', x: 300, y: 100, wires: [['d']] },
  { id: 'd', type: 'debug', z: 't', x: 500, y: 100, wires: [] },
  { id: 'i', type: 'subflow:s', z: 't', x: 300, y: 300, wires: [['d']] },
  { id: 'c', type: 'change', z: 's', x: 100, y: 0, wires: [['c2']] },
  { id: 'c2', type: 'change', z: 's', x: 100, y: 0, wires: [[]] },
]

/** Something a person does, with numbers that pick what it is done to. */
const action = fc.tuple(fc.nat(26), fc.nat(1000), fc.nat(1000), fc.nat(2))

function act(model: FlowModel, [what, a, b, port]: [number, number, number, number]): void {
  const all = model.export()
  const pick = (number: number) => all[number % Math.max(all.length, 1)]
  const [one, other] = [pick(a), pick(b)]
  if (!one || !other) {
    addTab(model, 'new')
    return
  }
  switch (what) {
    case 0:
      removeNodes(model, [one.id, other.id])
      return
    case 1:
      moveNodes(model, [one.id], { x: a, y: -b })
      return
    case 2:
      if (kindOf(one) === 'node') connect(model, { id: one.id, port }, { id: other.id, port: 0 })
      return
    case 3:
      disconnect(
        model,
        wiresOf(one).flatMap((targets, index) => targets.map((target) => ({ from: { id: one.id, port: index }, to: { id: target, port: 0 } }))),
      )
      return
    case 4:
      change(model, one.id, { name: `n${b}`, outputs: port })
      return
    case 5:
      addTab(model, `tab ${a}`)
      return
    case 6:
      if (one.type === 'tab') removeTab(model, one.id)
      return
    case 7:
      setDisabled(model, [one.id, other.id], b % 2 === 0)
      return
    case 8:
      if (one.type === 'tab') moveTab(model, one.id, other.type === 'tab' && other.id !== one.id ? other.id : undefined)
      return
    case 10:
      groupNodes(model, [one.id, other.id])
      return
    case 11:
      ungroup(model, [one.id, other.id])
      return
    case 12:
      addToGroup(model, one.id, [other.id])
      return
    case 13:
      removeFromGroup(model, [one.id, other.id])
      return
    case 14:
      mergeGroups(model, [one.id, other.id])
      return
    case 15:
      styleGroups(model, [one.id], { fill: '#ffffff' })
      return
    case 16:
      subflowFromNodes(model, [one.id, other.id], 'made')
      return
    case 17:
      unpackInstance(model, one.id)
      return
    case 18:
      removeSubflow(model, one.id)
      return
    case 19:
      addSubflowPort(model, one.id, port === 0 ? 'in' : port === 1 ? 'out' : 'status')
      return
    case 20:
      removeSubflowPorts(model, portIds(one).slice(0, port))
      return
    case 21:
      cutWires(
        model,
        parentOf(one) ?? '',
        wiresIn(model, parentOf(one) ?? '').map((wire) => ({ wire, at: { x: a, y: b } })),
      )
      return
    case 22:
      splitWithLinks(model, parentOf(one) ?? '', wiresIn(model, parentOf(one) ?? ''), () => ({ x: a, y: b }))
      return
    case 23:
      removeAndReconnect(model, [one.id])
      return
    case 24:
      detach(model, [one.id, other.id])
      return
    case 25:
      placeNodes(model, new Map([[one.id, { x: a, y: b }]]))
      return
    case 26: {
      const read = readFlows(copyText(model, reachable(model, parentOf(one) ?? '', [one.id, other.id], 'connected')))
      if ('nodes' in read) paste(model, read.nodes, { parent: one.id, at: { x: a, y: b }, label: port === 0 ? 'import' : 'paste' })
      return
    }
    default:
      addNode(model, { type: { type: 'debug', defaults: { active: true }, outputs: 0 } as never, parent: one.id, at: { x: a, y: b } })
  }
}

describe('a flow file goes in and comes out', () => {
  test('there are examples to try it with', () => {
    expect(examples.length).toBeGreaterThan(100)
  })

  test.each(examples)('unchanged and in order: %s', (file) => {
    const flow = JSON.parse(readFileSync(file, 'utf8')) as FlowNode[]
    const model = new FlowModel(structuredClone(flow))
    expect(JSON.stringify(model.export())).toBe(JSON.stringify(flow))
    expect(model.isDirty).toBe(false)
    // drawing every tab and subflow changes nothing
    const places = [...model.tabs(), ...model.subflows()]
    for (const place of places) sceneOf(model, place.id, new Map(), measure)
    expect(JSON.stringify(model.export())).toBe(JSON.stringify(flow))
    // and what is done to it can be taken back
    for (const { id: place } of places) {
      const ids = model.childrenOf(place).map((one) => one.id)
      groupNodes(model, ids)
      subflowFromNodes(model, ids.slice(0, 2), 'made')
      splitWithLinks(model, place, wiresIn(model, place), () => ({ x: 0, y: 0 }))
      removeAndReconnect(model, ids.slice(2, 3))
      const read = readFlows(copyText(model, new Set(model.childrenOf(place).map((one) => one.id))))
      if ('nodes' in read) paste(model, read.nodes, { parent: place, at: { x: 0, y: 0 }, label: 'paste' })
    }
    while (model.undoLabel) model.undo()
    expect(JSON.stringify(model.export())).toBe(JSON.stringify(flow))
    expect(model.isDirty).toBe(false)
  })

  test('whatever is in it: unknown types, broken wires, ids used twice', () => {
    fc.assert(
      fc.property(flows, (flow) => {
        const model = new FlowModel(structuredClone(flow))
        expect(JSON.stringify(model.export())).toBe(JSON.stringify(flow))
      }),
    )
  })
})

describe('undo and redo', () => {
  test('taking everything back gives the file that was opened, doing it again the one that was left', () => {
    fc.assert(
      fc.property(flows, fc.array(action, { maxLength: 12 }), (flow, actions) => {
        const model = new FlowModel(structuredClone(flow))
        const opened = JSON.stringify(model.export())
        for (const one of actions) act(model, one)
        const left = JSON.stringify(model.export())
        while (model.undoLabel) model.undo()
        expect(JSON.stringify(model.export())).toBe(opened)
        expect(model.isDirty).toBe(false)
        while (model.redoLabel) model.redo()
        expect(JSON.stringify(model.export())).toBe(left)
      }),
      { numRuns: 400 },
    )
  })

  test('after any steps a group and its members name each other, where they did before', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 15 }), (actions) => {
        const model = new FlowModel(whole())
        for (const one of actions) act(model, one)
        for (const node of model.export()) {
          if (node.g !== undefined) expect(model.get(String(node.g))?.nodes).toContain(node.id)
          if (node.type === 'group') for (const member of node.nodes as string[]) expect(model.get(member)).toMatchObject({ g: node.id, z: node.z })
          for (const target of wiresOf(node).flat()) expect(model.get(target)?.z).toBe(node.z)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('what a person did not touch stays the same, to the letter', () => {
    fc.assert(
      fc.property(flows, fc.nat(1000), (flow, which) => {
        const unique = [...new Map(flow.map((node) => [node.id, node])).values()]
        const model = new FlowModel(structuredClone(unique))
        const target = unique[which % Math.max(unique.length, 1)]
        // a group that gets a name makes room for it, and the groups around follow
        if (!target || target.type === 'group') return
        change(model, target.id, { name: 'touched' })
        const others = (nodes: FlowNode[]) => JSON.stringify(nodes.filter((node) => node.id !== target.id))
        expect(others(model.export())).toBe(others(unique))
      }),
    )
  })

  test('an edit that fails changes nothing', () => {
    const model = new FlowModel([{ id: 'a', type: 'tab' }])
    expect(() =>
      model.edit('change', (draft) => {
        draft.patch('a', { label: 'x' })
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(model.export()).toEqual([{ id: 'a', type: 'tab' }])
    expect(model.undoLabel).toBeUndefined()
  })

  test('a held key is one step', () => {
    const model = new FlowModel([{ id: 'a', type: 'inject', x: 0, y: 0 }])
    const held = Symbol('arrow')
    for (let step = 0; step < 5; step += 1) moveNodes(model, ['a'], { x: 20, y: 0 }, held)
    moveNodes(model, ['a'], { x: 0, y: 20 }, Symbol('another'))
    model.undo()
    expect(model.get('a')).toMatchObject({ x: 100, y: 0 })
    model.undo()
    expect(model.get('a')).toMatchObject({ x: 0, y: 0 })
  })
})

describe('what differs from the server', () => {
  test('is counted, and taken back with undo', () => {
    const model = new FlowModel([
      { id: 't', type: 'tab', label: 'one' },
      { id: 'a', type: 'inject', z: 't', x: 0, y: 0, wires: [[]] },
    ])
    change(model, 'a', { name: 'x' })
    expect([...model.dirty]).toEqual(['a'])
    model.undo()
    expect(model.isDirty).toBe(false)
    model.redo()
    model.markDeployed(model.export())
    expect(model.isDirty).toBe(false)
    model.undo()
    expect([...model.dirty]).toEqual(['a'])
  })

  test('includes the order of tabs', () => {
    const model = new FlowModel([
      { id: 't', type: 'tab' },
      { id: 'u', type: 'tab' },
    ])
    moveTab(model, 'u', 't')
    expect(model.tabs().map((tab) => tab.id)).toEqual(['u', 't'])
    expect(model.isDirty).toBe(true)
  })

  test('taking over another version is one step', () => {
    fc.assert(
      fc.property(flows, flows, (ours, theirs) => {
        const model = new FlowModel(structuredClone(ours))
        model.adopt('adopt', structuredClone(theirs))
        expect(JSON.stringify(model.export())).toBe(JSON.stringify(theirs))
        while (model.undoLabel) model.undo()
        expect(JSON.stringify(model.export())).toBe(JSON.stringify(ours))
      }),
    )
  })
})
