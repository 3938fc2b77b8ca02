import { expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { PLANNER_BLOCKS } from './motion.ts'
import { bench } from './test-bench.ts'

const number = fc.oneof(
  fc.integer({ min: -400, max: 400 }).map(String),
  fc.double({ min: -50, max: 50, noNaN: true }).map((n) => n.toFixed(3)),
)
const word = fc.tuple(fc.constantFrom(...'GGGGGMMXXYYZZIJKRFFFSPLNT'), number).map(([letter, value]) => letter + value)
const known = fc.constantFrom(
  'G1X-5F900',
  'G0Y-3',
  'G2X1I1F500',
  'G4P0.1',
  'M3S10',
  'M5',
  'M30',
  'G38.2Z-1F50',
  '$H',
  '$X',
  '$C',
  '$G',
  '$J=G91X-2F300',
  '$SLP',
  '$20=1',
  '$22=1',
  '$RST=*',
  'M0',
)
const line = fc
  .oneof(
    known,
    fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join('')),
  )
  .map((text) => `${text}\n`)
const realtime = fc.constantFrom('!', '~', '?', '\x18', '\x84', '\x85', '\x90', '\x91', '\x92', '\x97', '\x9a', '\x9e', '\xa0')
const noise = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const step = fc.oneof(
  { weight: 5, arbitrary: line.map((text) => ({ send: text })) },
  { weight: 2, arbitrary: realtime.map((text) => ({ send: text })) },
  { weight: 2, arbitrary: noise.map((text) => ({ send: text })) },
  { weight: 3, arbitrary: fc.double({ min: 0, max: 5, noNaN: true }).map((seconds) => ({ pass: seconds })) },
)

const REPORT = /^<(Idle|Run|Hold:[01]|Jog|Alarm|Door:[0-3]|Check|Home|Sleep)\|[MW]Pos:-?\d+\.\d+,-?\d+\.\d+,-?\d+\.\d+(\|[^|>]+)*>$/
const SAID = /^(ok|error:\d+|ALARM:\d+|\[(MSG|GC|PRB|VER|OPT|HLP|TLO|G\d\d):.*\]|\$N?\d+=.*|>.*|Grbl 1\.1h \['\$' for help\]|<.*>)$/

it('never throws, says only what GRBL says, and answers ? by the rules, whatever it is sent', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 60 }), (hasHoming, script) => {
      const b = bench({ 22: Number(hasHoming), 20: Number(hasHoming), 10: 3 })
      for (const each of script) {
        const said = 'send' in each ? b.send(each.send) : b.pass(each.pass)
        for (const text of said) expect(text).toMatch(SAID)
        const state = b.firmware.stateName
        const report = b.send('?').filter((text) => text.startsWith('<'))
        if (report[0] !== undefined) {
          expect(report[0]).toMatch(REPORT)
          const [, blocks = '', bytes = ''] = /Bf:(\d+),(\d+)/.exec(report[0]) ?? ['', '0', '0']
          expect(Number(blocks)).toBeLessThanOrEqual(PLANNER_BLOCKS)
          expect(Number(bytes)).toBeLessThanOrEqual(128)
        } else {
          // silent: homing, a critical alarm, or EEPROM being written; time or a reset ends it
          expect(['Home', 'Alarm', 'Idle', 'Run']).toContain(state)
        }
      }
      // a reset always brings it back, unless an EEPROM write swallows even that
      b.pass(60)
      b.send('\x18')
      b.pass(60)
      expect(b.status().state).toMatch(/^(Idle|Alarm)$/)
    }),
    { numRuns: rounds(300) },
  )
})

it('answers every line with exactly one ok or error when nothing holds it up', () => {
  const plain = fc.array(word, { minLength: 0, maxLength: 5 }).map((words) => words.join(''))
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 30 }), (lines) => {
      const b = bench()
      let answers = 0
      for (const text of lines) {
        const said = b.send(`${text}\n`)
        for (let i = 0; i < 1000 && Number.isFinite(b.firmware.secondsToEvent()); i++) said.push(...b.pass(Math.min(b.firmware.secondsToEvent(), 1e6)))
        if (b.firmware.stateName === 'Hold:0') said.push(...b.send('~'))
        answers += said.filter((each) => /^(ok|error:\d+)$/.test(each)).length
      }
      expect(answers).toBe(lines.length)
    }),
    { numRuns: rounds(200) },
  )
})
