import { expect, test } from 'vitest'
import { calendarsIn } from './calendars.ts'

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
        { date: '2026-12-19', hours: '06:00 – 12:00' },
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
