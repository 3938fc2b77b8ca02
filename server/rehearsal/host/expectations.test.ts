import { expect, it } from 'vitest'
import { includes, judge } from './expectations.ts'

it('compares of objects only what is named, and lists whole', () => {
  expect(includes({ a: 1, b: { c: 'x', d: 2 } }, { b: { c: 'x' } })).toBe(true)
  expect(includes({ a: [1, 2] }, { a: [1] })).toBe(false)
  expect(includes({ a: null }, { a: {} })).toBe(false)
  expect(includes({}, { a: undefined })).toBe(true)
})

it('says of each expectation whether it was met, and what there was instead', () => {
  const facts = {
    sent: [{ atMs: 1, from: 'a', port: 0, to: 'b', message: { payload: 7, more: true } }],
    calls: [
      {
        atMs: 2,
        nodeId: 'erp',
        nodeType: 'cw-confirm',
        system: 'ERP',
        what: 'confirmation',
        body: { workOrder: 'WO-1', result: 'scrapped' },
        answeredFrom: 'accepted' as const,
      },
    ],
    machines: [],
    coverage: { nodes: ['a', 'b'], nodesMissed: ['c'], wires: [], wiresMissed: [] },
  }
  expect(
    judge(
      [
        { kind: 'message', from: 'a', port: 0, message: { payload: 7 } },
        { kind: 'message', from: 'a', port: 1 },
        { kind: 'call', nodeId: 'erp', body: { result: 'completed' } },
        { kind: 'motion', machineId: 'mill-1', state: 'completed' },
        { kind: 'unreached', nodeId: 'c' },
        { kind: 'unreached', nodeId: 'b' },
      ],
      facts,
    ),
  ).toEqual([
    { isMet: true },
    { isMet: false },
    { isMet: false, found: { workOrder: 'WO-1', result: 'scrapped' } },
    { isMet: false },
    { isMet: true },
    { isMet: false },
  ])
})

it('what was found is what comes nearest to what was expected', () => {
  const sent = [{ part: 'P1', count: 4 }, { part: 'P2', count: 5 }, { other: true }].map((message) => ({ atMs: 0, from: 'a', port: 0, to: 'b', message }))
  const coverage = { nodes: ['a'], nodesMissed: [], wires: [], wiresMissed: [] }
  expect(judge([{ kind: 'message', from: 'a', port: 0, message: { part: 'P1', count: 9 } }], { sent, calls: [], machines: [], coverage })).toEqual([
    { isMet: false, found: { part: 'P1', count: 4 } },
  ])
})
