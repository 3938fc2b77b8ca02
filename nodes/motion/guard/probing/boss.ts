/** The centre of a round or square boss. It stands above it; each side is touched from outside, and between two it goes up and over. */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, inWork, type Place, pointsOf, rounded, type Steps, touch } from './steps.ts'

type Boss = Extract<ProbeCycle, { cycle: 'boss' }>

export function* boss(cycle: Boss, start: CycleStart): Cycle {
  const height = start.placeMm[2]
  const x = yield* middle(cycle, { axis: 'X', from: start.placeMm[0], height })
  const y = yield* middle(cycle, { axis: 'Y', from: start.placeMm[1], height })
  const centre = { X: x.middle, Y: y.middle }
  return {
    result: {
      cycle: cycle.cycle,
      pointsMm: pointsOf(...x.contacts, ...y.contacts),
      foundMm: inWork(centre, start),
      diameterMm: rounded(y.width - cycle.tipDiameterMm),
    },
    zeroMm: centre,
  }
}

interface Side {
  axis: 'X' | 'Y'
  from: number
  height: number
}

function* middle(cycle: Boss, side: Side): Steps<{ middle: number; width: number; contacts: Place[] }> {
  const { axis, height } = side
  const low = yield* fromOutside(cycle, side, -1)
  const high = yield* fromOutside(cycle, side, 1)
  const between = (at(low, axis) + at(high, axis)) / 2
  yield { kind: 'go', to: { Z: height } }
  yield { kind: 'go', to: { [axis]: between } }
  return { middle: between, width: at(high, axis) - at(low, axis), contacts: [low, high] }
}

/** Goes out over one side, down beside it, and touches inwards; ends back up at the height it came from. */
function* fromOutside(cycle: Boss, { axis, from, height }: Side, outwards: 1 | -1): Steps<Place> {
  const out = cycle.diameterMm / 2 + cycle.clearanceMm
  yield { kind: 'feel', to: { [axis]: from + outwards * out } }
  yield { kind: 'feel', to: { Z: height - cycle.depthMm } }
  // it stands off the centre by its person's eye: further than the middle it need not look
  const contact = yield* touch(cycle, { axis, sign: outwards === 1 ? -1 : 1, travelMm: out, what: `the side towards ${outwards === 1 ? '+' : '-'}${axis}` })
  yield { kind: 'go', to: { Z: height } }
  return contact
}
