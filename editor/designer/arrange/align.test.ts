import { expect, test } from 'vitest'
import { type Alignment, aligned, distributed, onGrid } from './align.ts'

const boxes = [
  { id: 'a', x: 100, y: 100, width: 100, height: 30 },
  { id: 'b', x: 230, y: 160, width: 140, height: 30 },
  { id: 'c', x: 400, y: 400, width: 40, height: 40 },
]

test.each<[Alignment, Record<string, { x: number; y: number }>]>([
  ['left', { b: { x: 120, y: 160 }, c: { x: 70, y: 400 } }],
  ['right', { a: { x: 370, y: 100 }, b: { x: 350, y: 160 } }],
  ['centre', { a: { x: 235, y: 100 }, b: { x: 235, y: 160 }, c: { x: 235, y: 400 } }],
  ['top', { b: { x: 230, y: 100 }, c: { x: 400, y: 105 } }],
  ['bottom', { a: { x: 100, y: 405 }, b: { x: 230, y: 405 } }],
  ['middle', { a: { x: 100, y: 253 }, b: { x: 230, y: 253 }, c: { x: 400, y: 253 } }],
])('%s: moves what is not there yet, and nothing else', (alignment, places) => {
  expect(Object.fromEntries(aligned(boxes, alignment))).toEqual(places)
})

test('equal gaps, whatever the widths; the outermost stay', () => {
  expect(Object.fromEntries(distributed(boxes, 'x'))).toEqual({ b: { x: 265, y: 160 } })
  const placed = [...boxes.filter(({ id }) => id !== 'b'), { ...boxes[1]!, x: 265 }]
  expect(distributed(placed, 'x').size).toBe(0)
  expect(distributed(boxes.slice(0, 2), 'y').size).toBe(0)
})

test('on the grid, corners and middles of nodes are whole steps', () => {
  const places = onGrid([
    { id: 'a', x: 103, y: 99, width: 100, height: 30 },
    { id: 'b', x: 110, y: 100, width: 140, height: 30 },
    { id: 'g', x: 71, y: 69, width: 140, height: 140 },
  ])
  expect(Object.fromEntries(places)).toEqual({ a: { x: 110, y: 100 }, g: { x: 70, y: 70 } })
})
