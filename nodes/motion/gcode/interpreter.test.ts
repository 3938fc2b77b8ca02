import { expect, test } from 'vitest'
import { lines, read, type TestModel } from './test/read.ts'

const SHOP: TestModel = {
  workOffsetsMm: [[100, 50, -10], [0, 0, 0], ...Array.from({ length: 7 }, (_, index) => [index, 0, 0])],
  g28Mm: [5, 5, 0],
  g30Mm: [500, 0, 0],
  envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
}

const end = (source: string, model: TestModel = SHOP) => [...read(source, model).state.positionMm].slice(0, 3)

test('follows units, distance mode and offsets into machine coordinates', () => {
  expect(end('G0 X10 Y10 Z0')).toEqual([110, 60, -10])
  expect(end('G20 G0 X1')[0]).toBeCloseTo(125.4)
  expect(end(lines('G0 X10', 'G91 G0 X5', 'X5', 'G90 X1'))[0]).toBe(101)
  expect(end(lines('G91 X5', 'X5'))[0]).toBe(10)
  expect(end('G55 G0 X10')[0]).toBe(10)
  expect(end('G53 G0 X10')[0]).toBe(10)
  expect(end(lines('G10 L2 P1 X200', 'G0 X1'))[0]).toBe(201)
  expect(end(lines('G53 G0 X30', 'G10 L20 P1 X0', 'G0 X5'))[0]).toBe(35)
  // without P: the offset in force
  expect(end(lines('G55', 'G10 L2 X200', 'G0 X1', 'G54 G0 Y0'))).toEqual([201, 50, 0])
  expect(end(lines('G53 G0 X30', 'G92 X0', 'G0 X5'))[0]).toBe(35)
  expect(end(lines('G53 G0 X30', 'G92 X0', 'G92.1', 'G0 X5'))[0]).toBe(105)
  expect(end(lines('G43.1 Z2', 'G0 Z0'))[2]).toBe(-8)
  expect(end(lines('G43.1 Z2', 'G49', 'G0 Z0'))[2]).toBe(-10)
  expect(end(lines('G0 X10 Y10', 'G28'))).toEqual([5, 5, 0])
  expect(end(lines('G0 X10 Y10', 'G91 G28 Z0'))).toEqual([110, 60, 0])
})

test('keeps what G92.2 suspends until G92.3', () => {
  const model: TestModel = { ...SHOP, dialect: 'linuxcnc' }
  expect(end(lines('G53 G0 X30', 'G92 X0', 'G92.2', 'G0 X5'), model)[0]).toBe(105)
  expect(end(lines('G53 G0 X30', 'G92 X0', 'G92.2', 'G92.3', 'G0 X5'), model)[0]).toBe(35)
})

test('goes home over the place named, and stores homes', () => {
  expect(read(lines('G0 X10', 'G91 G28 X0 Z5'), SHOP).path).toEqual(['rapid 110 0 0', 'rapid 110 0 5', 'rapid 5 0 0'])
  expect(read(lines('G0 X10', 'G28.1', 'G0 X20', 'G28'), SHOP).path.at(-1)).toBe('rapid 110 0 0')
})

test('a rotary axis is not scaled by inches', () => {
  const { state } = read('G20 G0 X1 A90', { dialect: { ...dialect4 } })
  expect([...state.positionMm].slice(0, 4)).toEqual([25.4, 0, 0, 90])
})

const dialect4 = (await import('./index.ts')).dialectFor('grblhal', { axisCount: 4 })

test.each([
  [['G0 X301'], 1, /^X would reach 401\.000 mm .*goes from 0 to 400 mm/],
  [['G0 X10', 'G1 F100 Y-51'], 2, /Y would reach -1\.000/],
  [['G91', 'G0 Z-50', 'Z-31'], 3, /Z would reach -81\.000/],
  [['G20', 'G0 X12'], 2, /X would reach 404\.800/],
  [['G30'], 1, /X would reach 500\.000/],
  [['G53 G0 X-1'], 1, /X would reach -1\.000/],
  [['G10 L2 P1 X390', 'G0 X11'], 2, /X would reach 401/],
  [['G43.1 Z60', 'G0 Z0'], 2, /Z would reach 50/],
  [['G53 G0 X10 Y10', 'G91 G2 F100 X0 Y20 I0 J10', 'G3 X0 Y20 J10 I0', 'G3 X0 Y-20 I-30 J-10'], 4, /^X would reach -5\d/],
])('finds that %j leaves the envelope in line %i', (source, line, text) => {
  const { findings } = read(lines(...source), SHOP)
  const [first] = findings.filter(({ severity }) => severity === 'error')
  expect(first).toMatchObject({ code: 'outside-envelope', line })
  expect(first?.text).toMatch(text)
})

