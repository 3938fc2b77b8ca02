import { describe, expect, test } from 'vitest'
import { figure } from './figure.ts'
import { REFERENCE_SUBJECTS, verify } from './index.ts'

describe.each(REFERENCE_SUBJECTS)('%s', (subject) => {
  for (const { title, source, figures } of verify(subject))
    test(`${title} (${source})`, () => {
      expect(figures.length).toBeGreaterThan(0)
      expect(figures.filter(({ isWithin }) => !isWithin)).toEqual([])
    })
})

test('a set is named once', () => {
  const ids = REFERENCE_SUBJECTS.flatMap((subject) => verify(subject).map(({ id }) => id))
  expect(ids).toEqual([...new Set(ids)])
})

test('a figure is the same as far as it is printed, and no further', () => {
  expect(figure('x', '1.70', 1.7049)).toMatchObject({ isWithin: true })
  expect(figure('x', '1.70', 1.7051)).toMatchObject({ isWithin: false })
  expect(figure('x', '-3', -3.4)).toMatchObject({ isWithin: true, tolerance: expect.closeTo(0.5, 5) })
  expect(figure('x', '1.63008e-06', 1.630084e-6)).toMatchObject({ isWithin: true })
  expect(figure('x', '1.63008e-06', 1.6302e-6)).toMatchObject({ isWithin: false })
  expect(figure('x', '100', 100.009, { relative: 1e-4 })).toMatchObject({ isWithin: true })
  expect(figure('x', '100', 100.011, { relative: 1e-4 })).toMatchObject({ isWithin: false })
  expect(figure('x', '5', Number.NaN)).toMatchObject({ isWithin: false })
})
