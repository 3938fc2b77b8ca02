import { describe, expect, it } from 'vitest'
import type { PanelField } from './fields.ts'
import { readFields } from './read-fields.ts'

const bore: PanelField = { key: 'bore', label: 'Bore', kind: 'number', unit: 'mm', min: 10, max: 20 }
const refused = (field: PanelField, value: unknown) => {
  try {
    return readFields([field], { [field.key]: value })
  } catch (error) {
    return (error as { details: { key: string } }).details.key
  }
}

describe('what is entered on a panel', () => {
  it('takes a number as it is written in any country, within its bounds', () => {
    expect(readFields([bore], { bore: '12,01' })).toEqual({ bore: 12.01 })
    expect(readFields([bore], { bore: 10 })).toEqual({ bore: 10 })
    for (const value of ['', ' ', 'abc', 9.99, 20.01, Number.NaN, undefined, null]) expect(refused(bore, value)).toBe('bore')
  })

  it('takes one of the choices and nothing beside them', () => {
    const field: PanelField = { key: 'why', label: 'Reason', kind: 'choice', choices: ['tool broken', 'no material'] }
    expect(readFields([field], { why: 'no material' })).toEqual({ why: 'no material' })
    expect(refused(field, 'lunch')).toBe('why')
  })

  it('takes a switch that nobody touched for no, and anything but yes and no for a mistake', () => {
    const field: PanelField = { key: 'ok', label: 'Clean', kind: 'yes-no' }
    expect(readFields([field], {})).toEqual({ ok: false })
    expect(readFields([field], { ok: true })).toEqual({ ok: true })
    expect(refused(field, 'yes')).toBe('ok')
  })

  it('leaves out what is optional and empty, and what nobody asked for', () => {
    const field: PanelField = { key: 'note', label: 'Note', kind: 'long-text', isOptional: true }
    expect(readFields([field], { note: ' ', other: 'x' })).toEqual({})
    expect(refused({ ...field, isOptional: false }, '')).toBe('note')
    expect(refused(field, 'x'.repeat(2001))).toBe('note')
  })
})