test('an axis that stands outside already and is not moved is not this line’s fault', () => {
  const outside = { ...SHOP, positionMm: [-5, 0, 0] }
  expect(read('G91 G0 Y5', outside).errors).toEqual([])
  expect(read('G91 G0 X1', outside).errors).toEqual(['outside-envelope'])
  expect(read('G91 G0 X10', outside).errors).toEqual([])
})

test('names the column of the first axis word', () => {
  expect(read('G0 X10 Y400', SHOP).findings).toContainEqual(expect.objectContaining({ code: 'outside-envelope', column: 4 }))
})

test.each([
  ['G1 X1', 'feed-missing', 4],
  ['G1 F0 X1', 'feed-missing', 7],
  ['F100 G1 X1 Y1 X2', 'word-repeated', 15],
  ['G2 F100 X10 Y0', 'arc-centre-missing', 9],
  ['G2 F100 Z1 I5', 'axis-words-missing', 9],
  ['G2 F100 I5', 'axis-words-missing', 1],
  ['G2 F100 X10 Y0 I2', 'arc-impossible', 9],
  ['G2 F100 X110 Y0 R1', 'arc-impossible', 17],
  ['G2 F100 X0 Y0 R1', 'arc-impossible', 15],
  ['G18 G2 F100 X5 I1 J1 K1', 'arc-impossible', 13],
  ['G38.2 F10', 'axis-words-missing', 1],
  ['G38.2 X0 F10', 'target-invalid', 7],
  ['G0 X1 E5', 'word-unused', 7],
  ['G0 X1 A5', 'word-unused', 7],
  ['G0 X1 P5', 'word-unused', 7],
  ['G0 X1 I5', 'word-unused', 7],
  ['G1 F100 X1 R5', 'word-unused', 12],
  ['G4', 'word-missing', 1],
  ['G4 P-1', 'value-negative', 4],
  ['G80 X1', 'axis-words-unused', 5],
  ['G92 G1 X1 F5', 'axis-conflict', 5],
  ['G28 G0', 'axis-conflict', 5],
  ['G28 G92 X0', 'modal-conflict', 5],
  ['G92.1 X1 F5', 'axis-conflict', 1],
  ['G92', 'axis-words-missing', 1],
  ['G10 X1', 'word-missing', 1],
  ['G10 L2 P1', 'axis-words-missing', 1],
  ['G10 L2 P7 X0', 'word-invalid', 8],
  ['G10 L3 P1 X0', 'word-invalid', 5],
  ['G10 L2 P1 X0 R30', 'word-unused', 14],
  ['G43.1 X1', 'axis-words-missing', 1],
  ['G43 H1', 'code-unknown', 1],
  ['G41 D1', 'code-unknown', 1],
  ['G59.1', 'code-unknown', 1],
  ['G93 G1 X1', 'feed-missing', 8],
  ['F-5', 'value-negative', 1],
  ['S-5', 'value-negative', 1],
  ['N1.5 G0 X1', 'integer-needed', 1],
  ['N10000001 G0 X1', 'line-number', 1],
  ['T1.5', 'integer-needed', 1],
  ['T256', 'tool-number', 1],
  ['G53 G2 X1 I1 F100', 'modal-conflict', 1],
  ['G20 G21', 'modal-conflict', 5],
  ['M3 M5', 'modal-conflict', 4],
  ['M61 Q1', 'code-unknown', 1],
  ['G5.1 X1', 'code-unknown', 1],
])('finds what Grbl would refuse: %s', (line, code, column) => {
  const { findings, output, moves } = read(line)
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([expect.objectContaining({ code, line: 1, column })])
  expect(output).toEqual([])
  expect(moves).toEqual([])
})

