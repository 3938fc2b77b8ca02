import { describe, expect, test } from 'vitest'
import { copyText, paste, readFlows, replaceSame } from './clipboard.ts'
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

describe('copied groups, subflows and links', () => {
  test('what is chosen along with an instance of the subflow it lies in keeps its group and its wires', () => {
    const flow: FlowNode[] = [
      { id: 't', type: 'tab' },
      { id: 's', type: 'subflow', name: 'sort', in: [], out: [] },
      { id: 'g', type: 'group', z: 's', nodes: ['inner'], x: 0, y: 0, w: 9, h: 9 },
      { id: 'inner', type: 'junction', z: 's', g: 'g', x: 0, y: 0, wires: [['next']] },
      { id: 'next', type: 'debug', z: 's', x: 100, y: 0, wires: [] },
      { id: 'i', type: 'subflow:s', z: 't', x: 0, y: 0, wires: [] },
    ]
    expect(read(copyText(new FlowModel(flow), new Set(['i', 'inner'])))).toEqual(flow.slice(1))
  })

  const shop: FlowNode[] = [
    { id: 't', type: 'tab', label: 'one' },
    { id: 'u', type: 'tab', label: 'two' },
    { id: 's', type: 'subflow', name: 'sort', in: [], out: [] },
    { id: 'theme', type: 'ui-theme', name: 'dark' },
    { id: 'page', type: 'ui-page', theme: 'theme' },
    { id: 'inside', type: 'ui-text', z: 's', groups: [{ page: 'page' }], x: 0, y: 0, wires: [] },
    { id: 'g', type: 'group', z: 't', nodes: ['h', 'a'], x: 0, y: 0, w: 9, h: 9 },
    { id: 'h', type: 'group', z: 't', g: 'g', nodes: ['b'], x: 0, y: 0, w: 9, h: 9 },
    { id: 'a', type: 'subflow:s', z: 't', g: 'g', x: 100, y: 100, wires: [['b']] },
    { id: 'b', type: 'link out', z: 't', g: 'h', mode: 'link', links: ['in'], x: 200, y: 100, wires: [] },
    { id: 'in', type: 'link in', z: 'u', links: ['b'], x: 0, y: 0, wires: [[]] },
    { id: 'own', type: 'mqtt-broker', z: 't', name: 'of this tab' },
    { id: 'c', type: 'mqtt in', z: 't', broker: 'own', x: 0, y: 0, wires: [[]] },
  ]

  test('a group brings what is in it, and everything that needs, at any depth', () => {
    const nodes = read(copyText(new FlowModel(shop), new Set(['g'])))
    expect(nodes.map((node) => node.id)).toEqual(['s', 'theme', 'page', 'inside', 'g', 'h', 'a', 'b'])
  })

  test('a pasted group has its own members, which have it', () => {
    const model = new FlowModel(shop)
    const added = paste(model, read(copyText(model, new Set(['g']))), { parent: 'u', at: { x: 0, y: 0 }, label: 'paste' })
    expect(added.size).toBe(4)
    const made = [...added].map((id) => model.get(id)!)
    for (const node of made) {
      expect(node.z).toBe('u')
      if (node.g !== undefined) expect(model.get(node.g as string)?.nodes).toContain(node.id)
    }
    expect(model.subflows()).toHaveLength(1)
    expect(model.get('g')).toEqual(shop.find((node) => node.id === 'g'))
  })

  test('a node copied without its group is in none', () => {
    const model = new FlowModel(shop)
    const [id] = paste(model, read(copyText(model, new Set(['a']))), { parent: 't', at: { x: 0, y: 0 }, label: 'paste' })
    expect(model.get(id!)).not.toHaveProperty('g')
    expect(model.get('g')?.nodes).toEqual(['h', 'a'])
  })

  test('a pasted link out is known to the link in that it leads to', () => {
    const model = new FlowModel(shop)
    const [id] = paste(model, read(copyText(model, new Set(['b']))), { parent: 't', at: { x: 0, y: 0 }, label: 'paste' })
    expect(model.get(id!)?.links).toEqual(['in'])
    expect(model.get('in')?.links).toEqual(['b', id])
    model.undo()
    expect(model.export()).toEqual(shop)
  })

  test('a copied tab has config nodes of its own where the tab had', () => {
    const model = new FlowModel(shop)
    const ids = new Set(['t', ...model.childrenOf('t').map((node) => node.id)])
    paste(model, read(copyText(model, ids)), { parent: 't', at: { x: 0, y: 0 }, label: 'import' })
    const copy = model.tabs().find((tab) => !['t', 'u'].includes(tab.id))!
    const children = model.childrenOf(copy.id)
    const broker = children.find((node) => node.type === 'mqtt-broker')!
    expect(broker.id).not.toBe('own')
    expect(children.find((node) => node.type === 'mqtt in')?.broker).toBe(broker.id)
  })

  test('an imported subflow that differs from the one here is a second one, and the one here stays as it is', () => {
    const model = new FlowModel(shop)
    const nodes = read(copyText(model, new Set(['a']))).map((node) => (node.id === 's' ? { ...node, name: 'sort better' } : node))
    const [id] = paste(model, nodes, { parent: 't', at: { x: 0, y: 0 }, label: 'import' })
    expect(model.subflows().map((subflow) => subflow.name)).toEqual(['sort', 'sort better'])
    const second = model.subflows()[1]!
    expect(model.get(id!)?.type).toBe(`subflow:${second.id}`)
    expect(model.childrenOf(second.id)).toHaveLength(1)
    paste(model, read(copyText(new FlowModel(shop), new Set(['a']))), { parent: 't', at: { x: 0, y: 0 }, label: 'import' })
    expect(model.subflows()).toHaveLength(2)
  })

  test('nothing is pasted onto a locked tab', () => {
    const model = new FlowModel(shop.map((node) => (node.id === 'u' ? { ...node, locked: true } : node)))
    expect(paste(model, read(copyText(model, new Set(['a']))), { parent: 'u', at: { x: 0, y: 0 }, label: 'paste' }).size).toBe(0)
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
    ['{"a":1}', 'not-flows'],
    ['[{"id":"x"}]', 'not-flows'],
    ['[1]', 'not-flows'],
    ['[]', 'empty'],
  ])('of %s is refused', (text, error) => {
    expect(readFlows(text)).toEqual({ error })
  })

  test('of broken JSON says where it breaks', () => {
    expect(readFlows('[\n  {"id": "a" "type"}\n]')).toEqual({ error: 'not-json', at: { line: 2, column: 14 } })
    expect(readFlows('[\n  {"id": "a",')).toEqual({ error: 'not-json', at: { line: 2, column: 14 } })
  })

  test('is found in the text round it, and may be one node', () => {
    const node = { id: 'a', type: 'debug' }
    const json = JSON.stringify([node])
    for (const text of [`Try this:\n\`\`\`json\n${json}\n\`\`\`\nworks`, `flow: ${json} (mine)`, JSON.stringify(node)])
      expect(readFlows(text)).toEqual({ nodes: [node] })
  })

  test('loses no object of two that have one id', () => {
    const nodes = read(JSON.stringify([...flow, { ...flow[3], name: 'twin' }]))
    expect(new Set(nodes.map((node) => node.id)).size).toBe(flow.length + 1)
    expect(nodes.at(-1)).toMatchObject({ name: 'twin', x: 300, y: 140 })
    expect(nodes.slice(0, -1)).toEqual(flow)
  })

  test('covers nothing that is there, and stays on the grid', () => {
    const model = new FlowModel(flow)
    paste(model, [{ id: 'n', type: 'debug', x: 7, y: 3, wires: [] }], { parent: 't', at: { x: 295, y: 58 }, label: 'import' })
    const others = model.childrenOf('t').filter((node) => node.id !== 'n')
    const { x, y } = model.get('n') as { x: number; y: number } & FlowNode
    expect([(x - 7) % 20, (y - 3) % 20]).toEqual([0, 0])
    expect(others.every((node) => Math.abs(Number(node.x) - x) >= 100 || Math.abs(Number(node.y) - y) >= 30)).toBe(true)
  })

  test('has shared settings of its own where the ones here are others under the same id', () => {
    const model = new FlowModel(flow)
    const nodes = structuredClone(flow).map((node) => (node.id === 'broker' ? { ...node, broker: 'elsewhere' } : node))
    paste(model, nodes, { parent: 't', at: { x: 0, y: 0 }, label: 'import' })
    expect(model.configNodes().map((node) => node.broker)).toEqual(['localhost', 'elsewhere'])
    const copy = model.tabs()[1]!
    expect(model.childrenOf(copy.id).find((node) => node.type === 'mqtt in')?.broker).toBe(model.configNodes()[1]!.id)
  })

  test('in the place of what is here changes it under its own ids, adds what is new and takes out what is gone', () => {
    const model = new FlowModel([...flow, { id: 'u', type: 'tab', label: 'other' }])
    const nodes = flow.filter((node) => node.id !== 'c').map((node) => (node.id === 'b' ? { ...node, name: 'better' } : node))
    expect(replaceSame(model, [...nodes, { id: 'd', type: 'debug', z: 't', x: 0, y: 0, wires: [] }], { parent: 'u' })).toBe(true)
    expect(model.tabs().map((tab) => tab.id)).toEqual(['t', 'u'])
    expect(model.childrenOf('t').map((node) => node.id)).toEqual(['a', 'b', 'd'])
    expect(model.get('b')?.name).toBe('better')
    model.undo()
    expect(model.export().slice(0, -1)).toEqual(flow)
  })

  test('takes the flows of a full export with its revision', () => {
    expect(readFlows(JSON.stringify({ flows: flow, rev: '1' }))).toEqual({ nodes: flow })
  })
})
