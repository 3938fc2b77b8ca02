import { describe, expect, test } from 'vitest'
import { CollapsedGroups } from './collapsed.ts'
import { disconnect, moveNodes } from './commands.ts'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'
import { sceneOf } from './scene.ts'
import { edgePorts } from './wires.ts'

const flow: FlowNode[] = [
  { id: 't', type: 'tab' },
  { id: 'outer', type: 'group', z: 't', name: 'Mill', nodes: ['inner', 'b'], x: 100, y: 100, w: 500, h: 300 },
  { id: 'inner', type: 'group', z: 't', g: 'outer', nodes: ['c'], x: 150, y: 150, w: 200, h: 100 },
  { id: 'a', type: 'inject', z: 't', x: 0, y: 100, wires: [['b', 'c']] },
  { id: 'b', type: 'switch', z: 't', g: 'outer', x: 200, y: 100, wires: [['c', 'd'], ['d']] },
  { id: 'c', type: 'change', z: 't', g: 'inner', x: 300, y: 100, wires: [['d']] },
  { id: 'd', type: 'debug', z: 't', x: 700, y: 100, wires: [] },
]
const scene = (model: FlowModel, ...ids: string[]) => sceneOf(model, 't', new Map(), () => 50, new Set(ids))

describe('a folded group', () => {
  test('is one box with the wires over its edge, drawn once each way', () => {
    const { nodes, wires, groups } = scene(new FlowModel(flow), 'outer')
    expect([...nodes.keys()].sort()).toEqual(['a', 'd', 'outer'])
    expect(nodes.get('outer')).toMatchObject({ kind: 'group', label: 'Mill (2)', members: 2, inputs: 1, outputs: 1, x: 150, y: 115, width: 100, height: 30 })
    expect([...wires.keys()].sort()).toEqual(['a:0:outer', 'outer:0:d'])
    expect(groups).toEqual([])
  })

  test('goes by what is in it while it has no name', () => {
    const unnamed = flow.map((node) => (node.id === 'outer' ? { ...node, name: '' } : node))
    expect(scene(new FlowModel(unnamed), 'outer').nodes.get('outer')?.label).toBe('group, switch (2)')
  })

  test('has behind it the ports that wires over its edge begin or end at, each once', () => {
    const model = new FlowModel(flow)
    expect(edgePorts(model, 'outer', 'input')).toEqual([
      { id: 'b', port: 0 },
      { id: 'c', port: 0 },
    ])
    expect(edgePorts(model, 'outer', 'output')).toEqual([
      { id: 'b', port: 0 },
      { id: 'b', port: 1 },
      { id: 'c', port: 0 },
    ])
    // two wires lead into it, to one port
    expect(edgePorts(model, 'inner', 'input')).toEqual([{ id: 'c', port: 0 }])
    expect(edgePorts(model, 'a', 'output')).toEqual([])
  })

  test('inside an open one leaves the rest as it is', () => {
    const { nodes, wires, groups } = scene(new FlowModel(flow), 'inner')
    expect([...nodes.keys()].sort()).toEqual(['a', 'b', 'd', 'inner'])
    expect([...wires.keys()].sort()).toEqual(['a:0:b', 'a:0:inner', 'b:0:d', 'b:0:inner', 'b:1:d', 'inner:0:d'])
    // around b at 200, 100 and the folded box whose corner is at 150, 150
    expect(groups).toMatchObject([{ id: 'outer', x: 125, y: 40, width: 150, height: 165 }])
  })

  test('inside a folded one is not seen', () => {
    expect([...scene(new FlowModel(flow), 'inner', 'outer').nodes.keys()].sort()).toEqual(['a', 'd', 'outer'])
  })

  test('never changes the flow file, and moves with all that is in it', () => {
    const model = new FlowModel(flow)
    scene(model, 'outer')
    expect(model.isDirty).toBe(false)
    moveNodes(model, ['outer'], { x: 20, y: 0 })
    expect(model.get('c')).toMatchObject({ x: 320 })
  })

  test('a wire at its box stands for all that go that way', () => {
    const model = new FlowModel(flow)
    const { wires } = scene(model, 'outer')
    disconnect(model, [wires.get('outer:0:d')!])
    expect(model.get('b')?.wires).toEqual([['c'], []])
    expect(model.get('c')?.wires).toEqual([[]])
    expect(model.get('a')?.wires).toEqual([['b', 'c']])
  })
})

describe('what is folded', () => {
  const memory = () => {
    const kept = new Map<string, string>()
    return { kept, getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
  }

  test('is kept for each person', () => {
    const storage = memory()
    const mine = new CollapsedGroups(storage)
    mine.keepFor('me')
    mine.toggle('g')
    const other = new CollapsedGroups(storage)
    other.keepFor('you')
    expect(other.has('g')).toBe(false)
    other.keepFor('me')
    expect(other.has('g')).toBe(true)
  })

  test('is told, and only when it changes', () => {
    const groups = new CollapsedGroups()
    let told = 0
    groups.watch(() => {
      told += 1
    })
    groups.set(['g'], true)
    groups.set(['g'], true)
    groups.set(['h'], false)
    expect(told).toBe(1)
  })

  test('opens around what is to be seen', () => {
    const groups = new CollapsedGroups()
    groups.set(['outer', 'inner', 'other'], true)
    groups.expandAround(new FlowModel(flow), 'c')
    expect([...groups.ids]).toEqual(['other'])
  })

  test('is nothing where storage is broken or full', () => {
    const groups = new CollapsedGroups({
      getItem: () => '{',
      setItem: () => {
        throw new Error('quota')
      },
    })
    groups.toggle('g')
    expect([...groups.ids]).toEqual(['g'])
  })
})
