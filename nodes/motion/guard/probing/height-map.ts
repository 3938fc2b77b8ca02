/** A grid of touches over the work, back and forth row by row; between two points it travels at a height over the work zero. */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, type Place, pointsOf, rounded, touch } from './steps.ts'

type HeightMapCycle = Extract<ProbeCycle, { cycle: 'height-map' }>

export function* heightMap(cycle: HeightMapCycle, start: CycleStart): Cycle {
  const { minMm, maxMm, columns, rows } = cycle
  const clearance = at(start.workOffsetMm, 'Z') + cycle.clearanceZMm
  const total = columns * rows
  const heights = new Array<number>(total)
  const points: Place[] = []
  // from below it goes up first, from above along before it goes down
  if (start.placeMm[2] < clearance) yield { kind: 'go', to: { Z: clearance } }
  for (let row = 0; row < rows; row += 1) {
    for (let step = 0; step < columns; step += 1) {
      const column = row % 2 === 0 ? step : columns - 1 - step
      const x = between(minMm[0], maxMm[0], column, columns) + at(start.workOffsetMm, 'X')
      const y = between(minMm[1], maxMm[1], row, rows) + at(start.workOffsetMm, 'Y')
      yield { kind: 'feel', to: { X: x, Y: y } }
      if (points.length === 0) yield { kind: 'feel', to: { Z: clearance } }
      const contact = yield* touch(cycle, { axis: 'Z', sign: -1, what: `the work at point ${points.length + 1} of ${total}` })
      yield { kind: 'go', to: { Z: clearance } }
      points.push(contact)
      heights[row * columns + column] = rounded(contact[2] - at(start.workOffsetMm, 'Z'))
      yield { kind: 'progress', text: `Point ${points.length} of ${total}: ${heights[row * columns + column]} mm.` }
    }
  }
  return { result: { cycle: cycle.cycle, pointsMm: pointsOf(...points), heightMap: { minMm, maxMm, columns, rows, heightsMm: heights } } }
}

const between = (from: number, to: number, index: number, count: number) => from + ((to - from) * index) / (count - 1)
