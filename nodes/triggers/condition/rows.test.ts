import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { rowValue, staleAt, TAG } from './rows.ts'

const hot = { what: TAG, tag: 'oven', operator: '>', to: '80' } as const

describe('a tag that is known only for so long', () => {
  const moments = fc.record({ at: fc.integer({ min: 0, max: 1000 }), now: fc.integer({ min: 0, max: 1000 }), knownForMs: fc.integer({ min: 1, max: 500 }) })
  it('has, at each look that knows it, the moment of the next look, and that one knows it no longer', () => {
    fc.assert(
      fc.property(moments, ({ at, now, knownForMs }) => {
        const seen = { now, machine: undefined, message: {}, tags: new Map([['oven', { tag: 'oven', value: 90, quality: 'good' as const, at }]]) }
        const until = staleAt(seen, knownForMs)
        expect(until === undefined).toBe(rowValue(hot, seen, knownForMs).unknown === 'stale')
        if (until !== undefined) {
          expect(rowValue(hot, { ...seen, now: until }, knownForMs).value).toBe(90)
          expect(rowValue(hot, { ...seen, now: until + 1 }, knownForMs).unknown).toBe('stale')
        }
      }),
    )
  })
})
