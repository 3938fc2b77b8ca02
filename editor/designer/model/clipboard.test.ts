import { describe, expect, test } from 'vitest'
import { copyText, paste, readFlows } from './clipboard.ts'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'

const flow: FlowNode[] = [
  { id: 't', type: 'tab', label: 'Flow 1' },
  { id: 'broker', type: 'mqtt-broker', name: 'shop', broker: 'localhost' },
  { id: 'a', type: 'mqtt in', z: 't', broker: 'broker', x: 100, y: 100, wires: [['b', 'c']] },
  { id: 'b', type: 'debug', z: 't', x: 300, y: 140, wires: [] },
  { id: 'c', type: 'debug', z: 't', x: 300, y: 60, wires: [] },
]
const read = (text: string) => {
  const result = readFlows(text)
  if ('error' in result) throw new Error(result.error)
  return result.nodes
}

describe('copied nodes', () => {
  test('bring the config nodes they use, and only wires among themselves', () => {
    const nodes = read(copyText(new FlowModel(flow), new Set(['a', 'b'])))
    expect(nodes.map((node) => node.id)).toEqual(['broker', 'a', 'b'])
    expect(nodes.find((node) => node.id === 'a')?.wires).toEqual([['b']])
  })

  test('pasted again get new ids, their own wires, and the same config node', () => {
    const model = new FlowModel(flow)
    const added = paste(model, read(copyText(model, new Set(['a', 'b']))), { parent: 't', at: { x: 500, y: 500 }, label: 'paste' })
    expect(added.size).toBe(2)
    const [a, b] = [...added].map((id) => model.get(id)) as [FlowNode, FlowNode]
    expect(a).toMatchObject({ broker: 'broker', wires: [[b.id]], x: 400, y: 480 })
    expect(model.configNodes()).toHaveLength(1)
    model.undo()
    expect(model.export()).toEqual(flow)
  })

  test('pasted into another server keep their ids', () => {
    const other = new FlowModel([{ id: 'home', type: 'tab' }])
    const added = paste(other, read(copyText(new FlowModel(flow), new Set(['a']))), { parent: 'home', at: { x: 0, y: 0 }, label: 'paste' })
    expect([...added]).toEqual(['a'])
    expect(other.get('a')).toMatchObject({ z: 'home', broker: 'broker' })
    expect(other.get('broker')).toEqual(flow[1])
  })
})

describe('an import', () => {
  test('of whole tabs makes tabs, under new ids where they are taken', () => {
    const model = new FlowModel(flow)
    paste(model, structuredClone(flow), { parent: 't', at: { x: 0, y: 0 }, label: 'import' })
    expect(model.tabs()).toHaveLength(2)
    const second = model.tabs()[1]!
    expect(model.childrenOf(second.id)).toHaveLength(3)
    // positions on a tab that comes with it stay
    expect(
      model
        .childrenOf(second.id)
        .map((node) => node.x)
        .sort(),
    ).toEqual([100, 300, 300])
  })

  test('renames a subflow and its instances together', () => {
    const model = new FlowModel([{ id: 's', type: 'tab' }])
    paste(
      model,
      [
        { id: 's', type: 'subflow', name: 'mill', in: [], out: [] },
        { id: 'i', type: 'subflow:s', z: 'elsewhere', x: 0, y: 0, wires: [] },
      ],
      { parent: 's', at: { x: 0, y: 0 }, label: 'import' },
    )
    const subflow = model.subflows()[0]!
    expect(subflow.id).not.toBe('s')
    expect(model.get('i')?.type).toBe(`subflow:${subflow.id}`)
  })

  test.each([
    ['{', 'not-json'],
    ['{"a":1}', 'not-flows'],
    ['[{"id":"x"}]', 'not-flows'],
    ['[1]', 'not-flows'],
    ['[]', 'empty'],
  ])('of %s is refused', (text, error) => {
    expect(readFlows(text)).toEqual({ error })
  })

  test('takes the flows of a full export with its revision', () => {
    expect(readFlows(JSON.stringify({ flows: flow, rev: '1' }))).toEqual({ nodes: flow })
  })
})
