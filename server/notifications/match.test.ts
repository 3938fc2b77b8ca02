import { expect, it } from 'vitest'
import type { RuleSettings } from '../api/index.ts'
import { isWithin, matches, quietUntil } from './match.ts'

const ZONE = 'Europe/Berlin'
/** Monday, 23 November 2026. */
const at = (time: string, day = 23) => new Date(`2026-11-${day}T${time}:00+01:00`)
const rule: RuleSettings = {
  name: 'x',
  isOn: true,
  events: [],
  atLeast: 'info',
  machines: [],
  to: { people: [], roles: [], addresses: [], webhooks: [], connections: [] },
  language: 'en',
  gatherS: 0,
}
const alarm = { type: 'machine.alarm', severity: 'alarm', machineId: 'mill', at: at('10:00') } as const

it.each([
  ['06:00', '14:00', [1], at('06:00'), true],
  ['06:00', '14:00', [1], at('14:00'), false],
  ['06:00', '14:00', [2], at('10:00'), false],
  // the night shift of Monday ends on Tuesday morning
  ['22:00', '06:00', [1], at('23:30'), true],
  ['22:00', '06:00', [1], at('05:59', 24), true],
  ['22:00', '06:00', [1], at('05:59'), false],
  ['22:00', '06:00', [7], at('05:59'), true],
  ['06:00', '06:00', [1], at('05:00', 24), true],
])('%s to %s on %j', (from, to, days, when, expected) => {
  expect(isWithin({ days, from, to }, when, ZONE)).toBe(expected)
})

it('a rule asks for its kinds, its machines, how much it matters and its hours', () => {
  expect(matches(rule, alarm, ZONE)).toBe(true)
  expect(matches({ ...rule, isOn: false }, alarm, ZONE)).toBe(false)
  expect(matches({ ...rule, events: ['job.failed'] }, alarm, ZONE)).toBe(false)
  expect(matches({ ...rule, machines: ['lathe'] }, alarm, ZONE)).toBe(false)
  expect(matches({ ...rule, machines: ['mill'] }, { ...alarm, machineId: undefined }, ZONE)).toBe(false)
  expect(matches({ ...rule, atLeast: 'warning' }, { ...alarm, severity: 'info' }, ZONE)).toBe(false)
  expect(matches({ ...rule, hours: { days: [1, 2, 3, 4, 5], from: '14:00', to: '22:00' } }, alarm, ZONE)).toBe(false)
})

it('quiet hours end at their end, also over midnight, and let alarms through unless they are held back', () => {
  const quiet = { from: '22:00', to: '06:00', alarmsToo: false }
  expect(quietUntil({ quiet }, 'warning', at('23:00'), ZONE)).toEqual(at('06:00', 24))
  expect(quietUntil({ quiet }, 'warning', at('02:00'), ZONE)).toEqual(at('06:00'))
  expect(quietUntil({ quiet }, 'warning', at('12:00'), ZONE)).toBeUndefined()
  expect(quietUntil({ quiet }, 'alarm', at('23:00'), ZONE)).toBeUndefined()
  expect(quietUntil({ quiet: { ...quiet, alarmsToo: true } }, 'alarm', at('23:00'), ZONE)).toEqual(at('06:00', 24))
})
