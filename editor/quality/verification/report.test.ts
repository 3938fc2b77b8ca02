import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { REFERENCE_SUBJECTS, type ReferenceSet, verify } from '../../../nodes/quality/engine/reference/index.ts'
import { counts, csvOf, shownAs } from './report.ts'

const reports = REFERENCE_SUBJECTS.map((subject) => ({ subject, sets: verify(subject) }))

test('the file has a row for each figure, with every digit', () => {
  const rows = parse(csvOf(reports, { at: '2026-11-23T10:00:00Z', version: '0.1.0' }), { columns: true }) as Record<string, string>[]
  expect(rows).toHaveLength(counts(reports).figures)
  const grand = rows.find(({ figure }) => figure === 'grand mean')!
  expect(grand).toMatchObject({ subject: 'charts', published: '74.001176', agrees: 'yes', product: '0.1.0' })
  expect(Number(grand.ours)).toBeCloseTo(74.001176, 9)
})

test('a figure that differs is counted, and shown with the digits that differ', () => {
  const figure = { quantity: 'mean', published: '50.81', ours: 50.8149, tolerance: 0.001, isWithin: false }
  const set: ReferenceSet = { id: 'x', title: 'x, "y"', source: 'z', size: 1, figures: [figure, { ...figure, ours: 50.81, isWithin: true }] }
  expect(counts([{ subject: 'charts', sets: [set] }])).toEqual({ figures: 2, differing: 1 })
  expect(shownAs(figure)).toBe('50.8149')
  expect(shownAs({ ...figure, ours: 50.8100001, isWithin: true })).toBe('50.81')
  expect(shownAs({ ...figure, ours: Number.NaN })).toBe('NaN')
  expect(csvOf([{ subject: 'charts', sets: [set] }], { at: 'now' })).toContain('"x, ""y"""')
})
