/** Which cycle it is. */
import type { ProbeCycle } from '../../action.ts'
import { notSupported } from '../refusals.ts'
import { angle } from './angle.ts'
import { bore } from './bore.ts'
import { boss } from './boss.ts'
import { corner } from './corner.ts'
import { heightMap } from './height-map.ts'
import type { Cycle, CycleStart, LinearAxis } from './steps.ts'
import { edge, surface } from './surface.ts'
import { type SetterSituation, toolLength } from './tool-length.ts'
import { touchPlate } from './touch-plate.ts'

/** @throws UserError `not-supported`: no tool setter in the settings, or an axis that turns */
export function planCycle(cycle: ProbeCycle, start: CycleStart, setter: SetterSituation | undefined): Cycle {
  switch (cycle.cycle) {
    case 'touch-plate':
      return touchPlate(cycle, start)
    case 'surface':
      if (!isLinear(cycle.axis)) throw notSupported(`A surface is touched along X, Y or Z, not ${cycle.axis}.`)
      return surface({ ...cycle, axis: cycle.axis }, start)
    case 'edge':
      return edge(cycle, start)
    case 'corner':
      return corner(cycle, start)
    case 'bore':
      return bore(cycle, start)
    case 'boss':
      return boss(cycle, start)
    case 'angle':
      return angle(cycle, start)
    case 'tool-length':
      if (!setter) throw notSupported("This machine has no tool setter. Name its place in the machine's settings, under tool change.")
      return toolLength(cycle, start, setter)
    case 'height-map':
      return heightMap(cycle, start)
    default:
      return cycle satisfies never
  }
}

const isLinear = (axis: string): axis is LinearAxis => axis === 'X' || axis === 'Y' || axis === 'Z'
