import { expect, test } from 'vitest'
import { MachineSettings } from '../../../server/api/machines.ts'
import { settingPlaces as de } from '../../shared/text/de/setting-places.ts'
import { settingPlaces as en } from '../../shared/text/en/setting-places.ts'
import { placeInWords } from './place-words.ts'

test('a place is told in words, coordinates by their axis, things of a list by their number or name', () => {
  expect(placeInWords('envelopeMm.max[0]', en)).toBe('Travel, mm › highest › X')
  expect(placeInWords('guarding.keepOut[vice].max[2]', en)).toBe('Guarding › Keep-out boxes › vice › highest › Z')
  expect(placeInWords('guarding.forbiddenCodes[1]', de)).toBe('Absicherung › Verbotene Codes › Nr. 2')
  expect(placeInWords('isOn', de)).toBe('Eingeschaltet')
  expect(placeInWords('somethingNew.deep', en)).toBe('somethingNew › deep')
  expect(placeInWords('constructor', en)).toBe('constructor')
  expect(placeInWords('', en)).toBe('')
})

test('every key of the settings of a machine has words in both languages', () => {
  const found = new Set<string>()
  const look = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    const { properties, ...rest } = schema as { properties?: Record<string, unknown> }
    for (const key of Object.keys(properties ?? {})) found.add(key)
    for (const value of [...Object.values(properties ?? {}), ...Object.values(rest)]) look(value)
  }
  look(MachineSettings)
  const secret = ['linuxcnc', 'connectPassword', 'enablePassword']
  expect([...found].filter((key) => !secret.includes(key) && !Object.hasOwn(en.keys, key))).toEqual([])
  expect(Object.keys(de.keys).sort()).toEqual(Object.keys(en.keys).sort())
})
