import { expect, test } from 'vitest'
import { RuntimeCrashes } from './runtime-crashes.ts'

test('three crashes within a minute are too many, and not when one is older', () => {
  const crashes = new RuntimeCrashes()
  for (const at of [0, 30_000, 60_001]) crashes.add(false, at)
  expect(crashes.areTooMany).toBe(false)
  crashes.add(false, 60_002)
  expect(crashes.areTooMany).toBe(true)
})

test('three hangs are too many though each takes a minute to be sure of', () => {
  const crashes = new RuntimeCrashes()
  for (const at of [0, 61_000, 122_000]) crashes.add(true, at)
  expect(crashes.areTooMany).toBe(true)
})

test('a person who leaves safe mode begins a new count', () => {
  const crashes = new RuntimeCrashes()
  for (const at of [0, 1, 2]) crashes.add(false, at)
  crashes.forget()
  crashes.add(false, 3)
  expect(crashes.areTooMany).toBe(false)
})
