import { describe, expect, it } from 'vitest'
import { BANNER, type Bench, bench } from './test-bench.ts'

const modes = (b: Bench) => b.send('$G\n')[0]
const place = (b: Bench) => {
  b.settle()
  return b.status().MPos
}
/** Sends lines one after the other, each answered, and returns the last answer. */
function feed(b: Bench, ...lines: string[]): string | undefined {
  let last: string | undefined
  for (const line of lines) {
    const said = [...b.send(`${line}\n`)]
    for (let i = 0; i < 50 && !said.some((text) => /^(ok|error)/.test(text)); i++) said.push(...b.pass(Math.min(b.firmware.secondsToEvent(), 1000)))
    last = said.find((text) => /^(ok|error)/.test(text))
  }
  return last
}

describe('errors', () => {
  it.each([
    ['1', 1],
    ['G', 2],
    ['G1X', 2],
    ['G1X-', 2],
    ['G0X1.2.3', 1],
    ['G0X[1+1]', 2],
    ['G1X1E3F1', 20],
    ['G0F-1', 4],
    ['G64', 20],
    ['G41', 20],
    ['G5', 20],
    ['M6', 20],
    ['M48', 20],
    ['G-1', 20],
    ['A1', 20],
    ['G0G1', 24],
    ['G17G18', 21],
    ['M3M4', 21],
    ['M7M8', 21],
    ['G1X1', 22],
    ['G93G1X1', 22],
    ['G4.1P1', 23],
    ['M3.5', 23],
    ['G28G0X1', 24],
    ['G0X1X2', 25],
    ['G92', 26],
    ['G10L2P1', 26],
    ['G2F100I1', 26],
    ['G38.2F100', 26],
    ['N10000001', 27],
    ['G4', 28],
    ['G10X1', 28],
    ['G10L2P7X1', 29],
    ['G10L3P1X1', 20],
    ['G10L2P1X1R1', 20],
    ['G80G53', 30],
    ['G80X1', 31],
    ['G2Z1I1F100', 32],
    ['G2X1Y1I5J5F100', 33],
    ['G2R5X0Y0F100', 33],
    ['G38.2X0F100', 33],
    ['G2X10R1F100', 34],
    ['G2X10F100', 35],
    ['G0X1P5', 36],
    ['G1X1F100R1', 36],
    ['G21X', 2],
    ['L2', 36],
    ['G43.1X1', 37],
    ['G43.1', 37],
    ['G43Z1', 20],
    ['T300', 38],
    ['G90.1', 20],
    ['G61.1', 20],
    ['G59.1', 23],
  ])('%s is error:%i and changes nothing', (line, code) => {
    const b = bench()
    expect(b.send(`${line}\n`)).toEqual([`error:${code}`])
    expect(modes(b)).toBe('[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]')
    expect(b.status().state).toBe('Idle')
  })

  it('do not stop what follows: GRBL runs the next line', () => {
    const b = bench()
    expect(b.send('G64\nG0X-1\n')).toEqual(['error:20', 'ok'])
    expect(place(b)).toBe('-1.000,0.000,0.000')
  })
})

describe('modes', () => {
  it('are taken, kept and shown', () => {
    const b = bench()
    feed(b, 'G1G55G18G20G91G93M3S300T5F7', 'M7', 'M8')
    expect(modes(b)).toBe('[GC:G1 G55 G18 G20 G91 G93 M3 M7 M8 T0 F0 S300]')
    feed(b, 'G80G59G19G21G90G94M4F12T7')
    expect(modes(b)).toBe('[GC:G80 G59 G19 G21 G90 G94 M4 M7 M8 T7 F12 S300]')
    feed(b, 'M9M5')
    expect(modes(b)).toContain('M5 M9')
  })

  it('accept G40 G49 G61 G91.1 M1 which change nothing here', () => {
    const b = bench()
    expect(feed(b, 'G40', 'G49', 'G61', 'G91.1', 'M1')).toBe('ok')
  })

  it('after M2 and M30 are those of a program end, units, F and S kept', () => {
    for (const end of ['M2', 'M30']) {
      const b = bench()
      feed(b, 'G0G55G18G20G91M3S500M8F10')
      expect(b.send(`${end}\n`)).toEqual(['[MSG:Pgm End]', 'ok'])
      expect(modes(b)).toBe('[GC:G1 G54 G17 G20 G90 G94 M5 M9 T0 F254 S500]')
      expect(b.status().FS).toBe('0,0')
    }
  })
})

