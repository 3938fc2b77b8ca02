import { describe, expect, it } from 'vitest'
import { BANNER, bench, CTRL_X, DOOR, JOG_CANCEL, UNLOCK } from './test-bench.ts'

const answers = (lines: string[]) => lines.filter((line) => /^(ok|error)/.test(line))

describe('feed hold and resume', () => {
  it('brakes in Hold:1, stands in Hold:0, and goes on to the target after ~', () => {
    const b = bench()
    b.send('G1X-50F3000\n')
    b.pass(0.5)
    b.send('!')
    const braking = b.status()
    expect(braking.state).toBe('Hold:1')
    b.settle()
    const held = b.status()
    expect(held.state).toBe('Hold:0')
    expect(held.FS).toBe('0,0')
    // 50 mm/s and 400 mm/s²: 3.125 mm to stand
    expect(Number(braking.MPos?.split(',')[0]) - Number(held.MPos?.split(',')[0])).toBeCloseTo(3.125, 1)
    b.pass(100)
    expect(b.status().MPos).toBe(held.MPos)
    b.send('~')
    expect(b.status().state).toBe('Run')
    b.settle()
    expect(b.status().MPos).toBe('-50.000,0.000,0.000')
    expect(b.status().state).toBe('Idle')
  })

  it('brakes on across the joints of short lines', () => {
    const b = bench()
    for (let i = 1; i <= 14; i++) b.send(`G1X-${i}F5000\n`)
    b.pass(0.18)
    b.send('!')
    b.settle()
    const at = -Number(b.status().MPos?.split(',')[0])
    expect(b.firmware.stateName).toBe('Hold:0')
    expect(at).toBeGreaterThan(7)
    expect(at).toBeLessThan(14)
    b.send('~')
    b.settle()
    expect(b.status().MPos).toBe('-14.000,0.000,0.000')
  })

  it('ignores ~ while the machine still brakes: it stays in Hold:0', () => {
    const b = bench()
    b.send('G1X-50F3000\n')
    b.pass(0.5)
    b.send('!~')
    b.settle()
    expect(b.status().state).toBe('Hold:0')
  })

  it('in Idle leads to Hold:0 in which no line is answered until ~', () => {
    const b = bench()
    b.send('!')
    expect(b.send('$G\n$J=G91X-1F100\nG0\n')).toEqual([])
    expect(b.pass(60)).toEqual([])
    expect(answers(b.send('~'))).toEqual(['ok', 'ok', 'error:9'])
  })

  it('still queues lines while braking', () => {
    const b = bench()
    b.send('G1X-50F5000\n')
    b.pass(0.5)
    b.send('!')
    expect(b.send('G1X-60\n')).toEqual(['ok'])
    expect(b.firmware.stateName).toBe('Hold:1')
  })

  it('stops the clock of a dwell', () => {
    const b = bench()
    b.send('G4P2\n')
    b.pass(1)
    b.send('!')
    expect(b.pass(10)).toEqual([])
    b.send('~')
    expect(b.pass(0.9)).toEqual([])
    expect(b.pass(0.2)).toEqual(['ok'])
  })

  it('M0 holds until ~ and is answered then', () => {
    const b = bench()
    b.send('G1X-1F600\nM0\n')
    expect(b.settle()).toEqual([])
    expect(b.status().state).toBe('Hold:0')
    expect(b.send('~')).toEqual(['ok'])
    expect(b.status().state).toBe('Idle')
  })
})

describe('soft reset', () => {
  it('after a hold that stands keeps the position and raises no alarm', () => {
    const b = bench()
    b.send('G1X-50F3000\n')
    b.pass(0.5)
    b.send('!')
    b.settle()
    const { MPos } = b.status()
    expect(b.send(CTRL_X)).toEqual([BANNER])
    expect(b.status()).toMatchObject({ state: 'Idle', MPos })
    b.settle()
    expect(b.status().MPos).toBe(MPos)
  })

  it('forgets everything queued and every mode, but not the work offsets', () => {
    const b = bench()
    b.send('G10L2P1X-3\n')
    b.settle()
    b.send('G55G20G91\nG92X1\n!')
    b.send('G1X1F10\n')
    b.send(CTRL_X)
    b.settle()
    expect(b.send('$G\n')[0]).toBe('[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]')
    expect(b.status().WCO).toBe('-3.000,0.000,0.000')
  })

  it('answers a line that was waiting with one stray ok before the banner', () => {
    const b = bench()
    expect(answers(b.send('G1X-50F100\nG4P1\n'))).toEqual(['ok'])
    expect(b.send(CTRL_X)).toEqual(['ALARM:3', 'ok', BANNER, UNLOCK])
  })

  it('drops a question that was not answered yet', () => {
    expect(bench().send(`?${CTRL_X}`)).toEqual([BANNER])
  })

  it('resets overrides, spindle and coolant', () => {
    const b = bench()
    b.send('M3S1000\nM8\n\x91')
    b.status()
    expect(b.status()).toMatchObject({ Ov: '110,100,100', A: 'SF', FS: '0,1000' })
    b.send(CTRL_X)
    b.status()
    const after = b.status()
    expect(after).toMatchObject({ Ov: '100,100,100', FS: '0,0' })
    expect(after.A).toBeUndefined()
  })
})

