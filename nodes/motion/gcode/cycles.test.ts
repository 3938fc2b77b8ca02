import { expect, test } from 'vitest'
import { readProgram } from './index.ts'
import { lines, modelWith, read } from './test/read.ts'

const HEAD = 'G21 G90 M3 S1000 F100 T1 M6'
const drill = (...source: string[]) => {
  const result = read(lines(HEAD, 'G0 X0 Y0 Z10', ...source))
  return { ...result, path: result.path.slice(1), output: result.output.slice(2) }
}

test('G81 goes over the hole, to R, in at feed, and out at once', () => {
  const { path, output, errors, facts } = drill('G98 G81 X5 Y6 Z-3 R2', 'X10', 'G80')
  expect(errors).toEqual([])
  expect(path).toEqual([
    'rapid 5 6 10',
    'rapid 5 6 2',
    'feed 5 6 -3',
    'rapid 5 6 2',
    'rapid 5 6 10',
    'rapid 10 6 10',
    'rapid 10 6 2',
    'feed 10 6 -3',
    'rapid 10 6 2',
    'rapid 10 6 10',
  ])
  expect(output).toEqual(['G0X5Y6', 'G0Z2', 'G1Z-3', 'G0Z2', 'G0Z10', 'G0X10', 'G0Z2', 'G1Z-3', 'G0Z2', 'G0Z10', 'G80'])
  expect(facts.isExpanded).toBe(true)
})

test('G99 stays at R between the holes', () => {
  expect(drill('G99 G81 X5 Z-3 R2', 'X10').path).toEqual([
    'rapid 5 0 10',
    'rapid 5 0 2',
    'feed 5 0 -3',
    'rapid 5 0 2',
    'rapid 10 0 2',
    'feed 10 0 -3',
    'rapid 10 0 2',
  ])
})

test('goes up to R first where it stands below', () => {
  expect(drill('G0 Z1', 'G99 G81 X5 Z-3 R2').path).toEqual(['rapid 0 0 1', 'rapid 0 0 2', 'rapid 5 0 2', 'feed 5 0 -3', 'rapid 5 0 2'])
})

test('in G91 R counts from where it stands, the depth from R, and the hole repeats step by step', () => {
  const { path, output, state } = drill('G91 G99 G81 X5 Z-6 R-8 L2', 'G80')
  expect(path).toEqual(['rapid 5 0 10', 'rapid 5 0 2', 'feed 5 0 -4', 'rapid 5 0 2', 'rapid 10 0 2', 'feed 10 0 -4', 'rapid 10 0 2'])
  // written out in absolute coordinates, so that nothing adds up
  expect(output).toEqual(['G91', 'G90', 'G0X5', 'G0Z2', 'G1Z-4', 'G0Z2', 'G0X10', 'G1Z-4', 'G0Z2', 'G91', 'G80'])
  expect(state.modal.isIncremental).toBe(true)
})

test('G82 dwells, G83 pecks out to R, G73 pecks a little', () => {
  expect(drill('G99 G82 X5 Z-3 R2 P0.5')).toMatchObject({ output: ['G0X5', 'G0Z2', 'G1Z-3', 'G4P0.5', 'G0Z2'] })
  expect(drill('G99 G83 X5 Z-3 R2 Q2').output).toEqual(['G0X5', 'G0Z2', 'G1Z0', 'G0Z2', 'G0Z0.254', 'G1Z-2', 'G0Z2', 'G0Z-1.746', 'G1Z-3', 'G0Z2'])
  expect(drill('G99 G73 X5 Z-3 R2 Q2').output).toEqual(['G0X5', 'G0Z2', 'G1Z0', 'G0Z0.254', 'G1Z-2', 'G0Z-1.746', 'G1Z-3', 'G0Z2'])
})

test('G85 and G89 feed out, G86 stops the spindle, G88 waits for a person, G84 reverses', () => {
  expect(drill('G99 G85 X5 Z-3 R2').output).toEqual(['G0X5', 'G0Z2', 'G1Z-3', 'G1Z2'])
  expect(drill('G99 G89 X5 Z-3 R2 P1').output).toEqual(['G0X5', 'G0Z2', 'G1Z-3', 'G4P1', 'G1Z2'])
  expect(drill('G99 G86 X5 Z-3 R2').output).toEqual(['G0X5', 'G0Z2', 'G1Z-3', 'M5', 'G0Z2', 'M3'])
  expect(drill('G99 G88 X5 Z-3 R2').output).toEqual(['G0X5', 'G0Z2', 'G1Z-3', 'M5', 'M0', 'G0Z2', 'M3'])
  const tap = drill('G99 G84 X5 Z-3 R2')
  expect(tap.output).toEqual(['G0X5', 'G0Z2', 'G1Z-3', 'M5', 'M4', 'G1Z2', 'M5', 'M3'])
  expect(tap.findings).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'tapping' }))
  expect(drill('G99 G82 X5 Z-3 R2 P0.5').events).toContainEqual({ kind: 'dwell', line: 3, seconds: 0.5 })
})