describe('positions', () => {
  it('follow G90 G91 G20 G21 G53 and the work offsets', () => {
    const b = bench()
    feed(b, 'G10L2P2X-10Y-20Z-30')
    feed(b, 'G55', 'G0X-1Y-1Z-1')
    expect(place(b)).toBe('-11.000,-21.000,-31.000')
    feed(b, 'G91X-1')
    expect(place(b)).toBe('-12.000,-21.000,-31.000')
    feed(b, 'G90G53X-5')
    expect(place(b)).toBe('-5.000,-21.000,-31.000')
    feed(b, 'G20X-1')
    expect(place(b)).toBe('-35.400,-21.000,-31.000')
  })

  it('follow G92, G43.1 and their cancelling', () => {
    const b = bench()
    feed(b, 'G92X10', 'G0X0')
    expect(place(b)).toBe('-10.000,0.000,0.000')
    feed(b, 'G43.1Z-5', 'G0Z0')
    expect(place(b)).toBe('-10.000,0.000,-5.000')
    expect(b.send('$#\n')).toEqual(expect.arrayContaining(['[G92:-10.000,0.000,0.000]', '[TLO:-5.000]']))
    feed(b, 'G92.1', 'G49', 'G0X0Z0')
    expect(place(b)).toBe('0.000,0.000,0.000')
  })

  it('G10 L20 makes the present place what was said', () => {
    const b = bench()
    feed(b, 'G0X-50', 'G10L20P1X5Y0')
    expect(b.send('$#\n')[0]).toBe('[G54:-55.000,0.000,0.000]')
    feed(b, 'G0X0')
    expect(place(b)).toBe('-55.000,0.000,0.000')
  })

  // gcode.c keeps the target it was given, and the axis stands on a step: 250 to the millimetre
  it('G10 L20 behind a jog that came to its end makes its target the zero, and not the step it stands on', () => {
    const b = bench()
    feed(b, '$J=G91X-10.0015F1000')
    b.settle()
    feed(b, 'G10L20P1X0')
    expect(b.send('$#\n')[0]).toBe('[G54:-10.002,0.000,0.000]')
    expect(place(b)).toBe('-10.000,0.000,0.000')
  })

  it('G28 and G30 go by way of the given point to the stored one', () => {
    const b = bench()
    feed(b, 'G0X-10Y-10Z-10', 'G28.1', 'G0X-20', 'G30.1', 'G0X-1Y-1Z-1')
    feed(b, 'G28X-5')
    expect(place(b)).toBe('-10.000,-1.000,-1.000')
    feed(b, 'G30')
    expect(place(b)).toBe('-20.000,-10.000,-10.000')
    feed(b, 'G91G28Z0')
    expect(place(b)).toBe('-20.000,-10.000,-10.000')
  })

  it('are counted in whole steps', () => {
    const b = bench({ 100: 10 })
    feed(b, 'G0X-1.26')
    expect(place(b)).toBe('-1.300,0.000,0.000')
  })
})

describe('arcs', () => {
  const radius = (b: Bench, x: number, y: number) => {
    const [px = 0, py = 0] = b.firmware.position
    return Math.hypot(px - x, py - y)
  }

  it.each([
    ['G2X-20Y0I-10J0', 'below'],
    ['G3X-20Y0I-10J0', 'above'],
    ['G2X-20Y0R10', 'below'],
    ['G3X-20Y0R10', 'above'],
  ])('%s, from the right end of a circle to its left, stays on it and runs %s', (line, side) => {
    const b = bench()
    feed(b, 'G0Y-100', 'G92Y0')
    b.settle()
    b.send(`${line}F2000\n`)
    b.pass(0.5)
    for (let i = 0; i < 8; i++) {
      b.pass(0.05)
      expect(radius(b, -10, -100)).toBeCloseTo(10, 1)
      expect(Math.sign(b.firmware.position[1] + 100)).toBe(side === 'above' ? 1 : -1)
    }
    b.settle()
    expect(b.status().MPos).toBe('-20.000,-100.000,0.000')
  })

  it('with a negative radius go the long way', () => {
    const mmOf = (line: string) => {
      const c = bench()
      feed(c, 'G0X-50Y-50')
      c.settle()
      c.send(`${line}\n`)
      let seconds = 0
      while (Number.isFinite(c.firmware.secondsToEvent())) {
        const step = c.firmware.secondsToEvent()
        seconds += step
        c.pass(step)
      }
      return seconds * 10
    }
    const short = mmOf('G2X-60Y-50R10F600')
    const long = mmOf('G2X-60Y-50R-10F600')
    expect(short).toBeCloseTo((2 * Math.PI * 10) / 6, 0)
    expect(long).toBeCloseTo((2 * Math.PI * 10 * 5) / 6, 0)
  })

  it('with the same start and end are full circles, and may rise as a helix', () => {
    const b = bench()
    b.send('G2X0Y0Z-6I-10F3000\n')
    b.pass(0.8)
    expect(b.firmware.position[2]).toBeLessThan(-1)
    expect(b.firmware.position[0]).toBeLessThan(-5)
    expect(place(b)).toBe('0.000,0.000,-6.000')
  })

  it('lie in the plane of G18 and G19', () => {
    const b = bench()
    feed(b, 'G18', 'G2X-20Z0I-10K0F3000')
    expect(place(b)).toBe('-20.000,0.000,0.000')
    feed(b, 'G19', 'G3Y-20Z0J-10K0')
    expect(place(b)).toBe('-20.000,-20.000,0.000')
  })
})

