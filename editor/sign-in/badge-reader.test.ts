import { describe, expect, it } from 'vitest'
import { createBadgeReader } from './badge-reader.ts'

const typed = (text: string, gapMs: number, from = 1000) => {
  const reader = createBadgeReader()
  let at = from
  let found: string | undefined
  for (const key of [...text, 'Enter']) {
    found = reader.key(key, at)
    at += gapMs
  }
  return found
}

describe('a badge reader at the keyboard', () => {
  it('is known by its speed', () => {
    expect(typed('0004219837', 8)).toBe('0004219837')
    expect(typed('0004219837', 150)).toBeUndefined()
  })

  it('is not a few fast keys', () => {
    expect(typed('4711', 8)).toBeUndefined()
  })

  it.each(['+0012.345', '-0000.01', '00012,3450', '+0000123'])('is not a gauge that types %s', (reading) => {
    expect(typed(reading, 8)).toBeUndefined()
  })

  it('begins anew after a pause, and passes over keys that type nothing', () => {
    const reader = createBadgeReader()
    for (const [index, key] of [...'12'].entries()) reader.key(key, index * 10)
    for (const [index, key] of ['Shift', ...'AB12CD34'].entries()) expect(reader.key(key, 1000 + index * 10)).toBeUndefined()
    expect(reader.key('Enter', 1090)).toBe('AB12CD34')
    expect(reader.key('Enter', 1100)).toBeUndefined()
  })
})
