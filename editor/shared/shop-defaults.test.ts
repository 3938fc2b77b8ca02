import { expect, test } from 'vitest'
import { keepShopDefaults, shopDefaults } from './shop-defaults.ts'
import { formats } from './text/index.ts'

test('positions and times follow what the shop has set; what a browser does not know is left as it was', () => {
  expect(shopDefaults()).toEqual({ language: 'browser', timeZone: '', units: 'mm' })
  expect(formats('en').place(25.4)).toEqual({ text: '+25.400', unit: 'mm' })
  keepShopDefaults([
    { name: 'units', value: 'inch' },
    { name: 'timeZone', value: 'Asia/Tokyo' },
    { name: 'language', value: 'de' },
  ])
  try {
    expect(formats('en').place(25.4)).toEqual({ text: '+1.0000', unit: 'in' })
    expect(formats('de').place(-12.7)).toEqual({ text: '-0,5000', unit: 'in' })
    expect(formats('en').dateTime('2026-12-24T20:30:00Z')).toBe('25/12/2026, 05:30:00')
    // a day stays the day it is
    expect(formats('en').day('2026-12-24')).toBe('24/12/2026')
    keepShopDefaults([
      { name: 'timeZone', value: 'Mars/Olympus' },
      { name: 'units', value: 'cubit' },
    ])
    expect(shopDefaults()).toEqual({ language: 'browser', timeZone: '', units: 'mm' })
  } finally {
    keepShopDefaults([])
  }
})
