import { expect, test } from 'vitest'
import type { FlowNode } from '../../api/index.ts'
import { putInPlace } from './put-in-place.ts'

const tab = (id: string, label = id): FlowNode => ({ id, type: 'tab', label })
const node = (id: string, z: string, more: object = {}): FlowNode => ({ id, type: 'debug', z, x: 1, y: 1, name: id, wires: [], ...more })
const broker = (host: string): FlowNode => ({ id: 'broker', type: 'mqtt-broker', name: 'broker', host })
const put = (now: FlowNode[], coming: FlowNode[], more: Partial<Parameters<typeof putInPlace>[1]> = {}) =>
  putInPlace(now, { coming, before: undefined, scope: 'all', decisions: new Map(), ...more })
const ids = (flows: readonly FlowNode[]) => flows.map(({ id }) => id)

test('flows that no promotion brought stay, in their order', () => {
  const { flows, changedHere } = put([tab('own'), node('a', 'own')], [tab('t'), node('b', 't')])
  expect(ids(flows)).toEqual(['own', 'a', 't', 'b'])
  expect(changedHere).toEqual([])
})

test('what was brought before and is gone there goes; with some flows only it stays', () => {
  const before = [tab('t'), node('b', 't'), tab('u'), node('c', 'u')]
  const coming = [tab('t'), node('b', 't')]
  expect(ids(put(before, coming, { before }).flows)).toEqual(['t', 'b'])
  expect(ids(put(before, coming, { before, scope: 'some' }).flows)).toEqual(['t', 'b', 'u', 'c'])
})

test('what others use here stays: a subflow, a shared setting', () => {
  const subflow: FlowNode = { id: 's', type: 'subflow', name: 's' }
  const inside = node('i', 's')
  const before = [tab('t'), subflow, inside, broker('one')]
  const now = [...before, tab('own'), node('use', 'own', { type: 'subflow:s' }), node('mqtt', 'own', { broker: 'broker' })]
  expect(ids(put(now, [tab('t')], { before }).flows)).toEqual(['t', 's', 'i', 'broker', 'own', 'use', 'mqtt'])
})

test('what was changed, added or taken away here is told before it is lost', () => {
  const before = [tab('t'), node('a', 't'), node('b', 't')]
  const now = [tab('t'), node('a', 't', { name: 'mine' }), node('b', 't'), node('added', 't')]
  const { changedHere, flows } = put(now, before, { before })
  expect(ids(changedHere).toSorted()).toEqual(['a', 'added'])
  expect(flows.map(({ name }) => name)).toEqual([undefined, 'a', 'b'])
  // as they were brought: nobody loses anything
  expect(put(before, [tab('t'), node('a', 't', { name: 'new' })], { before }).changedHere).toEqual([])
  // moved on the canvas only
  expect(put([tab('t'), node('a', 't', { x: 90 })], before, { before }).changedHere).toEqual([])
})

test('a shared setting stays as it is here, unless it came from there untouched or somebody says so', () => {
  const now = [broker('real.example')]
  const coming = [tab('t'), broker('test.example')]
  const host = (result: ReturnType<typeof put>) => result.flows.find(({ id }) => id === 'broker')?.host
  expect(host(put(now, coming))).toBe('real.example')
  expect(put(now, coming).config).toEqual([{ id: 'broker', properties: ['host'], decision: 'ours' }])
  expect(host(put(now, coming, { decisions: new Map([['broker', 'theirs']]) }))).toBe('test.example')
  expect(host(put(now, coming, { before: [broker('real.example')] }))).toBe('test.example')
  expect(host(put(now, coming, { before: [broker('older.example')] }))).toBe('real.example')
  // what somebody chose counts in it as well
  expect(host(put(now, coming, { chosen: new Map([['broker', { host: 'chosen.example' }]]) }))).toBe('chosen.example')
})

test('wires that led to what went are cut, and counted', () => {
  const before = [tab('t'), node('a', 't', { wires: [['b']] }), node('b', 't')]
  const own = [tab('own'), node('c', 'own', { links: ['b'] })]
  const { flows, lostWires } = put([...before, ...own], [tab('t'), node('a', 't', { wires: [['b']] })], { before })
  expect(flows.find(({ id }) => id === 'a')?.wires).toEqual([[]])
  expect(flows.find(({ id }) => id === 'c')?.links).toEqual([])
  expect(lostWires).toBe(1)
})
