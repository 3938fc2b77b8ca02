/** The rows of a condition: what each looks at, what is known of it just now, and what they say together. Pure, for the node and for the preview in its form. */
import type { MachineState } from '../../motion/machine.ts'
import type { TagNow } from '../../services.ts'
import { FACTS, type Fact, factOf } from '../machine-facts.ts'
import type { OPERATORS } from './engine.ts'

export const MESSAGE = 'message'
export const TAG = 'tag'

export interface Row {
  what: Fact | typeof MESSAGE | typeof TAG
  /** Property of the message, pin or interlock. */
  of?: string | undefined
  tag?: string | undefined
  /** Property in the tag's value. */
  part?: string | undefined
  operator: (typeof OPERATORS)[number]
  to: string
  hysteresis?: number | undefined
}

/** What is there to look at. */
export interface Seen {
  /** Epoch ms of the look: all it says, it says of this moment, so that nothing goes stale between two of its answers. */
  now: number
  machine: MachineState | undefined
  message: object
  tags: ReadonlyMap<string, TagNow>
}

/** Why a value is not known: nothing was heard yet, nobody can say just now, it is older than it may be, or has no such property. */
type Unknown = 'never' | 'bad' | 'stale' | 'nothing'

export interface RowValue {
  value: unknown
  /** Only while it is not known. */
  unknown?: Unknown
  /** Epoch ms of a tag's value; null where nobody knows. */
  at?: number | null
}

const isFact = (value: string): value is Fact => value in FACTS

/** @param knownForMs a tag counts as known for so long; 0: as long as its connection stands */
export function rowValue(row: Row, { now, machine, message, tags }: Seen, knownForMs: number): RowValue {
  const { what, of = '', tag = '', part = '' } = row
  if (what === TAG) return tagValue(tags.get(tag), { part, now, knownForMs })
  const value = isFact(what) ? factOf(machine, what, of) : propertyOf(message, of.replace(/^msg\./, ''))
  return value === undefined ? { value, unknown: 'nothing' } : { value }
}

function tagValue(tag: TagNow | undefined, { part, now, knownForMs }: { part: string; now: number; knownForMs: number }): RowValue {
  if (!tag) return { value: undefined, unknown: 'never' }
  const { value: whole, at, quality } = tag
  if (quality === 'bad') return { value: undefined, unknown: whole === null && at === null ? 'never' : 'bad', at }
  // a value that nobody knows the age of may be of any
  if (knownForMs > 0 && (at === null || now - at > knownForMs)) return { value: undefined, unknown: 'stale', at }
  const value = part === '' ? whole : propertyOf(whole, part)
  return value === undefined || value === null ? { value, unknown: 'nothing', at } : { value, at }
}

/** Epoch ms at which the first of these tags is no longer known; undefined: none by its age alone. */
export function staleAt({ now, tags }: Pick<Seen, 'now' | 'tags'>, knownForMs: number): number | undefined {
  if (knownForMs <= 0) return undefined
  const ends = [...tags.values()].flatMap(({ at, quality }) => (quality === 'good' && at !== null && at + knownForMs >= now ? [at + knownForMs] : []))
  return ends.length ? Math.min(...ends) : undefined
}

/** Unknown rows decide nothing: "any" is true when one is, "all" is false when one is not. */
export function joined(rows: readonly (boolean | undefined)[], together: 'all' | 'any'): boolean | undefined {
  if (!rows.length) return true
  const decisive = together === 'any'
  if (rows.includes(decisive)) return decisive
  return rows.includes(undefined) ? undefined : !decisive
}

/** How a row's value is called in words and in `trigger.values`. */
export function nameOf({ what, of, tag, part }: Row): string {
  if (what === TAG) return ['tag', tag, part].filter(Boolean).join(' ')
  return of ? `${what} ${of}` : what
}

/** A property by its path, e.g. `payload.temperature`; own properties only. */
function propertyOf(whole: unknown, path: string): unknown {
  let value = whole
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}
