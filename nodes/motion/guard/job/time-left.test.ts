import { expect, test } from 'vitest'
import type { TimelineData } from '../../gcode/estimate/index.ts'
import { TimeLeft } from './time-left.ts'

/** A second a line. */
const timeline: TimelineData = { stride: 1, secondsAt: Float32Array.from({ length: 101 }, (_, i) => i), totalS: 100, lastLine: 100 }

test('without a pace of its own the estimate counts', () => {
  const left = new TimeLeft(timeline)
  expect(left.remainingS(100)).toBe(100)
  left.resumed(0)
  left.acknowledged(3, 100, 100)
  expect(left.remainingS(100)).toBe(97)
})

test('a machine that is slower than thought is given more time', () => {
  const left = new TimeLeft(timeline)
  left.resumed(0)
  for (let line = 1; line <= 20; line += 1) left.acknowledged(line, line * 1500, 100)
  expect(left.remainingS(100)).toBeCloseTo(120)
})

test('holds and waits for people say nothing of the pace', () => {
  const left = new TimeLeft(timeline)
  left.resumed(0)
  for (let line = 1; line <= 10; line += 1) left.acknowledged(line, line * 1000, 100)
  left.paused()
  left.resumed(600_000)
  for (let line = 11; line <= 20; line += 1) left.acknowledged(line, 590_000 + line * 1000, 100)
  expect(left.remainingS(100)).toBeCloseTo(80)
})

test('the feed override counts for what is left and for the pace of what was done', () => {
  const left = new TimeLeft(timeline)
  left.resumed(0)
  // at half the feed each line takes two seconds, just as it should
  for (let line = 1; line <= 20; line += 1) left.acknowledged(line, line * 2000, 50)
  expect(left.remainingS(50)).toBeCloseTo(160)
  expect(left.remainingS(100)).toBeCloseTo(80)
})

test('a program started in its middle has only the rest before it', () => {
  expect(new TimeLeft(timeline, 60).remainingS(100)).toBe(40)
})
