import { expect, it } from 'vitest'
import type { QualityOfDay } from '../../../server/api/quality/index.ts'
import { qualityOf } from './of-machine.ts'

const one = (more: Partial<QualityOfDay>): QualityOfDay => ({
  name: 'bore',
  machineId: 'mill',
  unit: 'mm',
  lower: 1,
  upper: 2,
  measured: 10,
  inTolerance: 9,
  last: 1.5,
  lastIsInTolerance: true,
  lastAt: '2026-01-01T10:00:00.000Z',
  values: [1.5],
  ...more,
})

it('adds up what was measured at the machine, and nothing of another or of none', () => {
  const list = [one({ control: { outside: 2, lower: 1, upper: 2, from: 40 } }), one({ name: 'slot', measured: 5, inTolerance: 5 }), one({ machineId: 'lathe' })]
  expect(qualityOf(list, 'mill')).toEqual({ measured: 15, outOfTolerance: 1, outOfControl: 2 })
})

it('does not claim control where nobody can know it', () => {
  expect(qualityOf([one({})], 'mill').outOfControl).toBeUndefined()
  expect(qualityOf([], 'mill')).toEqual({ measured: 0, outOfTolerance: 0, outOfControl: undefined })
})
