import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import { Block, LINE } from './block.ts'
import { codeTable } from './code-table.ts'
import { dialectFor } from './dialects.ts'
import { scanLine } from './scan.ts'
import { read } from './test/read.ts'

const TABLE = codeTable(dialectFor('grbl'))

function scan(line: string): Block {
  const block = new Block()
  scanLine(new TextEncoder().encode(`${line}\n`), 0, block, TABLE)
  return block
}

test('reads words in any spelling', () => {
  const block = scan('  n10 g01x-1.5 Y +.25 (c) z5. ; d')
  expect(block.kind).toBe(LINE.words)
  expect([block.value('N'), block.value('X'), block.value('Y'), block.value('Z')]).toEqual([10, -1.5, 0.25, 5])
  expect(block.column('X')).toBe(10)
  expect(block.code(1)).toBe(10)
})

test('reads every number as Number() does', () => {
  const digits = fc.stringMatching(/^\d{0,20}$/)
  fc.assert(
    fc.property(fc.constantFrom('', '-', '+'), digits, fc.boolean(), digits, (sign, whole, hasPoint, fraction) => {
      const text = hasPoint ? `${whole}.${fraction}` : whole
      fc.pre(/\d/.test(text) && Number(text) <= 1e15)
      const block = scan(`X${sign}${text}`)
      expect(block.kind).toBe(LINE.words)
      expect(block.value('X')).toBe(Number(`${sign}${text}`))
    }),
    { numRuns: rounds(3000) },
  )
})

test.each([
  ['G1 Xfoo Y2', 4, 'number-missing'],
  ['G1X1.2.3', 7, 'line-refused'],
  ['G1X-', 3, 'number-missing'],
  ['G1X.', 3, 'number-missing'],
  [`G1X${'9'.repeat(400)}`, 3, 'number-invalid'],
  ['10', 1, 'line-refused'],
  ['$H', 1, 'line-refused'],
  ['G1 (a', 4, 'comment-open'],
  ['G1)X1', 3, 'comment-open'],
  ['G1X1!', 5, 'line-refused'],
  ['G1?', 3, 'line-refused'],
  ['~G1', 1, 'line-refused'],
  ['G1\x18X1', 3, 'line-refused'],
  ['G1X1Ä', 5, 'line-refused'],
  ['G1 X1 Y2 X3', 10, 'word-repeated'],
  ['G0 G1 X1', 4, 'modal-conflict'],
  ['G1.5 X1', 1, 'code-unknown'],
  ['G-1', 1, 'code-unknown'],
  ['G256 X1', 1, 'code-unknown'],
  ['G38.25', 1, 'code-unknown'],
  ['M7', 1, 'code-unknown'],
  ['G0 X1 %', 7, 'line-refused'],
  ['% G0', 3, 'line-refused'],
  ['G0 / X1', 4, 'line-refused'],
  ['G1X1]', 5, 'line-refused'],
  ['M8 M9', 4, 'modal-conflict'],
])('does not silently drop what it cannot read: %s', (line, column, code) => {
  const block = scan(line)
  expect(block.kind).toBe(LINE.problem)
  expect([block.problemColumn, block.problemCode]).toEqual([column, code])
  expect(block.problemText).toMatch(/^["A-Z].*\.$/)
})

test.each(['G1X1e3', 'G1X1E3'])('has no exponents: %s is X1 and an E that nothing uses', (line) => {
  const { findings } = read(`F100\n${line}\n`)
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'error', code: 'word-unused', line: 2, column: 5 }))
})

test('reads the strange but lawful line of RS274/NGC, and says that it is strange', () => {
  const { moves, findings } = read('g0x +0. 12 34y 7\n')
  expect([...(moves[0]?.to ?? [])].slice(0, 2)).toEqual([0.1234, 7])
  expect(findings).toContainEqual(expect.objectContaining({ code: 'number-spaced', column: 3 }))
})

test.each(['', '   ', '(only a comment!)', ';~?!', '( Grüße )', '\t', '(a)(b);c', '(a (b) c)'])('has nothing to do for %j', (line) => {
  expect(scan(line).kind).toBe(LINE.empty)
})

test('verifies checksums, and takes them off', () => {
  const line = 'N3 G0 X1 '
  const sum = [...line].reduce((all, char) => all ^ char.charCodeAt(0), 0)
  expect(read(`${line}*${sum}\n`).output).toEqual(['N3G0X1'])
  expect(read(`${line}*${sum ^ 1}\n`).errors).toEqual(['checksum-wrong'])
  expect(read(`${line}*\n`).errors).toEqual(['checksum-wrong'])
})

test('takes a comment in a comment out whole, and says so', () => {
  const { output, findings, facts } = read('(Tool: 6 mm (flat) steel)\nG21 G0 X1 (a (b) G1 Y5) Z2\n(open (but closed) X7\n')
  expect(output).toEqual(['G21G0X1Z2', 'X7'])
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'note', code: 'comment-nested', line: 2, column: 11 }))
  expect(facts.isExpanded).toBe(true)
})

test('passes over the end mark of DOS files', () => {
  expect(read('G0X1\r\n\x1a').errors).toEqual([])
  expect(read('G0X1\x1a\n').errors).toEqual(['line-refused'])
})
