import { expect, test } from 'vitest'
import { parseStatusReport } from '../grbl/index.ts'
import { beginStop, type StopEvent, type StopSituation, type StopState, stepStop } from './stop-sequence.ts'

const RUNNING: StopSituation = { isHard: false, state: 'run', subState: undefined, isLocked: false, unansweredPolls: 0, hasOutstandingLines: true }
const report = (head: string): StopEvent => ({ kind: 'report', report: parseStatusReport(`<${head}|MPos:0,0,0>`)! })

/** @returns the state after all events and, in order, everything written */
function play(situation: StopSituation, ...events: StopEvent[]): { state: StopState; actions: string[] } {
  let step = beginStop(situation)
  const actions: string[] = [...step.actions]
  for (const event of events) {
    step = stepStop(step.state, event)
    actions.push(...step.actions)
  }
  return { state: step.state, actions: actions.filter((action) => action !== 'ask-status') }
}

test('waits for a report that shows it standing, however long it brakes, then resets and keeps the position', () => {
  const braking = [report('Run'), report('Hold:1'), report('Hold:1'), report('Hold:1')]
  expect(play(RUNNING, ...braking).actions).toEqual([])
  const standing = [...braking, report('Hold:0')]
  expect(play(RUNNING, ...standing).actions).toEqual(['write-reset'])
  expect(play(RUNNING, ...standing, { kind: 'banner' }).state.step).toBe('verifying')
  expect(play(RUNNING, ...standing, { kind: 'banner' }, report('Idle')).state).toEqual({ step: 'done', isPositionKept: true })
})

test('resets anyway at the deadline, and then the position is not kept', () => {
  const result = play(RUNNING, report('Hold:1'), { kind: 'deadline' }, { kind: 'alarm' }, { kind: 'banner' }, report('Alarm'))
  expect(result.actions).toEqual(['write-reset'])
  expect(result.state).toEqual({ step: 'done', isPositionKept: false })
})

test('an alarm at the reset takes the verdict back, though it was seen standing', () => {
  expect(play(RUNNING, report('Hold:0'), { kind: 'alarm' }, { kind: 'banner' }, report('Alarm')).state).toEqual({ step: 'done', isPositionKept: false })
  expect(play(RUNNING, report('Hold:0'), { kind: 'banner' }, report('Alarm')).state).toEqual({ step: 'done', isPositionKept: false })
})

test('does not believe an Idle that may be older than the hold', () => {
  const situation: StopSituation = { ...RUNNING, state: 'idle', unansweredPolls: 1 }
  expect(play(situation, report('Idle')).actions).toEqual([])
  expect(play(situation, report('Idle'), report('Idle')).actions).toEqual(['write-reset'])
  // a hold cannot be older than itself
  expect(play(situation, report('Hold:0')).actions).toEqual(['write-reset'])
})

test('a door that still retracts is not standing', () => {
  expect(play(RUNNING, report('Door:2')).actions).toEqual([])
  expect(play(RUNNING, report('Door:1')).actions).toEqual(['write-reset'])
})

test('homing and a locked controller are reset at once, since they report nothing to wait for', () => {
  expect(play({ ...RUNNING, state: 'home' }).actions).toEqual(['write-reset'])
  expect(play({ ...RUNNING, state: 'home' }, { kind: 'banner' }, report('Alarm')).state).toEqual({ step: 'done', isPositionKept: false })
  const locked: StopSituation = { ...RUNNING, state: 'alarm', isLocked: true }
  expect(play(locked).actions).toEqual(['write-reset'])
  expect(play(locked, { kind: 'banner' }, report('Alarm')).state).toEqual({ step: 'done', isPositionKept: true })
})

test('a hard stop resets at once; the position is kept only where it stood for certain', () => {
  const hard = { ...RUNNING, isHard: true }
  expect(play(hard).actions).toEqual(['write-reset'])
  expect(play(hard, { kind: 'banner' }, report('Alarm')).state).toEqual({ step: 'done', isPositionKept: false })
  expect(play({ ...hard, state: 'hold', subState: 0 }, { kind: 'banner' }, report('Idle')).state).toEqual({ step: 'done', isPositionKept: true })
  // idle by the last report, but with lines on the way
  expect(play({ ...hard, state: 'idle' }, { kind: 'banner' }, report('Idle')).state).toEqual({ step: 'done', isPositionKept: false })
})

test('a hard stop asked for in the middle of a soft one does not wait any longer', () => {
  expect(play(RUNNING, report('Hold:1'), { kind: 'hard' }).actions).toEqual(['write-reset'])
  expect(play(RUNNING, report('Hold:0'), { kind: 'hard' }).actions).toEqual(['write-reset', 'write-reset'])
})

test('a controller without a banner is reset once more, then told of as one that does not react', () => {
  const late: StopEvent = { kind: 'deadline' }
  expect(play(RUNNING, report('Hold:0'), late, { kind: 'banner' }, report('Idle'))).toEqual({
    state: { step: 'done', isPositionKept: true },
    actions: ['write-reset', 'write-reset'],
  })
  expect(play(RUNNING, report('Hold:0'), late, late)).toEqual({ state: { step: 'failed' }, actions: ['write-reset', 'write-reset'] })
})

test('a controller in alarm that did not hear the reset gets it again, twice at most', () => {
  const locked: StopSituation = { ...RUNNING, state: 'alarm', isLocked: true }
  const late: StopEvent = { kind: 'deadline' }
  expect(play(locked, late, { kind: 'banner' }, report('Alarm'))).toEqual({
    state: { step: 'done', isPositionKept: true },
    actions: ['write-reset', 'write-reset'],
  })
  expect(play(locked, late, late, late)).toEqual({ state: { step: 'failed' }, actions: ['write-reset', 'write-reset', 'write-reset'] })
})
