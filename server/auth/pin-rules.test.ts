import { expect, test } from 'vitest'
import { isWeakPin } from './pin-rules.ts'

test.each(['0000', '777777', '1234', '4321', '7890', '987654', '1212', '252525', '2580'])('refuses %s, which others would try first', (pin) => {
  expect(isWeakPin(pin)).toBe(true)
})

test.each(['4711', '4712', '2468', '1357', '1123', '90210', '1235', '24681357', '12341'])('takes %s', (pin) => {
  expect(isWeakPin(pin)).toBe(false)
})
