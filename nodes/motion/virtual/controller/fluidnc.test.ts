/** Where FluidNC differs from GRBL 1.1 (FluidNC: Protocol.cpp, Report.cpp, Serial.cpp). */
import { describe, expect, it } from 'vitest'
import { bench, CTRL_X } from './test-bench.ts'

const fluid = (settings: Parameters<typeof bench>[0] = {}, options: Parameters<typeof bench>[1] = {}) => bench(settings, { personality: 'fluidnc', ...options })

describe('FluidNC', () => {
  it('says what it is, and nothing of its buffers', () => {
    const said = fluid().send('$I\n')
    expect(said[0]).toBe('[VER:3.9 FluidNC v3.9.1:]')
    expect(said[1]).toBe('[OPT:MPHS]')
  })

  it('shows old senders a few settings', () => {
    const said = fluid().send('$$\n')
    expect(said).toContain('$110=5000.000')
    expect(said.some((line) => line.startsWith('$24='))).toBe(false)
  })

  it('runs a macro at 0x87 to 0x8A: a fault of whoever sends them', () => {
    const b = fluid()
    b.send('\x87\x88\x8a')
    expect(b.firmware.harmful).toMatchObject({ macros: 3 })
  })

  it('puts INFO before what it says', () => {
    const b = fluid()
    b.send('G1X-100F1000\n')
    b.pass(1)
    expect(b.send(CTRL_X)).toEqual(['ALARM:3', "Grbl 3.9 [FluidNC v3.9.1 (wifi) '$' for help]", "[MSG:INFO: '$H'|'$X' to unlock]"])
    expect(b.send('$X\n')).toEqual(['[MSG:INFO: Caution: Unlocked]', 'ok'])
  })

  it('has its own number for a machine that was not homed', () => {
    let output = ''
    fluid({ 22: 1 }, { onOutput: (text) => (output += text) })
    expect(output).toContain('ALARM:14')
  })

  it('answers ? in a critical alarm, and no line', () => {
    const b = fluid()
    b.firmware.trip(1)
    expect(b.status().state).toBe('Alarm')
    expect(b.send('$X\n')).toEqual([])
  })

  it('reports while it homes', () => {
    const b = fluid({ 22: 1 })
    b.send('$H\n')
    b.pass(0.5)
    expect(b.status().state).toBe('Home')
    b.pass(0.5)
    expect(b.status().state).toBe('Home')
  })

  it('throws 0x85 away outside a jog, and keeps what waits', () => {
    const b = fluid()
    b.send('G1X-50F1000\nG4P0.1\nG21\n')
    b.send('\x85')
    expect(b.settle().filter((line) => line === 'ok')).toHaveLength(2)
  })
})

describe('GRBL 1.1', () => {
  it('throws bytes above 0x7F away that mean something to others only', () => {
    const b = bench()
    expect(b.send('\x80\x87\x88\xa3\xb0')).toEqual([])
    expect(b.firmware.harmful).toMatchObject({ unknown: 5, macros: 0 })
  })
})
