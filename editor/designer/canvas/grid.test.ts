import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { joined, type Rect, SpatialGrid, touches } from './grid.ts'

const rect = fc
  .tuple(fc.integer({ min: -4000, max: 4000 }), fc.integer({ min: -4000, max: 4000 }), fc.nat(900), fc.nat(900))
  .map(([left, top, width, height]): Rect => ({ left, top, right: left + width, bottom: top + height }))

test('finds exactly the boxes that touch an area, also after moving and removing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(12), fc.option(rect)), { maxLength: 60 }), rect, (steps, area) => {
      const grid = new SpatialGrid()
      const plain = new Map<string, Rect>()
      for (const [number, box] of steps) {
        const id = String(number)
        grid.bounds()
        if (box) {
          grid.put(id, box)
          plain.set(id, box)
        } else {
          grid.remove(id)
          plain.delete(id)
        }
      }
      // asked in between, so that it is kept and must follow what moves
      const all = [...plain.values()]
      expect(grid.bounds()).toEqual(all.length ? all.reduce(joined) : undefined)
      expect([...grid.within(area)].sort()).toEqual(
        [...plain]
          .filter(([, box]) => touches(box, area))
          .map(([id]) => id)
          .sort(),
      )
    }),
  )
})

test('knows the box around everything', () => {
  const grid = new SpatialGrid()
  expect(grid.bounds()).toBeUndefined()
  grid.put('a', { left: -10, top: 0, right: 10, bottom: 20 })
  grid.put('b', { left: 500, top: -30, right: 600, bottom: 5 })
  expect(grid.bounds()).toEqual({ left: -10, top: -30, right: 600, bottom: 20 })
})
