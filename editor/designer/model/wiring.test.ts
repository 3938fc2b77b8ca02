import { describe, expect, test } from 'vitest'
import { FlowModel } from './flow-model.ts'
import { cutWires } from './junctions.ts'
import { splitWithLinks } from './links.ts'
import type { FlowNode } from './raw.ts'
import { detach, removeAndReconnect } from './reconnect.ts'
import { reachable } from './walk.ts'
import { wiresIn } from './wires.ts'

const node = (id: string, wires: string[][], more: Partial<FlowNode> = {}): FlowNode => ({ id, type: 'function', z: 't', x: 0, y: 0, wires, ...more })
const tab: FlowNode = { id: 't', type: 'tab' }
const all = (model: FlowModel) => wiresIn(model, 't').map((wire) => ({ wire, at: { x: 100, y: 100 } }))
/** Who gets what who sends, through junctions and links. */
const delivered = (model: FlowModel) => {
  const ends = (id: string, seen: Set<string>): string[] =>
    (model.get(id)!.wires as string[][]).flat().flatMap((target) => {
      const to = model.get(target)!
      if (seen.has(target)) return []
      seen.add(target)
      if (to.type === 'junction') return ends(target, seen)
      if (to.type === 'link out') return (to.links as string[]).flatMap((link) => ends(link, seen))
      return [target]
    })
  return Object.fromEntries(
    model
      .childrenOf('t')
      .filter(({ type }) => type === 'function')
      .map(({ id }) => [id, [...new Set(ends(id, new Set()))].sort().join()]),
  )
}

describe('a junction', () => {
  test('serves every wire of one output', () => {
    const model = new FlowModel([tab, node('a', [['b', 'c']]), node('b', []), node('c', [])])
    const [id] = cutWires(model, 't', all(model))
    expect(model.get('a')?.wires).toEqual([[id]])
    expect(model.get(id!)).toMatchObject({ type: 'junction', z: 't', x: 100, y: 100, wires: [['b', 'c']] })
    model.undo()
    expect(model.get('a')?.wires).toEqual([['b', 'c']])
  })

  test('serves sources that lead to the same nodes', () => {
    const model = new FlowModel([tab, node('a', [['c', 'd']]), node('b', [['d', 'c']]), node('c', []), node('d', [])])
    expect(cutWires(model, 't', all(model)).size).toBe(1)
    expect(delivered(model)).toEqual({ a: 'c,d', b: 'c,d', c: '', d: '' })
  })

  test('never sends a message where none went before', () => {
    const model = new FlowModel([tab, node('a', [['c']]), node('b', [['c', 'd']]), node('c', []), node('d', [])])
    expect(cutWires(model, 't', all(model)).size).toBe(2)
    expect(delivered(model)).toEqual({ a: 'c', b: 'c,d', c: '', d: '' })
  })
})

test('wires split with link nodes lead where they led, and each side has one link node a port', () => {
  const model = new FlowModel([tab, node('a', [['c'], ['d']]), node('b', [['c', 'd']]), node('c', []), node('d', [])])
  const before = delivered(model)
  const made = splitWithLinks(model, 't', wiresIn(model, 't'), () => ({ x: 0, y: 0 }))
  expect([...made].map((id) => model.get(id)?.type).sort()).toEqual(['link in', 'link in', 'link out', 'link out', 'link out'])
  expect(delivered(model)).toEqual(before)
  for (const id of made) for (const other of model.get(id)!.links as string[]) expect(model.get(other)?.links).toContain(id)
})

describe('a node taken out of a chain', () => {
  const chain = () => new FlowModel([tab, node('a', [['b']]), node('b', [['c'], ['e']]), node('c', [['d']]), node('d', []), node('e', [])])

  test('leaves the chain whole', () => {
    const model = chain()
    removeAndReconnect(model, ['b', 'c'])
    expect(model.get('a')?.wires).toEqual([['e', 'd']])
    expect(model.undoLabel).toBe('reconnect')
    model.undo()
    expect(model.get('a')?.wires).toEqual([['b']])
  })

  test('stays, with the wires among what was taken out', () => {
    const model = chain()
    detach(model, ['b', 'c'])
    expect(model.get('a')?.wires).toEqual([['e', 'd']])
    expect(model.get('b')?.wires).toEqual([['c'], []])
    expect(model.get('c')?.wires).toEqual([[]])
  })

  test('is not connected twice to what was connected already, nor to itself', () => {
    const model = new FlowModel([tab, node('a', [['b', 'c']]), node('b', [['c', 'a']]), node('c', [])])
    removeAndReconnect(model, ['b'])
    expect(model.get('a')?.wires).toEqual([['c']])
  })

  test('leaves a subflow’s ports connected', () => {
    const model = new FlowModel([
      { id: 't', type: 'subflow', in: [{ x: 0, y: 0, wires: [{ id: 'a' }] }], out: [{ x: 0, y: 0, wires: [{ id: 'b', port: 0 }] }] },
      node('a', [['b']]),
      node('b', [[]]),
    ])
    removeAndReconnect(model, ['a'])
    expect(model.get('t')).toMatchObject({ in: [{ wires: [{ id: 'b' }] }] })
  })
})

test('up, down and all around: along wires, junctions and links of the same flow', () => {
  const model = new FlowModel([
    tab,
    node('a', [['j']]),
    node('j', [['b']], { type: 'junction' }),
    node('b', [['out']]),
    node('out', [], { type: 'link out', links: ['in', 'far'] }),
    node('in', [['c']], { type: 'link in', links: ['out'] }),
    node('c', []),
    node('other', [['c']]),
    node('lone', [[]]),
    { id: 'far', type: 'link in', z: 'elsewhere', x: 0, y: 0, wires: [[]], links: ['out'] },
  ])
  const from = (direction: 'upstream' | 'downstream' | 'connected') => [...reachable(model, 't', ['b'], direction)].sort().join()
  expect(from('upstream')).toBe('a,b,j')
  expect(from('downstream')).toBe('b,c,in,out')
  expect(from('connected')).toBe('a,b,c,in,j,other,out')
})
