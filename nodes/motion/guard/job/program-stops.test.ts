import { expect, test } from 'vitest'
import { prepareLine } from '../../grbl/index.ts'
import { stepsOf, toolWordOf } from './program-stops.ts'

const BY_GUARD = { optionalStop: true, isToolChangedByController: false }
const steps = (raw: string, rules = BY_GUARD, selected = 0) => {
  const line = prepareLine(raw, { number: 7, maxLength: 79 })
  if (!line) throw new Error('nothing in it')
  return stepsOf(line, rules, selected).map((step) => {
    if (step.kind === 'send') return step.line.text
    if (step.kind === 'stop') return `<${step.stop}${step.stop === 'tool-change' ? ` ${step.tool}` : ''}>`
    return step.kind === 'controller-change' ? `<controller ${step.tool} ${step.line.text}>` : '<nothing>'
  })
}

test.each([
  ['G1 X5', ['G1X5']],
  ['M3 S1000', ['M3S1000']],
  ['M0', ['<program-stop>']],
  ['M00', ['<program-stop>']],
  ['M60', ['<program-stop>']],
  ['N10 M0', ['<program-stop>']],
  ['M01', ['<optional-stop>']],
  ['M6', ['<tool-change 4>']],
  ['M06 T12', ['<tool-change 12>', 'T12']],
  ['T3 M6 G0 X5', ['<tool-change 3>', 'T3G0X5']],
  ['G0 X5 M0', ['G0X5', '<program-stop>']],
  ['T2 M6 M0', ['<tool-change 2>', 'T2', '<program-stop>']],
  // not these
  ['M61 Q3', ['M61Q3']],
  ['M10', ['M10']],
  ['M30', ['M30']],
  ['M2', ['M2']],
  ['M100', ['M100']],
  ['M62 P0', ['M62P0']],
])('%s is taken apart in the order of RS-274/NGC', (raw, expected) => {
  expect(steps(raw, BY_GUARD, 4)).toEqual(expected)
})

test('M1 is nothing where optional stop is off, and never reaches the controller', () => {
  const rules = { ...BY_GUARD, optionalStop: false }
  expect(steps('M1', rules)).toEqual(['<nothing>'])
  expect(steps('G0 X1 M1', rules)).toEqual(['G0X1'])
})

test('a controller that changes tools gets the line whole', () => {
  expect(steps('T5 M6 G43', { optionalStop: false, isToolChangedByController: true })).toEqual(['<controller 5 T5M6G43>'])
})

test('the last step of a line counts it, and only that', () => {
  const line = prepareLine('T2 M6 G0 X1 M0', { number: 1, maxLength: 79 })
  if (!line) throw new Error('nothing')
  expect(stepsOf(line, BY_GUARD, 0).map(({ isLast }) => isLast)).toEqual([false, false, true])
})

test.each([
  ['T1', 1],
  ['M6T012', 12],
  ['G1X5', undefined],
])('the tool that %s selects', (text, tool) => {
  expect(toolWordOf(text)).toBe(tool)
})
