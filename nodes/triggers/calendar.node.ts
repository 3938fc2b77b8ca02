import { Type } from 'typebox'
import { defineNode, Rows, Text } from '../define-node/index.ts'
import { calendarOf } from './time/from-config.ts'
import { calendarProblems } from './time/schedule.ts'
import { isZone } from './time/zone.ts'

const TIME = '^([01][0-9]|2[0-3]):[0-5][0-9]$'

export default defineNode({
  kind: 'config',
  type: 'cw-calendar',
  family: 'triggers',
  label: 'works calendar',
  summary: 'Says when people work: shifts, holidays, and days that are otherwise than usual.',
  icon: 'calendar',
  config: Type.Object({
    zone: Text({
      title: 'Time zone',
      help: 'For example Europe/Berlin. Empty: the one of this server.',
      placeholder: 'Europe/Berlin',
      default: '',
      maxLength: 60,
    }),
    shifts: Rows(
      {
        label: Type.String({ title: 'Shift', minLength: 1, maxLength: 40 }),
        days: Type.String({ title: 'Days', minLength: 1, maxLength: 60, default: 'Mon-Fri' }),
        from: Type.String({ title: 'From', pattern: TIME, default: '06:00' }),
        to: Type.String({ title: 'To', pattern: TIME, default: '14:00' }),
      },
      { title: 'Shifts', help: 'Days as Mon-Fri or Mon, Wed, Sat; times as 06:00. A shift that ends before it begins goes past midnight.', maxItems: 40 },
    ),
    holidays: Rows(
      { date: Type.String({ title: 'Date', minLength: 5, maxLength: 10 }), label: Type.Optional(Type.String({ title: 'Name', maxLength: 60 })) },
      { title: 'Holidays', help: '2026-12-25, or 12-25 for every year. Nobody works then.', maxItems: 200 },
    ),
    exceptions: Rows(
      {
        date: Type.String({ title: 'Date', minLength: 5, maxLength: 10 }),
        from: Type.Optional(Type.String({ title: 'From', pattern: TIME })),
        to: Type.Optional(Type.String({ title: 'To', pattern: TIME })),
        label: Type.Optional(Type.String({ title: 'Name', maxLength: 60 })),
      },
      { title: 'Other days', help: 'Replace the shifts of a date: a Saturday that is worked, or (without times) a day off.', maxItems: 200 },
    ),
  }),
  check: (config) => [
    ...(config.zone && !isZone(config.zone) ? [{ path: '/zone', message: `There is no time zone "${config.zone}": write for example Europe/Berlin.` }] : []),
    ...calendarProblems(calendarOf(config)).map(({ field, message }) => ({ path: `/${field}`, message })),
  ],
})
