import { describe, expect, it } from 'vitest'
import type { PanelTile } from '../../../server/api/panel.ts'
import { isOld, toneOf } from './tone-of.ts'
import { withNews } from './use-tiles.ts'

const tile: PanelTile = { nodeId: 'n', kind: 'value', label: 'Coolant', decimals: 0, warnBelow: 20, alarmBelow: 10, warnAbove: 90 }

describe('values of flows on the panel', () => {
  it('calls a value abnormal outside its limits, alarm before warning', () => {
    expect(toneOf({ ...tile, value: 50 })).toEqual({ tone: 'normal' })
    expect(toneOf({ ...tile, value: 20 })).toEqual({ tone: 'normal' })
    expect(toneOf({ ...tile, value: 19 })).toEqual({ tone: 'warning', side: 'low' })
    expect(toneOf({ ...tile, value: 5 })).toEqual({ tone: 'alarm', side: 'low' })
    expect(toneOf({ ...tile, value: 95 })).toEqual({ tone: 'warning', side: 'high' })
    expect(toneOf({ ...tile, value: 'low' })).toEqual({ tone: 'normal' })
  })

  it('does not show an old value as if it were current', () => {
    const at = '2026-01-01T10:00:00.000Z'
    const now = Date.parse(at) + 6_000
    expect(isOld({ ...tile, value: 1, at, staleAfterS: 5 }, now)).toBe(true)
    expect(isOld({ ...tile, value: 1, at, staleAfterS: 10 }, now)).toBe(false)
    expect(isOld({ ...tile, value: 1, at }, now)).toBe(false)
  })

  it('puts what is new beside what was there, and lets a chart forget what is too long ago', () => {
    const chart: PanelTile = {
      nodeId: 'c',
      kind: 'chart',
      label: 'Load',
      decimals: 0,
      spanS: 10,
      points: [
        [1_000, 1],
        [8_000, 2],
      ],
    }
    const news = withNews([tile, chart], [{ nodeId: 'c', value: 3, at: '2026-01-01T10:00:00.000Z', points: [[12_000, 3]] }])
    expect(news[0]).toBe(tile)
    expect(news[1]?.points).toEqual([
      [8_000, 2],
      [12_000, 3],
    ])
  })
})
