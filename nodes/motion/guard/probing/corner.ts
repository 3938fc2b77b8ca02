/**
 * An outside corner. It stands over the work near the corner; for each of the two edges it goes out beside the work, down,
 * touches, and comes back the same way.
 */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, inWork, type Place, pointsOf, type Steps, touch } from './steps.ts'

type Corner = Extract<ProbeCycle, { cycle: 'corner' }>

export function* corner(cycle: Corner, start: CycleStart): Cycle {
  const x = yield* edgeFromOutside(cycle, start, { axis: 'X', inwards: cycle.x === 'left' ? 1 : -1 })
  const y = yield* edgeFromOutside(cycle, start, { axis: 'Y', inwards: cycle.y === 'front' ? 1 : -1 })
  const found = { X: x.edge, Y: y.edge }
  return { result: { cycle: cycle.cycle, pointsMm: pointsOf(x.contact, y.contact), foundMm: inWork(found, start) }, zeroMm: found }
}

function* edgeFromOutside(
  cycle: Corner,
  { placeMm }: CycleStart,
  { axis, inwards }: { axis: 'X' | 'Y'; inwards: 1 | -1 },
): Steps<{ edge: number; contact: Place }> {
  const [home, height] = [at(placeMm, axis), placeMm[2]]
  yield { kind: 'feel', to: { [axis]: home - inwards * cycle.clearanceMm } }
  yield { kind: 'feel', to: { Z: height - cycle.depthMm } }
  const contact = yield* touch(cycle, { axis, sign: inwards, what: `the edge in ${axis}` })
  yield { kind: 'go', to: { Z: height } }
  yield { kind: 'go', to: { [axis]: home } }
  return { edge: at(contact, axis) + (inwards * cycle.tipDiameterMm) / 2, contact }
}
