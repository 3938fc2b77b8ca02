/** What steps say of themselves: times, and the status of a node with steps that wait. */
import type { Status } from '../define-node/declare.ts'
import type { OpenSteps } from './services.ts'

const two = (value: number) => String(value).padStart(2, '0')

/** A time in the server's own time zone: the day only when it is not today's. */
export function timeInWords(ms: number, now = Date.now()): string {
  const at = new Date(ms)
  const today = new Date(now)
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  const isToday = at.getFullYear() === today.getFullYear() && at.getMonth() === today.getMonth() && at.getDate() === today.getDate()
  return isToday ? clock : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`
}

/** `90` is `1 min 30 s`. */
export function spanInWords(seconds: number): string {
  const parts: string[] = []
  let rest = Math.round(seconds)
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count) parts.push(`${count} ${unit}`)
    rest -= count * size
  }
  if (rest || !parts.length) parts.push(`${parts.length ? rest : Number(seconds.toPrecision(3))} s`)
  return parts.slice(0, 2).join(' ')
}

/** How many wait, for what the oldest does, and since when. */
export function waitingStatus({ count, text, since }: OpenSteps, idle: Status = { info: 'nothing waits' }, kind: 'waiting' | 'asks' = 'waiting'): Status {
  if (!count || since === undefined) return idle
  // the time first: a canvas cuts long words off
  const words = `${count > 1 ? `${count} ` : ''}since ${timeInWords(since).slice(0, -3)}: ${text ?? 'waits'}`
  return kind === 'asks' ? { asks: words } : { waiting: words }
}
