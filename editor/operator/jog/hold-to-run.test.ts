import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BEAT_EVERY_MS, createHold, type Hold, type HoldState, JOG_TTL_MS, type JogLine } from './hold-to-run.ts'

describe('hold to run', () => {
  let hold: Hold
  let states: HoldState['kind'][]
  let said: string[]
  let started: PromiseWithResolvers<{ token: number }>
  let answer: () => Promise<unknown>

  const line: JogLine = {
    start: () => {
      said.push('start')
      return started.promise
    },
    beat: (token) => {
      said.push(`beat ${token}`)
      return answer()
    },
    end: async (token) => void said.push(`end ${token}`),
  }
  const settle = () => vi.advanceTimersByTimeAsync(0)

  beforeEach(() => {
    vi.useFakeTimers()
    states = []
    said = []
    started = Promise.withResolvers()
    answer = async () => undefined
    hold = createHold((state) => states.push(state.kind))
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('beats while the finger is down, and ends with it', async () => {
    hold.press(line)
    started.resolve({ token: 7 })
    await vi.advanceTimersByTimeAsync(4 * BEAT_EVERY_MS)
    hold.release()
    await vi.advanceTimersByTimeAsync(1000)
    expect(said).toEqual(['start', ...Array(5).fill('beat 7'), 'end 7'])
    expect(states).toEqual(['starting', 'running', 'ready'])
  })

  it('gives the guard several chances to hear a beat before it ends the jog', () => {
    expect(JOG_TTL_MS / BEAT_EVERY_MS).toBeGreaterThan(3)
    expect(JOG_TTL_MS).toBeLessThan(250)
  })

  it('ends a jog at once whose finger was gone before it began', async () => {
    hold.press(line)
    hold.release()
    started.resolve({ token: 7 })
    await settle()
    expect(said).toEqual(['start', 'end 7'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(said).toHaveLength(2)
    expect(hold.state.kind).toBe('ready')
  })

  it('says why when the machine does not take it, and stays ready', async () => {
    hold.press(line)
    started.reject(new Error('The door is open.'))
    await settle()
    expect(hold.state).toEqual({ kind: 'ended', why: 'The door is open.' })
    hold.release()
    expect(said).toEqual(['start'])
  })

  it('ends when a beat is refused, though the finger is still there, and begins by a new press only', async () => {
    hold.press(line)
    started.resolve({ token: 7 })
    await settle()
    answer = () => Promise.reject(new Error('lease-stale'))
    await vi.advanceTimersByTimeAsync(BEAT_EVERY_MS)
    expect(hold.state.kind).toBe('ended')
    await vi.advanceTimersByTimeAsync(1000)
    expect(said.filter((one) => one === 'start')).toHaveLength(1)
    expect(said.at(-1)).toBe('end 7')
  })

  it('does not pile beats up on a line that answers none', async () => {
    hold.press(line)
    started.resolve({ token: 7 })
    answer = () => new Promise(() => {})
    await vi.advanceTimersByTimeAsync(2000)
    expect(said.filter((one) => one.startsWith('beat'))).toHaveLength(4)
  })

  it('takes no second finger', async () => {
    hold.press(line)
    hold.press(line)
    started.resolve({ token: 7 })
    await settle()
    expect(said.filter((one) => one === 'start')).toHaveLength(1)
    hold.release()
    hold.release()
    expect(said.filter((one) => one.startsWith('end'))).toHaveLength(1)
  })
})