test('what else stands in the line goes out before it', () => {
  expect(drill('N40 G98 G81 X5 Z-3 R2 F300 M8').output).toEqual(['F300M8', 'G0X5', 'G0Z2', 'G1Z-3', 'G0Z2', 'G0Z10'])
})

test('in inches and in other planes', () => {
  const { path, output } = drill('G20', 'G99 G81 X1 Z-0.1 R0.1 F5')
  expect(path.at(-1)).toBe('rapid 25.4 0 2.54')
  expect(output).toEqual(['G20', 'F5', 'G0X1', 'G0Z0.1', 'G1Z-0.1', 'G0Z0.1'])
  expect(drill('G18 G99 G81 X5 Z1 Y-3 R2').path).toEqual(['rapid 0 2 10', 'rapid 5 2 1', 'feed 5 -3 1', 'rapid 5 2 1'])
})

test('a controller with cycles gets the line as it is, and the moves are checked all the same', () => {
  const source = lines(HEAD, 'G0 Z10', 'G98 G81 X5 Z-3 R2', 'G84 X6 Z-3 R2', 'G80')
  const { output, path } = read(source, { dialect: 'grblhal' })
  expect(output.slice(2, 3)).toEqual(['G98G81X5Z-3R2'])
  expect(path).toHaveLength(1 + 5 + 5)
  // grblHAL has no G84
  expect(output.slice(3)).toEqual(['G0X6', 'G0Z2', 'G1Z-3', 'M5', 'M4', 'G1Z2', 'M5', 'M3', 'G0Z10', 'G80'])
  expect(read(source, { dialect: 'grblhal', envelopeMm: { min: [0, 0, -2], max: [9, 9, 20] } }).errors).toEqual(['outside-envelope', 'outside-envelope'])
})

test.each([
  ['G81 X5 R2', 'word-missing'],
  ['G81 X5 Z-3', 'word-missing'],
  ['G83 X5 Z-3 R2', 'word-missing'],
  ['G83 X5 Z-3 R2 Q0', 'word-invalid'],
  ['G83 X5 Z-3 R2 Q0.0001', 'word-invalid'],
  ['G81 X5 Z3 R2', 'word-invalid'],
  ['G81 X5 Z-3 R2 L0', 'word-invalid'],
  ['G81 X5 Z-3 R2 L1.5', 'integer-needed'],
  ['G87 X5 Z-3 R2', 'code-unknown'],
  ['G93 G81 X5 Z-3 R2 F1', 'modal-conflict'],
  ['G81 X5 Z-3 R2 K2', 'word-unused'],
  ['G53 G81 X5 Z-3 R2', 'modal-conflict'],
])('refuses %s', (line, code) => {
  expect(drill(line)).toMatchObject({ errors: [code], output: [], path: [] })
})

test('numbers stay from line to line of one cycle, and are forgotten with the cycle', () => {
  expect(drill('G99 G81 X5 Z-3 R2', 'G1 X6', 'G81 X7').errors).toEqual(['word-missing'])
  expect(drill('G99 G81 X5 Z-3 R2', 'G82 X7').errors).toEqual(['word-missing'])
  expect(drill('G99 G81 X5 Z-3 R2', 'X7 Z-4').path.at(-2)).toBe('feed 7 0 -4')
})

test('a program that would drill for ever is refused', () => {
  const codes = new Set<string>()
  const reader = readProgram(modelWith(), { finding: ({ severity, code }) => severity === 'error' && codes.add(code) })
  reader.add(new TextEncoder().encode(lines('G21 F100', 'G0 Z10', ...Array.from({ length: 110 }, (_, i) => `G83 X${i} Z-100 R2 Q0.0103`))))
  expect(reader.end().errors).toBeGreaterThan(0)
  expect([...codes]).toEqual(['flow-endless'])
})
