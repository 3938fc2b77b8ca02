/** Updates and removals of imports, and choices for an export, as pure functions of flows. */

import { describe, expect, test } from 'vitest'
import fc from '../../test/property.ts'
import type { FlowNode } from '../api/index.ts'
import { isDeployed } from './import-rows.ts'
import { changedSince, planRemoval, putTogether } from './put-together.ts'
import { selectNodes, valueAt, withValueAt } from './select.ts'

const node = (id: string, wires: string[][] = [[]], more: object = {}): FlowNode => ({ id, type: 'change', z: 't', name: id, x: 0, y: 0, wires, ...more })
const base: FlowNode[] = [
  { id: 't', type: 'tab', label: 'Made' },
  { id: 'm', type: 'cw-machine', machineId: 'mill' },
  node('a', [['b']], { machine: 'm' }),
  node('b'),
]
const ids = new Set(base.map(({ id }) => id))
const other: FlowNode[] = [
  { id: 'u', type: 'tab', label: 'Other' },
  { ...node('x'), z: 'u', wires: [[]] },
]
const map = (flows: readonly FlowNode[]) => new Map(flows.map((each) => [each.id, each]))

describe('an update', () => {
  const next = base.map((each) => (each.id === 'b' ? { ...each, rules: ['new'] } : each))
  test('changes what the template changed, and leaves the rest of the shop as it is, in its order', () => {
    const { flows, changes, conflicts } = putTogether([...other, ...base], { ids, base, next })
    expect(flows.map(({ id }) => id)).toEqual(['u', 'x', 't', 'm', 'a', 'b'])
    expect(map(flows).get('b')).toMatchObject({ rules: ['new'] })
    expect({ changed: changes.put.map(({ id }) => id), removed: changes.removed, conflicts }).toEqual({ changed: ['b'], removed: [], conflicts: [] })
  })
  test('keeps a node taken away here, unless the template changed it: then a person decides', () => {
    const now = [...other, ...base.filter(({ id }) => id !== 'b').map((each) => (each.id === 'a' ? { ...each, wires: [[]] } : each))]
    expect(map(putTogether(now, { ids, base, next: base }).flows).has('b')).toBe(false)
    const asked = putTogether(now, { ids, base, next })
    expect(asked).toMatchObject({ isDecided: false, conflicts: [{ key: 'b', kind: 'removed', name: 'b' }] })
    expect(map(putTogether(now, { ids, base, next, decisions: new Map([['b', 'theirs']]) }).flows).get('b')).toMatchObject({ rules: ['new'] })
  })
  test('without keeping changes puts all as the template has it, and wires of others go on', () => {
    const now = [...base.map((each) => (each.id === 'a' ? { ...each, name: 'mine' } : each)), { ...node('own', [['a']]) }]
    const { flows, conflicts } = putTogether(now, { ids, next })
    expect(conflicts).toEqual([])
    expect(map(flows).get('a')).toMatchObject({ name: 'a' })
    expect(map(flows).get('own')).toMatchObject({ wires: [['a']] })
  })

  test('whatever was changed here and in the template: a change is kept, taken, or asked about, never lost', () => {
    const edit = fc.record({ id: fc.constantFrom('a', 'b'), key: fc.constantFrom('name', 'rules', 'info'), value: fc.constantFrom('1', '2', '3') })
    const apply = (edits: readonly { id: string; key: string; value: string }[]) =>
      base.map((each): FlowNode => ({ ...each, ...Object.fromEntries(edits.flatMap(({ id, key, value }) => (id === each.id ? [[key, value]] : []))) }))
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), fc.array(edit, { maxLength: 4 }), (here, there) => {
        const [ours, theirs] = [map(apply(here)), map(apply(there))]
        const { flows, conflicts } = putTogether([...other, ...ours.values()], { ids, base, next: [...theirs.values()] })
        for (const made of flows.filter(({ id }) => id === 'a' || id === 'b'))
          for (const key of ['name', 'rules', 'info']) {
            const [was, mine, coming] = [map(base).get(made.id)?.[key], ours.get(made.id)?.[key], theirs.get(made.id)?.[key]]
            const isAsked = conflicts.some(({ nodeId, property }) => nodeId === made.id && property === key)
            expect(isAsked).toBe(mine !== was && coming !== was && mine !== coming)
            expect(made[key]).toBe(mine === was ? coming : mine)
          }
      }),
    )
  })
})

