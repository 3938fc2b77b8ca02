/**
 * The centre of a hole. The middle of a chord lies under the centre whatever its height, so X is exact after two touches, and
 * the two in Y, made there, are a diameter apart.
 */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, inWork, type Place, pointsOf, rounded, type Steps, touch } from './steps.ts'

type Bore = Extract<ProbeCycle, { cycle: 'bore' }>

export function* bore(cycle: Bore, start: CycleStart): Cycle {
  const x = yield* middle(cycle, { axis: 'X', from: start.placeMm[0] })
  const y = yield* middle(cycle, { axis: 'Y', from: start.placeMm[1] })
  const centre = { X: x.middle, Y: y.middle }
  return {
    result: {
      cycle: cycle.cycle,
      pointsMm: pointsOf(...x.contacts, ...y.contacts),
      foundMm: inWork(centre, start),
      diameterMm: rounded(y.width + cycle.tipDiameterMm),
    },
    zeroMm: centre,
  }
}

/** Touches both walls along one axis and goes to the middle between them. */
function* middle(cycle: Bore, { axis, from }: { axis: 'X' | 'Y'; from: number }): Steps<{ middle: number; width: number; contacts: Place[] }> {
  // from anywhere inside, the far wall is a diameter away at most
  const travelMm = cycle.diameterMm + cycle.retractMm
  const low = yield* touch(cycle, { axis, sign: -1, travelMm, what: `the wall towards -${axis}` })
  yield { kind: 'go', to: { [axis]: from } }
  const high = yield* touch(cycle, { axis, sign: 1, travelMm, what: `the wall towards +${axis}` })
  const between = (at(low, axis) + at(high, axis)) / 2
  yield { kind: 'go', to: { [axis]: between } }
  return { middle: between, width: at(high, axis) - at(low, axis), contacts: [low, high] }
}