describe('answers wait', () => {
  it('for a free block: 15 are planned at once, the 16th line waits', () => {
    const b = bench()
    for (let i = 1; i <= 15; i++) expect(b.send(`G1X-${i * 10}F500\n`)).toEqual(['ok'])
    expect(b.send('G1X0\n')).toEqual([])
    expect(b.settle()).toEqual(['ok'])
  })

  it.each(['G4P0.5', 'M3S100', 'M8', 'M5', 'G92X0', 'G55', 'G10L2P1X0', 'M0', 'M30'])('%s waits until the queue is done where it changes something', (line) => {
    const b = bench()
    feed(b, 'M4S50')
    b.send('G1X-10F600\n')
    expect(b.send(`${line}\n`)).toEqual([])
    b.pass(0.5)
    expect(b.status().state).toBe('Run')
    expect([...b.settle(), ...b.send('~')]).toContain('ok')
  })

  it('not for M3 that changes nothing', () => {
    const b = bench()
    feed(b, 'M3S50')
    b.send('G1X-10F600\n')
    expect(b.send('M3S50\n')).toEqual(['ok'])
  })

  it('for the dwell itself, during which the machine says Idle', () => {
    const b = bench()
    expect(b.send('G4P2\n')).toEqual([])
    expect(b.pass(1.9)).toEqual([])
    expect(b.status().state).toBe('Idle')
    expect(b.pass(0.2)).toEqual(['ok'])
  })
})

describe('EEPROM writes', () => {
  it('lose every byte that arrives while they last', () => {
    const b = bench()
    expect(b.send('G10L2P1X-1\nG0X-5\n?')).toEqual([])
    expect(b.firmware.lostBytes).toMatchObject({ eeprom: 7, eepromLines: 6 })
    expect(b.settle()).toEqual(['ok'])
    expect(place(b)).toBe('0.000,0.000,0.000')
  })
})

describe('probing', () => {
  it('that touches nothing is ALARM:5 with a failed PRB, the target reached', () => {
    const b = bench()
    b.send('G38.2Z-10F500\n')
    expect(b.status().state).toBe('Run')
    expect(b.settle()).toEqual(['ALARM:5', '[PRB:0.000,0.000,0.000:0]', 'ok'])
    expect(b.status()).toMatchObject({ state: 'Alarm', MPos: '0.000,0.000,-10.000' })
  })

  it('that may miss is no alarm', () => {
    const b = bench()
    b.send('G38.3Z-10F500\n')
    expect(b.settle()).toEqual(['[PRB:0.000,0.000,-10.000:0]', 'ok'])
    expect(b.status().state).toBe('Idle')
  })

  it('stops at the plate, brakes, and tells where it touched', () => {
    const b = bench()
    b.firmware.setTouchPlate(-5)
    b.send('G38.2Z-10F500\n')
    const [found, ok] = b.settle()
    expect(found).toBe('[PRB:0.000,0.000,-5.000:1]')
    expect(ok).toBe('ok')
    const z = Number(b.status().MPos?.split(',')[2])
    expect(z).toBeLessThan(-5)
    expect(z).toBeGreaterThan(-5.5)
    expect(b.status().Pn).toBe('P')
    expect(b.send('G38.2Z-10F500\n')).toEqual(['ALARM:4', 'ok'])
  })

  it('in check mode is only checked', () => {
    const b = bench()
    b.send('$C\n')
    expect(b.send('G38.2Z-10F500\n')).toEqual(['ok'])
  })
})

describe('check mode', () => {
  it('checks lines without moving and leaves by a reset', () => {
    const b = bench()
    expect(b.send('$C\n')).toEqual(['[MSG:Enabled]', 'ok'])
    expect(b.send('G1X-10F100\nG64\nG4P100\nM3S100\nM0\n')).toEqual(['ok', 'error:20', 'ok', 'ok', 'ok'])
    expect(b.status()).toMatchObject({ state: 'Check', MPos: '0.000,0.000,0.000', FS: '0,0' })
    expect(b.send('$C\n')).toEqual(['[MSG:Disabled]', 'ok', BANNER])
    expect(b.status().state).toBe('Idle')
  })
})