describe('a removal', () => {
  test('takes the import and what leads to it, and nothing else', () => {
    const caller = { ...node('c', [['a']]), z: 't' }
    const linked = { id: 'l', type: 'link out', z: 'u', links: ['b', 'z'], wires: [] } as unknown as FlowNode
    const removal = planRemoval([...other, ...base, linked], ids, false)
    expect(removal.flows).toEqual([...other, { ...linked, links: ['z'] }])
    expect(removal.nodes.map(({ id }) => id)).toEqual(['t', 'm', 'a', 'b'])
    expect(planRemoval([...base, caller], ids, false).ownWork).toEqual([caller])
    expect(planRemoval([...base, caller], ids, true).flows).toEqual([])
  })
  test('leaves a config node that another flow uses too', () => {
    const user = { ...node('y', [[]], { machine: 'm' }), z: 'u' }
    expect(planRemoval([...other, user, ...base], ids, false)).toMatchObject({ kept: [{ id: 'm' }], flows: [...other, user, { id: 'm' }] })
  })
})

test('what was moved counts as unchanged, what was edited or taken away as changed', () => {
  expect(changedSince(base, map(base.map((each) => ({ ...each, x: 500 }))))).toBe(0)
  expect(changedSince(base, map(base.filter(({ id }) => id !== 'b').map((each) => (each.id === 'a' ? { ...each, name: 'other' } : each))))).toBe(2)
})

test('what is pending counts as imported when something that only it made is in the flows', () => {
  const state = { version: '1.0.0', name: '', title: null, parameters: {}, ids: [], tests: [], programs: [], panels: [], signer: null }
  const row = { id: 'i', templateId: 't', n: 1, at: new Date(), by: 'x' }
  const fresh = { ...row, pending: { ...state, base } }
  expect([isDeployed(fresh, map(other)), isDeployed(fresh, map(base))]).toEqual([false, true])
  const update = { ...row, now: { ...state, base }, pending: { ...state, base: base.map((each) => (each.id === 'b' ? { ...each, rules: ['new'] } : each)) } }
  expect([isDeployed(update, map(base)), isDeployed(update, map(update.pending.base))]).toEqual([false, true])
})

describe('a choice for an export', () => {
  const flows: FlowNode[] = [
    ...base,
    ...other,
    { id: 'sub', type: 'subflow', name: 'Sub', in: [], out: [] },
    { ...node('inside'), z: 'sub' },
    { ...node('use', [['x']]), type: 'subflow:sub', z: 'u', g: 'grp' },
    { id: 'grp', type: 'group', z: 'u', nodes: ['use'] },
  ]
  const chosen = (...wanted: string[]) => selectNodes(flows, wanted).map(({ id }) => id)
  test('brings tab, config nodes and subflows along, and cuts what leads out of it', () => {
    expect(chosen('a')).toEqual(['t', 'm', 'a'])
    expect(selectNodes(flows, ['a']).find(({ id }) => id === 'a')).toMatchObject({ wires: [[]] })
    expect(chosen('use')).toEqual(['u', 'sub', 'inside', 'use'])
    expect(selectNodes(flows, ['use']).find(({ id }) => id === 'use')).not.toHaveProperty('g')
    expect(chosen('grp')).toEqual(['u', 'sub', 'inside', 'use', 'grp'])
    expect(chosen('t')).toEqual(['t', 'm', 'a', 'b'])
    expect(chosen('nowhere')).toEqual([])
  })
  test('a property deep in a node can be a parameter; what is not there cannot', () => {
    const deep = node('d', [[]], { rules: [{ to: 1 }, { to: 2 }] })
    expect(valueAt(deep, 'rules.1.to')).toBe(2)
    expect([valueAt(deep, 'rules.5.to'), valueAt(deep, 'constructor.name'), valueAt(deep, '__proto__')]).toEqual([undefined, undefined, undefined])
    expect(withValueAt(deep, 'rules.1.to', '{{to}}')).toEqual({ ...deep, rules: [{ to: 1 }, { to: '{{to}}' }] })
  })
})
