import { expect, it } from 'vitest'
import { pasted } from './number-field.tsx'

const into = (value: string, from = 0, to = value.length) => ({ value, from, to })

it('a number is pasted with either decimal mark, and never as another number', () => {
  expect(pasted('48,4', into(''))).toBe(48.4)
  expect(pasted(' 48.4\n', into('12'))).toBe(48.4)
  expect(pasted('-0,5', into(''))).toBe(-0.5)
  expect(pasted(',5', into('48', 2))).toBe(48.5)
  expect(pasted('5', into('48.', 3))).toBe(48.5)
  for (const text of ['1.234,5', '1,234,567', '4,8 mm', 'abc', '', '1e5']) expect(pasted(text, into(''))).toBeUndefined()
})