test.each([
  ['G17 G20 G90 G94 G54'],
  ['M3 S1000', 'M8', 'M5 M9'],
  ['G1 F100', 'X1', 'G0 Z5'],
  ['T3'],
  ['G0 X0 Y0', 'G2 F100 X10 Y0 I5 J0'],
  ['G0 X0 Y0', 'G2 F100 X0 I5'],
  ['G2 F100 X10 I5 K3'],
  ['G61'],
  ['G4 P0.5'],
  ['G91.1'],
  ['G40 G49 G80'],
  ['M1'],
  ['N5'],
  ['G92.1'],
  ['G80', 'G0 X1'],
])('lets good lines pass: %j', (...source) => {
  expect(read(lines(...source)).errors).toEqual([])
})

test('a line that is refused changes nothing', () => {
  const { path } = read(lines('G90 G0 X1', 'G91 X5 Q1', 'X3'))
  expect(path).toEqual(['rapid 1 0 0', 'rapid 3 0 0'])
})

test('ends the program at M30 and takes the modal state back as the controller does', () => {
  const { facts, state, events } = read(lines('G20 G91 G18 G55 G0 X1', 'M3 S1 M8', 'M30'), SHOP)
  expect(facts.hasEnded).toBe(true)
  expect(state.modal).toMatchObject({ motion: 10, plane: 170, isIncremental: false, workOffset: 0, isInches: true, spindle: 5, isFloodOn: false })
  expect(events.at(-1)).toEqual({ kind: 'end', line: 3 })
})

test('tells what else happens, in its order among the moves', () => {
  const { events } = read(lines('T2', 'M3 S1200 M8', 'G4 P1.5', 'M0', 'S800', 'M1', 'M5 M9'))
  expect(events).toEqual([
    { kind: 'spindle', line: 2, turn: 3, rpm: 1200 },
    { kind: 'coolant', line: 2, isFloodOn: true, isMistOn: false },
    { kind: 'dwell', line: 3, seconds: 1.5 },
    { kind: 'stop', line: 4, isOptional: false },
    { kind: 'spindle', line: 5, turn: 3, rpm: 800 },
    { kind: 'stop', line: 6, isOptional: true },
    { kind: 'spindle', line: 7, turn: 5, rpm: 800 },
    { kind: 'coolant', line: 7, isFloodOn: false, isMistOn: false },
  ])
})

test('a tool change comes before its line goes out, and M6 is taken out for a controller without', () => {
  const { events, output } = read(lines('T3 M6', 'M6', 'N7 M6 T4 G0 X1'))
  expect(events).toEqual([
    { kind: 'tool-change', line: 1, tool: 3, previous: 0 },
    { kind: 'tool-change', line: 2, tool: 3, previous: 3 },
    { kind: 'tool-change', line: 3, tool: 4, previous: 3 },
  ])
  expect(output).toEqual(['T3', 'N7T4G0X1'])
  expect(read('T3 M6', { dialect: 'linuxcnc' }).output).toEqual(['T3M6'])
})

test('the feed in inverse time is worked out from the length of the move', () => {
  const { moves, errors } = read(lines('G21 G93', 'G1 X30 Y40 F2', 'G2 X0 Y0 I-15 J-20 F1', 'G1 X1'))
  expect(moves[0]?.feedMmPerMin).toBeCloseTo(100)
  expect(moves[1]?.feedMmPerMin).toBeCloseTo(Math.PI * 25)
  expect(errors).toEqual(['feed-missing'])
})

test('a feed is lost when the feed mode changes', () => {
  expect(read(lines('F100 G1 X1', 'G93 G1 X2 F1', 'G94 G1 X3')).errors).toEqual(['feed-missing'])
})

test('in feed per turn the spindle counts', () => {
  expect(read(lines('G95 M3 S1000', 'G1 X1 F0.2'), { dialect: 'linuxcnc' }).moves[0]?.feedMmPerMin).toBeCloseTo(200)
})

