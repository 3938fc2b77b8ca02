import { expect, test } from 'vitest'
import { keepShopDefaults, shopDefaults, watchShopDefaults } from './shop-defaults.ts'
import { formats } from './text/index.ts'
import { shopUnit } from './units.ts'

test('units and times follow what the shop has set; what a browser does not know is left as it was', () => {
  expect(shopDefaults()).toEqual({ language: 'browser', timeZone: '', units: 'mm', firstDayOfWeek: 'locale' })
  expect(shopUnit()).toBe('mm')
  let told = 0
  const unwatch = watchShopDefaults(() => {
    told += 1
  })
  keepShopDefaults([
    { name: 'units', value: 'inch' },
    { name: 'firstDayOfWeek', value: 'saturday' },
    { name: 'timeZone', value: 'Asia/Tokyo' },
    { name: 'language', value: 'de' },
  ])
  try {
    expect([shopUnit(), shopDefaults().firstDayOfWeek, told]).toEqual(['in', 'saturday', 1])
    expect(formats('en').dateTime('2026-12-24T20:30:00Z')).toBe('25/12/2026, 05:30:00')
    // a day stays the day it is
    expect(formats('en').day('2026-12-24')).toBe('24/12/2026')
    keepShopDefaults([
      { name: 'timeZone', value: 'Mars/Olympus' },
      { name: 'units', value: 'cubit' },
      { name: 'firstDayOfWeek', value: 'tuesday' },
    ])
    expect(shopDefaults()).toEqual({ language: 'browser', timeZone: '', units: 'mm', firstDayOfWeek: 'locale' })
  } finally {
    unwatch()
    keepShopDefaults([])
  }
})
