import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { heightFor, inputAt, isInside, outputAt, portNear, snap, widthFor } from './ports.ts'

const node = { x: 100, y: 100, width: 120, height: 30, inputs: 1, outputs: 2 }

test('the input is in the middle of the left edge, outputs stand one under the other on the right', () => {
  expect(inputAt(node)).toEqual({ x: 40, y: 100 })
  expect([0, 1].map((port) => outputAt(node, port))).toEqual([
    { x: 160, y: 93.5 },
    { x: 160, y: 106.5 },
  ])
})

test('every output lies on the node, however many there are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (outputs) => {
      const tall = { ...node, outputs, height: heightFor(outputs) }
      for (let port = 0; port < outputs; port += 1) expect(isInside(tall, outputAt(tall, port))).toBe(true)
    }),
  )
})

test('the nearest port within reach is found', () => {
  expect(portNear(node, { x: 36, y: 101 }, 10)).toEqual({ side: 'input', port: 0 })
  expect(portNear(node, { x: 163, y: 104 }, 10)).toEqual({ side: 'output', port: 1 })
  expect(portNear(node, { x: 100, y: 100 }, 10)).toBeUndefined()
  expect(portNear({ ...node, inputs: 0 }, { x: 40, y: 100 }, 10)).toBeUndefined()
})

test('a node is as wide as its label needs, in whole grid steps', () => {
  expect(widthFor(10)).toBe(100)
  expect(widthFor(91)).toBe(160)
  expect(snap(29)).toBe(20)
  expect(snap(-31)).toBe(-40)
})
