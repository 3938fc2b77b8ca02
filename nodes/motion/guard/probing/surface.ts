/** One touch along one axis; sideways, the surface lies half a tip further than the tip's centre. */
import type { ProbeCycle } from '../../action.ts'
import { at, type Cycle, type CycleStart, inWork, type LinearAxis, pointsOf, signOf, touch } from './steps.ts'

type Surface = Extract<ProbeCycle, { cycle: 'surface' }>

/** @param axis of the cycle, when it is one that a probe can touch along */
export function* surface(cycle: Omit<Surface, 'axis'> & { axis: LinearAxis }, start: CycleStart): Cycle {
  const { axis, side, tipDiameterMm } = cycle
  const sign = signOf(side)
  const contact = yield* touch(cycle, { axis, sign, what: 'the surface' })
  // a ball or cutter touches down with its lowest point, which is where the tool is measured
  const radius = axis === 'Z' ? 0 : tipDiameterMm / 2
  const found = { [axis]: at(contact, axis) + sign * radius }
  return { result: { cycle: cycle.cycle, pointsMm: pointsOf(contact), foundMm: inWork(found, start) }, zeroMm: found }
}

/** One edge in X or Y. */
export function* edge(cycle: Extract<ProbeCycle, { cycle: 'edge' }>, start: CycleStart): Cycle {
  const outcome = yield* surface({ ...cycle, cycle: 'surface' }, start)
  return { ...outcome, result: { ...outcome.result, cycle: cycle.cycle } }
}
