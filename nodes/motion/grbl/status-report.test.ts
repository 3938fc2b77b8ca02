import { expect, test } from 'vitest'
import { addReport, type ControllerStatus, isStandingState, parseStatusReport, UNKNOWN_STATUS } from './index.ts'

function after(lines: string[], { isInches = false } = {}): ControllerStatus {
  return lines.reduce((status, line) => addReport(status, parseStatusReport(line)!, isInches), UNKNOWN_STATUS)
}

test('knows both positions whichever of them the controller reports', () => {
  const machine = after(['<Idle|MPos:10.000,20.000,-5.000|FS:0,0|WCO:1.000,2.000,-3.000>', '<Idle|MPos:11.000,20.000,-5.000|FS:0,0>'])
  const work = after(['<Idle|WPos:9.000,18.000,-2.000|FS:0,0|WCO:1.000,2.000,-3.000>', '<Idle|WPos:10.000,18.000,-2.000|FS:0,0>'])
  for (const status of [machine, work]) {
    expect(status.machinePositionMm).toEqual([11, 20, -5])
    expect(status.workPositionMm).toEqual([10, 18, -2])
    expect(status.workOffsetMm).toEqual([1, 2, -3])
  }
})

test('turns inches into millimetres where $13 says so', () => {
  const status = after(['<Run|MPos:1.000,0.500,0.000|FS:10,8000|WCO:0.100,0.000,0.000>'], { isInches: true })
  expect(status.machinePositionMm).toEqual([25.4, 12.7, 0])
  expect(status.workPositionMm).toEqual([22.86, 12.7, 0])
  expect(status.feedMmPerMin).toBe(254)
  expect(status.spindleRpm).toBe(8000)
})

test('an Ov without A means that everything is off; neither means what was known before', () => {
  expect(after(['<Idle|MPos:0,0,0>']).accessories).toBeUndefined()
  const on = ['<Run|MPos:0,0,0|Ov:100,100,100|A:SF>']
  expect(after([...on, '<Run|MPos:0,0,0>']).accessories).toBe('SF')
  expect(after([...on, '<Run|MPos:0,0,0|Ov:100,100,100>']).accessories).toBe('')
})

test('a report without Pn means that no pin is on', () => {
  expect(after(['<Idle|MPos:0,0,0|Pn:XD>']).pins).toBe('XD')
  expect(after(['<Idle|MPos:0,0,0|Pn:XD>', '<Idle|MPos:0,0,0>']).pins).toBe('')
})

test('forgets the substate of an older report', () => {
  expect(after(['<Hold:0|MPos:0,0,0>', '<Run|MPos:0,0,0>'])).not.toHaveProperty('subState')
})

test('a hold stands at Hold:0 only, a door at Door:0 and Door:1', () => {
  expect([0, 1].map((sub) => isStandingState('hold', sub))).toEqual([true, false])
  expect([0, 1, 2, 3].map((sub) => isStandingState('door', sub))).toEqual([true, true, false, false])
  expect(isStandingState('unknown', undefined)).toBe(false)
  expect(isStandingState('home', undefined)).toBe(false)
})
