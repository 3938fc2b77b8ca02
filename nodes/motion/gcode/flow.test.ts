import { expect, test } from 'vitest'
import { type Finding, readProgram } from './index.ts'
import { lines, modelWith, read } from './test/read.ts'

const HEAD = 'G21 G90 G1 F100'
const out = (...source: string[]) => {
  const { output, errors, findings } = read(lines(HEAD, ...source))
  if (errors.length) throw new Error(findings.map(({ line, column, text }) => `${line}:${column} ${text}`).join('\n'))
  return output.slice(1)
}
const refused = (...source: string[]) =>
  read(lines(HEAD, ...source))
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ code, line, column }) => `${code} ${line}:${column}`)

test('evaluates expressions as RS274/NGC does', () => {
  const value = (expression: string) => Number(out(`X${expression}`)[0]?.slice(1))
  expect(value('[1 + acos[0] - [2 ** [4.0/2]]]')).toBe(87)
  expect(value('[2.0 / 3 * 1.5 - 5.5 / 11.0]')).toBe(0.5)
  expect(value('[2 ** 3 ** 2]')).toBe(64)
  expect(value('[1 + 2 * 3]')).toBe(7)
  expect(value('[-7 MOD 3]')).toBe(2)
  expect(value('[5 - 3 - 1]')).toBe(1)
  expect(value('[FIX[-2.8] + FUP[2.2] * 10]')).toBe(27)
  expect(value('[ROUND[2.5]]')).toBe(3)
  expect(value('[ROUND[-2.5]]')).toBe(-3)
  expect(value('[ATAN[1]/[-1]]')).toBe(135)
  expect(value('[SQRT[2] * SIN[45]]')).toBe(1)
  expect(value('[EXP[LN[5]]]')).toBe(5)
  expect(value('[1 LT 2 AND 3 GE 3]')).toBe(1)
  expect(value('[1 EQ 1.0000001]')).toBe(1)
  expect(value('[1 XOR 1 OR 0]')).toBe(0)
  expect(value('-[2+3]')).toBe(-5)
  expect(value('ABS[-4]')).toBe(4)
  expect(value('[[[1]]]')).toBe(1)
})

test('parameters: numbered, named, by number of a number, and set behind the line', () => {
  expect(out('#3=15', '#3=6 X#3', 'X#3')).toEqual(['X15', 'X6'])
  expect(out('#1=2', '#2=7', 'X##1')).toEqual(['X7'])
  expect(out('#[1+1]=9', 'X#2')).toEqual(['X9'])
  expect(out('#<My Size>=3', 'X[#<mysize>*2]')).toEqual(['X6'])
  expect(out('#<_glob>=3', 'X-#<_glob>')).toEqual(['X-3'])
  expect(out('X[EXISTS[#<a>]]', '#<a>=0', 'X[EXISTS[#<a>]]')).toEqual(['X0', 'X1'])
  expect(out('#100=1 #100=2', 'X#100')).toEqual(['X2'])
})

test('tells the state that can be known', () => {
  expect(out('X5 Y6', 'Z[#5420 + #<_y>]')).toEqual(['X5Y6', 'Z11'])
  expect(out('G55', 'X#5220', 'X[#<_coord_system>]', 'X#<_metric> Y#<_feed>')).toEqual(['G55', 'X2', 'X550', 'X1Y100'])
  expect(out('G10 L2 P1 X12', 'Y#5221')).toEqual(['G10L2P1X12', 'Y12'])
  expect(out('G20 X1', 'Y#5420 Z#<_abs_x>')).toEqual(['G20X1', 'Y1Z1'])
})

