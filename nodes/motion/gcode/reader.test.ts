import { expect, test } from 'vitest'
import { UserError } from '../../../base/errors.ts'
import { tidyMemory } from '../../../base/tidy-memory.ts'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { prepareLine } from '../grbl/index.ts'
import { dialectFor, readProgram } from './index.ts'
import { lines, modelWith, read } from './test/read.ts'

const LIMITS = { envelopeMm: { min: [-100, -100, -50], max: [100, 100, 50] } }

/** Bits of lines, some right, some not. */
const bit = fc.oneof(
  fc.constantFrom('G0', 'G1', 'G2', 'G3', 'G17', 'G18', 'G19', 'G20', 'G21', 'G53', 'G54', 'G59', 'G80', 'G90', 'G91', 'G92', 'G92.1', 'G93', 'G94'),
  fc.constantFrom(
    'G10L2P1',
    'G10L20P0',
    'G28',
    'G30',
    'G28.1',
    'G38.2',
    'G43.1',
    'G49',
    'G4P1',
    'M3',
    'M5',
    'M8',
    'M9',
    'M6',
    'M0',
    'M30',
    'G81',
    'G83',
    'G98',
    'G99',
  ),
  fc.constantFrom(
    '#1=2',
    '#<a>=3',
    'X#1',
    'Y[1+2]',
    'o1 sub',
    'o1 endsub',
    'o1 call',
    'o2 if [1]',
    'o2 endif',
    'o3 repeat [3]',
    'o3 endrepeat',
    'O100',
    'M98P100',
    'M99',
  ),
  fc.constantFrom('(c)', ';c', '/', '%', '*12', ' ', '\t', 'Ä', '!', '(', ')', '[', 'N5', 'X'),
  fc.tuple(fc.constantFrom(...'XYZIJKRFSPQLT'), fc.integer({ min: -40, max: 60 })).map(([letter, n]) => `${letter}${n / 4}`),
)
const program = fc
  .array(fc.tuple(fc.array(bit, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r', '\n\n')), { maxLength: 30 })
  .map((all) => all.map(([bits, end]) => bits.join('') + end).join(''))

test('how the bytes are cut into pieces changes nothing', () => {
  fc.assert(
    fc.property(
      program,
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300 }),
      fc.constantFrom('grbl' as const, 'linuxcnc' as const),
      (text, sizes, dialect) => {
        const whole = read(text, { ...LIMITS, dialect })
        const cut = read(text, { ...LIMITS, dialect }, sizes)
        const told = ({ moves, events, output, findings, facts }: typeof whole) => ({ moves, events, output, findings, facts })
        expect(told(cut)).toEqual(told(whole))
      },
    ),
    { numRuns: rounds(400) },
  )
})

test('random bytes make findings, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('grbl' as const, 'grblhal' as const, 'linuxcnc' as const), (bytes, dialect) => {
      const { facts, findings } = read(bytes, { dialect })
      expect(facts.errors).toBe(findings.filter(({ severity }) => severity === 'error').length)
      for (const { line, column, text } of findings) {
        expect(line).toBeGreaterThan(0)
        expect(column).toBeGreaterThan(0)
        expect(text).toMatch(/\.$/)
      }
    }),
    { numRuns: rounds(2000) },
  )
})

test('a finding is a whole sentence, also for an O-word that ends behind its name', () => {
  expect(read('o<a>', { dialect: 'linuxcnc' }).findings.map(({ text }) => text)).toEqual([expect.stringMatching(/keyword.*\.$/)])
})

test('random lines make findings, never an exception', () => {
  fc.assert(
    fc.property(program, fc.constantFrom('grbl' as const, 'grblhal' as const, 'fluidnc' as const, 'linuxcnc' as const), (text, dialect) => {
      const { facts, output } = read(text, { ...LIMITS, dialect })
      expect(facts.outputLines).toBe(output.length)
      for (const line of output) expect(line).toMatch(/^[\x21-\x7d]+$/)
    }),
    { numRuns: rounds(1500) },
  )
})

test('sends each line as prepareLine would, where nothing is to be written out', () => {
  const word = fc
    .tuple(fc.constantFrom(...'XYZ'), fc.integer({ min: -999, max: 999 }), fc.constantFrom('', ' ', '(c!)', '\t'))
    .map(([letter, n, space]) => `${letter}${space === '(c!)' ? '' : space}${n / 8}${space}`)
  const line = fc
    .tuple(
      fc.constantFrom('', 'g1', 'G01 ', 'G0', 'N10G1', '(é)', 'm3 s100', ';x', 'M5'),
      fc.uniqueArray(word, { maxLength: 3, selector: (text) => text.charAt(0) }),
    )
    .map(([head, words]) => head + words.join(''))
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (program) => {
      const text = ['G21G90G1F100', ...program]
      const { output, errors, facts } = read(lines(...text))
      fc.pre(errors.length === 0)
      expect(output).toEqual(text.flatMap((raw, index) => prepareLine(Buffer.from(raw).toString('latin1'), { number: index + 1, maxLength: 79 })?.text ?? []))
      expect(facts.isExpanded).toBe(false)
    }),
    { numRuns: rounds(500) },
  )
})

