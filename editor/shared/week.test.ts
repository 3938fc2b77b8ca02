import { expect, test } from 'vitest'
import { keepShopDefaults } from './shop-defaults.ts'
import { firstDayOfWeek, weekFrom } from './week.ts'

const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

test('a week begins as the shop has set, else as in the region', () => {
  expect(['de-DE', 'en-US', 'ar-EG', 'not a tag'].map((region) => firstDayOfWeek(region))).toEqual([1, 7, 6, 1])
  try {
    for (const [value, first] of [
      ['monday', 'Mon'],
      ['saturday', 'Sat'],
      ['sunday', 'Sun'],
    ]) {
      keepShopDefaults([{ name: 'firstDayOfWeek', value }])
      const week = weekFrom(WEEK)
      expect([week[0], new Set(week).size]).toEqual([first, 7])
    }
    expect(weekFrom(WEEK, 6)).toEqual(['Sat', 'Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri'])
  } finally {
    keepShopDefaults([])
  }
})
