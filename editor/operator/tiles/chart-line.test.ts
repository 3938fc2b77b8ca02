import { expect, it } from 'vitest'
import type { PanelTile } from '../../../server/api/panel.ts'
import { chartLine, HEIGHT, WIDTH } from './chart-line.ts'

const chart = (points: [number, number][], more: Partial<PanelTile> = {}): PanelTile => ({
  nodeId: 'c',
  kind: 'chart',
  label: 'Load',
  decimals: 0,
  points,
  ...more,
})
const placesOf = (points: string) => points.split(' ').map((place) => place.split(',').map(Number) as [number, number])

it('runs from the left edge to the right, with room for its limits', () => {
  const line = chartLine(
    chart(
      [
        [0, 2],
        [1000, 4],
      ],
      { warnAbove: 6, alarmBelow: 0 },
    ),
  )
  expect(line).toMatchObject({ low: 0, high: 6, begin: 0, end: 1000 })
  const places = placesOf(line?.points ?? '')
  expect(places.map(([x]) => x)).toEqual([0, WIDTH])
  expect(line?.limits).toHaveLength(2)
  for (const y of [...places.map(([, each]) => each), ...(line?.limits ?? [])]) expect(y >= 0 && y <= HEIGHT).toBe(true)
})

it('loses no peak, however many points there are, and ends where the values end', () => {
  const points = Array.from({ length: 1200 }, (_, i): [number, number] => [i * 100, i === 777 ? 50 : i === 778 ? -50 : 1])
  const line = chartLine(chart(points))
  const places = placesOf(line?.points ?? '')
  expect(places.length).toBeLessThan(450)
  expect(Math.min(...places.map(([, y]) => y))).toBe(4)
  expect(Math.max(...places.map(([, y]) => y))).toBe(HEIGHT - 4)
  expect(places.at(-1)?.[0]).toBe(WIDTH)
  expect([...places].sort(([a], [b]) => a - b)).toEqual(places)
})

it('is no line with one value, and a flat one with two that are alike', () => {
  expect(chartLine(chart([[0, 1]]))).toBeUndefined()
  expect(
    chartLine(
      chart([
        [0, 1],
        [10, 1],
      ]),
    )?.points,
  ).toBe(`0.0,${HEIGHT - 4}.0 ${WIDTH}.0,${HEIGHT - 4}.0`)
})