test('takes no line that prepareLine would refuse, but for those that it writes anew', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 }), (raw) => {
      // a comment in a comment, and the end mark of DOS files
      fc.pre(!/[\r\n]|\(.*\(/.test(raw) && raw.trim() !== '\u001a' && !raw.startsWith('\xef\xbb\xbf'))
      let isRefused = false
      try {
        prepareLine(raw, { number: 1, maxLength: 79 })
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
        isRefused = true
      }
      fc.pre(isRefused && !/^[^A-Z]*\//i.test(raw))
      expect(read(Buffer.from(raw, 'latin1')).facts.errors).toBeGreaterThan(0)
    }),
    { numRuns: rounds(2000) },
  )
})

test('knows LF, CRLF and CR as ends of a line, and counts lines as an editor does', () => {
  const { moves, facts } = read('G0X1\r\nX2\rX3\n\r\nX4')
  expect(moves.map(({ line }) => line)).toEqual([1, 2, 3, 5])
  expect(facts.sourceLines).toBe(5)
})

test('passes over a byte order mark', () => {
  expect(read('\uFEFFG0X1\n').moves[0]).toMatchObject({ line: 1, column: 3 })
})

test('refuses a line that is absurdly long, whole or in pieces, and goes on behind it', () => {
  const text = `G0X1 (${'x'.repeat(5000)})\nG0X2\n`
  for (const pieces of [undefined, Array.from({ length: 100 }, () => 61)]) {
    const { errors, path } = read(text, {}, pieces)
    expect(errors).toEqual(['line-too-long'])
    expect(path).toEqual(['rapid 2 0 0'])
  }
})

test('counts the length of a line without spaces and comments', () => {
  const long = `G1 F100 X${'0'.repeat(71)}1 (${'c'.repeat(100)})`
  expect(read(long).errors).toEqual([])
  expect(read(`G1 F100 X${'0'.repeat(80)}`).errors).toEqual(['line-too-long'])
  expect(read(`G1 F100 X${'0'.repeat(80)}`, { dialect: 'grblhal' }).errors).toEqual([])
})

test('gives up after a thousand errors', () => {
  const text = 'G1 Q\n'.repeat(3000)
  const reader = readProgram(modelWith(), {})
  reader.add(new TextEncoder().encode(text))
  expect(reader.isGivenUp).toBe(true)
  expect(reader.line).toBe(1000)
  expect(reader.end().errors).toBe(1000)
})

test('begins and ends at %, and says when text stands behind the end', () => {
  const { path, findings } = read(lines('%', 'G21', 'G0X1', '%', 'G0X2'))
  expect(path).toEqual(['rapid 1 0 0'])
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['text-after-end']))
  expect(read(lines('G21', 'G0X1', 'M30', '', '(bye)', '%')).findings.filter(({ code }) => code === 'text-after-end')).toEqual([])
})

test('leaves lines with / out when asked, and says that it runs them when not', () => {
  const text = lines('G21', 'G0X1', '/G0X2', '/ X[1/0]', 'M30')
  const deleted = read(text, { blockDelete: true })
  expect(deleted.output).toEqual(['G21', 'G0X1', 'M30'])
  expect(deleted.facts.isExpanded).toBe(true)
  const run = read(lines('G21', '/G0X2', 'M30'))
  expect(run.output).toEqual(['G21', 'G0X2', 'M30'])
  expect(run.findings).toContainEqual(expect.objectContaining({ code: 'block-delete', severity: 'warning', line: 2 }))
})

test('tells columns behind a comment with characters of several bytes', () => {
  expect(read('(äöü) G0 X1 Q\n').findings).toContainEqual(expect.objectContaining({ code: 'number-missing', column: 13 }))
})

test('keeps nothing of what it has read', () => {
  const piece = new TextEncoder().encode('G1X1.234Y5.678Z-1.5\nX2Y3\nX4.5\n'.repeat(2000))
  const reader = readProgram(modelWith({ modal: { ...modelWith().modal, feed: 100 } }), {})
  // what waits to be collected does not count: how much that is, the time decides
  const held = () => {
    tidyMemory()
    return process.memoryUsage().heapUsed
  }
  reader.add(piece)
  const before = held()
  for (let i = 0; i < 100; i += 1) reader.add(piece)
  // 600,000 lines in 18 MB
  expect(held() - before).toBeLessThan(5e6)
  expect(reader.end().errors).toBe(0)
})

test('changes no source it was given, and tells the state between pieces', () => {
  const reader = readProgram(modelWith({ dialect: dialectFor('grblhal') }), {})
  reader.add(new TextEncoder().encode('G20 G91 G55 G0 X1\nG1 X'))
  expect(reader.line).toBe(1)
  expect(reader.state.modal).toMatchObject({ isInches: true, isIncremental: true, workOffset: 1 })
  expect(reader.state.positionMm[0]).toBeCloseTo(25.4)
})
