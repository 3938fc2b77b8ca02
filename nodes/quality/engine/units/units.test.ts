import { expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { convert, unitOf } from './index.ts'

it.each([
  [1, 'inch', 'mm', 25.4],
  [0.12345, 'in', 'mm', 3.13563],
  [1.2345, '"', 'mm', 31.3563],
  [-0.0005, 'inch', 'mm', -0.0127],
  [25.4, 'mm', 'inch', 1],
  [12.345, 'mm', 'µm', 12345],
  [7, 'um', 'mm', 0.007],
  [1, 'lbF', 'N', 4.448221615261],
  [1, 'kgf', 'N', 9.80665],
  [16, 'ozF', 'lbF', 1],
  [3.5, 'Nm', 'Nm', 3.5],
])('%d %s is %s: %d', (value, from, to, result) => {
  expect(convert(value, from, to)).toBe(result)
})
it.each([
  [1, 'N', 'mm'],
  [1, 'lbFin', 'mm'],
  [1, 'mm', 'Ra'],
])('%d %s is nothing in %s', (value, from, to) => {
  expect(convert(value, from, to)).toBeUndefined()
})
it('knows a unit in the ways it is written', () => {
  expect(['MM', 'Inch', 'IN', 'μm', 'um', 'lbf', 'Ra'].map(unitOf)).toEqual(['mm', 'inch', 'inch', 'µm', 'µm', 'lbF', 'Ra'])
})
it('gives every reading of a gauge in inch back as it was, over mm', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 5 }), (digits, decimals) => {
      // a gauge's -0.000 is 0
      const inch = Number((digits / 10 ** decimals).toFixed(decimals)) + 0
      const mm = convert(inch, 'inch', 'mm') ?? Number.NaN
      expect(convert(mm, 'mm', 'inch')).toBe(inch)
    }),
    { numRuns: rounds(500) },
  )
})
