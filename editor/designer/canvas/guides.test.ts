import { expect, test } from 'vitest'
import { alignWith } from './guides.ts'
import { meeting } from './slice.ts'

const box = (left: number, top: number) => ({ left, top, right: left + 100, bottom: top + 30 })

test('what is dragged comes into line with a neighbour within reach, and not beyond', () => {
  expect(alignWith(box(203, 300), [box(200, 100)], 6)).toMatchObject({ dx: -3, dy: undefined })
  expect(alignWith(box(210, 300), [box(200, 100)], 6)).toMatchObject({ dx: undefined, dy: undefined, lines: [] })
  expect(alignWith(box(400, 104), [box(200, 100)], 6)).toMatchObject({ dx: undefined, dy: -4 })
})

test('of several lines the nearest counts', () => {
  expect(alignWith(box(203, 300), [box(200, 100), box(204, 200)], 6).dx).toBe(1)
})

test('two lines meet inside both or not at all', () => {
  expect(meeting({ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 5, y: -5 }, { x: 5, y: 5 })).toEqual({ x: 5, y: 0 })
  expect(meeting({ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 15, y: -5 }, { x: 15, y: 5 })).toBeUndefined()
  expect(meeting({ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 0, y: 5 }, { x: 10, y: 5 })).toBeUndefined()
})
