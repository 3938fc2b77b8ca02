/** A trigger's times in words, and how far off a time is. No DOM. */
import type { TriggerView } from '../../server/api/triggers.ts'
import type { TriggersText } from './use-triggers-text.ts'

/** @param number how the reader writes numbers */
export function whenInWords({ times, only = 'always' }: Pick<TriggerView, 'times' | 'only'>, text: TriggersText, number: (value: number) => string): string {
  if (!times) return ''
  const words = text.times
  const limit = only === 'always' ? '' : `, ${text.onlyRule[only]}`
  switch (times.kind) {
    case 'cron':
      return words.cron(times.pattern) + limit
    case 'interval':
      return (times.every === 1 ? words.oneOf[times.unit] : words.every(number(times.every), words.units[times.unit])) + limit
    case 'once':
      return words.once(times.at.replace('T', ' '))
    case 'calendar': {
      if (times.moment === 'working-time') return words['working-time'](number(times.everyMin ?? 60))
      if (times.moment !== 'shift-start' && times.moment !== 'shift-end') return words[times.moment](times.time ?? '00:00')
      const shift = times.shift ? ` ${words.ofShift(times.shift)}` : ''
      const offset = times.offsetMin === 0 ? '' : `, ${times.offsetMin < 0 ? words.before(number(-times.offsetMin)) : words.after(number(times.offsetMin))}`
      return words[times.moment] + shift + offset
    }
    default:
      return times satisfies never
  }
}

/** Does a trigger match what is typed? */
export function matches(trigger: TriggerView, typed: string, when: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const where = [trigger.name, trigger.flowName ?? '', trigger.about ?? '', when].join(' ').toLowerCase()
  return words.every((word) => where.includes(word))
}
