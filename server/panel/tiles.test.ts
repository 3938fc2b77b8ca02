import { describe, expect, it } from 'vitest'
import type { TileFace } from '../api/index.ts'
import { createTiles, kept } from './tiles.ts'

const face: TileFace = { nodeId: 'n1', kind: 'chart', label: 'Spindle load', unit: '%', decimals: 0, spanS: 60 }

describe('values and charts of flows', () => {
  it('keeps the points of a chart within its time, thinning out the older half when there are too many', () => {
    const second = (count: number, every: number): [number, number][] => Array.from({ length: count }, (_, index) => [index * every, index])
    expect(kept(second(100, 1000), 60)).toHaveLength(61)
    const many = kept(second(5000, 1), 60)
    expect(many.length).toBeLessThanOrEqual(1200)
    expect(many.at(-1)).toEqual([4999, 4999])
    expect(many.every(([at], index) => index === 0 || at > (many[index - 1]?.[0] ?? 0))).toBe(true)
  })

  it('tells what is new, and forgets a tile with its node', () => {
    const told: unknown[] = []
    let refreshed = 0
    const tiles = createTiles({
      live: {
        provide: () => {},
        publish: (_topic: string, change: unknown) => void told.push(change),
        refresh: () => {
          refreshed += 1
        },
      } as never,
    })
    const { panelTiles, panelTileNews } = tiles.rpc.notifications
    panelTiles([face])
    const at = new Date().toISOString()
    panelTileNews([
      { nodeId: 'n1', value: 40, at, points: [[1000, 40]] },
      { nodeId: 'gone', value: 1, at },
    ])
    expect(told).toEqual([[{ nodeId: 'n1', value: 40, at, points: [[1000, 40]] }]])
    expect(tiles.list()).toMatchObject([{ label: 'Spindle load', value: 40, points: [[1000, 40]] }])
    // a deploy that changes its label keeps what it showed
    panelTiles([{ ...face, label: 'Load' }])
    expect(tiles.list()).toMatchObject([{ label: 'Load', value: 40 }])
    panelTiles([])
    expect(tiles.list()).toEqual([])
    expect(refreshed).toBe(3)
  })
})
