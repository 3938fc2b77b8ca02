import { expect, test } from 'vitest'
import { readDays } from '../../../nodes/triggers/time/calendar.ts'
import { calendarsIn, DAYS, type Day, daysIn, daysText, nodeFor, WEEK } from './calendars.ts'

test('reads the calendars of the flows, with who follows them', () => {
  const flows = [
    { id: 't1', type: 'cw-time-trigger', name: 'Shift begins', calendar: 'c1' },
    { id: 't2', type: 'cw-time-trigger', name: '', calendar: 'c1' },
    {
      id: 'c1',
      type: 'cw-calendar',
      name: 'Works',
      zone: 'Europe/Berlin',
      shifts: [{ label: 'Early', days: 'Mon-Fri', from: '06:00', to: '14:00' }],
      holidays: [{ date: '12-25', label: 'Christmas' }, { date: '05-01' }],
      exceptions: [
        { date: '2026-12-19', from: '06:00', to: '12:00' },
        { date: '2026-12-24', label: 'Closed' },
      ],
    },
  ]
  expect(calendarsIn(flows)).toEqual([
    {
      id: 'c1',
      name: 'Works',
      zone: 'Europe/Berlin',
      shifts: [{ label: 'Early', days: 'Mon-Fri', from: '06:00', to: '14:00' }],
      holidays: [{ date: '05-01' }, { date: '12-25', label: 'Christmas' }],
      exceptions: [
        { date: '2026-12-19', from: '06:00', to: '12:00' },
        { date: '2026-12-24', label: 'Closed' },
      ],
      users: [
        { id: 't1', name: 'Shift begins' },
        { id: 't2', name: 'cw-time-trigger' },
      ],
    },
  ])
})

test('what is broken in a flow breaks nothing here', () => {
  expect(calendarsIn([{ id: 'c', type: 'cw-calendar', shifts: 'no', holidays: [null, 5, {}] }])).toMatchObject([
    { name: '', shifts: [], holidays: [{ date: '' }] },
  ])
})

test('days are written as the nodes read them, whatever they are', () => {
  for (let bits = 1; bits < 128; bits += 1) {
    const days = WEEK.filter((_, at) => bits & (1 << at))
    const written = daysText(days)
    expect([written, daysIn(written)]).toEqual([written, days])
    expect([written, [...readDays(written)].map((at) => DAYS[at] as Day).sort()]).toEqual([written, [...days].sort()])
  }
  expect(daysText(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sun'])).toBe('Mon-Fri, Sun')
  expect(daysIn('Fr-Mo')).toEqual(['Mon', 'Fri', 'Sat', 'Sun'])
  expect(daysIn('Mi, do')).toEqual(['Wed', 'Thu'])
  expect([daysIn('payday'), daysIn('Mon-Tue-Wed'), daysIn('')]).toEqual([undefined, undefined, []])
})

test('a calendar keeps what the form does not show', () => {
  const before = { id: 'c', type: 'cw-calendar', info: 'by hand', zone: '' }
  const facts = { id: 'c', name: 'Works', zone: 'Europe/Berlin', shifts: [], holidays: [{ date: '12-25', label: 'Christmas' }], exceptions: [] }
  expect(nodeFor(facts, before)).toEqual({ type: 'cw-calendar', info: 'by hand', ...facts })
})
