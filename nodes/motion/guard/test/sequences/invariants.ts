/** What must hold whatever happened, read from the controller's side: every byte it got and every motion it made. */
import type { Asked, Shop } from './shop.ts'
import type { Sequence } from './steps.ts'

/** A line as it came in. */
interface Heard {
  atMs: number
  text: string
  /** The feed that tells whose it is. */
  feed: number | undefined
}

/**
 * From writing a line to its last byte being there, and from a thing happening to the guard having heard of it: two turns of a busy
 * loop, in the time that this process had.
 */
const LAG_MS = 250
const TOLERANCE_MM = 0.02
/** A lease that was there so long before and after was there in between. */
const SEEN_MS = 30
const REALTIME = new Set([0x18, 0x19, 0x21, 0x3f, 0x7e])

/** @returns what is wrong, in words; empty when all is well */
export function violations(shop: Shop, sequence: Sequence): string[] {
  const lines = heardLines(shop)
  return [
    ...shop.bugs.map((bug) => `an error that is not made for people: ${bug}`),
    ...outside(shop),
    ...harmfulBytes(shop),
    ...lostBytes(shop, sequence),
    ...twice(shop, lines),
    ...twoOwners(shop, lines),
    ...withoutLease(shop, lines),
    ...underAnotherLease(shop, lines),
    ...endedOnce(shop),
    ...afterTheEnd(shop, lines),
    ...afterBreaks(shop, lines),
  ]
}

function heardLines(shop: Shop): Heard[] {
  const lines: Heard[] = []
  let text = ''
  for (const { atMs, bytes } of shop.machine.received) {
    for (const byte of bytes) {
      if (byte >= 0x80 || REALTIME.has(byte)) {
        // a reset throws away what came of a line
        if (byte === 0x18) text = ''
        continue
      }
      if (byte === 0x0a || byte === 0x0d) {
        const feed = /F(\d+(?:\.\d+)?)/.exec(text)?.[1]
        lines.push({ atMs, text, feed: feed === undefined ? undefined : Number(feed) })
        text = ''
      } else text += String.fromCharCode(byte)
    }
  }
  return lines
}

/** Moves something: axis words with a feed of ours, or a jog. */
const isMotion = ({ text, feed }: Heard) => (text.startsWith('$J=') || /[XYZ]-?\d/.test(text)) && feed !== undefined

const byFeed = (shop: Shop): Map<number, Asked> =>
  new Map(shop.asked.filter(({ feed }) => feed > 0).map((asked) => [asked.what === 'probe' ? asked.feed - 2900 + 200 : asked.feed, asked]))

/** No block of the planner ends outside of the envelope the guard was given, but on the way to the switches. */
function outside(shop: Shop): string[] {
  const { min, max } = shop.settings.envelopeMm
  // lines that were on their way when the controller forgot where it is run as they can
  const isLost = (atMs: number) => shop.breaks.some((each) => each.what !== 'unplug' && atMs >= each.atMs - 5 && ownMsBetween(shop, each.atMs, atMs) < LAG_MS)
  return shop.machine.moves.flatMap(({ to, atMs, isHoming }) => {
    if (isHoming || isLost(atMs)) return []
    const axis = [0, 1, 2].find((each) => (to[each] ?? 0) < (min[each] ?? 0) - TOLERANCE_MM || (to[each] ?? 0) > (max[each] ?? 0) + TOLERANCE_MM)
    return axis === undefined ? [] : [`a move to ${to} leaves the envelope`]
  })
}

function harmfulBytes(shop: Shop): string[] {
  const { macros, unknown, flushed } = shop.machine.harmful
  return macros + unknown + flushed > 0 ? [`bytes that this firmware must not be sent: ${JSON.stringify(shop.machine.harmful)}`] : []
}

/** An answer too much makes room that is not there; without one nothing may be lost. */
function lostBytes(shop: Shop, { steps }: Sequence): string[] {
  const { overflow, eepromLines } = shop.machine.now().lostBytes
  const isExcused = steps.some((step) => step.do === 'fault' && (step.fault === 'double-answer' || step.fault === 'noise'))
  const lost = [...(overflow && !isExcused ? [`${overflow} bytes overflowed the receive buffer`] : [])]
  // a `?` or a hold may come at any time; a line may not
  if (eepromLines && !isExcused && !steps.some((step) => step.do === 'fault')) lost.push(`${eepromLines} bytes of lines were lost in a write to EEPROM`)
  return lost
}

/** Lines of programs and single moves are all different: none comes twice. */
function twice(shop: Shop, lines: Heard[]): string[] {
  const owners = byFeed(shop)
  const seen = new Set<string>()
  return lines.flatMap((line) => {
    if (!isMotion(line) || owners.get(line.feed ?? 0)?.what !== 'start') return []
    if (seen.has(line.text)) return [`sent twice: ${line.text}`]
    seen.add(line.text)
    return []
  })
}

