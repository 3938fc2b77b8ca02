/** Where grblHAL differs from GRBL 1.1 (grblHAL core: protocol.c, report.c, system.c; seen with the real firmware). */
import { describe, expect, it } from 'vitest'
import { bench, CTRL_X, JOG_CANCEL, UNLOCK } from './test-bench.ts'

const BANNER = "GrblHAL 1.1f ['$' or '$HELP' for help]"
const hal = (settings: Parameters<typeof bench>[0] = {}, options: Parameters<typeof bench>[1] = {}) => bench(settings, { personality: 'grblhal', ...options })
const answers = (lines: string[]) => lines.filter((line) => /^(ok|error)/.test(line))
const FULL = '\x87'
const STOP = '\x19'

describe('grblHAL', () => {
  it('says what it is, with its buffers and axes', () => {
    const b = hal({}, { axisCount: 4 })
    const said = b.send('$I\n')
    expect(said).toContain('[OPT:VNMHL+,100,1024,4,0]')
    expect(said).toContain('[AXS:4:XYZA]')
    expect(said).toContain('[FIRMWARE:grblHAL]')
    expect(b.send('$I+\n')).toEqual(said)
    expect(b.send('$G\n')[0]).toBe('[GC:G0 G54 G17 G21 G90 G94 G49 G98 G50 M5 M9 T0 F0 S0.]')
  })

  it('takes CR LF as one end of line', () => {
    expect(answers(hal().send('G21\r\nG90\r\n\r\n'))).toEqual(['ok', 'ok', 'ok'])
    expect(answers(hal().send('G21\n\nG90\r\r'))).toEqual(['ok', 'ok', 'ok', 'ok'])
  })

  it('answers the same error to every following line, until an empty line, a good $ line or a reset', () => {
    const b = hal()
    expect(answers(b.send('G64\nG1X-1F100\nG21\n'))).toEqual(['error:20', 'error:20', 'error:20'])
    expect(b.status().state).toBe('Idle')
    expect(answers(b.send('\nG21\n'))).toEqual(['ok', 'ok'])
    // a $ command that fails is in the way, too
    expect(answers(b.send('$H\nG21\n$G\nG21\n'))).toEqual(['error:5', 'error:5', 'ok', 'ok'])
    b.send('G64\n')
    b.send(CTRL_X)
    expect(answers(b.send('G21\n'))).toEqual(['ok'])
  })

  it('gives everything at 0x87', () => {
    const b = hal({ 22: 1 })
    b.send('$X\n')
    b.send('T3M61Q3\nG59.2\n')
    expect(b.send(FULL)[0]).toMatch(
      /^<Idle\|MPos:0\.000,0\.000,0\.000\|Bf:100,1023\|FS:0,0\|WCO:[^|]*\|WCS:G59\.2\|Ov:100,100,100\|A:\|H:0,0\|T:3\|TLR:0\|FW:grblHAL>$/,
    )
  })

  it('has the alarm in a full report, and in every one with $10 bit 10', () => {
    const b = hal()
    b.send('G1X-100F1000\n')
    b.pass(1)
    b.send(CTRL_X)
    expect(b.send('?')[0]).toMatch(/^<Alarm\|/)
    expect(b.send(FULL)[0]).toMatch(/^<Alarm:3\|/)
    const always = hal({ 10: 511 + 1024 })
    always.firmware.trip(1)
    expect(always.status().state).toBe('Alarm:1')
  })

  it('still answers ? and reports in a critical alarm, refuses the rest with error:79, and gives no stray ok at the reset', () => {
    const b = hal({ 20: 1, 22: 1 })
    b.send('$H\n')
    b.settle()
    expect(b.send('G0X-500\n')).toEqual(['ALARM:2', '[MSG:Reset to continue]', 'ok'])
    expect(b.status().state).toBe('Alarm')
    expect(b.send('$X\n')).toEqual(['error:79'])
    expect(b.send('$G\n').at(-1)).toBe('ok')
    expect(b.send('G0X1\n')).toEqual(['error:9'])
    expect(b.send(CTRL_X)).toEqual([BANNER, UNLOCK])
  })

  it('applies soft limits to homed axes only', () => {
    const b = hal({ 20: 1, 22: 1 })
    b.send('$X\n')
    expect(b.send('G0X-500\n')).toEqual(['ok'])
    b.settle()
    expect(b.status().MPos).toBe('-500.000,0.000,0.000')
  })

  it('homes single axes', () => {
    const b = hal({ 22: 1 })
    b.send('$X\nG0X-20Y-20Z-20\n')
    b.settle()
    expect(answers([...b.send('$HZ\n'), ...b.settle()])).toEqual(['ok'])
    expect(b.status().MPos).toBe('-20.000,-20.000,-1.000')
    expect(answers(b.send('$HA\n'))).toEqual(['error:3'])
  })

  it('answers ? once when homing begins, then at the end', () => {
    const b = hal({ 22: 1 })
    b.send('$H\n')
    expect(b.send('?')[0]).toMatch(/^<Home\|/)
    expect(b.send('?')).toEqual([])
    expect(b.settle().filter((line) => line.startsWith('<'))).toEqual([expect.stringMatching(/^<Idle\|/)])
  })

  it('0x19 brakes, throws the rest away and is Idle where it stands, with no alarm', () => {
    const b = hal()
    b.send('G1X-100F3000\nG1X-200\nG1Y-50\n')
    b.pass(1)
    b.send(STOP)
    expect(b.settle()).toContain('[MSG:Stop]')
    const at = b.status()
    expect(at.state).toBe('Idle')
    expect(Number(at.MPos?.split(',')[0])).toBeLessThan(-45)
    expect(Number(at.MPos?.split(',')[0])).toBeGreaterThan(-60)
    b.send('G91G0Y-1\n')
    b.settle()
    expect(b.status().MPos).toBe(`${at.MPos?.split(',')[0]},-1.000,0.000`)
  })

  it('0x85 throws away what waits to be read, in any state, without an answer', () => {
    const b = hal()
    b.send('G1X-100F1000\nG4P1\n')
    expect(b.send('G21\nG21\nG21\n')).toEqual([])
    b.send(JOG_CANCEL)
    expect(answers(b.settle())).toEqual(['ok'])
    expect(b.firmware.harmful.flushed).toBe(12)
    expect(b.status().state).toBe('Idle')
  })

  it('waits in Tool after M6 with everything off, until ~', () => {
    const b = hal()
    b.send('M3S1000\nT5M6\n')
    expect(b.status()).toMatchObject({ state: 'Tool', FS: '0,0' })
    expect(b.send('G21\n')).toEqual([])
    b.send('\xa3')
    expect(b.status().state).toBe('Tool')
    expect(answers(b.send('~'))).toEqual(['ok', 'ok'])
    expect(b.status().state).toBe('Idle')
    expect(b.send('$G\n')[0]).toContain(' T5 ')
  })

  it('keeps the tool chosen by T for the next M6', () => {
    const b = hal()
    b.send('T7\nG21\n')
    expect(b.send('$G\n')[0]).toContain(' T0 ')
    b.send('M6\n~')
    expect(b.send('$G\n')[0]).toContain(' T7 ')
  })

  it('hears and answers while it writes its storage', () => {
    const b = hal()
    b.send('G10L2P1X-5\n')
    expect(b.send('?')[0]).toMatch(/^</)
    expect(b.firmware.lostBytes.eeprom).toBe(0)
  })

  it('keeps ? ~ ! inside $ lines and comments with $39=0, and acts on them with $39=1', () => {
    const keeps = hal({ 39: 0 })
    expect(keeps.send('(careful!)\n')).toEqual(['ok'])
    expect(keeps.status().state).toBe('Idle')
    const acts = hal()
    acts.send('(careful!)\n')
    expect(acts.status().state).toBe('Hold:0')
  })

  it('resumes with an empty message', () => {
    const b = hal()
    b.send('!')
    expect(b.send('~')).toEqual(['[MSG:]'])
  })

  it('sleeps with $62 only', () => {
    expect(hal().send('$SLP\n')).toEqual(['error:3'])
    expect(answers(hal({ 62: 1 }).send('$SLP\n'))).toEqual(['ok'])
  })

  it('is locked by its emergency stop, which a reset does not leave while it is pressed', () => {
    const b = hal()
    b.firmware.setEmergencyStop(true)
    expect(b.send('')).toEqual(['ALARM:10', '[MSG:Reset to continue]'])
    expect(b.status()).toMatchObject({ state: 'Alarm', Pn: 'E' })
    expect(b.send(CTRL_X)).toEqual([])
    b.firmware.setEmergencyStop(false)
    expect(b.send(CTRL_X)).toEqual([BANNER, UNLOCK])
  })

  it('lists alarms, errors and settings', () => {
    expect(hal().send('$EA\n')).toContain('[ALARMCODE:10||EStop asserted. Clear and reset]')
    expect(hal().send('$EE\n')[0]).toMatch(/^\[ERRORCODE:1\|\|/)
    expect(hal().send('$ES\n')[0]).toMatch(/^\[SETTING:0\|/)
  })

  it('moves up to six axes, rotary ones in degrees whatever the units', () => {
    const b = hal({}, { axisCount: 6 })
    b.send('G20\nG1X-1A-45B-10C-5F100\n')
    b.settle()
    expect(b.status().MPos).toBe('-25.400,0.000,0.000,-45.000,-10.000,-5.000')
    expect(hal({}, { axisCount: 4 }).send('G0B1\n')).toEqual(['error:20'])
    expect(b.send('$#\n')).toContain('[G59.3:0.000,0.000,0.000,0.000,0.000,0.000]')
  })

  it('parks with $41: out slowly, up fast, and back before the cycle goes on', () => {
    const b = hal({ 22: 1, 41: 1 })
    b.send('$H\n')
    b.settle()
    b.send('M3S1000\nG1Z-60F2000\nG1X-100F1000\n')
    b.pass(4)
    b.send('\x84')
    b.pass(1)
    expect(b.status().state).toBe('Door:2')
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Door:0', MPos: expect.stringMatching(/,-5\.000$/), FS: '0,0' })
    b.send('~')
    expect(b.status().state).toBe('Door:3')
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '-100.000,-1.000,-60.000', FS: '0,1000' })
  })
})
