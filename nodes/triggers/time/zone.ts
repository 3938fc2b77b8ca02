/**
 * Wall clock and real time. A wall time is kept as the milliseconds it would have in UTC, so that days and hours can
 * be reckoned without a time zone; only here does it become a moment.
 *
 * The rule for the two nights of the year, the same everywhere in the product:
 * - a wall time that does not exist (clocks go forward) stands for the first moment after the gap;
 * - a wall time that exists twice (clocks go back) stands for the first of the two.
 */
import { IANAZone, SystemZone } from 'luxon'

export interface Zone {
  readonly name: string
  /** Milliseconds to add to a moment to get the wall time there. */
  offsetAt(at: number): number
}

/** A day is longer than any shift of a clock, and no zone shifts twice within two. */
const DAY_MS = 86_400_000

const zones = new Map<string, Zone>()
/** Clocks are shifted at full quarters of an hour of UTC: within one the offset is the same (tz database, since 1900). */
const QUARTER_MS = 900_000
const MOST_KEPT = 20_000

export function isZone(name: string): boolean {
  return IANAZone.isValidZone(name)
}

/** The zone of this computer. */
export const systemZone = (): string => SystemZone.instance.name

/** @param name IANA name, e.g. `Europe/Berlin`; empty: the zone of this computer. @throws RangeError for a name that there is not */
export function zoneOf(name: string): Zone {
  const wanted = name || systemZone()
  const known = zones.get(wanted)
  if (known) return known
  if (!isZone(wanted)) throw new RangeError(`There is no time zone "${wanted}".`)
  const iana = IANAZone.create(wanted)
  const offsets = new Map<number, number>()
  const zone: Zone = {
    name: wanted,
    // asking the system takes a hundred times as long as looking it up, and thousands of triggers ask for the same days
    offsetAt(at) {
      const quarter = Math.floor(at / QUARTER_MS)
      const known = offsets.get(quarter)
      if (known !== undefined) return known
      const offset = iana.offset(at) * 60_000
      if (offsets.size >= MOST_KEPT) offsets.clear()
      offsets.set(quarter, offset)
      return offset
    },
  }
  zones.set(wanted, zone)
  return zone
}

export const wallAt = (zone: Zone, at: number): number => at + zone.offsetAt(at)

/** The moment of a wall time, by the rule above. */
export function momentOf(zone: Zone, wall: number): number {
  const before = zone.offsetAt(wall - DAY_MS)
  const after = zone.offsetAt(wall + DAY_MS)
  if (before === after) return wall - before
  const moments = [wall - before, wall - after].filter((at) => wallAt(zone, at) === wall)
  if (moments.length) return Math.min(...moments)
  return nextShift(zone, wall - DAY_MS, wall + DAY_MS) ?? wall - after
}

/** The first moment after `from` and up to `to` at which the clocks are shifted, when there is exactly one. */
export function nextShift(zone: Zone, from: number, to: number): number | undefined {
  const before = zone.offsetAt(from)
  if (zone.offsetAt(to) === before) return undefined
  let [low, high] = [from, to]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (zone.offsetAt(middle) === before) low = middle
    else high = middle
  }
  return high
}