/** Whoever begins to move has the machine until its last line: nobody else's comes in between. */
function twoOwners(shop: Shop, lines: Heard[]): string[] {
  const owners = byFeed(shop)
  const last = new Map<number, number>()
  const motions = lines.filter((line) => isMotion(line) && owners.has(line.feed ?? 0))
  for (const [index, { feed }] of motions.entries()) last.set(feed ?? 0, index)
  const wrong: string[] = []
  motions.forEach(({ feed, text }, index) => {
    const before = motions[index - 1]
    if (before && before.feed !== feed && (last.get(before.feed ?? 0) ?? 0) > index && !wasLent(shop, motions[index]?.atMs ?? 0))
      wrong.push(`${text} came in the middle of what ${owners.get(before.feed ?? 0)?.what} F${before.feed} sends`)
  })
  return wrong
}

/** A program that waits for a person lends the machine, and goes its own way back before it goes on. */
function wasLent({ leases }: Shop, atMs: number): boolean {
  return leases[lastBefore(leases, atMs)]?.isLent === true
}

/** When a line that moves came, somebody had the machine. */
function withoutLease(shop: Shop, lines: Heard[]): string[] {
  const held = shop.leases.filter(({ token }) => token !== undefined)
  return lines.filter(isMotion).flatMap(({ atMs, text }) => {
    const index = lastBefore(held, atMs + 5)
    const [before, after] = [held[index], held[index + 1]]
    if (before !== undefined && ownMsBetween(shop, before.atMs, atMs) <= LAG_MS) return []
    // a busy loop looked less often: what it saw before and behind is one and the same lease
    return before !== undefined && before.token === after?.token ? [] : [`nobody had the machine when ${text} came`]
  })
}

/** While somebody keeps the machine, nothing moves but what was asked for under his token. */
function underAnotherLease(shop: Shop, lines: Heard[]): string[] {
  const owners = byFeed(shop)
  const { leases } = shop
  let from = 0
  return lines.filter(isMotion).flatMap(({ atMs, text, feed }) => {
    while ((leases[from + 1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - SEEN_MS) from += 1
    const before = leases[from]?.heldBy
    const owner = owners.get(feed ?? 0)
    if (before === undefined || !owner || owner.lease === before) return []
    // seen at every look around it: a program that waits lends its machine for moments
    for (let at = from + 1; at < leases.length; at += 1) {
      if (leases[at]?.heldBy !== before) return []
      if ((leases[at]?.atMs ?? 0) >= atMs + SEEN_MS) return [`${text} of ${owner.what} (lease ${owner.lease}) came while lease ${before} had the machine`]
    }
    return []
  })
}

/** A job that was begun ends once, whatever happens to it. */
function endedOnce(shop: Shop): string[] {
  return shop.asked.flatMap(({ what, jobId, feed, error, settledMs }) => {
    if (what !== 'start' || error || settledMs === undefined) return []
    const times = shop.ends.filter((end) => end.jobId === jobId).length
    return times === 1 ? [] : [`job F${feed} was told to have ended ${times} times`]
  })
}

/** How long this process was at work from one moment to another; less than nothing where the other one came first. */
function ownMsBetween({ leases }: Shop, fromMs: number, toMs: number): number {
  const at = (ms: number) => {
    const index = lastBefore(leases, ms)
    const [look, next] = [leases[index], leases[index + 1]]
    if (!look) return ms - (leases[0]?.atMs ?? ms)
    return look.ownMs + Math.min(ms - look.atMs, next ? next.ownMs - look.ownMs : LAG_MS)
  }
  return at(toMs) - at(fromMs)
}

/** @returns the place of the last that is not above the limit; -1 when there is none */
function lastBefore(sorted: readonly { atMs: number }[], limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as { atMs: number }).atMs <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** After a job was told to have ended, none of its moves comes. */
function afterTheEnd(shop: Shop, lines: Heard[]): string[] {
  return shop.asked.flatMap((asked) => {
    const end = asked.jobId && shop.ends.find(({ jobId }) => jobId === asked.jobId)
    if (!end) return []
    // a probing cycle puts back the feed it found, in a line that moves nothing
    const late = lines.find((line) => isMotion(line) && line.feed === asked.feed && ownMsBetween(shop, end.atMs, line.atMs) > LAG_MS)
    return late ? [`job F${asked.feed} had ended (${end.state}) when ${late.text} came`] : []
  })
}

/** After a break nothing moves that was asked for before it. */
function afterBreaks(shop: Shop, lines: Heard[]): string[] {
  const owners = byFeed(shop)
  return lines.filter(isMotion).flatMap((line) => {
    const asked = owners.get(line.feed ?? 0)
    const broken = asked && shop.breaks.find(({ atMs }) => atMs > asked.atMs && ownMsBetween(shop, atMs, line.atMs) > LAG_MS)
    return broken ? [`${line.text} (asked for before) came ${Math.round(line.atMs - broken.atMs)} ms after: ${broken.what}`] : []
  })
}
