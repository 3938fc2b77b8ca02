import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { CharacterWindow } from './index.ts'

test('never holds more than the buffer, and answers belong to lines in the order they were sent', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ send: fc.integer({ min: 1, max: 80 }) }) },
      { weight: 5, arbitrary: fc.constant('answer' as const) },
      { weight: 1, arbitrary: fc.constant('reset' as const) },
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 15, max: 1023 }), steps, (capacity, todo) => {
      const window = new CharacterWindow<number>(capacity)
      // the model: what a controller with a plain list for a buffer would hold
      let model: { id: number; bytes: number }[] = []
      let id = 0
      for (const step of todo) {
        if (step === 'answer') {
          expect(window.peek()).toBe(model[0]?.id)
          expect(window.pop()).toBe(model.shift()?.id)
        } else if (step === 'reset') {
          expect(window.clear()).toEqual(model.map((entry) => entry.id))
          model = []
        } else {
          const fits = model.reduce((sum, entry) => sum + entry.bytes, 0) + step.send <= capacity
          expect(window.canTake(step.send)).toBe(fits)
          if (fits) {
            window.push(id, step.send)
            model.push({ id, bytes: step.send })
            id += 1
          } else expect(() => window.push(id, step.send)).toThrow(RangeError)
        }
        expect(window.usedBytes).toBe(model.reduce((sum, entry) => sum + entry.bytes, 0))
        expect(window.usedBytes).toBeLessThanOrEqual(capacity)
        expect(window.outstanding()).toEqual(model.map((entry) => entry.id))
      }
    }),
    { numRuns: rounds(300) },
  )
})
