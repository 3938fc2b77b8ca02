import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { columnsOf } from './columns.ts'

const none = (count: number) => new Uint8Array(count)
/** The whole of a row of points in pieces of `width` columns, put together. */
const whole = (values: Float64Array, excluded: Uint8Array, step: number, width: number) => {
  const least: number[] = []
  const most: number[] = []
  for (let begin = 0; begin < values.length * step; begin += width) {
    const piece = columnsOf({ values, excluded, begin, columns: width, step })
    least.push(...piece.least)
    most.push(...piece.most)
  }
  return { least, most }
}

describe('columns of very many points', () => {
  it('keeps the one peak and the one dip among a hundred thousand', () => {
    const values = new Float64Array(100_000).fill(10)
    values[54_321] = 10.5
    values[54_322] = 9.5
    const { least, most } = whole(values, none(values.length), 0.01, 256)
    expect(most.filter((value) => value === 10.5)).toHaveLength(1)
    expect(least.filter((value) => value === 9.5)).toHaveLength(1)
  })

  it('joins each column to the one before, and nothing over a gap', () => {
    const values = Float64Array.of(1, 1, 5, 5, Number.NaN, Number.NaN, 2, 2)
    const { least, most } = columnsOf({ values, excluded: none(8), begin: 0, columns: 4, step: 0.5 })
    expect([...least]).toEqual([1, 1, Number.NaN, 2])
    expect([...most]).toEqual([1, 5, Number.NaN, 2])
  })

  it('leaves out what is excluded and goes on from what lies before it', () => {
    const values = Float64Array.of(1, 1, 99, 99, 3, 3)
    const { least, most } = columnsOf({ values, excluded: Uint8Array.of(0, 0, 1, 1, 0, 0), begin: 2, columns: 1, step: 0.5 })
    expect([least[0], most[0]]).toEqual([1, 3])
  })

  it('misses no extreme and draws none that is not there, however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ value: fc.double({ min: -1e6, max: 1e6, noNaN: true }), isOut: fc.boolean(), isMissing: fc.boolean() }), {
          minLength: 1,
          maxLength: 300,
        }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (points, step, width) => {
          const values = Float64Array.from(points, ({ value, isMissing }) => (isMissing ? Number.NaN : value))
          const excluded = Uint8Array.from(points, ({ isOut }) => (isOut ? 1 : 0))
          const { least, most } = whole(values, excluded, step, width)
          const all = whole(values, excluded, step, 400)
          const drawn = (list: number[]) => list.filter((value) => !Number.isNaN(value))
          expect(drawn(least)).toEqual(drawn(all.least))
          expect(drawn(most)).toEqual(drawn(all.most))
          for (const [index, value] of values.entries()) {
            if (excluded[index] || Number.isNaN(value)) continue
            const column = Math.floor((index + 0.5) * step)
            expect(least[column]).toBeLessThanOrEqual(value)
            expect(most[column]).toBeGreaterThanOrEqual(value)
          }
          const counted = [...values].filter((value, index) => !excluded[index] && !Number.isNaN(value))
          // + 0: of 0 and -0 either one will do
          if (counted.length > 0) expect(Math.max(...drawn(most)) + 0).toBe(Math.max(...counted) + 0)
        },
      ),
    )
  })
})
