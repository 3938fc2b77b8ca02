import { expect, test } from 'vitest'
import { createLineReader, identifyController, parseMessage } from './index.ts'

test.each([
  ['ok', { kind: 'ok' }],
  ['error:22', { kind: 'error', code: 22, text: '22' }],
  ['error: Bad number format', { kind: 'error', code: 0, text: 'Bad number format' }],
  ['ALARM:2', { kind: 'alarm', code: 2 }],
  ["Grbl 1.1h ['$' for help]", { kind: 'banner', dialect: 'grbl', version: '1.1h' }],
  ["GrblHAL 1.1f ['$' or '$HELP' for help]", { kind: 'banner', dialect: 'grblhal', version: '1.1f' }],
  ["Grbl 3.7 [FluidNC v3.7.8 (wifi) '$' for help]", { kind: 'banner', dialect: 'fluidnc', version: '3.7' }],
  ['[MSG:]', { kind: 'message', text: '' }],
  ["[MSG:'$H'|'$X' to unlock]", { kind: 'message', text: "'$H'|'$X' to unlock" }],
  ['[GC:G0 G54 G17 F0 S0]', { kind: 'parser-state', words: ['G0', 'G54', 'G17', 'F0', 'S0'] }],
  ['[OPT:V,15,128]', { kind: 'build-options', letters: 'V', plannerBlocks: 15, rxBytes: 128 }],
  ['[OPT:VNML+,100,1024,3,0]', { kind: 'build-options', letters: 'VNML+', plannerBlocks: 100, rxBytes: 1024, axisCount: 3 }],
  ['[VER:1.1h.20190830:shop]', { kind: 'version', version: '1.1h.20190830', name: 'shop' }],
  ['[FIRMWARE:grblHAL]', { kind: 'firmware', name: 'grblHAL' }],
  ['[G54:1.000,-2.500,0.000]', { kind: 'offset', name: 'G54', values: [1, -2.5, 0] }],
  ['[G59.3:1.000,2.000,3.000]', { kind: 'offset', name: 'G59.3', values: [1, 2, 3] }],
  ['[TLO:0.250]', { kind: 'tool-length', values: [0.25] }],
  ['[PRB:1.000,2.000,-3.000:1]', { kind: 'probe', position: [1, 2, -3], isContact: true }],
  ['$110=500.000', { kind: 'setting', number: 110, value: '500.000' }],
  ['$N0=G20G54', { kind: 'startup-line', index: 0, line: 'G20G54' }],
  ['>G20G54:ok', { kind: 'startup-run', line: 'G20G54', result: 'ok' }],
  ['[echo:G1X1]', { kind: 'info', tag: 'echo', text: 'G1X1' }],
  ['', { kind: 'empty' }],
])('reads %j', (line, message) => {
  expect(parseMessage(line)).toEqual(message)
})

test.each(['o*', 'okk', 'ok?', 'ALARM:', '<Idle|MPos:0.0,0.0', '[OPT:V,15,x]', '[PRB:1,2:7]', '[G54:1,2', '<Idle|MPos:0.000,0.0', 'Grbl'])(
  'takes damaged %j for nothing it is not',
  (line) => {
    expect(parseMessage(line)).toEqual({ kind: 'unknown', text: line })
  },
)

test('reads a status report with everything in it', () => {
  expect(parseMessage('<Hold:1|MPos:1.000,-2.000,3.500|Bf:15,128|Ln:42|FS:500,8000|Pn:XP|WCO:1.000,0.000,0.000|Ov:110,50,90|A:SF|SD:1,x|FW:grblHAL>')).toEqual({
    kind: 'status',
    report: {
      state: 'hold',
      subState: 1,
      machinePosition: [1, -2, 3.5],
      buffer: { plannerBlocks: 15, rxBytes: 128 },
      lineNumber: 42,
      feed: 500,
      spindleRpm: 8000,
      pins: 'XP',
      workOffset: [1, 0, 0],
      overrides: { feed: 110, rapid: 50, spindle: 90 },
      accessories: 'SF',
    },
  })
})

test.each(['<Idle|MPos:1,2,>', '<Idle|MPos:a,b,c>', '<Fly|MPos:0,0,0>', '<Hold:x|MPos:0,0,0>', '<Idle|Ov:100,100>', '<Hold:1:2>'])(
  'refuses the damaged report %s whole',
  (line) => {
    expect(parseMessage(line).kind).toBe('unknown')
  },
)

test('puts lines together from bytes that come in any pieces', () => {
  const whole = Buffer.from('ok\r\nerror:2\n\r\n<Idle|MPos:0.000,0.000,0.000>\r\nok\n')
  for (let size = 1; size < 12; size += 1) {
    const lines: string[] = []
    const read = createLineReader((line) => lines.push(line))
    for (let i = 0; i < whole.length; i += size) read(whole.subarray(i, i + size))
    expect(lines).toEqual(['ok', 'error:2', '<Idle|MPos:0.000,0.000,0.000>', 'ok'])
  }
})

test('keeps its memory flat when no line ever ends', () => {
  let longest = 0
  const read = createLineReader((line) => {
    longest = Math.max(longest, line.length)
  }, 100)
  for (let i = 0; i < 100; i += 1) read(Buffer.alloc(333, 0x41))
  expect(longest).toBe(100)
})

test('tells the firmware and its limits from its own words', () => {
  const facts = (...lines: string[]) => identifyController(lines.map(parseMessage))
  expect(facts('[VER:1.1h.20190830:]', '[OPT:V,15,128]')).toMatchObject({ dialect: 'grbl', firmware: 'Grbl 1.1h', rxBytes: 128, maxLineLength: 79 })
  expect(facts('[VER:1.1f.20240101:]', '[OPT:VNML+,100,1024,3,0]', '[FIRMWARE:grblHAL]')).toMatchObject({
    dialect: 'grblhal',
    firmware: 'grblHAL 1.1f',
    rxBytes: 1024,
    maxLineLength: 255,
  })
  expect(facts('[VER:3.7 FluidNC v3.7.8:]', '[OPT:MPHS,,]').dialect).toBe('fluidnc')
  // nothing said: the smallest controller there is
  expect(facts()).toMatchObject({ dialect: 'grbl', rxBytes: 128, maxLineLength: 79 })
  expect(facts('[OPT:V,15,64]').maxLineLength).toBe(62)
})
