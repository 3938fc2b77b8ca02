/** The angle of an edge to an axis, from two touches. The tip touches both times with the same point, so its size does not matter. */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, pointsOf, rounded, signOf, touch } from './steps.ts'

export function* angle(cycle: Extract<ProbeCycle, { cycle: 'angle' }>, start: CycleStart): Cycle {
  const { along } = cycle
  const across = along === 'X' ? 'Y' : 'X'
  const sign = signOf(cycle.side)
  const first = yield* touch(cycle, { axis: across, sign, what: 'the edge' })
  yield { kind: 'go', to: { [across]: at(start.placeMm, across) } }
  yield { kind: 'feel', to: { [along]: at(start.placeMm, along) + cycle.distanceMm } }
  const second = yield* touch(cycle, { axis: across, sign, what: 'the edge a second time' })
  yield { kind: 'go', to: { [across]: at(start.placeMm, across) } }
  yield { kind: 'go', to: { [along]: at(start.placeMm, along) } }
  const [dx, dy] = [second[0] - first[0], second[1] - first[1]]
  // counter-clockwise from the axis
  const turn = along === 'X' ? Math.atan2(dy, dx) : Math.atan2(-dx, dy)
  return { result: { cycle: cycle.cycle, pointsMm: pointsOf(first, second), angleDeg: rounded((turn * 180) / Math.PI) } }
}
