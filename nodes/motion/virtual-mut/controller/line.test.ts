import { describe, expect, it } from 'vitest'
import { BANNER, bench } from './test-bench.ts'

describe('a line', () => {
  it('is answered ok when it is empty, a comment, or parsed', () => {
    const { send } = bench()
    expect(send('\n')).toEqual(['ok'])
    expect(send('(a comment)\n')).toEqual(['ok'])
    expect(send('; to the end ) G1\n')).toEqual(['ok'])
    expect(send('g1 x1 f100\n')).toEqual(['ok'])
  })

  it('ends at CR and at LF, so that CRLF gives two answers', () => {
    expect(
      bench()
        .send('$G\r\n')
        .filter((line) => line === 'ok'),
    ).toHaveLength(2)
  })

  it('may have 79 characters besides spaces and comments, and is refused with error:11 beyond', () => {
    const line79 = `G1X1F${'1'.padStart(74, '0')}`
    expect(line79).toHaveLength(79)
    const fresh = bench()
    expect(fresh.send(`${line79.split('').join(' ')}\n`)).toEqual(['ok'])
    expect(fresh.send(`${line79} (not counted)\n`)).toEqual(['ok'])
    expect(fresh.send(`${line79}0\n`)).toEqual(['error:11'])
    expect(fresh.send('$G\n').at(-1)).toBe('ok')
  })

  it('is executed though it begins with a slash: block delete is not honoured', () => {
    const b = bench()
    b.send('/G1X-2F600\n')
    b.settle()
    expect(b.status().MPos).toBe('-2.000,0.000,0.000')
  })

  it('loses what does not fit into the 128-byte receive buffer, without a word', () => {
    const b = bench()
    b.send('!')
    expect(b.send(`${'G4P0\n'.repeat(25)}G4`)).toEqual([])
    expect(b.firmware.lostBytes.overflow).toBe(0)
    b.send('P1\nG1X1')
    expect(b.firmware.lostBytes.overflow).toBe(6)
    // the last line lost its end: it waits for the next one
    expect([...b.send('~'), ...b.settle()]).toEqual(Array(25).fill('ok'))
  })

  it('takes real-time bytes out anywhere, also in comments, and drops unknown bytes above 0x7F', () => {
    const b = bench()
    expect(b.send('G1X(')).toEqual([])
    const [report] = b.send('?')
    expect(report).toMatch(/^<Idle\|/)
    expect(b.send('\x81\xb0)-1F60\n')).toEqual(['ok'])
    expect(b.status().state).toBe('Run')
  })

  it('holds the machine when a comment has an exclamation mark, and opens the door on a German umlaut in UTF-8', () => {
    const held = bench()
    expect(held.send('(careful!)\n')).toEqual([])
    expect(held.status().state).toBe('Hold:0')
    const door = bench()
    expect(door.send(Buffer.from('(GrÄSSE)\n', 'utf8').toString('latin1'))).toEqual(['[MSG:Check Door]'])
    expect(door.status().state).toBe('Door:0')
    expect(door.send('~')).toEqual([])
    expect(door.settle()).toEqual(['ok'])
  })

  it('raises the feed override by 10 % on a non-breaking hyphen in UTF-8', () => {
    const b = bench()
    b.status()
    expect(b.send(Buffer.from('(1\u20112)\n', 'utf8').toString('latin1'))).toEqual(['ok'])
    expect(b.status().Ov).toBe('110,100,100')
  })
})

describe('power-on', () => {
  it('says the banner and is idle at machine position 0', () => {
    let output = ''
    bench({}, { onOutput: (text) => (output += text) })
    expect(output).toBe(`\r\n${BANNER}\r\n`)
  })

  it('is locked in Alarm when homing is enabled', () => {
    let output = ''
    const b = bench({ 22: 1 }, { onOutput: (text) => (output += text) })
    expect(output).toContain("[MSG:'$H'|'$X' to unlock]")
    expect(b.firmware.stateName).toBe('Alarm')
  })

  it('says error:7 and its settings before the banner when the EEPROM is unreadable', () => {
    let output = ''
    bench({}, { isEepromBlank: true, onOutput: (text) => (output += text) })
    expect(output).toMatch(/^error:7\r\n\$0=10\r\n/)
    expect(output.indexOf('$132=')).toBeLessThan(output.indexOf(BANNER))
  })

  it('runs the startup lines and shows them as no answer', () => {
    const b = bench()
    expect(b.send('$N0=G55\n')).toEqual([])
    expect(b.settle()).toEqual(['ok'])
    expect(b.send('\x18')).toEqual([BANNER, '>G55:ok'])
    expect(b.send('$G\n')[0]).toContain('G55')
  })
})