test('refuses what only the machine knows', () => {
  expect(refused('X#5061')).toEqual(['parameter-unknown 2:6'])
  expect(refused('X#5399')).toEqual(['parameter-unknown 2:6'])
  expect(refused('X#<_hal[motion.x]>')).toEqual(['parameter-unknown 2:18'])
  expect(refused('G38.2 Z-5', 'X#5422')).toEqual(['parameter-unknown 3:6'])
  expect(refused('G38.2 Z-5', 'G53 G1 Z0', 'X#5422')).toEqual([])
  expect(refused('X#<nothing>')).toEqual(['parameter-unknown 2:11'])
  expect(refused('#5221=1')).toEqual(['parameter-read-only 2:1'])
  expect(refused('#<_x>=1')).toEqual(['parameter-read-only 2:1'])
  expect(refused('#6000=1')).toEqual(['parameter-invalid 2:1'])
  expect(refused('X#0')).toEqual(['parameter-invalid 2:3'])
  expect(refused('X#1.5')).toEqual(['parameter-invalid 2:3'])
})

test('a parameter that nothing has set counts as 0 where the engine evaluates, and is refused where the controller does', () => {
  expect(read(lines(HEAD, 'X#40')).findings).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'parameter-unset' }))
  expect(read(lines(HEAD, 'X#40'), { dialect: 'linuxcnc' }).errors).toEqual(['parameter-unknown'])
})

test.each([
  ['X[1', 'expression-invalid 2:2'],
  ['X[1+]', 'number-missing 2:5'],
  ['X[1 2 foo]', 'expression-invalid 2:7'],
  ['X[1/0]', 'expression-invalid 2:4'],
  ['X[5 MOD 0]', 'expression-invalid 2:5'],
  ['XSQRT[-1]', 'expression-invalid 2:2'],
  ['XACOS[2]', 'expression-invalid 2:2'],
  ['XLN[0]', 'expression-invalid 2:2'],
  ['XFOO[1]', 'expression-invalid 2:2'],
  ['XATAN[1]', 'expression-invalid 2:9'],
  ['X[[0-2] ** 0.5]', 'expression-invalid 2:9'],
  ['X[10 ** 400]', 'expression-invalid 2:6'],
  ['#1', 'line-refused 2:1'],
  ['#1=', 'number-missing 2:4'],
  ['X#<a', 'expression-invalid 2:3'],
  ['X[1] (open', 'comment-open 2:6'],
  ['X[1]!', 'line-refused 2:5'],
  ['X[1] X2', 'word-repeated 2:6'],
  ['G[1+1.26]', 'code-unknown 2:1'],
  ['X[1] Q[2]', 'word-unused 2:6'],
])('refuses %s', (line, expected) => {
  expect(refused(line)).toEqual([expected])
})

test('what is written out is what is checked: rounded to 4 decimals, to 6 where increments add up', () => {
  const { moves, output } = read(lines(HEAD, 'X[1/3]', 'G91', 'X[1/3]'))
  expect(output.slice(1)).toEqual(['X0.3333', 'G91', 'X0.333333'])
  expect(moves[0]?.to[0]).toBe(0.3333)
  expect(moves[1]?.to[0]).toBeCloseTo(0.666633, 9)
  expect(read(lines('G20 G90 G1 F5', 'X[1/3]')).output.at(-1)).toBe('X0.333333')
})

test('subroutines: arguments, results, own parameters, calls in calls', () => {
  expect(out('o100 sub', '#4=[#1+#2]', 'X#4', 'o100 endsub [#4*2]', 'o100 call [1] [2]', 'Y#<_value>', '#1=7', 'o100 call [3] [4]', 'Z#1')).toEqual([
    'X3',
    'Y6',
    'X7',
    'Z7',
  ])
  expect(
    out(
      'o<fact> sub',
      'o1 if [#1 LE 1]',
      'o<fact> return [1]',
      'o1 endif',
      'o<fact> call [#1-1]',
      'o<fact> endsub [#1*#<_value>]',
      'o<fact> call [5]',
      'X#<_value>',
    ),
  ).toEqual(['X120'])
  expect(out('#101=3', 'o5 sub', 'X1', 'o5 endsub', 'o[#101+2] call')).toEqual(['X1'])
  expect(refused('o1 sub', '#<inner>=1', 'o1 endsub', 'o1 call', 'X#<inner>')).toEqual(['parameter-unknown 6:9'])
})

