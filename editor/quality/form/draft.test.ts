import { describe, expect, it } from 'vitest'
import type { CharacteristicDefinition } from '../../../server/api/quality/index.ts'
import { definitionOf, draftOf, newDraft, problemsOf, withKind } from './draft.ts'

const bore: CharacteristicDefinition = {
  name: 'Bore diameter',
  part: 'A-1001',
  unit: 'mm',
  decimals: 3,
  nominal: 10,
  lower: 9.98,
  upper: null,
  chart: {
    kind: 'xbar-r',
    subgroupSize: 5,
    rules: ['nelson-1', 'nelson-2'],
    conventions: { nelson2Length: 7 },
    sigmas: 2.5,
    estimator: 'pooled',
    autoLimitsAfter: null,
  },
  gaugeId: 'g_1',
  overdueGauge: 'refuse',
  sampling: { every: 'parts', count: 20 },
  asks: ['serial'],
  uniqueSerials: true,
  afterSignal: 'cause',
  afterOutOfTolerance: 'cause-and-action',
  isRetired: false,
}

describe('a characteristic while it is edited', () => {
  it('is the same when nothing was changed', () => {
    expect(definitionOf(draftOf(bore))).toEqual(bore)
    const cusum: CharacteristicDefinition = {
      ...bore,
      chart: { kind: 'cusum', subgroupSize: 1, rules: [], target: 10, cusum: { k: 0.3, h: 4, headStart: 0.5, units: 'raw' }, autoLimitsAfter: 25 },
    }
    expect(definitionOf(draftOf(cusum))).toEqual(cusum)
  })

  it('has what fits another kind of chart when the kind is changed', () => {
    const counted = withKind(draftOf(bore), 'c')
    expect(counted).toMatchObject({ subgroupSize: 1, nominal: '', decimals: 0, unit: '', estimator: '' })
    expect(definitionOf(counted).chart).not.toHaveProperty('estimator')
    expect(withKind(newDraft(), 'xbar-r').subgroupSize).toBe(5)
    expect(withKind(draftOf(bore), 'xbar-s').subgroupSize).toBe(5)
  })

  it('says by field what is wrong', () => {
    expect(problemsOf(newDraft())).toEqual({ name: 'name', nominal: 'nominal' })
    expect(problemsOf({ ...draftOf(bore), lower: 11, upper: 10, subgroupSize: 1, samplingCount: '', isAuto: true, autoLimitsAfter: '' })).toEqual({
      upper: 'reversed',
      subgroupSize: 'size',
      samplingCount: 'count',
      autoLimitsAfter: 'count',
    })
    expect(problemsOf({ ...withKind(newDraft(), 'p'), name: 'Scratched parts' })).toEqual({})
  })
})
