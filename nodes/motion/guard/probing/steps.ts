/**
 * What a probing cycle is made of. A cycle is a generator: it asks for one step after the other, is told what came of it, and
 * ends with its result. It sends nothing and knows no controller, so it can be followed without a machine. Places are machine
 * coordinates in mm.
 */
import type { ProbeResult } from '../../action.ts'

export type LinearAxis = 'X' | 'Y' | 'Z'
export const LINEAR: readonly LinearAxis[] = ['X', 'Y', 'Z']
export type Place = readonly [number, number, number]
/** Axes that are not named stay. */
export type PartialPlace = Partial<Record<LinearAxis, number>>

export type ProbeStep =
  /** Over a way that is known to be free: it was gone before, or leads away from what was touched. */
  | { kind: 'go'; to: PartialPlace; ignoresKeepOut?: true }
  /** A way that ought to be free: touching anything ends the cycle. */
  | { kind: 'feel'; to: PartialPlace; ignoresKeepOut?: true }
  /** Back from what was touched: as far as this, or as the travel lets it. */
  | { kind: 'retract'; to: PartialPlace; ignoresKeepOut?: true }
  /** Along one axis until it touches, at most so far (or as the travel lets it). Touching nothing ends the cycle. */
  | { kind: 'touch'; axis: LinearAxis; by: number; feedMmPerMin: number; what: string; ignoresKeepOut?: true }
  | { kind: 'progress'; text: string }

export interface StepOutcome {
  /** Where it stands now. */
  placeMm: Place
  /** Where it touched: the tool stands a little further, since it had to brake. */
  contactMm?: Place
}

export interface CycleOutcome {
  result: ProbeResult
  /** What becomes 0 of the work offset, where one is to be set. */
  zeroMm?: PartialPlace
  /** Becomes the tool length. */
  toolLengthMm?: number
  /** Machine Z at which a tool of length 0 would touch the setter. */
  referenceZMm?: number
}

/** Steps with an end of type `T`; a cycle, or a part of one. */
export type Steps<T> = Generator<ProbeStep, T, StepOutcome>
export type Cycle = Steps<CycleOutcome>

/** Where a cycle begins, and what it must know of the machine. */
export interface CycleStart {
  placeMm: Place
  /** Between machine and work coordinates. */
  workOffsetMm: Place
}

export interface TouchSettings {
  feedMmPerMin: number
  /** 0: one touch only. */
  fineFeedMmPerMin: number
  maxTravelMm: number
  retractMm: number
}

export const axisOf = (axis: LinearAxis) => LINEAR.indexOf(axis)
export const at = (place: Place, axis: LinearAxis): number => place[axisOf(axis)] ?? 0

/**
 * Touches along one axis: fast, back, and once more slowly where that is wanted; ends `retractMm` away from what it touched.
 * @returns where it touched
 */
export function* touch(
  settings: TouchSettings,
  {
    axis,
    sign,
    travelMm = settings.maxTravelMm,
    what,
    ignoresKeepOut,
  }: { axis: LinearAxis; sign: 1 | -1; travelMm?: number; what: string; ignoresKeepOut?: true },
): Steps<Place> {
  const { feedMmPerMin, fineFeedMmPerMin, retractMm } = settings
  const free = ignoresKeepOut ? { ignoresKeepOut } : {}
  const first = contactOf(yield { kind: 'touch', axis, by: sign * travelMm, feedMmPerMin, what, ...free })
  yield { kind: 'retract', to: { [axis]: at(first, axis) - sign * retractMm }, ...free }
  if (fineFeedMmPerMin === 0) return first
  const fine = contactOf(yield { kind: 'touch', axis, by: sign * (retractMm * 2 + 1), feedMmPerMin: fineFeedMmPerMin, what, ...free })
  yield { kind: 'retract', to: { [axis]: at(fine, axis) - sign * retractMm }, ...free }
  return fine
}

/** A touch that found nothing never comes back here. */
function contactOf({ contactMm }: StepOutcome): Place {
  if (!contactMm) throw new Error('a touch came back without a place')
  return contactMm
}

export const signOf = (side: '-' | '+'): 1 | -1 => (side === '+' ? 1 : -1)

/** Micrometres are what is known; more digits only look so. */
export const rounded = (value: number) => Math.round(value * 1e4) / 1e4

/** Places in machine coordinates as they are found in the work offset in force. */
export function inWork(places: PartialPlace, { workOffsetMm }: CycleStart): PartialPlace {
  return Object.fromEntries(LINEAR.flatMap((axis) => (places[axis] === undefined ? [] : [[axis, rounded(places[axis] - at(workOffsetMm, axis))]])))
}

export const pointsOf = (...points: Place[]): number[][] => points.map((point) => point.map(rounded))