test('holds feeds, speeds, dwells and codes against what the machine allows', () => {
  const model: TestModel = { maxFeedMmPerMin: 1000, spindleRpm: { min: 100, max: 12000 }, maxDwellS: 10, forbiddenCodes: ['M8', 'G38.2', 'm4'] }
  const codes = (source: string) =>
    read(source, model)
      .findings.filter(({ severity }) => severity !== 'note')
      .map(({ code }) => code)
  expect(codes('G21 F1001')).toEqual(['feed-too-high'])
  expect(codes('G20 F40')).toEqual(['feed-too-high'])
  expect(codes('G21 F1000')).toEqual([])
  expect(codes(lines('G21 M3 S100 G93', 'G1 X100 F11'))).toEqual(['feed-too-high'])
  expect(codes('S12001 M3')).toEqual(['spindle-speed'])
  expect(codes('S50 M3')).toEqual(['spindle-slow'])
  expect(codes('G4 P11')).toEqual(['dwell-too-long'])
  expect(read('G4 P1000').findings).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'dwell-long' }))
  expect(codes('M8')).toEqual(['forbidden-code'])
  expect(codes('M4')).toEqual(['forbidden-code'])
  expect(codes('G38.2 X1 F10')).toEqual(['forbidden-code'])
})

test('warns of what is odd, without keeping the program from running', () => {
  const codes = (...source: string[]) => read(lines(...source)).findings.map(({ code, line }) => `${code} ${line}`)
  expect(codes('G0 X1', 'M30')).toContain('units-unclear 1')
  expect(codes('G21', 'F100', 'G1 X1', 'M30')).toEqual(expect.arrayContaining(['spindle-off 3', 'tool-unclear 3']))
  expect(codes('G21', 'G0 Z-1 X5')).toEqual(expect.arrayContaining(['rapid-below-zero 2', 'end-missing 2']))
  expect(codes('G21', 'G0 Z-1', 'M2')).toContain('rapid-below-zero 2')
  expect(codes('G21', 'F100 M3 S1', 'G1 Z-1', 'G0 Z5', 'M2').filter((code) => code.startsWith('rapid'))).toEqual([])
  expect(codes('G21', 'G92 X5', 'M2')).toContain('g92-left 3')
  expect(codes('N10 G21', 'N5 G0 X1', 'M2')).toContain('line-numbers 2')
  expect(codes('G21 T1', 'M3 S5 F100', 'G1 X1', 'M2')).toContain('tool-unclear 3')
})

test('tells a warning of one kind twenty times and sums the rest up', () => {
  const { findings, facts } = read(lines('G21 G0 Z-1', ...Array.from({ length: 50 }, (_, i) => `X${i + 1}`), 'M2'))
  expect(findings.filter(({ code }) => code === 'rapid-below-zero')).toHaveLength(20)
  expect(findings).toContainEqual(expect.objectContaining({ code: 'more-findings', text: expect.stringContaining('31 more') }))
  expect(facts.warnings).toBe(20)
})

test('after a probe everything is held against wherever it may touch', () => {
  const model: TestModel = { envelopeMm: { min: [0, 0, -100], max: [100, 100, 0] } }
  const head = ['G21 G90 G53 G0 Z-10', 'G38.2 Z-60 F100']
  // touched anywhere between -60 and -10: 12 above may be out at the top, and 50 below out at the bottom
  expect(read(lines(...head, 'G91 G0 Z9'), model).errors).toEqual([])
  expect(read(lines(...head, 'G91 G0 Z12'), model).errors).toEqual(['outside-envelope'])
  expect(read(lines(...head, 'G10 L20 P1 Z0', 'G0 Z9', 'G1 Z-39'), model).errors).toEqual([])
  expect(read(lines(...head, 'G10 L20 P1 Z0', 'G0 Z12'), model).errors).toEqual(['outside-envelope'])
  expect(read(lines(...head, 'G92 Z0', 'G1 Z-41'), model).errors).toEqual(['outside-envelope'])
  // an absolute move in the other axes' known coordinates makes nothing uncertain
  expect(read(lines(...head, 'G53 G0 Z-5', 'G91 G0 Z5'), model).errors).toEqual([])
  const box = { ...model, keepOut: [{ name: 'vice', min: [10, -50, -100], max: [20, 50, -30] }] }
  expect(read(lines(...head, 'G91 G0 X50'), box).errors).toEqual(['keep-out'])
  expect(read(lines(...head, 'G53 G0 Z0', 'G91 G0 X50'), box).errors).toEqual([])
})

