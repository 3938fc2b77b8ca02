import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { type RealClock, VirtualClock } from './virtual-clock.ts'

/** A system clock that a test moves. */
function handClock() {
  let now = 1000
  const timers = new Map<number, { at: number; run: () => void }>()
  let last = 0
  const real: RealClock = {
    now: () => now,
    setTimeout(run, ms) {
      timers.set(++last, { at: now + ms, run })
      return last
    },
    clearTimeout: (id: never) => void timers.delete(id as number),
  }
  return {
    real,
    /** Lets so much real time pass. */
    pass(ms: number) {
      const until = now + ms
      for (;;) {
        const [next] = [...timers].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at)
        if (!next) break
        now = Math.max(now, next[1].at)
        timers.delete(next[0])
        next[1].run()
      }
      now = until
    },
  }
}

describe('a virtual clock', () => {
  it('runs at its rate, and fires what is due in order', () => {
    const { real, pass } = handClock()
    const clock = new VirtualClock(real)
    const fired: [string, number][] = []
    clock.set(() => fired.push(['late', clock.now()]), 90_000, false)
    clock.set(() => fired.push(['early', clock.now()]), 30_000, false)
    clock.setRate(60)
    pass(499)
    expect(fired).toEqual([])
    pass(1001)
    expect(fired.map(([name]) => name)).toEqual(['early', 'late'])
    expect(fired.map(([, at]) => Math.round(at / 1000))).toEqual([30, 90])
  })

  it('jumps to what waits next without waiting for it', () => {
    const { real, pass } = handClock()
    const clock = new VirtualClock(real)
    let at = 0
    clock.set(() => (at = clock.now()), 8 * 3_600_000, false)
    clock.jumpTo(clock.nextDue() ?? 0)
    pass(1)
    expect(at).toBeCloseTo(8 * 3_600_000, -1)
    expect(clock.nextDue()).toBeUndefined()
  })

  it('never runs back', () => {
    const { real } = handClock()
    const clock = new VirtualClock(real)
    clock.jumpTo(5000)
    clock.jumpTo(1000)
    expect(clock.now()).toBe(5000)
  })

  it('repeats intervals until they are cancelled, and does not make up for rounds that a jump missed', () => {
    const { real, pass } = handClock()
    const clock = new VirtualClock(real)
    let rounds = 0
    const id = clock.set(() => (rounds += 1), 1000, true)
    pass(3500)
    expect(rounds).toBe(3)
    clock.jumpTo(60_000)
    pass(1)
    expect(rounds).toBe(4)
    clock.cancel(id)
    pass(5000)
    expect(rounds).toBe(4)
    expect(clock.has(id)).toBe(false)
  })

  it('keeps the asynchronous context of whoever set the timer', () => {
    const { real, pass } = handClock()
    const clock = new VirtualClock(real)
    const storage = new AsyncLocalStorage<string>()
    let seen: string | undefined
    storage.run('run 1', () => clock.set(() => (seen = storage.getStore()), 10, false))
    pass(20)
    expect(seen).toBe('run 1')
  })

  it('goes on when what it fires throws', () => {
    const { real, pass } = handClock()
    const clock = new VirtualClock(real)
    let fired = 0
    clock.set(
      () => {
        throw new Error('a bug in a node')
      },
      10,
      false,
    )
    clock.set(() => (fired += 1), 20, false)
    expect(() => pass(15)).toThrow('a bug in a node')
    pass(15)
    expect(fired).toBe(1)
  })
})
