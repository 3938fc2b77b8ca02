import { describe, expect, it } from 'vitest'
import { checker } from '../../../base/schema.ts'
import { MachineAction } from '../../../server/api/motion.ts'
import { CYCLE_NAMES, firstDraft, probeAction } from './probe-cycles.ts'

const FIRST = firstDraft('mm')

const entered = { ...FIRST, into: 'G54' as const, numbers: { ...FIRST.numbers, plateThicknessMm: '19,05', tipDiameterMm: '3', diameterMm: '20' } }

describe('the probing assistant', () => {
  it('asks the machine for what its guard understands, in every cycle', () => {
    const action = checker(MachineAction)
    for (const name of CYCLE_NAMES) {
      const made = probeAction(name, entered)
      expect(made).toHaveProperty('action')
      if ('action' in made) expect(action.errors(made.action), name).toEqual([])
    }
  })

  it('takes what is typed in inches for what it is', () => {
    const numbers = { plateThicknessMm: '0.75', maxTravelMm: '0.8' }
    expect(probeAction('touch-plate', { ...firstDraft('in'), numbers })).toMatchObject({ action: { probe: { plateThicknessMm: 19.05, maxTravelMm: 20.32 } } })
    expect(probeAction('corner', { ...firstDraft('in'), numbers: { ...firstDraft('in').numbers, tipDiameterMm: '0,1250' } })).toMatchObject({
      action: { probe: { tipDiameterMm: 3.175, clearanceMm: 10.16, depthMm: 5.08 } },
    })
  })

  it('sets no offset that nobody chose', () => {
    expect(probeAction('bore', { ...entered, into: undefined })).not.toHaveProperty('action.probe.workOffset')
    expect(probeAction('bore', entered)).toHaveProperty('action.probe.workOffset', 'G54')
    expect(probeAction('tool-length', entered)).not.toHaveProperty('action.probe.workOffset')
  })

  it('guesses no plate and no probe', () => {
    expect(probeAction('touch-plate', FIRST)).toEqual({ missing: 'plateThicknessMm' })
    expect(probeAction('corner', FIRST)).toEqual({ missing: 'tipDiameterMm' })
    expect(probeAction('bore', { ...entered, numbers: { ...entered.numbers, diameterMm: '0' } })).toEqual({ missing: 'diameterMm' })
    // work without a plate
    expect(probeAction('touch-plate', { ...entered, numbers: { ...entered.numbers, plateThicknessMm: '0' } })).toHaveProperty('action')
  })
})
