/**
 * Lengths and feeds of machines as people read and type them: millimetres or inches, as the shop has set. What is stored and sent is
 * always mm and mm/min; only here it becomes something else. No DOM.
 */
import { shopDefaults } from './shop-defaults.ts'
import { formats, type Language } from './text/index.ts'

export type LengthUnit = 'mm' | 'in'

/** The international inch. */
const MM_PER_INCH = 25.4
const MM_PER_FOOT = 304.8
/** X, Y and Z; what turns is in degrees, whatever the unit. */
const LINEAR = 3

export const shopUnit = (): LengthUnit => (shopDefaults().units === 'inch' ? 'in' : 'mm')

/**
 * What was typed, in millimetres: 25.4 times the decimal number that stands there, not times the nearest binary one. Four decimals of
 * an inch are five of a millimetre.
 */
export function toMm(value: number, unit: LengthUnit): number {
  if (unit === 'mm') return value
  const [whole, sign = '', before = '', after = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? []
  return whole === undefined ? value * MM_PER_INCH : Number(`${sign}${BigInt(before + after) * 254n}e-${after.length + 1}`)
}

export const fromMm = (mm: number, unit: LengthUnit): number => (unit === 'mm' ? mm : mm / MM_PER_INCH)

/** So many decimals of an inch say as much as `digits` of a millimetre; three of them are four, as machinists write it. */
export const digitsIn = (unit: LengthUnit, digits: number): number => (unit === 'mm' ? digits : digits < 3 ? digits + 2 : digits + 1)

/** Rounded towards zero: a limit that somebody types as it is shown is not passed. */
export function within(value: number, digits: number): number {
  const scale = 10 ** digits
  // 11.811 times 1000 is a hair less than 11811
  return Math.trunc(value * scale * (1 + 2 * Number.EPSILON)) / scale
}

export interface UnitFormats {
  unit: LengthUnit
  feedUnit: 'mm/min' | 'in/min'
  /** A place on a linear axis, sign always: three decimals of a millimetre, four of an inch. */
  place(mm: number): string
  /** The place on an axis of a machine, by its number: what turns has degrees. */
  axis(index: number, value: number): { text: string; unit: LengthUnit | '°' }
  /** @param digits of a millimetre @defaultValue 3 */
  length(mm: number, digits?: number): string
  /** A length with its unit beside it. */
  lengthText(mm: number, digits?: number): string
  /** Whole millimetres a minute, two decimals of an inch. */
  feed(mmPerMin: number): string
  feedText(mmPerMin: number): string
  /** How far at most: towards zero. */
  room(mm: number): string
  /** A long way: metres or feet, with the unit apart. */
  way(mm: number): { text: string; unit: 'm' | 'ft' }
  toMm(typed: number): number
  fromMm(mm: number): number
}

const made = new Map<string, UnitFormats>()

export function unitFormats(unit: LengthUnit, language: Language): UnitFormats {
  const key = `${unit} ${language}`
  const known = made.get(key) ?? makeFormats(unit, language)
  made.set(key, known)
  return known
}

function makeFormats(unit: LengthUnit, language: Language): UnitFormats {
  const number = (value: number, digits: number) => formats(language).number(value, digits)
  const signed = (value: number, digits: number) => formats(language).signed(value, digits)
  const feedUnit = unit === 'mm' ? 'mm/min' : 'in/min'
  const place = (mm: number) => signed(fromMm(mm, unit), digitsIn(unit, 3))
  const length = (mm: number, digits = 3) => number(fromMm(mm, unit), digitsIn(unit, digits))
  const feed = (mmPerMin: number) => number(fromMm(mmPerMin, unit), digitsIn(unit, 0))
  return {
    unit,
    feedUnit,
    place,
    axis: (index, value) => (index < LINEAR ? { text: place(value), unit } : { text: signed(value, 3), unit: '°' }),
    length,
    lengthText: (mm, digits) => `${length(mm, digits)} ${unit}`,
    feed,
    feedText: (mmPerMin) => `${feed(mmPerMin)} ${feedUnit}`,
    room: (mm) => number(within(fromMm(mm, unit), digitsIn(unit, 0)), digitsIn(unit, 0)),
    way: (mm) => (unit === 'mm' ? { text: number(mm / 1000, 2), unit: 'm' } : { text: number(mm / MM_PER_FOOT, 1), unit: 'ft' }),
    toMm: (typed) => toMm(typed, unit),
    fromMm: (mm) => fromMm(mm, unit),
  }
}
