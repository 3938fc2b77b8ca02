import { describe, expect, it } from 'vitest'
import type { TrafficLine } from '../../../server/api/motion.ts'
import { CODES, COMMANDS, completed, completionsOf, wordsIn } from './completion.ts'
import { DIRECTIONS, filterTraffic, KEPT_LINES, textOf, withPage } from './traffic.ts'

const line = (seq: number, text = `line ${seq}`, direction: TrafficLine['direction'] = 'sent'): TrafficLine => ({
  seq,
  text,
  direction,
  at: '2026-11-22T10:00:00.000Z',
})

describe('the talk in the console', () => {
  it('puts every line in once, in its order, whatever pages overlap', () => {
    const first = withPage([], [line(1), line(2)])
    expect(withPage(first, [line(2), line(3)]).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(withPage(first, [line(1), line(2)])).toBe(first)
  })

  it('goes on behind a guard that was started anew and counts from one', () => {
    expect(withPage([line(7), line(8)], [line(1), line(2)]).map(({ seq }) => seq)).toEqual([7, 8, 1, 2])
  })

  it('keeps the newest lines only', () => {
    const many = Array.from({ length: KEPT_LINES + 10 }, (_, index) => line(index + 1))
    expect(withPage([], many)).toHaveLength(KEPT_LINES)
    expect(withPage([], many)[0]?.seq).toBe(11)
  })

  it('shows what is asked for by direction and by text, also by who', () => {
    const lines = [line(1, 'G0 X1'), line(2, 'ok', 'received'), { ...line(3, '!', 'realtime'), by: 'anna' }]
    const show = (shown: readonly TrafficLine['direction'][], text = '') => filterTraffic(lines, { shown: new Set(shown), text }).map(({ seq }) => seq)
    expect(show(DIRECTIONS)).toEqual([1, 2, 3])
    expect(show(['received'])).toEqual([2])
    expect(show(DIRECTIONS, 'ANNA')).toEqual([3])
  })

  it('copies time, direction, words and person', () => {
    expect(textOf([{ ...line(3, '!', 'realtime'), by: 'anna' }])).toBe('2026-11-22T10:00:00.000Z ! !  (anna)')
  })
})

describe('completion in the console', () => {
  it('offers what begins so, and nothing when it is whole', () => {
    expect(completionsOf('g5')).toEqual(['G53', 'G54', 'G55', 'G56', 'G57', 'G58'])
    expect(completionsOf('$H')).toEqual([])
    expect(completionsOf('G0 X10 M3')).toEqual(['M3', 'M30'])
    expect(completionsOf('')).toEqual([])
  })

  it('offers controller commands at the start of a line only', () => {
    expect(completionsOf('$')).toContain('$G')
    expect(completionsOf('G0 $')).toEqual([])
  })

  it('puts the word in place of its beginning', () => {
    expect(completed('G90 g5', 'G54')).toBe('G90 G54 ')
    expect(completed('$J', '$J=')).toBe('$J=')
  })

  it('reads the codes of a line as the controller would, without comments', () => {
    expect(wordsIn('G01 X1 (G2) M03 ; G3')).toEqual(['G1', 'M3'])
    expect(wordsIn('$J=G91 X1 F100')).toEqual(['$J='])
    expect(wordsIn('$$')).toEqual(['$$'])
  })

  it('knows each of its words once', () => {
    expect(new Set([...COMMANDS, ...CODES]).size).toBe(COMMANDS.length + CODES.length)
  })
})
