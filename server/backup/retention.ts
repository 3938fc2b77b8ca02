/** Which scheduled back-ups are kept: the newest of each of the last days, weeks and months. */
import { DateTime } from 'luxon'
import { BACKUP_NAME } from './format.ts'

export interface Keep {
  keepDaily: number
  keepWeekly: number
  keepMonthly: number
}

/** When a back-up was made, by its name. */
export function timeOf(name: string): DateTime | undefined {
  const [, day, time] = BACKUP_NAME.exec(name) ?? []
  if (!day || !time) return undefined
  const at = DateTime.fromFormat(`${day}${time}`, 'yyyyMMddHHmmss', { zone: 'utc' })
  return at.isValid ? at : undefined
}

/** The names of those that may go. Other files are never among them, and the newest never is. */
export function outdated(names: readonly string[], { keepDaily, keepWeekly, keepMonthly }: Keep, zone = 'local'): string[] {
  const all = names
    .flatMap((name) => {
      const at = timeOf(name)
      return at ? [{ name, at: at.setZone(zone) }] : []
    })
    .toSorted((a, b) => b.at.toMillis() - a.at.toMillis())
  const kept = new Set(all.slice(0, 1).map(({ name }) => name))
  for (const [count, format] of [
    [keepDaily, 'yyyy-MM-dd'],
    [keepWeekly, 'kkkk-WW'],
    [keepMonthly, 'yyyy-MM'],
  ] as const) {
    const seen = new Set<string>()
    for (const { name, at } of all) {
      const period = at.toFormat(format)
      if (seen.has(period)) continue
      if (seen.size >= count) break
      seen.add(period)
      kept.add(name)
    }
  }
  return all.flatMap(({ name }) => (kept.has(name) ? [] : [name]))
}