describe('soft limits', () => {
  const limited = () => {
    const b = bench({ 20: 1, 22: 1 })
    b.send('$X\n')
    return b
  }

  it('brake a running program, then ALARM:2, then silence until a reset with its stray ok', () => {
    const b = limited()
    b.send('G1X-100F3000\n')
    b.pass(1)
    expect(b.send('G1X-500\n')).toEqual([])
    expect(b.status().state).toBe('Hold:1')
    expect(b.settle()).toEqual(['ALARM:2', '[MSG:Reset to continue]'])
    expect(b.send('?$X\n~')).toEqual([])
    expect(b.pass(100)).toEqual([])
    expect(b.send(CTRL_X)).toEqual(['ok', BANNER, UNLOCK])
    // what was sent meanwhile is lost
    expect(b.settle()).toEqual([])
    const x = Number(b.status().MPos?.split(',')[0])
    expect(x).toBeLessThan(-45)
    expect(x).toBeGreaterThan(-60)
  })

  it('lock in the same way in check mode', () => {
    const b = limited()
    b.send('$C\n')
    expect(b.send('G0X1\n')).toEqual(['ALARM:2', '[MSG:Reset to continue]'])
    expect(b.send('?')).toEqual([])
  })

  it('refuse a jog with error:15 and no alarm', () => {
    const b = limited()
    expect(b.send('$J=G90X1F100\n')).toEqual(['error:15'])
    expect(b.status().state).toBe('Idle')
  })

  it('allow -travel..0 and nothing else', () => {
    const b = limited()
    expect(b.send('G0X-400Y-300Z-100\n')).toEqual(['ok'])
    b.settle()
    expect(b.send('G0Z-100.1\n')[0]).toBe('ALARM:2')
  })
})

describe('jogging', () => {
  it('is cancelled by 0x85 and by !, brakes as Jog, ends Idle with the parser where the machine stands', () => {
    for (const byte of [JOG_CANCEL, '!']) {
      const b = bench()
      b.send('$J=G91X-100F3000\n$J=G91Y-100F3000\n')
      b.pass(1)
      b.send(byte)
      expect(b.status().state).toBe('Jog')
      b.settle()
      const { MPos, state } = b.status()
      expect(state).toBe('Idle')
      b.send('G91G0X-1\n')
      b.settle()
      expect(Number(b.status().MPos?.split(',')[0])).toBeCloseTo(Number(MPos?.split(',')[0]) - 1, 2)
    }
  })

  it('goes on with the lines that waited in the receive buffer after a cancel', () => {
    const b = bench()
    b.send('$J=G91X-100F3000\n')
    b.pass(0.5)
    b.send(`${JOG_CANCEL}$J=G91Y-5F3000\n`)
    b.settle()
    expect(b.status().MPos).toMatch(/,-5\.000,/)
  })

  it('needs F, takes no modes along, and refuses other commands with error:16', () => {
    const b = bench()
    expect(b.send('$J=G91X-1\n')).toEqual(['error:22'])
    expect(b.send('$J=X-1F100G1\n')).toEqual(['error:16'])
    expect(b.send('$J=G28X-1F100\n')).toEqual(['error:16'])
    expect(b.send('$J=X-1F100M3\n')).toEqual(['error:16'])
    expect(b.send('$J=X-1F100S5\n')).toEqual(['error:36'])
    b.send('$J=G91G20X-0.1F100\n')
    b.settle()
    expect(b.status().MPos).toBe('-2.541,0.000,0.000')
    expect(b.send('$G\n')[0]).toBe('[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]')
  })
})