test('a tool length by number must be known', () => {
  const toolTableMm = new Map([[3, [0, 0, 42]]])
  expect(read(lines('G21 G43 H3', 'G0 Z0'), { dialect: 'linuxcnc', toolTableMm }).path).toEqual(['rapid 0 0 42'])
  expect(read('G43 H4', { dialect: 'linuxcnc', toolTableMm }).findings).toContainEqual(
    expect.objectContaining({ severity: 'warning', code: 'tool-length-unknown' }),
  )
})

test('sums up what was moved through, in machine and in work coordinates', () => {
  const { facts } = read(lines('G21', 'G0 X10 Y10 Z5', 'G55', 'G0 X7 Z2'), {
    ...SHOP,
    workOffsetsMm: [
      [100, 50, -10],
      [200, 0, 0],
    ],
  })
  expect([...(facts.extentsMm?.min ?? [])]).toEqual([110, 60, -5])
  expect([...(facts.extentsMm?.max ?? [])]).toEqual([207, 60, 2])
  expect([...(facts.workExtentsMm?.min ?? [])]).toEqual([7, 10, 2])
  expect([...(facts.workExtentsMm?.max ?? [])]).toEqual([10, 60, 5])
  expect(read('G21 M3').facts.extentsMm).toBeUndefined()
})

test('what Grbl refuses in one line and other controllers take goes out in two, or without what changes nothing', () => {
  const { output, errors, findings, path } = read(
    lines('N10 G00 G17 G21 G40 G49 G80 G90', 'G43.1 Z5', 'G49 G0 Z1', 'G64 P0.1 G69 G15 G50', 'G97 S100 M3', 'G1 F5 X1'),
  )
  expect(errors).toEqual([])
  expect(output).toEqual(['G49', 'N10G00G17G21G40G90', 'G43.1Z5', 'G49', 'G0Z1', 'S100M3', 'G1F5X1'])
  expect(path).toEqual(['rapid 0 0 1', 'feed 1 0 1'])
  expect(findings.filter(({ code }) => code === 'code-dropped').map(({ severity, line, column }) => `${severity} ${line}:${column}`)).toEqual([
    'note 1:25',
    'note 4:1',
    'note 4:14',
    'note 4:18',
    'note 4:10',
    'note 5:1',
  ])
  expect(read('G00 G80', { dialect: 'linuxcnc' }).output).toEqual(['G00'])
  expect(read(lines('G21 G80', 'G91 G28 Z0', 'G80 G28 Z0', 'X1'))).toMatchObject({
    output: ['G21G80', 'G0', 'G91G28Z0', 'G0', 'G28Z0'],
    errors: ['axis-words-unused'],
  })
})

test('doubts a unit that does not fit the size', () => {
  const doubts = (source: string, model?: TestModel) =>
    read(source, model)
      .findings.filter(({ code }) => code === 'units-unclear')
      .map(({ text }) => text)
  expect(doubts(lines('G21 M3 S1 T1 M6', 'G1 X3 Y2 Z-0.1 F20', 'M2'))).toEqual([
    expect.stringMatching(/in mm, and only 3\.0 mm .* 20 mm\/min: is it meant in inches/),
  ])
  expect(doubts(lines('G21 M3 S1 T1 M6', 'G1 X30 Y20 Z-1 F20', 'M2'))).toEqual([])
  expect(doubts(lines('G20 M3 S1 T1 M6', 'G1 X150 Y20 Z-1 F20', 'M2'))).toEqual([expect.stringMatching(/in inches, and 150\.0 inches .*: is it meant in mm/)])
  expect(doubts(lines('G20 M3 S1 T1 M6', 'G1 X30 Y20 Z-1 F20', 'M2'))).toEqual([])
  expect(doubts(lines('G20 M3 S1 T1 M6', 'G1 X30 Y20 Z-1 F20', 'M2'), { envelopeMm: { min: [0, 0, -80], max: [400, 300, 0] } })).toHaveLength(1)
})

test('says in which units a program is written, by its own words', () => {
  const units = (...text: string[]) => read(lines(...text)).facts.units
  expect([units('G0 X1'), units('G21 G0 X1', 'X2'), units('G0 X1', 'G20'), units('G20 X1', 'G21 X2', 'G20')]).toEqual([undefined, 'mm', 'inch', 'both'])
})
