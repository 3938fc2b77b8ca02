import { expect, test } from 'vitest'
import type { NodeType } from '../../../server/api/flows.ts'
import { familiesOf, searchTypes } from './search.ts'

const node = (type: string, label: string, family: string, more: Partial<NodeType> = {}) => ({ type, label, family, isConfig: false, ...more }) as NodeType
const types = [
  node('http request', 'http request', 'network', { summary: 'Asks a web server' }),
  node('cw-run-program', 'run program', 'motion', { summary: 'Runs a G-code program on a machine' }),
  node('cw-machine', 'machine', 'motion', { isConfig: true }),
  node('cw-machine-event', 'machine event', 'motion', { helpHtml: '<p>When the <b>spindle</b> stops</p>' }),
  node('zz', 'zz', 'my module'),
]

test('families come in the order of the shop, unknown ones last; config nodes are not in the palette', () => {
  expect(familiesOf(types).map(({ name, types: list }) => [name, list.length])).toEqual([
    ['motion', 2],
    ['network', 1],
    ['my module', 1],
  ])
})

test('every word must be found, the name counts most', () => {
  expect(searchTypes(types, 'machine').map((type) => type.type)).toEqual(['cw-machine-event', 'cw-run-program'])
  expect(searchTypes(types, 'machine g-code').map((type) => type.type)).toEqual(['cw-run-program'])
  expect(searchTypes(types, 'nothing')).toEqual([])
})

test('help is searched without its markup', () => {
  expect(searchTypes(types, 'spindle').map((type) => type.type)).toEqual(['cw-machine-event'])
  expect(searchTypes(types, '<b>')).toEqual([])
})
