import { CronExpressionParser } from 'cron-parser'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import type { Calendar } from './calendar.ts'
import { nextTime, nextTimes, type Schedule, scheduleProblems, timesBetween } from './schedule.ts'

const at = (iso: string, zone: string) => DateTime.fromISO(iso, { zone }).toMillis()
const shown = (times: number[], zone: string) => times.map((time) => DateTime.fromMillis(time, { zone }).toISO({ suppressMilliseconds: true }))
const cron = (pattern: string, zone = 'UTC'): Schedule => ({ zone, when: { kind: 'cron', pattern } })
const next = (schedule: Schedule, after: string, count = 3) => shown(nextTimes(schedule, at(after, schedule.zone), count), schedule.zone)

const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'

describe('cron', () => {
  it.each([
    ['0 6 * * MON-FRI', '2026-11-20T06:00:00Z', '2026-11-23T06:00:00Z'],
    ['*/15 * * * *', '2026-11-20T06:14:59Z', '2026-11-20T06:15:00Z'],
    ['30 0 6 * * *', '2026-11-20T05:59:59Z', '2026-11-20T06:00:30Z'],
    ['0 6 L * *', '2026-02-01T00:00:00Z', '2026-02-28T06:00:00Z'],
    ['0 6 * * MON#1', '2026-11-03T00:00:00Z', '2026-12-07T06:00:00Z'],
    ['0 6 * * 5L', '2026-11-01T00:00:00Z', '2026-11-27T06:00:00Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 * * FRI-SUN', '2026-11-21T12:00:00Z', '2026-11-22T00:00:00Z'],
    ['@daily', '2026-11-21T12:00:00Z', '2026-11-22T00:00:00Z'],
  ])('%s comes after %s at %s', (pattern, after, expected) => {
    expect(nextTime(cron(pattern), Date.parse(after))).toBe(Date.parse(expected))
  })

  it('never comes for a date that there is not', () => {
    expect(nextTime(cron('0 0 30 2 *'), Date.parse('2026-01-01T00:00:00Z'))).toBeUndefined()
  })

  it.each([
    ['61 * * * *', /minute is "61"/],
    ['* * *', /5 fields/],
    ['* 5-2 * * *', /ends before it begins/],
    ['*/0 * * * *', /1 or more/],
    ['* * * * FOO', /day of the week is "FOO"/],
  ])('says what is wrong with %s', (pattern, words) => {
    expect(scheduleProblems(cron(pattern))[0]?.message).toMatch(words)
  })

  it('agrees with another implementation wherever clocks are not shifted', () => {
    const value = (min: number, max: number) => {
      const one = fc.integer({ min, max })
      return fc.oneof(
        fc.constant('*'),
        one.map(String),
        fc.integer({ min: 1, max: Math.max(1, max - min) }).map((step) => `*/${step}`),
        fc.tuple(one, one).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.uniqueArray(one, { minLength: 2, maxLength: 4 }).map((list) => list.join(',')),
      )
    }
    const pattern = fc.tuple(value(0, 59), value(0, 59), value(0, 23), value(1, 28), value(1, 12), fc.constant('*')).map((fields) => fields.join(' '))
    const weekly = fc.tuple(value(0, 59), value(0, 59), value(0, 23), fc.constant('*'), value(1, 12), value(0, 6)).map((fields) => fields.join(' '))
    fc.assert(
      fc.property(fc.oneof(pattern, weekly), fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }), (text, after) => {
        const other = CronExpressionParser.parse(text, { tz: 'UTC', currentDate: new Date(after) })
        const theirs = [other.next().getTime(), other.next().getTime()]
        expect(nextTimes(cron(text), after, 2)).toEqual(theirs)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the nights when clocks are shifted', () => {
  it('runs once, after the gap, when the wall time does not exist', () => {
    expect(next(cron('30 2 * * *', BERLIN), '2026-03-28T12:00')).toEqual([
      '2026-03-29T03:00:00+02:00',
      '2026-03-30T02:30:00+02:00',
      '2026-03-31T02:30:00+02:00',
    ])
    expect(next(cron('30 2 * * *', NEW_YORK), '2026-03-07T12:00', 2)).toEqual(['2026-03-08T03:00:00-04:00', '2026-03-09T02:30:00-04:00'])
    // three times of the gap are one moment
    expect(next(cron('0,20,40 2 * * *', BERLIN), '2026-03-28T12:00', 2)).toEqual(['2026-03-29T03:00:00+02:00', '2026-03-30T02:00:00+02:00'])
  })

  it('runs once, the first time, when the wall time comes twice', () => {
    expect(next(cron('30 2 * * *', BERLIN), '2026-10-24T12:00')).toEqual([
      '2026-10-25T02:30:00+02:00',
      '2026-10-26T02:30:00+01:00',
      '2026-10-27T02:30:00+01:00',
    ])
    expect(next(cron('30 1 * * *', NEW_YORK), '2026-10-31T12:00', 2)).toEqual(['2026-11-01T01:30:00-04:00', '2026-11-02T01:30:00-05:00'])
  })

  it('follows real time when every hour counts', () => {
    expect(next(cron('30 * * * *', BERLIN), '2026-03-29T00:45', 3)).toEqual([
      '2026-03-29T01:30:00+01:00',
      '2026-03-29T03:30:00+02:00',
      '2026-03-29T04:30:00+02:00',
    ])
    expect(next(cron('30 * * * *', BERLIN), '2026-10-25T00:45', 4)).toEqual([
      '2026-10-25T01:30:00+02:00',
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T02:30:00+01:00',
      '2026-10-25T03:30:00+01:00',
    ])
    expect(next(cron('0 * * * *', NEW_YORK), '2026-11-01T00:30', 3)).toEqual([
      '2026-11-01T01:00:00-04:00',
      '2026-11-01T01:00:00-05:00',
      '2026-11-01T02:00:00-05:00',
    ])
  })

  it('keeps the time of day for days and weeks, and real time for hours', () => {
    const days: Schedule = { zone: BERLIN, when: { kind: 'interval', every: 1, unit: 'days', from: '2026-01-01T06:00' } }
    expect(next(days, '2026-03-28T07:00', 2)).toEqual(['2026-03-29T06:00:00+02:00', '2026-03-30T06:00:00+02:00'])
    const hours: Schedule = { zone: BERLIN, when: { kind: 'interval', every: 12, unit: 'hours', from: '2026-01-01T06:00' } }
    expect(next(hours, '2026-03-28T17:00', 2)).toEqual(['2026-03-28T18:00:00+01:00', '2026-03-29T07:00:00+02:00'])
  })

  it('goes strictly forward, by at most a day and an hour, on every pattern of a time of day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(BERLIN, NEW_YORK, 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Kolkata'),
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2030, 0, 1) }),
        (zone, hour, minute, after) => {
          const first = nextTime(cron(`${minute} ${hour} * * *`, zone), after) ?? 0
          expect(first).toBeGreaterThan(after)
          expect(first - after).toBeLessThanOrEqual(25 * 3_600_000 + 1)
          const second = nextTime(cron(`${minute} ${hour} * * *`, zone), first) ?? 0
          // each local date has exactly one: dates are compared, because days are of 23 to 25 hours and some begin at 01:00
          expect(DateTime.fromMillis(second, { zone }).toISODate()).toBe(DateTime.fromMillis(first, { zone }).plus({ days: 1 }).toISODate())
        },
      ),
      {
        numRuns: 500,
        // a day that has no midnight: clocks went from 23:59 to 01:00
        examples: [['America/Sao_Paulo', 0, 0, Date.UTC(2017, 9, 14, 3)]],
      },
    )
  })
})

