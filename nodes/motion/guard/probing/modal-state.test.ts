import { expect, test } from 'vitest'
import { linesToRestore } from './modal-state.ts'

test.each([
  ['G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0', false, ['G21G90G94F0', 'G0']],
  ['G1 G54 G17 G20 G91 G94 M3 M9 T1 F30 S100', true, ['G20G91G94F30', 'G1']],
  ['G1 G54 G17 G20 G90 G94 M3 M9 T1 F762 S100', false, ['G20G90G94F30', 'G1']],
  ['G80 G54 G17 G21 G90 G93 M5 M9 T0 F5 S0', false, ['G21G90G93', 'G80']],
  ['G3 G55 G18 G21 G90 G94 M5 M9 T0 F100 S0', false, ['G21G90G94F100', 'G1']],
  ['G38.2 G54 G17 G21 G90 G94 M5 M9 T0 F100 S0', false, ['G21G90G94F100', 'G0']],
])('%s is put back after probing', (words, isReportingInches, lines) => {
  expect(linesToRestore(words.split(' '), isReportingInches)).toEqual(lines)
})