test('if, elseif, else', () => {
  const branch = (value: number) => out(`#1=${value}`, 'o102 if [#1 GT 5]', 'X1', 'o102 elseif [#1 LT 2]', 'X2', 'o102 else', 'X3', 'o102 endif', 'Y1')
  expect(branch(6)).toEqual(['X1', 'Y1'])
  expect(branch(1)).toEqual(['X2', 'Y1'])
  expect(branch(3)).toEqual(['X3', 'Y1'])
})

test('while, do, repeat, break, continue', () => {
  expect(out('#1=0', 'o101 while [#1 LT 3]', 'X#1', '#1=[#1+1]', 'o101 endwhile')).toEqual(['X0', 'X1', 'X2'])
  expect(out('#1=0', 'o1 do', '#1=[#1+1]', 'o2 if [#1 EQ 2]', 'o1 continue', 'o2 endif', 'X#1', 'o1 while [#1 LT 4]')).toEqual(['X1', 'X3', 'X4'])
  expect(out('o103 repeat [3]', 'G91 X1', 'o103 endrepeat', 'G90')).toEqual(['G91X1', 'G91X1', 'G91X1', 'G90'])
  expect(out('#1=0', 'o1 while [1]', '#1=[#1+1]', 'o2 if [#1 GT 2]', 'o1 break', 'o2 endif', 'X#1', 'o1 endwhile')).toEqual(['X1', 'X2'])
  expect(out('o1 repeat [2]', 'o2 repeat [2]', 'X1', 'o2 endrepeat', 'Y1', 'o1 endrepeat')).toEqual(['X1', 'X1', 'Y1', 'X1', 'X1', 'Y1'])
})

test('findings and moves name the source line, and the line goes on behind', () => {
  const { moves, facts } = read(lines(HEAD, 'o1 repeat [2]', 'X1', 'X2', 'o1 endrepeat', 'X3', 'M2'))
  expect(moves.map(({ line }) => line)).toEqual([3, 4, 3, 4, 6])
  expect(facts).toMatchObject({ sourceLines: 7, outputLines: 7, isExpanded: true, hasEnded: true })
})

test('numbered subprograms behind the main program', () => {
  const { output, errors, findings } = read(
    lines(
      '%',
      'O0001 (MAIN)',
      'N10 G21 G90 G1 F100',
      'N20 M98 P1000 L2',
      'N30 X#100',
      'M30',
      'O1000',
      'G91 X5',
      'M98 P2000',
      'G90',
      'M99',
      'O2000',
      'Y1',
      '#100=8',
      'M99',
      '%',
    ),
  )
  expect(errors).toEqual([])
  expect(output).toEqual(['N10G21G90G1F100', 'G91X5', 'Y1', 'G90', 'G91X5', 'Y1', 'G90', 'N30X8', 'M30'])
  expect(findings.map(({ code }) => code)).not.toContain('text-after-end')
})

test('numbered subprograms before the main program, and repeats in P', () => {
  expect(read(lines('O1000', 'G91 X5', 'G90', 'M99', 'O1', HEAD, 'M98 P1000', 'M30')).output).toEqual([HEAD.replaceAll(' ', ''), 'G91X5', 'G90', 'M30'])
  expect(read(lines(HEAD, 'M98 P31000', 'M30', 'O1000', 'X5', 'M99')).output.slice(1)).toEqual(['X5', 'X5', 'X5', 'M30'])
  expect(read(lines(HEAD, 'M98 P1000 L0', 'M30', 'O1000', 'X5', 'M99')).output.slice(1)).toEqual(['M30'])
  expect(read(lines(HEAD, 'o1 repeat [2]', 'M98 P7', 'o1 endrepeat', 'M30', 'O7', 'X1', 'M99')).output.slice(1)).toEqual(['X1', 'X1', 'M30'])
})

