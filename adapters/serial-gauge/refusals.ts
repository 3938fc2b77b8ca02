/** What was refused, told without a flood: the first at once, then how many there were, so often. */
import type { InboxProblem, Told } from '../contract.ts'
import type { LineTrouble } from './lines.ts'

const SAY_EVERY_MS = 5_000

/** A broken line in words. */
export function lineTold(trouble: LineTrouble, raw: string): Told {
  const blanks = { line: raw }
  switch (trouble) {
    case 'line-half':
      return { code: trouble, text: `A line stopped in the middle ("${raw}"): it is no reading. Check cable and plug, then measure again.`, blanks }
    case 'line-long':
      return {
        code: trouble,
        text: `A line is far too long for a reading ("${raw}"). Check that the gauge, the baud rate and the line end are set as they are.`,
        blanks,
      }
    case 'line-garbled':
      return { code: trouble, text: `A line has characters that no gauge sends ("${raw}"). Check baud rate, parity and cable.`, blanks }
    case 'line-torn':
      return { code: trouble, text: `What came after a broken line ("${raw}") may be its other half: it is no reading. Measure again.`, blanks }
    default:
      return trouble satisfies never
  }
}

export interface Refusals {
  add(why: Told): void
  /** Since the connection began. */
  readonly count: number
  close(): void
}

/** @param source the gauge, for people */
export function createRefusals(source: string, problem: (problem: InboxProblem) => void): Refusals {
  let count = 0
  /** Not told yet, by code. */
  const held = new Map<string, { why: Told; count: number }>()
  let timer: NodeJS.Timeout | undefined
  const say = ({ code, text, blanks }: Told, times: number) => {
    const more = times > 1 ? ` (${times} times)` : ''
    problem({ source, reason: `${text}${more}`, code, blanks: { ...blanks, times } })
  }
  const sayHeld = () => {
    timer = undefined
    for (const one of held.values()) say(one.why, one.count)
    if (held.size) timer = setTimeout(sayHeld, SAY_EVERY_MS)
    held.clear()
  }
  return {
    add(why) {
      count += 1
      if (timer === undefined) {
        say(why, 1)
        timer = setTimeout(sayHeld, SAY_EVERY_MS)
        return
      }
      held.set(why.code, { why, count: (held.get(why.code)?.count ?? 0) + 1 })
    },
    get count() {
      return count
    },
    close() {
      clearTimeout(timer)
      for (const one of held.values()) say(one.why, one.count)
      held.clear()
    },
  }
}
