import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { backupName } from './format.ts'
import { outdated, timeOf } from './retention.ts'

const names = (days: number, perDay = 1) =>
  Array.from({ length: days * perDay }, (_, i) =>
    backupName(
      DateTime.fromISO('2026-11-23T02:30:00Z')
        .minus({ hours: (i * 24) / perDay })
        .toJSDate(),
    ),
  )

test('keeps the newest of each of the last days, weeks and months', () => {
  const all = names(400, 2)
  const gone = new Set(outdated(all, { keepDaily: 7, keepWeekly: 4, keepMonthly: 12 }, 'utc'))
  const kept = all.filter((name) => !gone.has(name))
  const days = kept.map((name) => timeOf(name)!.toISODate())
  expect(days.slice(0, 7)).toEqual(['2026-11-23', '2026-11-22', '2026-11-21', '2026-11-20', '2026-11-19', '2026-11-18', '2026-11-17'])
  // Sundays, then ends of months
  expect(days.slice(7)).toEqual([
    '2026-11-15',
    '2026-11-08',
    '2026-10-31',
    '2026-09-30',
    '2026-08-31',
    '2026-07-31',
    '2026-06-30',
    '2026-05-31',
    '2026-04-30',
    '2026-03-31',
    '2026-02-28',
    '2026-01-31',
    '2025-12-31',
  ])
})

test('never removes the newest, nor what is not a back-up of ours', () => {
  expect(outdated(names(3), { keepDaily: 1, keepWeekly: 0, keepMonthly: 0 }, 'utc')).toEqual(names(3).slice(1))
  expect(
    outdated(['report.pdf', 'cellwright-20260101-020000Z.tar.gz.age.part', 'cellwright-20269901-020000Z.tar.gz.age'], {
      keepDaily: 1,
      keepWeekly: 0,
      keepMonthly: 0,
    }),
  ).toEqual([])
  expect(outdated(names(1), { keepDaily: 0, keepWeekly: 0, keepMonthly: 0 })).toEqual([])
})
