/** Lines as gauges send them, and as they must not be taken. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { checker } from '../../base/schema.ts'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import { isRefused, parserOf } from './formats.ts'
import { createLines } from './lines.ts'
import { matcherOf } from './pattern.ts'
import { Settings } from './settings.ts'

const settings = (more: object) => checker(Settings).parse(more, 'settings')
const parse = (more: object, line: string) => {
  const result = parserOf(settings(more))(line)
  return isRefused(result) ? result.code : result
}

describe('a Mitutoyo line', () => {
  const mm = { format: 'mitutoyo', path: '/dev/x' }
  const inch = { ...mm, length: 'inch' }
  it.each([
    // QM-Height manual No. 99MAF600B
    [mm, '01A+0000.123', { value: 0.123, decimals: 3, unit: 'mm', channel: '1' }],
    [inch, '01A+00.12345', { value: 0.12345, decimals: 5, unit: 'inch', channel: '1' }],
    [mm, '01A-0012.345', { value: -12.345, decimals: 3, unit: 'mm', channel: '1' }],
    [mm, '04A+00012.34', { value: 12.34, decimals: 2, unit: 'mm', channel: '4' }],
    [mm, '01A-0000.000', { value: 0, decimals: 3, unit: 'mm', channel: '1' }],
  ])('%# %s is read whole', (set, line, reading) => {
    expect(parse(set, line)).toEqual(reading)
  })
  it.each([
    [mm, '911', 'gauge-error'],
    [mm, '01A+0000.12', 'line-unknown'],
    [mm, '1A+0000.123', 'line-unknown'],
    [mm, '01A+0000.12301A+0000.456', 'line-unknown'],
    [mm, '01A+00.00.12', 'value-wrong'],
    [mm, '01A+........', 'value-wrong'],
    [mm, '01B+0000.123', 'line-unknown'],
    [mm, 'ERR', 'line-unknown'],
    [mm, '01A+00.12345', 'unit-doubtful'],
    [inch, '01A+0000.123', 'unit-doubtful'],
  ])('%# %s is refused: %s %s', (set, line, code) => {
    expect(parse(set, line)).toBe(code)
  })
})

describe('a Mark-10 line', () => {
  const any = { format: 'mark-10', path: '/dev/x' }
  it.each([
    [any, '-18.78 lbFin', { value: -18.78, decimals: 2, unit: 'lbFin' }],
    [any, '0.0 N', { value: 0, decimals: 1, unit: 'N' }],
    [any, '12.5 mm', { value: 12.5, decimals: 1, unit: 'mm' }],
    [{ ...any, unit: 'N' }, '12.5', { value: 12.5, decimals: 1, unit: 'N' }],
  ])('%# %s is read whole', (set, line, reading) => {
    expect(parse(set, line)).toEqual(reading)
  })
  it.each([
    [{ ...any, unit: 'N' }, '18.78 lbF', 'unit-wrong'],
    [any, '18.78', 'unit-missing'],
    [any, '1.2.3 N', 'line-unknown'],
    [any, 'OVERLOAD', 'line-unknown'],
    [any, 'Infinity N', 'line-unknown'],
    [any, '1e3 N', 'line-unknown'],
  ])('%# %s is refused: %s %s', (set, line, code) => {
    expect(parse(set, line)).toBe(code)
  })
})

describe('a line by a pattern', () => {
  const own = (pattern: string, more: object = {}) => ({ format: 'generic', path: '/dev/x', pattern, ...more })
  it.each([
    [own('(?<sign>[+-]?) *(?<value>[0-9.]+) *(?<unit>[a-z]+)'), '- 1.50 in', { value: -1.5, decimals: 2, unit: 'inch' }],
    [own('X=(?<value>[0-9,]+)', { decimal: 'comma', unit: 'mm' }), 'X=12,30', { value: 12.3, decimals: 2, unit: 'mm' }],
    [own('G(?<channel>[0-9]) (?<value>-?[0-9.]+)', { unit: 'um' }), 'G2 -4', { value: -4, decimals: 0, unit: 'µm', channel: '2' }],
  ])('%# is read by its named groups', (set, line, reading) => {
    expect(parse(set, line)).toEqual(reading)
  })
  it.each([
    [own('(?<value>.+)', { unit: 'mm' }), 'NaN', 'value-wrong'],
    [own('(?<value>.+)', { unit: 'mm' }), '1,5', 'value-wrong'],
    [own('(?<sign>.)(?<value>.+)', { unit: 'mm' }), '--1.5', 'sign-twice'],
    [own('(?<value>[0-9.]+)', { unit: 'mm' }), '12.3 mm', 'line-unknown'],
    [own('(?<value>[0-9.]+)'), '12.3', 'unit-missing'],
  ])('%# is refused: %s %s %s', (set, line, code) => {
    expect(parse(set, line)).toBe(code)
  })
  it.each([
    ['', 'pattern-missing'],
    ['(?<value>[', 'pattern-wrong'],
    ['[0-9]+', 'pattern-wrong'],
    ['(?<value>[0-9]+)(?<valu>x)', 'pattern-wrong'],
    ['(?<value>([0-9]+)+)', 'pattern-slow'],
    ['(?<value>(a|a)*b)', 'pattern-slow'],
    ['(?<value>([0-9]+[.]?)*)mm', 'pattern-slow'],
    ['(?<value>(x+x+)+y)', 'pattern-slow'],
  ])('%s is not taken: %s', (pattern, code) => {
    expect(() => matcherOf(pattern)).toThrow(expect.objectContaining({ code }))
  })
})

describe('lines of a wire', () => {
  const cut = (ends: 'cr' | 'lf', chunks: readonly string[]) => {
    const told: string[] = []
    const lines = createLines({ ends, longest: 40 }, { onLine: (line) => told.push(line), onTrouble: (trouble) => told.push(`!${trouble}`) })
    for (const chunk of chunks) lines.push(Buffer.from(chunk, 'latin1'))
    lines.end()
    return told
  }
  it('come one by one, however they are cut on the way', () => {
    expect(cut('cr', ['01A+00', '00.123\r01A-0000.', '456\r'])).toEqual(['01A+0000.123', '01A-0000.456'])
    expect(cut('lf', ['1.2 N\r', '\n3.4 N\n'])).toEqual(['1.2 N', '3.4 N'])
    expect(cut('cr', ['1\r\n2\r\n'])).toEqual(['1', '2'])
  })
  it('that are too long, or have what nobody sees, are refused with what belongs to them', () => {
    expect(cut('cr', [`${'9'.repeat(50)}\r`, '1.5\r'])).toEqual(['!line-long', '!line-torn', '1.5'])
    expect(cut('lf', ['1.\x0005\n', '1.5\n'])).toEqual(['!line-garbled', '1.5'])
    expect(cut('lf', ['1.5\r2.5\n'])).toEqual(['!line-garbled'])
  })
  it('that stop in the middle are refused, and so is what may be their other half', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const told: string[] = []
    const lines = createLines({ ends: 'cr', longest: 40 }, { onLine: (line) => told.push(line), onTrouble: (trouble) => told.push(`!${trouble}`) })
    lines.push(Buffer.from('12'))
    vi.advanceTimersByTime(600)
    lines.push(Buffer.from('345\r'))
    lines.push(Buffer.from('7.8\r'))
    expect(told).toEqual(['!line-half', '!line-torn', '7.8'])
  })
  it('that have come whole are whole, however long this process stood still before it read the second half', async () => {
    const told: string[] = []
    const quietMs = 50
    const lines = createLines({ ends: 'cr', longest: 40, quietMs }, { onLine: (line) => told.push(line), onTrouble: (trouble) => told.push(`!${trouble}`) })
    const server = createServer((socket) =>
      socket.once('data', (bytes) => {
        lines.push(bytes)
        socket.on('data', (more) => lines.push(more))
        gauge.write('345\r')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * quietMs)
      }),
    )
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const gauge = connect((server.address() as AddressInfo).port, '127.0.0.1', () => gauge.write('12'))
    onTestFinished(() => {
      gauge.destroy()
      server.close()
    })
    await expect.poll(() => told).toEqual(['12345'])
  })
  it('give out a whole line or nothing, for any bytes cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('1.5', '-22.75', '300'),
            fc.string({ maxLength: 12 }).filter((text) => !/[\r\n]/.test(text)),
          ),
          { maxLength: 8 },
        ),
        fc.array(fc.nat(20), { maxLength: 20 }),
        (sent, cuts) => {
          const all = Buffer.from(sent.map((line) => `${line}\r`).join(''), 'latin1').toString('latin1')
          const chunks: string[] = []
          for (let at = 0, index = 0; at < all.length; index += 1) {
            const size = cuts.length ? (cuts[index % cuts.length] ?? 1) + 1 : all.length
            chunks.push(all.slice(at, at + size))
            at += size
          }
          const whole = new Set(sent.map((line) => Buffer.from(line, 'latin1').toString('latin1')))
          for (const line of cut('cr', chunks)) if (!line.startsWith('!')) expect(whole).toContain(line)
        },
      ),
      { numRuns: rounds(300) },
    )
  })
})
