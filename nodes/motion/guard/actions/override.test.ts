import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { stepsTo } from './override.ts'

/** What the firmware makes of the bytes (grbl 1.1 protocol.c: each step is held within 10 to 200). */
function after(bytes: readonly string[], from: number): number {
  return bytes.reduce((now, name) => {
    const step = name.endsWith('100') ? 100 - now : Number(/\d+$/.exec(name)?.[0]) * (name.includes('Minus') ? -1 : 1)
    return Math.min(200, Math.max(10, now + step))
  }, from)
}

test('the bytes lead from any value to any other, and are few', () => {
  const percent = fc.integer({ min: 10, max: 200 })
  fc.assert(
    fc.property(fc.constantFrom('feed' as const, 'spindle' as const), percent, percent, (kind, now, wanted) => {
      const bytes = stepsTo(kind, now, wanted)
      expect(after(bytes, now)).toBe(wanted)
      expect(bytes.length).toBeLessThanOrEqual(15)
      expect(bytes.every((name) => name.startsWith(kind))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('from an unknown value the way leads over 100 %', () => {
  expect(stepsTo('feed', undefined, 120)).toEqual(['feed100', 'feedPlus10', 'feedPlus10'])
  expect(stepsTo('spindle', undefined, 100)).toEqual(['spindle100'])
  expect(stepsTo('feed', 100, 100)).toEqual([])
})