test('a numbered main program streams: it is not kept to its end', () => {
  const { output, errors } = read(lines('O1', HEAD, 'X1', 'M30'))
  expect(errors).toEqual([])
  expect(output).toEqual(['G21G90G1F100', 'X1', 'M30'])
})

test.each([
  [['o1 call'], 'subprogram-missing 2:2'],
  [['M98 P5'], 'subprogram-missing 2:1'],
  [['M98'], 'word-missing 2:1'],
  [['M99'], 'flow-endless 2:1'],
  [['o1 endif'], 'flow-invalid 2:1'],
  [['o1 else'], 'flow-invalid 2:1'],
  [['o1 break'], 'flow-invalid 2:1'],
  [['o1 sub', 'X1'], 'flow-open 2:1'],
  [['o1 if [1]', 'X1'], 'flow-open 2:1'],
  [['o1 foo'], 'flow-invalid 2:4'],
  [['o'], 'flow-invalid 2:2'],
  [['o<a> '], 'flow-invalid 2:6'],
  [['o1 if'], 'flow-open 2:1'],
  [['o1 while 5', 'o1 endwhile'], 'flow-invalid 2:10'],
  [['o1 repeat [2] X1', 'o1 endrepeat'], 'flow-invalid 2:15'],
  [['o1 sub', 'o1 call', 'o1 endsub', 'o1 call'], 'flow-too-deep 3:1'],
  [['o1 sub', 'o2 endsub', 'o1 endsub', 'o1 call [1', 'X5'], 'expression-invalid 5:9'],
])('refuses %j with the line', (source, expected) => {
  expect(refused(...source)).toEqual([expected])
})

test.each([[['o1 while [1]', 'o1 endwhile']], [['o1 while [1]', 'X1', 'X2', 'o1 endwhile']], [['o1 repeat [1000000000]', 'o1 endrepeat']]])(
  '%j is not run for ever',
  (source) => {
    const findings: Finding[] = []
    const reader = readProgram(modelWith(), { finding: (finding) => findings.push({ ...finding }) })
    reader.add(new TextEncoder().encode(lines(HEAD, ...source, 'M2')))
    expect(reader.end()).toMatchObject({ errors: 1, hasEnded: false })
    expect(findings).toContainEqual(expect.objectContaining({ code: 'flow-endless' }))
  },
)

test('an error in a loop is told once', () => {
  expect(refused('o1 repeat [5]', 'X1 Q1', 'o1 endrepeat')).toEqual(['word-unused 3:4'])
})

test('after a loop that cannot be followed, the rest is not looked at', () => {
  const { findings, facts } = read(lines(HEAD, 'o1 while [#5061 GT 1]', 'X1', 'o1 endwhile', 'Q!'))
  expect(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(['parameter-unknown'])
  expect(facts.sourceLines).toBe(5)
})

test('a controller that runs them itself gets the source, and the moves are checked all the same', () => {
  const source = ['o<s> sub', 'X#1', 'o<s> endsub', '#1=0', 'o1 while [#1 LT 3]', 'o<s> call [#1*2]', '#1=[#1+1]', 'o1 endwhile', 'G81 X1 Z-1 R1', 'M2']
  const { output, path, facts, errors } = read(lines(HEAD, ...source), { dialect: 'linuxcnc' })
  expect(errors).toEqual([])
  expect(output).toEqual([HEAD, ...source].map((line) => line.toUpperCase().replaceAll(' ', '')))
  expect(path.slice(0, 3)).toEqual(['feed 0 0 0', 'feed 2 0 0', 'feed 4 0 0'])
  expect(facts.isExpanded).toBe(false)
  expect(read(lines(HEAD, ...source), { dialect: 'linuxcnc', envelopeMm: { min: [0], max: [3] } }).errors).toEqual(['outside-envelope'])
})
