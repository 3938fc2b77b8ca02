import { expect, test } from 'vitest'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'
import { sceneNode } from './scene.ts'

test('of a name that would lie over the whole flow only the beginning is drawn', () => {
  const model = new FlowModel([{ id: 'n', type: 'debug', name: 'N'.repeat(10_000), z: 't', x: 0, y: 0, wires: [] }])
  const { label, width } = sceneNode(model, model.get('n')!, new Map(), (text) => text.length * 8)
  expect(label).toMatch(/^N{59}…$/)
  expect(width).toBeLessThan(600)
})

const buttonOf = (node: Partial<FlowNode>) => {
  const model = new FlowModel([{ id: 'n', type: 'debug', z: 't', x: 0, y: 0, wires: [], ...node }])
  return sceneNode(model, model.get('n')!, new Map(), (text) => text.length * 8).button
}

test('an inject node has a button to send, a debug node a switch; what is disabled has none', () => {
  expect(buttonOf({ type: 'inject' })).toBe('send')
  expect([buttonOf({}), buttonOf({ active: true }), buttonOf({ active: false })]).toEqual(['on', 'on', 'off'])
  expect([buttonOf({ type: 'change' }), buttonOf({ type: 'inject', d: true })]).toEqual([undefined, undefined])
})