describe('the safety door', () => {
  it('brakes, switches spindle and coolant off, and restores them in 5 s after ~', () => {
    const b = bench()
    b.send('M3S1000M8\nG1X-100F1000\n')
    b.pass(1)
    expect(b.send(DOOR)).toEqual(['[MSG:Check Door]'])
    expect(b.status().state).toBe('Door:2')
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Door:0', FS: '0,0' })
    b.send('~')
    expect(b.status().state).toBe('Door:3')
    b.pass(4.9)
    expect(b.status().state).toBe('Door:3')
    b.pass(0.2)
    expect(b.status().state).toBe('Run')
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '-100.000,0.000,0.000', FS: '0,1000' })
  })

  it('with its switch open cannot be resumed, unlocked past or homed', () => {
    const b = bench({ 22: 1 })
    b.firmware.setDoor(true)
    expect(b.send('$X\n$H\n')).toEqual(['error:13', 'error:13'])
    const idle = bench()
    idle.firmware.setDoor(true)
    expect(idle.status()).toMatchObject({ state: 'Door:1', Pn: 'XYZD'.slice(3) })
    idle.send('~')
    expect(idle.status().state).toBe('Door:1')
    idle.firmware.setDoor(false)
    expect(idle.status().state).toBe('Door:0')
    idle.send('~')
    idle.settle()
    expect(idle.status().state).toBe('Idle')
  })

  it('during a jog ends the jog first', () => {
    const b = bench()
    b.send('$J=G91X-100F3000\n')
    b.pass(1)
    b.send(DOOR)
    expect(b.status().state).toBe('Jog')
    b.settle()
    expect(b.status().state).toBe('Door:0')
    b.send('~')
    b.settle()
    expect(b.status().state).toBe('Idle')
  })
})

describe('overrides', () => {
  it('change feed by 10 and 1 between 10 and 200 %, rapids to 100, 50, 25 %, spindle like feed', () => {
    const b = bench()
    b.status()
    b.send('\x91\x91\x92\x93\x94\x93')
    expect(b.status().Ov).toBe('111,100,100')
    b.send('\x91'.repeat(20))
    expect(b.status().Ov).toBe('200,100,100')
    b.send('\x92'.repeat(30))
    expect(b.status().Ov).toBe('10,100,100')
    b.send('\x90\x97')
    expect(b.status().Ov).toBe('100,25,100')
    b.send('\x96\x9a\x9c')
    expect(b.status().Ov).toBe('100,50,111')
    b.send('\x95\x99')
    expect(b.status().Ov).toBe('100,100,100')
  })

  it('change the speed of a move under way, and of no jog', () => {
    const b = bench()
    b.send('G1X-300F1000\n')
    b.pass(1)
    expect(b.status().FS).toBe('1000,0')
    b.send('\x91'.repeat(5))
    b.pass(1)
    expect(b.status().FS).toBe('1500,0')
    b.send('\x92'.repeat(10))
    b.pass(1)
    expect(b.status().FS).toBe('500,0')
    const jog = bench()
    jog.send('\x91$J=G91X-100F1000\n')
    jog.pass(1)
    expect(jog.status().FS).toBe('1000,0')
  })

  it('stop the spindle in a hold and give it back with the resume', () => {
    const b = bench()
    b.send('M3S500\n')
    b.send('\x9e')
    expect(b.status().FS).toBe('0,500')
    b.send('!\x9e')
    expect(b.status().FS).toBe('0,0')
    expect(b.send('~')).toEqual(['[MSG:Restoring spindle]'])
    expect(b.status().FS).toBe('0,500')
  })

  it('toggle the coolant without a line', () => {
    const b = bench()
    b.status()
    b.send('\xa0')
    expect(b.status().A).toBe('F')
    b.send('\xa1')
    expect(b.status().A).toBe('FM')
    expect(b.send('$G\n')[0]).toContain('M7 M8')
    b.send('\xa0\xa1')
    expect(b.status().A).toBeUndefined()
  })
})

describe('a question', () => {
  it('asked several times before the answer gets one answer', () => {
    expect(bench().send('???')).toHaveLength(1)
  })

  it('asked while homing is answered once, at the end', () => {
    const b = bench({ 22: 1 })
    b.send('$H\n')
    expect(b.send('??')).toEqual([])
    const lines = b.settle()
    expect(lines[0]).toBe('ok')
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^<Idle\|/)])
  })
})
