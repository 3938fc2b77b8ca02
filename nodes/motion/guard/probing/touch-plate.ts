/** Down to a plate of known thickness that lies on the work: its top less the plate is the top of the work. */
import type { ProbeCycle } from '../../action.ts'
import { type Cycle, type CycleStart, inWork, pointsOf, touch } from './steps.ts'

export function* touchPlate(cycle: Extract<ProbeCycle, { cycle: 'touch-plate' }>, start: CycleStart): Cycle {
  const contact = yield* touch(cycle, { axis: 'Z', sign: -1, what: 'the plate' })
  const top = { Z: contact[2] - cycle.plateThicknessMm }
  return { result: { cycle: cycle.cycle, pointsMm: pointsOf(contact), foundMm: inWork(top, start) }, zeroMm: top }
}