describe('a works calendar', () => {
  const calendar: Calendar = {
    shifts: [
      { name: 'early', days: 'Mon-Fri', from: '06:00', to: '14:00' },
      { name: 'night', days: 'Mon-Thu', from: '22:00', to: '06:00' },
    ],
    holidays: [{ date: '12-25', name: 'Christmas' }, { date: '2026-11-26' }],
    exceptions: [{ date: '2026-11-28', from: '08:00', to: '12:00', name: 'stock-taking' }],
  }
  const of = (when: Omit<Extract<Schedule['when'], { kind: 'calendar' }>, 'kind' | 'offsetMin'> & { offsetMin?: number }): Schedule => ({
    zone: BERLIN,
    calendar,
    when: { kind: 'calendar', offsetMin: 0, ...when },
  })

  it('starts with each shift, not on holidays, and on a Saturday that is worked', () => {
    expect(next(of({ moment: 'shift-start' }), '2026-11-24T23:00', 4)).toEqual([
      '2026-11-25T06:00:00+01:00',
      '2026-11-25T22:00:00+01:00',
      '2026-11-27T06:00:00+01:00',
      '2026-11-28T08:00:00+01:00',
    ])
  })
  it('ends with a shift, a while before, across midnight, and takes one shift alone', () => {
    expect(next(of({ moment: 'shift-end', shift: 'night', offsetMin: -15 }), '2026-11-24T12:00', 2)).toEqual([
      '2026-11-25T05:45:00+01:00',
      '2026-11-26T05:45:00+01:00',
    ])
  })
  it('ticks while people work and rests when they rest', () => {
    expect(next(of({ moment: 'working-time', everyMin: 180 }), '2026-11-27T10:00', 4)).toEqual([
      '2026-11-27T12:00:00+01:00',
      '2026-11-28T08:00:00+01:00',
      '2026-11-28T11:00:00+01:00',
      '2026-11-30T06:00:00+01:00',
    ])
  })
  it('knows working days, and the first and last of a month', () => {
    expect(next(of({ moment: 'working-day', time: '07:30' }), '2026-11-25T08:00', 2)).toEqual(['2026-11-27T07:30:00+01:00', '2026-11-28T07:30:00+01:00'])
    expect(next(of({ moment: 'last-working-day', time: '16:00' }), '2026-11-01T00:00', 2)).toEqual(['2026-11-30T16:00:00+01:00', '2026-12-31T16:00:00+01:00'])
    expect(next(of({ moment: 'first-working-day', time: '06:00' }), '2026-11-02T06:00', 2)).toEqual(['2026-12-01T06:00:00+01:00', '2027-01-01T06:00:00+01:00'])
  })
  it('leaves out what a pattern asks for outside working hours, or on days off', () => {
    const only = (only: 'working-time' | 'working-days', pattern: string): Schedule => ({ zone: BERLIN, calendar, only, when: { kind: 'cron', pattern } })
    expect(next(only('working-time', '0 */4 * * *'), '2026-11-27T07:00', 3)).toEqual([
      '2026-11-27T08:00:00+01:00',
      '2026-11-27T12:00:00+01:00',
      '2026-11-28T08:00:00+01:00',
    ])
    expect(next(only('working-days', '0 20 * * *'), '2026-11-25T21:00', 2)).toEqual(['2026-11-27T20:00:00+01:00', '2026-11-28T20:00:00+01:00'])
    // every second, over a free Sunday
    expect(next(only('working-time', '* * * * * *'), '2026-11-28T12:00', 1)).toEqual(['2026-11-30T06:00:00+01:00'])
  })
  it('has no time at all when nobody ever works', () => {
    const empty: Calendar = { shifts: [], holidays: [], exceptions: [] }
    expect(nextTime({ zone: BERLIN, calendar: empty, when: { kind: 'calendar', moment: 'shift-start', offsetMin: 0 } }, Date.now())).toBeUndefined()
    expect(nextTime({ zone: BERLIN, calendar: empty, only: 'working-time', when: { kind: 'cron', pattern: '* * * * *' } }, Date.now())).toBeUndefined()
  })
  it('says what is wrong', () => {
    const wrong: Calendar = {
      shifts: [{ name: '', days: 'Mon-Foo', from: '06:00', to: '14:00' }],
      holidays: [{ date: '2026-02-30' }],
      exceptions: [{ date: '12-24', from: '08:00' }],
    }
    expect(scheduleProblems({ zone: 'Mars/Base', calendar: wrong, when: { kind: 'once', at: '2026-13-01T06:00' } }).map(({ field }) => field)).toEqual([
      'zone',
      'shifts',
      'holidays',
      'exceptions',
      'at',
    ])
  })
})

