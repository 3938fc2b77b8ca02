import { describe, expect, it } from 'vitest'
import type { MachineView } from '../../../server/api/machines.ts'
import { roomOf, secondsOf, suggestMove, type Trial, type TrialEvent, trialAfter } from './test-move.ts'

const machine = (machinePositionMm: number[], maxRateMmPerMin: number[] = [5000, 5000, 1000]) =>
  ({ envelopeMm: { min: [-400, -300, -80], max: [0, 0, 0] }, state: { machinePositionMm, abilities: { maxRateMmPerMin } } }) as unknown as MachineView

describe('the move of the stop test', () => {
  it('goes where there is more room, and never up to the end of the travel', () => {
    expect(suggestMove(machine([-10, -150, -1]))).toMatchObject({ axis: 'X', byMm: -100 })
    expect(suggestMove(machine([-390, -150, -1]))).toMatchObject({ axis: 'X', byMm: 100 })
    expect(roomOf(machine([-10, -150, -1]), 'Z')).toEqual({ minus: 77, plus: 0 })
  })

  it('lasts about ten seconds, so that a person can look up and press', () => {
    const move = suggestMove(machine([-10, -150, -1]))
    expect(secondsOf(move)).toBeGreaterThan(7)
    expect(secondsOf(move)).toBeLessThan(15)
  })

  it('suggests nothing where no place is known, and the only free side where there is one', () => {
    expect(suggestMove(machine([-10, -150, 0]), 'Z').byMm).toBe(-78)
    expect(suggestMove({ envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] } } as unknown as MachineView).byMm).toBe(0)
  })
})

const move = { axis: 'X', byMm: 100, feedMmPerMin: 600 } as const
const start: TrialEvent = { type: 'start', kind: 'hold', move, from: 0, at: 1000 }
const report = (positionMm: number, isMoving: boolean, at: number): TrialEvent => ({
  type: 'report',
  positionMm,
  isMoving,
  isStanding: !isMoving,
  isPositionTrusted: true,
  at,
})
const trialOf = (...events: TrialEvent[]) => events.reduce<Trial>(trialAfter, { phase: 'ready' })

describe('a try of HOLD or STOP', () => {
  it('measures from the press to the first report of standing', () => {
    expect(trialOf(start, report(5, true, 1500), { type: 'press', kind: 'hold', at: 3000 }, report(22, true, 3100), report(24, false, 3300))).toEqual({
      phase: 'ask',
      kind: 'hold',
      move,
      standsAfterMs: 300,
      travelledMm: 24,
      isPositionTrusted: true,
    })
  })

  it('does not take a machine that has not begun to move for one that stopped', () => {
    expect(trialOf(start, { type: 'press', kind: 'hold', at: 1100 }, report(0, false, 1200)).phase).toBe('moving')
  })

  it('does not count a move that ended by itself', () => {
    expect(trialOf(start, report(5, true, 1500), { type: 'answered', error: undefined })).toEqual({ phase: 'missed', kind: 'hold' })
    expect(trialOf(start, report(5, true, 1500), { type: 'answered', error: undefined }, { type: 'press', kind: 'hold', at: 9000 }).phase).toBe('missed')
  })

  it('does not count the other button', () => {
    expect(trialOf(start, report(5, true, 1500), { type: 'press', kind: 'stop', at: 2000 }).phase).toBe('wrong-button')
  })

  it('tells why a move was refused, and takes the end of a stopped one for what it is', () => {
    expect(trialOf(start, { type: 'answered', error: 'An interlock is open.' })).toEqual({ phase: 'failed', kind: 'hold', message: 'An interlock is open.' })
    const pressed = trialOf(start, report(5, true, 1500), { type: 'press', kind: 'hold', at: 2000 })
    expect(trialAfter(pressed, { type: 'answered', error: 'The jog was cancelled.' })).toBe(pressed)
  })
})
