import { expect, test } from 'vitest'
import type { NodeType } from '../../../server/api/flows.ts'
import { Workspace } from '../workspace.ts'
import { definitionsOf } from './references.ts'
import { readQuery, searchFlows, snippetOf } from './search.ts'

const workspace = new Workspace()
workspace.model.load([
  { id: 'a', type: 'tab', label: 'Line 1' },
  { id: 'b', type: 'tab', label: 'Line 2', disabled: true },
  { id: 'sub', type: 'subflow', name: 'count parts', in: [], out: [] },
  { id: 'broker', type: 'mqtt-broker', name: 'shop broker', broker: 'mqtt.local' },
  { id: 'spare', type: 'mqtt-broker', name: 'old broker', broker: 'elsewhere' },
  { id: 'in', type: 'mqtt in', z: 'a', x: 0, y: 0, name: '', topic: 'mill/done', broker: 'broker', wires: [['fn']] },
  { id: 'fn', type: 'function', z: 'a', x: 0, y: 0, name: 'sum', func: 'let total = 0\nreturn { payload: total }', wires: [[]] },
  { id: 'out', type: 'link out', z: 'a', x: 0, y: 0, links: ['there'], wires: [] },
  { id: 'there', type: 'link in', z: 'b', x: 0, y: 0, name: 'from line 1', links: ['out'], wires: [['use']] },
  { id: 'use', type: 'subflow:sub', z: 'b', x: 0, y: 0, name: '', d: true, rules: [{ t: 'eq', v: 'TOTAL' }], wires: [] },
])
workspace.open('a')
workspace.setTypes([{ type: 'function', label: 'function', inputs: 1, outputs: 1 } as NodeType])
const ids = (query: string, names?: ReadonlyMap<string, string>) => searchFlows({ query, workspace, ...(names && { names }) }).map(({ node }) => node.id)

test.each<[string, string[]]>([
  // the name before the settings, and flow by flow
  ['sum', ['fn']],
  ['broker', ['broker', 'spare', 'in']],
  ['total', ['fn', 'use']],
  ['total return', ['fn']],
  ['"let total"', ['fn']],
  ['mill/done', ['in']],
  ['count', ['sub', 'use']],
  ['type:mqtt', ['broker', 'spare', 'in']],
  ['type:mqtt shop', ['broker']],
  ['uses:broker', ['in']],
  ['uses:sub', ['use']],
  ['uses:there', ['out']],
  ['is:disabled', ['b', 'use']],
  ['is:unused', ['spare']],
  ['is:unwired', ['out']],
  // Node-RED's word for it
  ['is:uncoupled', ['out']],
  ['is:link', ['out', 'there']],
  ['is:constructor', []],
  ['flow:b', ['b', 'there', 'use']],
  ['flow:"line 2" from', ['there']],
  ['flow:line type:link', ['out', 'there']],
  ['flow:count', ['sub']],
  ['flow:current', ['a', 'in', 'fn', 'out']],
  ['no such thing', []],
  ['', []],
])('%s finds %j', (query, expected) => {
  expect(ids(query)).toEqual(expected)
})

test('what is stored by id is found by the name it has elsewhere', () => {
  expect(ids('north', new Map([['mill/done', 'north mill']]))).toEqual(['in'])
})

test('a filter without a value, or of another name, is a word', () => {
  expect(readQuery('type: foo:bar')).toMatchObject({ words: ['type:', 'foo:bar'], types: [] })
})

test('a node leads to its subflow, the other end of its link, its shared settings', () => {
  const to = (id: string) => definitionsOf(workspace.model, workspace.model.get(id)!).map(({ node, how }) => [node.id, how])
  expect([to('use'), to('out'), to('in'), to('fn')]).toEqual([[['sub', 'subflow']], [['there', 'link']], [['broker', 'config']], []])
})

test('the text round a hit is shown on one line', () => {
  expect(snippetOf('let total = 0\nreturn { payload: total }', 'RETURN')).toEqual({ before: 'let total = 0 ', hit: 'return', after: ' { payload: total }' })
})