describe('what was missed', () => {
  const every: Schedule = { zone: 'UTC', when: { kind: 'interval', every: 1, unit: 'seconds' } }
  it('is found from the newest backwards, however long it was', () => {
    const until = Date.parse('2026-11-23T00:00:00Z')
    const { times, isCut } = timesBetween(every, { after: until - 365 * 86_400_000, until, limit: 3 })
    expect(times).toEqual([until - 2000, until - 1000, until])
    expect(isCut).toBe(true)
    expect(timesBetween(cron('0 0 1 1 *'), { after: until - 3 * 365 * 86_400_000, until, limit: 5 }).times).toHaveLength(3)
  })
  it('is the same as going forward one by one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 3 * 86_400_000 }), fc.integer({ min: 1, max: 20 }), (minutes, span, limit) => {
        const until = Date.parse('2026-10-26T00:00:00Z')
        const schedule: Schedule = { zone: BERLIN, when: { kind: 'interval', every: minutes, unit: 'minutes' } }
        const all: number[] = []
        for (let time = nextTime(schedule, until - span); time !== undefined && time <= until; time = nextTime(schedule, time)) all.push(time)
        expect(timesBetween(schedule, { after: until - span, until, limit })).toEqual({ times: all.slice(-limit), isCut: all.length > limit })
      }),
      { numRuns: 60 },
    )
  })
})
