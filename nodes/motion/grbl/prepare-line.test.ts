import { expect, test } from 'vitest'
import { UserError } from '../../../base/errors.ts'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { mustGoAlone, prepareLine } from './index.ts'

const prepare = (raw: string, maxLength = 79) => prepareLine(raw, { number: 7, maxLength })
function refusal(raw: string, maxLength = 79): UserError {
  try {
    prepare(raw, maxLength)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error(`${raw} was not refused`)
}

test.each([
  ['g1 x10.5 y-2 (to the left) f200', 'G1X10.5Y-2F200'],
  ['N10 G0 Z5 ; up (really', 'N10G0Z5'],
  ['G1(a)X1(b)', 'G1X1'],
  ['G0X1\r', 'G0X1'],
  ['(GrÃ\x84SSE! careful? ~)G0X1', 'G0X1'],
])('takes comments and spaces off %j', (raw, text) => {
  expect(prepare(raw)).toMatchObject({ number: 7, text })
})

test.each(['', '   ', '(only a comment!)', ';~?!', '%', ' % ', '\t\r'])('has nothing to send for %j', (raw) => {
  expect(prepare(raw)).toBeUndefined()
})

test.each([
  ['G1X1!', 5, /hold the machine/],
  ['G1?', 3, /status report/],
  ['~G1', 1, /start the machine/],
  ['G1X1\u00c4', 5, /plain ASCII/],
  ['G1\x18X1', 3, /0x18/],
  ['G1\x7fX1', 3, /0x7f/],
  ['/G1X-2', 1, /block delete/],
  ['  /G1X-2', 3, /block delete/],
  ['G1 (never ends', 4, /never ends/],
  ['G1)X1', 3, /never began/],
])('refuses %j at column %i', (raw, column, reason) => {
  const error = refusal(raw)
  expect(error.code).toBe('line-refused')
  expect(error.message).toMatch(reason)
  expect(error.details).toMatchObject({ line: 7, column })
})

test('counts the length without spaces and comments, and names the first column over', () => {
  const fits = `G1 X${'0'.repeat(76)} (a long comment that does not count)`
  expect(prepare(fits)?.text).toHaveLength(79)
  expect(refusal(`G1 X${'0'.repeat(77)}`).details).toMatchObject({ column: 81 })
  expect(prepare(`G1X${'0'.repeat(200)}`, 255)?.text).toHaveLength(203)
})

test('refuses a line of 10 kB clearly, without repeating it', () => {
  const error = refusal(`G1X${'1'.repeat(10_000)}`)
  expect(error.message).toContain('Line 7')
  expect(error.message).toContain('10003 characters')
  expect(error.message.length).toBeLessThan(300)
})

test('whatever it lets pass is ASCII without a real-time character, within the limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 120 }), (raw) => {
      let line: ReturnType<typeof prepare>
      try {
        line = prepare(raw)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
        return
      }
      if (!line) return
      expect(line.text).toMatch(/^[\x21-\x7d]+$/)
      expect(line.text).not.toMatch(/[?!~();\s]/)
      expect(line.text.startsWith('/')).toBe(false)
      expect(line.text.length).toBeLessThanOrEqual(79)
    }),
    { numRuns: rounds(3000) },
  )
})

test('spaces and comments change nothing of what is sent', () => {
  const word = fc.tuple(fc.constantFrom(...'GXYZFS'), fc.integer({ min: -999, max: 999 })).map(([letter, value]) => `${letter}${value}`)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.array(fc.constantFrom('', ' ', '\t', '(x!)', '( é )')), (words, fillers) => {
      const spaced = words.map((w, i) => w + (fillers[i % Math.max(1, fillers.length)] ?? '')).join('')
      expect(prepare(spaced)?.text).toBe(words.join(''))
    }),
  )
})

test.each(['G10L2P1X0', 'G10 L20 P0 X0', 'G28.1', 'G30.10', 'G54', 'G0G55X1', 'G059.3', '$110=500', '$#', 'G28', 'G028X0'])('sends %s alone', (raw) => {
  expect(prepare(raw)?.isAlone).toBe(true)
})

test.each(['G1X10', 'G0X28', 'G38.2Z-5F50', 'G1X1.1Y5.4', 'G53G0Z0', 'M3S1000', 'G17G21G90G94', 'G5.1X1'])('lets %s share the buffer', (raw) => {
  expect(mustGoAlone(raw)).toBe(false)
})

test('knows how long a dwell makes its answer wait', () => {
  expect(prepare('G4 P2.5')?.dwellS).toBe(2.5)
  expect(prepare('G04P1')?.dwellS).toBe(1)
  expect(prepare('G43.1Z1')?.dwellS).toBe(0)
  expect(prepare('G40P9')?.dwellS).toBe(0)
})
