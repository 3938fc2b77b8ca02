import { expect, test } from 'vitest'
import { parseStatusReport } from '../grbl/index.ts'
import { type HoldWatch, watchHold } from './hold-watch.ts'

function play(isJobRunning: boolean, ...heads: string[]): { hold: HoldWatch; repeats: number } {
  let hold: HoldWatch = { kind: 'asked', reports: 0 }
  let repeats = 0
  for (const head of heads) {
    const next = watchHold(hold, parseStatusReport(`<${head}|MPos:0,0,0>`)!, isJobRunning)
    hold = next.hold
    repeats += next.mustRepeat ? 1 : 0
  }
  return { hold, repeats }
}

test('an old report of motion does not end a hold that was just asked for', () => {
  expect(play(true, 'Run').hold.kind).toBe('asked')
  expect(play(true, 'Run', 'Hold:1', 'Hold:0').hold.kind).toBe('seen')
})

test('a hold that does not arrive is repeated', () => {
  expect(play(true, 'Run', 'Run').repeats).toBe(0)
  expect(play(true, 'Run', 'Run', 'Run', 'Run').repeats).toBe(2)
  // between two moves of a program the machine may be idle
  expect(play(true, 'Idle', 'Idle', 'Idle').repeats).toBe(1)
})

test('a hold ends when the machine is seen moving again, whoever resumed it', () => {
  expect(play(true, 'Hold:0', 'Run').hold.kind).toBe('none')
})

test('a hold that cancelled a jog, or meant nothing in an alarm, is over', () => {
  expect(play(false, 'Idle', 'Idle').hold.kind).toBe('none')
  expect(play(false, 'Alarm', 'Alarm').hold.kind).toBe('none')
})

test('in a jog, which brakes first, the cancel is repeated late: one too many may strand the controller', () => {
  const jogging = (reports: number) => play(false, ...Array.from({ length: reports }, () => 'Jog')).repeats
  expect([jogging(9), jogging(10), jogging(19), jogging(20)]).toEqual([0, 1, 1, 2])
})
