import { describe, expect, it } from 'vitest'
import type { MachineView } from '../../../server/api/machines.ts'
import { lookOf, stateKeyOf } from './machine-state.ts'

const machine = (guard: MachineView['guard'], state?: object) => ({ guard, ...(state ? { state } : {}) }) as MachineView

describe('the word for a machine', () => {
  it('says that nobody watches when the guard is gone, whatever the last state was', () => {
    expect(stateKeyOf(machine('gone', { link: 'connected', controller: 'run' }))).toBe('guardGone')
  })

  it('never shows a controller state while the link is lost', () => {
    expect(stateKeyOf(machine('running', { link: 'lost', controller: 'run' }))).toBe('lost')
  })

  it('tells slowing down from standing in hold', () => {
    expect(stateKeyOf(machine('running', { link: 'connected', controller: 'hold', subState: 1 }))).toBe('braking')
    expect(stateKeyOf(machine('running', { link: 'connected', controller: 'hold', subState: 0 }))).toBe('hold')
  })

  it('asks for a person while a program waits for one, but never hides an alarm behind it', () => {
    const waiting = { link: 'connected', job: { phase: 'waiting' } }
    expect(stateKeyOf(machine('running', { ...waiting, controller: 'idle' }))).toBe('waiting')
    expect(stateKeyOf(machine('running', { ...waiting, controller: 'alarm' }))).toBe('alarm')
    expect(lookOf('waiting').tone).toBe('action')
  })

  it('keeps grey for what is normal and red for what is dangerous', () => {
    expect(lookOf('run').tone).toBe('normal')
    expect(lookOf('idle').tone).toBe('normal')
    expect(lookOf('alarm').tone).toBe('alarm')
    expect(lookOf('hold').tone).toBe('warning')
  })
})
