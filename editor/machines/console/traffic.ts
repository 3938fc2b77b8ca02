/** The talk between guard and controller as the console has seen it, oldest first, bounded. No DOM. */
import type { TrafficLine } from '../../../server/api/motion.ts'

export type Direction = TrafficLine['direction']
export const DIRECTIONS: readonly Direction[] = ['sent', 'received', 'realtime', 'note']
export const KEPT_LINES = 5_000

/** @returns `known` and what is new in `page`, at most {@link KEPT_LINES}; `known` itself when there is nothing new */
export function withPage(known: readonly TrafficLine[], page: readonly TrafficLine[]): readonly TrafficLine[] {
  const lastSeq = known.at(-1)?.seq ?? -1
  // a guard that was started anew counts from the beginning again: its talk is put behind what was seen before
  const newest = page.at(-1)
  const isAnew = newest !== undefined && newest.seq < lastSeq
  const added = isAnew ? page : page.filter(({ seq }) => seq > lastSeq)
  return added.length ? [...known, ...added].slice(-KEPT_LINES) : known
}

export interface TrafficFilter {
  shown: ReadonlySet<Direction>
  text: string
}

export function filterTraffic(lines: readonly TrafficLine[], { shown, text }: TrafficFilter): readonly TrafficLine[] {
  const wanted = text.trim().toLowerCase()
  if (shown.size === DIRECTIONS.length && wanted === '') return lines
  return lines.filter((line) => shown.has(line.direction) && (wanted === '' || `${line.text} ${line.by ?? ''}`.toLowerCase().includes(wanted)))
}

const MARKS: Record<Direction, string> = { sent: '>', received: '<', realtime: '!', note: '#' }

/** As it is copied: time, direction, who, words. */
export function textOf(lines: readonly TrafficLine[]): string {
  return lines.map(({ at, direction, text, by }) => `${at} ${MARKS[direction]} ${text}${by ? `  (${by})` : ''}`).join('\n')
}
