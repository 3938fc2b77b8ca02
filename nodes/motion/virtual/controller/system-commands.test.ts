import { describe, expect, it } from 'vitest'
import { BANNER, bench, UNLOCK } from './test-bench.ts'

const stored = (b: ReturnType<typeof bench>, line: string) => [...b.send(`${line}\n`), ...b.settle()]

describe('$ commands', () => {
  it('$ lists the commands', () => {
    expect(bench().send('$\n')).toEqual(['[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]', 'ok'])
  })

  it('$I tells version, planner blocks and receive buffer, and keeps a text', () => {
    const b = bench()
    expect(b.send('$I\n')).toEqual(['[VER:1.1h.20190830:]', '[OPT:VNM,15,128]', 'ok'])
    stored(b, '$I=shop 3')
    expect(b.send('$I\n')[0]).toBe('[VER:1.1h.20190830:SHOP3]')
  })

  it('$$ prints all settings in order', () => {
    const lines = bench().send('$$\n')
    expect(lines.slice(0, 3)).toEqual(['$0=10', '$1=25', '$2=0'])
    expect(lines).toEqual(expect.arrayContaining(['$11=0.010', '$30=24000', '$130=400.000', '$132=100.000']))
    expect(lines).toHaveLength(35)
  })

  it('$x=value stores, with the rules of the firmware', () => {
    const b = bench()
    expect(stored(b, '$110=1234.5')).toEqual(['ok'])
    expect(b.send('$$\n')).toContain('$110=1234.500')
    expect(stored(b, '$20=1')).toEqual(['error:10'])
    expect(stored(b, '$22=1')).toEqual(['ok'])
    expect(stored(b, '$20=1')).toEqual(['ok'])
    expect(stored(b, '$22=0')).toEqual(['ok'])
    expect(b.send('$$\n')).toContain('$20=0')
    expect(stored(b, '$0=2')).toEqual(['error:6'])
    expect(stored(b, '$99=1')).toEqual(['error:3'])
    expect(stored(b, '$110=-1')).toEqual(['error:4'])
    expect(stored(b, '$110=')).toEqual(['error:2'])
    expect(stored(b, '$=1')).toEqual(['error:2'])
    expect(stored(b, '$110=1X')).toEqual(['error:3'])
    expect(stored(b, '$Q')).toEqual(['error:2'])
  })

  it('$x= to a value above a byte wraps round as in the firmware', () => {
    const b = bench()
    stored(b, '$1=256')
    expect(b.send('$$\n')).toContain('$1=0')
  })

  it('$N shows and checks the startup lines by executing them', () => {
    const b = bench()
    expect(stored(b, '$N1=G64')).toEqual(['error:20'])
    expect(stored(b, '$N1=G20')).toEqual(['ok'])
    expect(b.send('$N\n')).toEqual(['$N0=', '$N1=G20', 'ok'])
    expect(b.send('$G\n')[0]).toContain('G20')
    expect(stored(b, '$N2=G20')).toEqual(['error:3'])
  })

  it('$RST=$, # and * restore and reset', () => {
    const b = bench()
    stored(b, '$110=1')
    stored(b, 'G10L2P1X-7')
    stored(b, '$N0=G21')
    expect(stored(b, '$RST=$')).toEqual(['[MSG:Restoring defaults]', 'ok', BANNER, '>G21:ok'])
    expect(b.send('$$\n')).toContain('$110=5000.000')
    expect(b.send('$#\n')[0]).toBe('[G54:-7.000,0.000,0.000]')
    stored(b, '$RST=#')
    expect(b.send('$#\n')[0]).toBe('[G54:0.000,0.000,0.000]')
    expect(stored(b, '$RST=*')).toEqual(['[MSG:Restoring defaults]', 'ok', BANNER])
    expect(b.send('$N\n')[0]).toBe('$N0=')
    expect(stored(b, '$RST=X')).toEqual(['error:3'])
  })

  it('$X in Idle is a plain ok', () => {
    expect(bench().send('$X\n')).toEqual(['ok'])
  })

  it('$SLP answers, sleeps, and only a reset wakes it', () => {
    const b = bench()
    expect(b.send('M3S100\n$SLP\n')).toEqual(['ok', 'ok', '[MSG:Sleeping]'])
    expect(b.status()).toMatchObject({ state: 'Sleep', FS: '0,0' })
    expect(b.send('G21\n~')).toEqual([])
  })
})

describe('homing', () => {
  it('is error:5 when not enabled', () => {
    expect(bench().send('$H\n')).toEqual(['error:5'])
  })

  it('takes its time, then stands a pull-off from machine zero, unlocked', () => {
    const b = bench({ 22: 1 })
    b.send('$X\n')
    b.send('G0X-100Y-50Z-20\n')
    b.settle()
    expect(b.send('$H\n')).toEqual([])
    expect(b.pass(3)).toEqual([])
    expect(b.settle()).toEqual(['ok'])
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '-1.000,-1.000,-1.000' })
  })

  it('to the low end by $23 ends at -travel', () => {
    const b = bench({ 22: 1, 23: 3 })
    b.send('$H\n')
    b.settle()
    expect(b.status().MPos).toBe('-399.000,-299.000,-1.000')
  })

  it('finds the truth again after the position was lost', () => {
    const b = bench({ 22: 1 })
    b.send('$X\n')
    b.send('G0X-100\n')
    b.settle()
    b.firmware.powerCycle()
    expect(b.firmware.position).toEqual([0, 0, 0])
    expect(b.firmware.carriage).toEqual([-100, 0, 0])
    b.send('')
    b.send('$H\n')
    b.settle()
    expect(b.firmware.carriage[0]).toBeCloseTo(0, 3)
    expect(b.firmware.position[0]).toBe(-1)
  })
})

describe('the machine', () => {
  it('powered off and on while it moves starts anew: banner, position 0, no alarm, EEPROM kept', () => {
    const b = bench()
    stored(b, 'G10L2P1X-7')
    b.send('G1X-100F1000\nG1X0\n')
    b.pass(1)
    b.firmware.powerCycle()
    expect(b.send('')).toEqual([BANNER])
    expect(b.settle()).toEqual([])
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '0.000,0.000,0.000', WCO: '-7.000,0.000,0.000' })
  })

  it('with hard limits on locks with ALARM:1 when it runs into a switch', () => {
    const b = bench({ 21: 1 })
    b.send('G1X20F1000\n')
    expect(b.settle()).toEqual(['ALARM:1', '[MSG:Reset to continue]'])
    expect(b.send('?')).toEqual([])
    b.pass(0.5)
    expect(b.send('\x18')).toEqual([BANNER, UNLOCK])
    expect(Number(b.status().MPos?.split(',')[0])).toBeCloseTo(1, 1)
  })

  it.each([
    [1, true],
    [2, true],
    [9, false],
  ] as const)('tripped with alarm %i is locked until a reset: %s', (code, isCritical) => {
    const b = bench()
    b.send('G1X-100F1000\n')
    b.pass(1)
    b.firmware.trip(code)
    expect(b.send('$X\n')).toEqual(isCritical ? [`ALARM:${code}`, '[MSG:Reset to continue]'] : [`ALARM:${code}`, '[MSG:Caution: Unlocked]', 'ok'])
  })
})
