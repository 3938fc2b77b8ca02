import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { atFirst, type Comparison, type ConditionState, compare, step, type Timing } from './engine.ts'

const timing = fc.record({ dwellMs: fc.integer({ min: 0, max: 50 }), coolDownMs: fc.integer({ min: 0, max: 100 }), countsAtStart: fc.boolean() })
const changes = fc.array(fc.record({ after: fc.integer({ min: 1, max: 40 }), truth: fc.constantFrom(true, false, undefined) }), { maxLength: 60 })

/** Plays changes, and looks again whenever the engine asks to. */
function play(list: { after: number; truth: boolean | undefined }[], how: Timing) {
  let state: ConditionState = atFirst
  let now = 0
  let wakeAt: number | undefined
  let truth: boolean | undefined
  const edges: { at: number; edge: string }[] = []
  const log: { at: number; truth: boolean | undefined }[] = []
  const look = (at: number) => {
    const done = step(state, { now: at, truth, timing: how })
    state = done.state
    wakeAt = done.wakeAt
    if (done.edge) edges.push({ at, edge: done.edge })
  }
  for (const change of list) {
    const until = now + change.after
    while (wakeAt !== undefined && wakeAt <= until) look(wakeAt)
    now = until
    truth = change.truth
    log.push({ at: now, truth })
    look(now)
  }
  return { edges, log }
}

describe('a condition over time', () => {
  it('fires never twice within its cool-down', () => {
    fc.assert(
      fc.property(changes, timing, (list, how) => {
        const fired = play(list, how).edges.filter(({ edge }) => edge === 'true')
        for (let i = 1; i < fired.length; i += 1) expect((fired[i]?.at ?? 0) - (fired[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(how.coolDownMs)
      }),
    )
  })
  it('fires only after it was true, and known, for the whole dwell', () => {
    fc.assert(
      fc.property(changes, timing, (list, how) => {
        const { edges, log } = play(list, how)
        for (const { at } of edges.filter(({ edge }) => edge !== 'false')) {
          // a change at the very moment comes after the look
          const before = log.filter((entry) => entry.at <= at - how.dwellMs).at(-1)
          const during = log.filter((entry) => entry.at > at - how.dwellMs && entry.at < at)
          expect([before, ...during].filter((entry) => entry !== undefined).every(({ truth }) => truth === true)).toBe(true)
          expect(before).toBeDefined()
        }
      }),
    )
  })
  it('comes true and false in turn, and always tells of it', () => {
    fc.assert(
      fc.property(changes, timing, (list, how) => {
        const turns = play(list, how).edges.map(({ edge }) => (edge === 'false' ? 'down' : 'up'))
        for (let i = 1; i < turns.length; i += 1) expect(turns[i]).not.toBe(turns[i - 1])
      }),
    )
  })
  it('does not fire for what was true from the start, unless it should', () => {
    const start = (countsAtStart: boolean) => play([{ after: 1, truth: true }], { dwellMs: 0, coolDownMs: 0, countsAtStart }).edges
    expect(start(false)).toEqual([])
    expect(start(true)).toEqual([{ at: 1, edge: 'true' }])
  })
  it('does not take a machine that was away for a change', () => {
    const list = [false, true, undefined, true, undefined, false, true].map((truth) => ({ after: 10, truth }))
    expect(play(list, { dwellMs: 0, coolDownMs: 0, countsAtStart: false }).edges).toEqual([
      { at: 20, edge: 'true' },
      { at: 60, edge: 'false' },
      { at: 70, edge: 'true' },
    ])
  })
})

describe('a comparison with hysteresis', () => {
  const over = (hysteresis: number): Comparison => ({ operator: '>', to: 80, hysteresis })
  it('stays true until the value has come back far enough', () => {
    let was = false
    const seen = [79, 81, 79, 76, 74, 79, 81].map((value) => {
      was = compare(over(5), value, was) ?? was
      return was
    })
    expect(seen).toEqual([false, true, true, true, false, false, true])
  })
  it('changes at most as often as without hysteresis', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 60, max: 100, noNaN: true }), { maxLength: 100 }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (values, hysteresis) => {
          const turns = (by: number) => {
            let was = false
            let count = 0
            for (const value of values) {
              const next: boolean = compare(over(by), value, was) ?? was
              if (next !== was) count += 1
              was = next
            }
            return count
          }
          expect(turns(hysteresis)).toBeLessThanOrEqual(turns(0))
        },
      ),
    )
  })
  it.each([
    [{ operator: '=', to: 'alarm', hysteresis: 0 }, 'alarm', true],
    [{ operator: '!=', to: 'alarm', hysteresis: 0 }, 'idle', true],
    [{ operator: '=', to: '3', hysteresis: 0 }, 3, true],
    [{ operator: '<=', to: 10, hysteresis: 0 }, '9.5', true],
    [{ operator: '>', to: 10, hysteresis: 0 }, 'fast', undefined],
    [{ operator: '>', to: 10, hysteresis: 0 }, undefined, undefined],
    [{ operator: '>', to: '', hysteresis: 0 }, 3, undefined],
  ] as const)('%j with %j is %s', (comparison, value, expected) => {
    expect(compare(comparison, value, false)).toBe(expected)
  })
})
