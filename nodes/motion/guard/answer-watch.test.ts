import { expect, test } from 'vitest'
import { parseStatusReport } from '../grbl/index.ts'
import { type AnswerSituation, type AnswerVerdict, watchAnswers } from './answer-watch.ts'

const situation = (report: string, more: Partial<AnswerSituation> = {}): AnswerSituation => {
  const parsed = parseStatusReport(report)
  if (!parsed) throw new Error(report)
  const outstanding = more.outstanding ?? ['G1X1', 'G1X2']
  return {
    report: parsed,
    rxBytes: 128,
    plannerBlocks: 15,
    outstanding,
    outstandingBytes: outstanding.reduce((sum, text) => sum + text.length + 1, 0),
    silentMs: 0,
    dwellMs: 0,
    lostAnswerMs: 10_000,
    ...more,
  }
}
const idle = '<Idle|MPos:0.000,0.000,0.000|FS:0,0>'
const empty = '<Idle|MPos:0.000,0.000,0.000|Bf:15,128|FS:0,0>'

test.each<[string, AnswerSituation, AnswerVerdict]>([
  ['a moving machine may take as long as it likes', situation('<Run|MPos:0,0,0|FS:100,0>', { silentMs: 60_000 }), 'fine'],
  ['an idle one has just been sent them', situation(idle, { silentMs: 500 }), 'fine'],
  ['an idle one that owes a plain line for seconds has answered it', situation(idle, { silentMs: 2500 }), 'lost'],
  ['sooner where its buffers are reported empty', situation(empty, { silentMs: 900 }), 'lost'],
  ['not while it still holds the lines', situation('<Idle|MPos:0,0,0|Bf:15,118|FS:0,0>', { silentMs: 900 }), 'fine'],
  ['a spindle may need time to its speed', situation(empty, { outstanding: ['M3S10000'], silentMs: 5000 }), 'fine'],
  ['a coolant valve, or the EEPROM, some', situation(empty, { outstanding: ['M9', 'G10L20P1X0'], silentMs: 2500 }), 'fine'],
  ['but not that long', situation(empty, { outstanding: ['M9'], silentMs: 3500 }), 'lost'],
  ['a dwell is counted on top', situation(empty, { outstanding: ['G4P30'], silentMs: 25_000, dwellMs: 30_000 }), 'fine'],
  ['and not for ever', situation(empty, { outstanding: ['G4P30'], silentMs: 41_000, dwellMs: 30_000 }), 'lost'],
  ['a held one answers nothing', situation('<Hold:0|MPos:0,0,0|Bf:15,128|FS:0,0>', { silentMs: 90_000 }), 'fine'],
  ['what it holds beyond what it owes was answered twice', situation('<Run|MPos:0,0,0|Bf:0,100|FS:9,0>'), 'doubled'],
  ['all it owes may still be in its buffer', situation('<Run|MPos:0,0,0|Bf:0,118|FS:9,0>'), 'fine'],
  ['grblHAL counts one byte of its ring as taken', situation('<Run|MPos:0,0,0|Bf:90,1013|FS:9,0>', { rxBytes: 1024 }), 'fine'],
])('%s', (_, given, verdict) => {
  expect(watchAnswers(given)).toBe(verdict)
})
