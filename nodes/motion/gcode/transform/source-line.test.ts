import { describe, expect, it } from 'vitest'
import { editLine, numberText, parseSourceLine } from './source-line.ts'

const edit = (text: string, edits: Record<string, string | null>, added: [number, string[]][] = []) => {
  const line = parseSourceLine(text)
  const byIndex = Object.entries(edits).map(([letter, to]) => [line.words.findIndex((word) => word.letter === letter), to] as const)
  return editLine(line, { edits: new Map(byIndex), added: new Map(added) })
}

describe('a source line', () => {
  it('is words with their places; comments, block delete and odd things are told', () => {
    const line = parseSourceLine('/n10 g01X -1.5Y.5(X9)F 100 ; Z3')
    expect(line.words.map(({ letter, value }) => `${letter}${value}`)).toEqual(['N10', 'G1', 'X-1.5', 'Y0.5', 'F100'])
    expect([line.isBlockDelete, line.hasComment, line.isStrange]).toEqual([true, true, false])
    expect(parseSourceLine('#1=5').isStrange).toBe(true)
    expect(parseSourceLine('G1 X[1+2]').isStrange).toBe(true)
    expect(parseSourceLine('%').isTapeMark).toBe(true)
    expect(parseSourceLine('N1 G0 X1*71').isStrange).toBe(false)
  })
  it('keeps everything that is not edited', () => {
    expect(edit('N10  G01 X1.0 Y2 (to the corner) F100', { X: 'X3.0' })).toBe('N10  G01 X3.0 Y2 (to the corner) F100')
    expect(edit('G1X1Y2', { Y: 'Y5' })).toBe('G1X1Y5')
  })
  it('takes a word out with its space, and puts words in with theirs', () => {
    expect(edit('G0 X1 Y2 Z3', { Y: null })).toBe('G0 X1 Z3')
    expect(edit('G0 X1', { G: null })).toBe('X1')
    expect(edit('  G0 X1 (a)', { G: null })).toBe('  X1 (a)')
    expect(edit('G1X1F5', {}, [[1, ['Y2']]])).toBe('G1X1Y2F5')
    expect(edit('G1 X1 F5 ;c', {}, [[1, ['Y2', 'Z3']]])).toBe('G1 X1 Y2 Z3 F5 ;c')
    expect(edit('X1 Y2', {}, [[-1, ['G1']]])).toBe('G1 X1 Y2')
    expect(edit('X1Y2', {}, [[-1, ['G1']]])).toBe('G1X1Y2')
    expect(edit('N5 X1', {}, [[0, ['G1']]])).toBe('N5 G1 X1')
    expect(edit('/X1 Y1', {}, [[-1, ['G1']]])).toBe('/G1 X1 Y1')
    expect(edit('G1 (note) X1', { X: null })).toBe('G1 (note)')
    expect(edit('G1 (note) X1', { X: 'Y2' })).toBe('G1 (note) Y2')
  })
  it('loses its checksum when it is changed', () => {
    expect(edit('N1 G0 X1*71', { X: 'X2' })).toBe('N1 G0 X2')
  })
  it('writes numbers without exponents, noise or minus zero, with the decimals they had', () => {
    expect(numberText(1.23456, 4)).toBe('1.2346')
    expect(numberText(-0.00001, 4)).toBe('0')
    expect(numberText(5, 4, '1.500')).toBe('5.000')
    expect(numberText(5.25, 4, '1.')).toBe('5.25')
    expect(numberText(5, 4, '1.')).toBe('5.')
    expect(numberText(1e-7, 4)).toBe('0')
    expect(numberText(100, 4)).toBe('100')
    expect(numberText(-0.0004, 3, '-1.50')).toBe('0.00')
  })
})
