/** Node types that have become others. */
import { expect, test } from 'vitest'
import { checkConfig, NODES } from '../../nodes/index.ts'
import type { FlowNode } from '../api/index.ts'
import { upgradeNodes } from './upgrade.ts'

const check: FlowNode = {
  ...{ id: 'n1', type: 'cw-check', z: 't', x: 10, y: 20, name: 'Bore', wires: [['a'], ['b']], outputs: 2 },
  ...{ characteristic: 'bore diameter', nominal: '10', lower: 0, upper: '0.02', unit: 'mm', decimals: 3, value: 'values.boreMm', valueType: 'msg' },
}

test('a check is a measure with the same settings and wires, and is upgraded once', () => {
  const other: FlowNode = { id: 'n2', type: 'debug', z: 't', wires: [] }
  const [measure, same] = upgradeNodes([check, other])
  expect(measure).toEqual({ ...check, type: 'cw-measure', from: 'here' })
  expect(same).toBe(other)
  expect(checkConfig('cw-measure', measure ?? {})).toEqual([])
  expect(upgradeNodes([measure as FlowNode])[0]).toBe(measure)
})

test('every type that says what replaces it is replaced by that', () => {
  const old = NODES.filter(({ replacedBy }) => replacedBy !== undefined)
  expect(old.map(({ type }) => type)).toEqual(['cw-check'])
  for (const { type, replacedBy } of old) expect(upgradeNodes([{ ...check, type }])[0]?.type).toBe(replacedBy)
})
