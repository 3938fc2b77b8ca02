import { describe, expect, it } from 'vitest'
import { typed } from './value-pad.tsx'

describe('the keypad', () => {
  it('keeps one decimal sign', () => {
    expect([...'12.5.3'].reduce(typed, '')).toBe('12.53')
  })

  it('puts the minus in front and takes it away again', () => {
    expect(typed('3.2', '±')).toBe('-3.2')
    expect(typed('-3.2', '±')).toBe('3.2')
  })

  it('stops at a length that no measured value has', () => {
    expect([...'1'.repeat(40)].reduce(typed, '')).toHaveLength(14)
  })
})
