import { describe, expect, it } from 'vitest'
import fc from '../../test/property.ts'
import { digitsIn, fromMm, toMm, unitFormats, within } from './units.ts'

/** What people type: so many decimals at most. */
const decimal = (digits: number, most = 1_000_000) => fc.integer({ min: -most * 10 ** digits, max: most * 10 ** digits }).map((value) => value / 10 ** digits)

describe('lengths in inches', () => {
  it('are 25.4 mm exactly, and what is typed comes back as it was typed', () => {
    expect([1, 0.1, 0.001, -0.0001, 12.3456, 0].map((inch) => toMm(inch, 'in'))).toEqual([25.4, 2.54, 0.0254, -0.00254, 313.57824, 0])
    fc.assert(
      fc.property(decimal(4, 4000), (inch) => {
        const mm = toMm(inch, 'in')
        // four decimals of an inch are five of a millimetre, and nothing behind them
        expect(Number(mm.toFixed(5))).toBe(mm)
        expect(Number(fromMm(mm, 'in').toFixed(4)) + 0).toBe(inch + 0)
      }),
    )
  })

  it('are the same again from the controller’s three decimals of a millimetre', () => {
    fc.assert(
      fc.property(decimal(4, 4000), (inch) => {
        expect(Number(fromMm(Number(toMm(inch, 'in').toFixed(3)), 'in').toFixed(4)) + 0).toBe(inch + 0)
      }),
    )
  })

  it('are shown within half of their last digit, and steps add up', () => {
    fc.assert(
      fc.property(decimal(3, 4000), (mm) => {
        const shown = Number(unitFormats('in', 'en').length(mm).replaceAll(',', ''))
        expect(Math.abs(toMm(shown, 'in') - mm)).toBeLessThanOrEqual(25.4 * 0.00005 + 1e-9)
      }),
    )
    fc.assert(
      fc.property(fc.constantFrom(1, 0.1, 0.01, 0.001, 0.0001), fc.integer({ min: 1, max: 500 }), (step, times) => {
        expect(fromMm(toMm(step, 'in') * times, 'in')).toBeCloseTo(step * times, 9)
      }),
    )
  })

  it('leave millimetres alone', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(toMm(value, 'mm')).toBe(value)
        expect(fromMm(value, 'mm')).toBe(value)
      }),
    )
  })
})

describe('limits', () => {
  it('are never passed by rounding: towards zero, and not past the digit that stands there', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.integer({ min: 0, max: 4 }), (value, digits) => {
        const shown = within(value, digits)
        expect(Math.abs(shown)).toBeLessThanOrEqual(Math.abs(value) * (1 + 1e-15))
        expect(Math.abs(value - shown)).toBeLessThan(10 ** -digits)
      }),
    )
    fc.assert(
      fc.property(decimal(3, 10_000), (value) => {
        expect(within(value, 3) + 0).toBe(value + 0)
      }),
    )
  })
})

describe('what is shown', () => {
  it('says its unit; feeds have two decimals in inches, and what turns has degrees', () => {
    const [mm, inch, zoll] = [unitFormats('mm', 'en'), unitFormats('in', 'en'), unitFormats('in', 'de')]
    expect([mm.place(25.4), inch.place(25.4), zoll.place(-12.7)]).toEqual(['+25.400', '+1.0000', '-0,5000'])
    expect([mm.axis(2, 1), inch.axis(2, 25.4), inch.axis(3, 90)]).toEqual([
      { text: '+1.000', unit: 'mm' },
      { text: '+1.0000', unit: 'in' },
      { text: '+90.000', unit: '°' },
    ])
    expect([mm.feedText(250), inch.feedText(250), zoll.feedText(254)]).toEqual(['250 mm/min', '9.84 in/min', '10,00 in/min'])
    expect([mm.lengthText(12.34, 1), inch.lengthText(12.7, 1)]).toEqual(['12.3 mm', '0.500 in'])
    expect([mm.room(99.9), inch.room(99.9)]).toEqual(['99', '3.93'])
    expect([mm.way(1234), inch.way(3048)]).toEqual([
      { text: '1.23', unit: 'm' },
      { text: '10.0', unit: 'ft' },
    ])
    expect([0, 1, 2, 3, 5].map((digits) => digitsIn('in', digits))).toEqual([2, 3, 4, 4, 6])
  })
})
