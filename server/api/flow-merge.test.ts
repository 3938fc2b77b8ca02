import { expect, test } from 'vitest'
import fc from '../../test/property.ts'
import { applyChanges, changesFrom, isNothing } from './flow-changes.ts'
import { type Decisions, mergeFlows, planMerge, undecided } from './flow-merge.ts'
import type { FlowNode } from './flows.ts'

const base: FlowNode[] = [
  { id: 't', type: 'tab', label: 'One' },
  { id: 'u', type: 'tab', label: 'Two' },
  { id: 'a', type: 'inject', z: 't', name: 'a', x: 0, y: 0, wires: [['b']] },
  { id: 'b', type: 'change', z: 't', name: 'b', x: 0, y: 0, wires: [['c']] },
  { id: 'c', type: 'debug', z: 't', name: 'c', x: 0, y: 0, wires: [] },
]
const map = (flows: readonly FlowNode[]) => new Map(flows.map((node) => [node.id, node]))
const with_ = (id: string, properties: object, flows = base) => flows.map((node) => (node.id === id ? { ...node, ...properties } : node))
const without = (...ids: string[]) => base.filter(({ id }) => !ids.includes(id))
const plan = (ours: FlowNode[], theirs: FlowNode[]) => planMerge(map(base), ours, theirs)
const merged = (ours: FlowNode[], theirs: FlowNode[], decisions: [string, 'ours' | 'theirs'][] = []) =>
  mergeFlows(plan(ours, theirs), new Map(decisions) as Decisions)
const get = ({ flows }: { flows: FlowNode[] }, id: string) => flows.find((node) => node.id === id)

test('changes of different nodes, and of different properties of one node, go together by themselves', () => {
  const both = merged(with_('a', { name: 'ours', x: 40 }), with_('b', { name: 'theirs' }, with_('a', { payload: 'theirs' })))
  expect(plan(with_('a', { name: 'ours', x: 40 }), with_('a', { payload: 'theirs' })).clashes).toEqual([])
  expect(get(both, 'a')).toMatchObject({ name: 'ours', payload: 'theirs', x: 40 })
  expect(get(both, 'b')).toMatchObject({ name: 'theirs' })
})

test('one property changed by both is asked, and taken as decided', () => {
  const [ours, theirs] = [with_('a', { name: 'ours', topic: 'mine' }), with_('a', { name: 'theirs' })]
  const asked = plan(ours, theirs)
  expect(asked.clashes).toMatchObject([{ id: 'a', kind: 'changed', properties: [{ key: 'name', base: 'a', ours: 'ours', theirs: 'theirs' }] }])
  expect(undecided(asked, new Map())).toEqual(['a name'])
  expect(undecided(asked, new Map([['a name', 'ours' as const]]))).toEqual([])
  expect(get(merged(ours, theirs, [['a name', 'ours']]), 'a')).toMatchObject({ name: 'ours', topic: 'mine' })
  expect(get(merged(ours, theirs, [['a name', 'theirs']]), 'a')).toMatchObject({ name: 'theirs', topic: 'mine' })
})

test('wires are put together one by one', () => {
  const both = merged(with_('a', { wires: [['b', 'c']] }), with_('a', { wires: [[]] }))
  expect(get(both, 'a')?.wires).toEqual([['c']])
})

test('a wire to what the other took away goes with it, and is counted', () => {
  const both = merged(with_('a', { wires: [['b', 'c']] }), without('c'))
  expect(get(both, 'a')?.wires).toEqual([['b']])
  expect(get(both, 'b')?.wires).toEqual([[]])
  expect(both.lostWires).toBe(2)
})

test('what one took away and the other changed is asked; what was only moved is not', () => {
  expect(plan(without('c'), with_('c', { name: 'x' })).clashes).toMatchObject([{ id: 'c', kind: 'removed' }])
  expect(get(merged(without('c'), with_('c', { name: 'x' }), [['c', 'theirs']]), 'c')).toMatchObject({ name: 'x' })
  expect(get(merged(without('c'), with_('c', { name: 'x' }), [['c', 'ours']]), 'c')).toBeUndefined()
  expect(plan(without('c'), with_('c', { x: 99 })).clashes).toEqual([])
  expect(get(merged(without('c'), with_('c', { x: 99 })), 'c')).toBeUndefined()
})

test('a tab that one removed while the other worked on it is asked as a whole, with everything on it', () => {
  const ours = base.filter(({ id, z }) => id !== 't' && z !== 't')
  const theirs = with_('b', { name: 'theirs' })
  expect(plan(ours, theirs).clashes).toMatchObject([{ id: 't', kind: 'removed' }])
  expect(merged(ours, theirs, [['t', 'theirs']]).flows).toEqual(theirs)
  expect(merged(ours, theirs, [['t', 'ours']]).flows.map(({ id }) => id)).toEqual(['u'])
})

test('what ours added stands behind what it followed; tabs that ours moved are moved', () => {
  const added = { id: 'n', type: 'debug', z: 't', x: 0, y: 0, wires: [] }
  const ours = [base[1]!, base[0]!, base[2]!, added, base[3]!, base[4]!]
  expect(merged(ours, [...base, { id: 'm', type: 'debug' }]).flows.map(({ id }) => id)).toEqual(['u', 't', 'a', 'n', 'b', 'c', 'm'])
})

const node = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  type: fc.constant('x'),
  name: fc.constantFrom('1', '2', '3'),
  z: fc.constantFrom('a', 'b', ''),
})
const flows = fc.uniqueArray(node, { selector: ({ id }) => id }) as fc.Arbitrary<FlowNode[]>
const sorted = (list: readonly FlowNode[]) => list.toSorted((a, b) => (a.id < b.id ? -1 : 1))

test('where one side changed nothing, the other side is the result', () => {
  fc.assert(
    fc.property(flows, flows, (from, to) => {
      for (const [ours, theirs] of [
        [from, to],
        [to, from],
      ] as const) {
        const result = planMerge(map(from), ours, theirs)
        expect(result.clashes).toEqual([])
        expect(sorted(mergeFlows(result, new Map()).flows)).toEqual(sorted(to))
      }
    }),
  )
})

test('what both did alike is done, and a merge with every decision made asks nothing more', () => {
  fc.assert(
    fc.property(flows, flows, flows, (from, ours, theirs) => {
      expect(planMerge(map(from), ours, ours).clashes).toEqual([])
      const asked = planMerge(map(from), ours, theirs)
      const decisions = new Map(undecided(asked, new Map()).map((key) => [key, 'theirs' as const]))
      expect(undecided(asked, decisions)).toEqual([])
      const { flows: result } = mergeFlows(asked, decisions)
      expect(new Set(result.map(({ id }) => id)).size).toBe(result.length)
    }),
  )
})

test('a draft is what it was: its changes put onto its base give the same flows in the same order', () => {
  fc.assert(
    fc.property(flows, flows, (from, to) => {
      const changes = changesFrom(map(from), to)
      expect(applyChanges(from, JSON.parse(JSON.stringify(changes)))).toEqual(to)
      expect(isNothing(changes)).toBe(JSON.stringify(from) === JSON.stringify(to))
    }),
  )
})

test('a draft holds no passwords', () => {
  expect(changesFrom(new Map(), [{ id: 'a', type: 'x', credentials: { password: 'p' } }]).put).toEqual([{ id: 'a', type: 'x' }])
})
