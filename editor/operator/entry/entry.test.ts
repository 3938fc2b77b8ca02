/** Gauges that type, and what is measured first. */
import { describe, expect, it } from 'vitest'
import type { Characteristic } from '../../../server/api/quality/index.ts'
import { inTurn, ofMachine, partsOf, turnOf } from './due.ts'
import { createWedge, numberOf } from './wedge.ts'

const typed = (keys: readonly string[], everyMs: number) => {
  const wedge = createWedge()
  return keys.map((key, index) => wedge.key(key, 1000 + index * everyMs)).at(-1)
}

describe('a gauge that types', () => {
  it.each([
    ['12.345', 12.345],
    ['-0,02', -0.02],
    ['+0012.30', 12.3],
    ['-0.000', 0],
  ])('%s and Enter is a reading', (text, value) => {
    expect(typed([...text, 'Enter'], 8)).toEqual({ kind: 'reading', text, value })
  })
  it('is not mistaken for a person, nor a person for it', () => {
    expect(typed([...'12.345', 'Enter'], 120)).toBeUndefined()
    expect(typed([...'12', 'Enter'], 8)).toBeUndefined()
  })
  it('says what is no number instead of making one of it', () => {
    expect(typed([...'12.3.45', 'Enter'], 8)).toEqual({ kind: 'garbage', text: '12.3.45' })
    expect(typed([...'ERR-3', 'Enter'], 8)).toEqual({ kind: 'garbage', text: 'ERR-3' })
  })
  it('is no badge', () => {
    expect(typed([...'0004219837', 'Enter'], 8)).toBeUndefined()
  })
  it('may use Shift for its sign', () => {
    expect(typed(['Shift', '+', '1', '.', '5', 'Enter'], 8)).toMatchObject({ kind: 'reading', value: 1.5 })
  })
  it('begins anew after a pause: half a reading is none', () => {
    const wedge = createWedge()
    for (const [index, key] of [...'12.3'].entries()) wedge.key(key, index * 8)
    for (const [index, key] of [...'45'].entries()) wedge.key(key, 2000 + index * 8)
    expect(wedge.key('Enter', 2024)).toBeUndefined()
  })
})

it.each(['', '-', '.', '1e3', 'NaN', 'Infinity', '1.2.3', '1 2', '0x10', '--1'])('"%s" is no number', (text) => {
  expect(numberOf(text)).toBeUndefined()
})

const NOW = Date.parse('2026-01-01T12:00:00Z')
const characteristic = (id: string, more: object = {}, definition: object = {}) =>
  ({ id, isLocked: false, openValues: 0, definition: { name: id, machineId: 'm1', isRetired: false, ...definition }, ...more }) as unknown as Characteristic
const at = (minutes: number) => ({ due: { isDue: minutes <= 0, at: new Date(NOW + minutes * 60_000).toISOString() } })

describe('what is measured first', () => {
  it('waits for an answer, was begun, is overdue longest, is due soonest, or has a name', () => {
    const list = [
      characteristic('any b'),
      characteristic('any a'),
      characteristic('in 20', at(20)),
      characteristic('in 5', at(5)),
      characteristic('overdue 3', at(-3)),
      characteristic('overdue 30', at(-30)),
      characteristic('open', { openValues: 2 }),
      characteristic('locked', { isLocked: true, ...at(-60) }),
      characteristic('parts', { due: { isDue: false, partsSince: 3 } }, { sampling: { every: 'parts', count: 10 } }),
    ]
    expect(inTurn(list, NOW).map(({ id }) => id)).toEqual(['locked', 'open', 'overdue 30', 'overdue 3', 'in 5', 'in 20', 'parts', 'any a', 'any b'])
  })
  it('says how long until then, by the clock of now', () => {
    expect(turnOf(characteristic('a', at(5)), NOW)).toEqual({ kind: 'in', leftS: 300 })
    expect(turnOf(characteristic('a', at(5)), NOW + 360_000)).toEqual({ kind: 'due', sinceS: 60 })
    expect(turnOf(characteristic('a', { due: { isDue: false, partsSince: 3 } }, { sampling: { every: 'parts', count: 10 } }), NOW)).toEqual({
      kind: 'parts',
      left: 7,
    })
    expect(turnOf(characteristic('a', { due: { isDue: true, partsSince: 12 } }, { sampling: { every: 'parts', count: 10 } }), NOW)).toEqual({
      kind: 'due',
      sinceS: undefined,
    })
  })
  it('is of this machine, and not retired; what is of no machine stands apart', () => {
    const list = [
      characteristic('here'),
      characteristic('there', {}, { machineId: 'm2' }),
      characteristic('any', {}, { machineId: undefined }),
      characteristic('old', {}, { isRetired: true }),
    ]
    const { here, elsewhere } = ofMachine(list, 'm1')
    expect([here, elsewhere].map((each) => each.map(({ id }) => id))).toEqual([['here'], ['any']])
  })
  it('can be chosen by part where there are several', () => {
    expect(partsOf([characteristic('a', {}, { part: 'P10' }), characteristic('b', {}, { part: 'P2' }), characteristic('c')])).toEqual(['', 'P2', 'P10'])
    expect(partsOf([characteristic('a', {}, { part: 'P10' })])).toEqual([])
  })
})
