import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { StoredProgram } from './stored-program.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function stored(text: string, pieceBytes: number): StoredProgram {
  const program = new StoredProgram()
  const all = bytes(text)
  for (let at = 0; at < all.length; at += pieceBytes) program.add(all.slice(at, at + pieceBytes))
  return program
}

describe('a program kept in memory', () => {
  it('gives any line back, whatever the line ends and wherever the pieces are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[GXY0-9. ()ä-]{0,12}$/), { maxLength: 300 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 97 }),
        fc.boolean(),
        (lines, end, pieceBytes, isEnded) => {
          const whole = isEnded || lines.at(-1) === '' ? lines.map((line) => line + end).join('') : lines.join(end)
          const program = stored(whole, pieceBytes)
          expect(program.lines).toBe(lines.length)
          expect(program.text(1, lines.length + 5)).toEqual(lines)
          const from = Math.ceil(lines.length / 2)
          expect(program.text(from + 1, 70)).toEqual(lines.slice(from, from + 70))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is empty when it holds nothing', () => {
    expect(stored('', 1).lines).toBe(0)
    expect(stored('', 1).text(1, 10)).toEqual([])
    expect(stored('\n', 1).lines).toBe(1)
  })

  it('shows the beginning of a line that never ends', () => {
    expect(stored('x'.repeat(10_000), 512).text(1, 1)[0]).toHaveLength(4096)
  })
})
