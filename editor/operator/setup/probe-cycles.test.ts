import { describe, expect, it } from 'vitest'
import { checker } from '../../../base/schema.ts'
import { MachineAction } from '../../../server/api/motion.ts'
import { CYCLE_NAMES, FIRST_DRAFT, probeAction } from './probe-cycles.ts'

const entered = { ...FIRST_DRAFT, into: 'G54' as const, numbers: { ...FIRST_DRAFT.numbers, plateThicknessMm: '19,05', tipDiameterMm: '3', diameterMm: '20' } }

describe('the probing assistant', () => {
  it('asks the machine for what its guard understands, in every cycle', () => {
    const action = checker(MachineAction)
    for (const name of CYCLE_NAMES) {
      const made = probeAction(name, entered)
      expect(made).toHaveProperty('action')
      if ('action' in made) expect(action.errors(made.action), name).toEqual([])
    }
  })

  it('sets no offset that nobody chose', () => {
    expect(probeAction('bore', { ...entered, into: undefined })).not.toHaveProperty('action.probe.workOffset')
    expect(probeAction('bore', entered)).toHaveProperty('action.probe.workOffset', 'G54')
    expect(probeAction('tool-length', entered)).not.toHaveProperty('action.probe.workOffset')
  })

  it('guesses no plate and no probe', () => {
    expect(probeAction('touch-plate', FIRST_DRAFT)).toEqual({ missing: 'plateThicknessMm' })
    expect(probeAction('corner', FIRST_DRAFT)).toEqual({ missing: 'tipDiameterMm' })
    expect(probeAction('bore', { ...entered, numbers: { ...entered.numbers, diameterMm: '0' } })).toEqual({ missing: 'diameterMm' })
    // work without a plate
    expect(probeAction('touch-plate', { ...entered, numbers: { ...entered.numbers, plateThicknessMm: '0' } })).toHaveProperty('action')
  })
})
