/** What stands in the demo machine, so that every probing cycle has something to find. */
import type { Envelope } from './controller/machine.ts'
import type { Scene } from './controller/scene.ts'

/** A block of material with a bore, and a tool setter in the back right corner. */
export function demoScene({ min, max }: Envelope): Scene {
  const at = (axis: 0 | 1 | 2, share: number) => min[axis] + (max[axis] - min[axis]) * share
  const topMm = at(2, 0.4)
  const width = Math.min(max[0] - min[0], max[1] - min[1])
  return {
    tool: { diameterMm: 2, lengthMm: 0, end: 'ball' },
    solids: [
      {
        kind: 'bored-box',
        min: [at(0, 0.3), at(1, 0.3)],
        max: [at(0, 0.6), at(1, 0.6)],
        topMm,
        bore: { centre: [at(0, 0.45), at(1, 0.45)], diameterMm: width * 0.1, bottomMm: at(2, 0.15) },
      },
      { kind: 'cylinder', centre: [at(0, 0.95), at(1, 0.95)], diameterMm: width * 0.05, topMm: at(2, 0.5) },
    ],
  }
}
