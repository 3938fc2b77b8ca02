import { describe, expect, it } from 'vitest'
import type { Survey } from '../../../server/api/motion.ts'
import { firstUnready, isSurveyCurrent, newWizard, stepsFor, stillTrue, withSurvey, withVirtualTravel } from './wizard-state.ts'

const survey = { firmware: 'Grbl 1.1h', envelopeMm: { min: [-400, -300, -80], max: [0, 0, 0] }, settings: [], remarks: [] } as unknown as Survey
const serial = () => {
  const state = newWizard()
  state.draft.link.serial.path = '/dev/ttyUSB0'
  return state
}

describe('the set-up of a machine', () => {
  it('fills in what the controller told, and overwrites nothing that was typed', () => {
    expect(withSurvey(serial(), survey).draft.envelope.min).toEqual([-400, -300, -80])
    const typed = serial()
    typed.draft.envelope.min = [-1, '', '']
    expect(withSurvey(typed, survey).draft.envelope.min).toEqual([-1, '', ''])
  })

  it('takes a survey for old as soon as the link is another one', () => {
    const state = withSurvey(serial(), survey)
    expect(isSurveyCurrent(state)).toBe(true)
    state.draft.link.serial.baudRate = 9600
    expect(isSurveyCurrent(state)).toBe(false)
  })

  it('asks nothing of a virtual machine and gives it a travel', () => {
    const state = newWizard()
    state.draft.link.kind = 'virtual'
    expect(stepsFor(state.draft)).toEqual(['link', 'limits', 'rules', 'add', 'test'])
    expect(firstUnready(withVirtualTravel(state).draft, 'add')).toBeUndefined()
    expect(withVirtualTravel(serial()).draft.envelope.min).toEqual(['', '', ''])
  })

  it('does not take a machine for added that was removed since', () => {
    const added = { ...serial(), addedId: 'mill-1', savedDraft: '', step: 'test' } as const
    expect(stillTrue(added, [{ id: 'mill-1' }])).toBe(added)
    expect(stillTrue(added, [])).toMatchObject({ addedId: undefined, step: 'add', draft: added.draft })
  })

  it('leads back to the first step that is not right', () => {
    expect(firstUnready(newWizard().draft, 'add')).toBe('link')
    expect(firstUnready(serial().draft, 'add')).toBe('limits')
  })
})
