/**
 * The length of a tool at a fixed setter, as a difference: the reference is the height at which a tool of length 0 would touch
 * it. The tool that the work zero is set with is measured first, as the reference.
 */
import type { ProbeCycle } from '../../action.ts'
import type { ToolSetter } from '../../machine.ts'
import { type Cycle, type CycleStart, pointsOf, rounded, touch } from './steps.ts'

const RETRACT_MM = 2

export interface SetterSituation {
  setter: ToolSetter
  /** Machine height at which the tool clears everything. */
  safeZMm: number
  /** In force now. */
  toolLengthMm: number
  /** Undefined before a reference was measured. */
  referenceZMm: number | undefined
}

export function* toolLength(
  cycle: Extract<ProbeCycle, { cycle: 'tool-length' }>,
  start: CycleStart,
  { setter, safeZMm, toolLengthMm, referenceZMm }: SetterSituation,
): Cycle {
  const [x, y, z] = setter.atMm
  const height = Math.max(start.placeMm[2], safeZMm, z)
  yield { kind: 'go', to: { Z: height } }
  yield { kind: 'go', to: { X: x, Y: y } }
  // a tool longer than expected touches early
  yield { kind: 'feel', to: { Z: z }, ignoresKeepOut: true }
  const { feedMmPerMin, maxTravelMm } = setter
  const contact = yield* touch(
    { feedMmPerMin, fineFeedMmPerMin: Math.max(1, feedMmPerMin / 4), maxTravelMm, retractMm: Math.min(RETRACT_MM, maxTravelMm) },
    { axis: 'Z', sign: -1, what: 'the tool setter', ignoresKeepOut: true },
  )
  yield { kind: 'go', to: { Z: height }, ignoresKeepOut: true }
  // work coordinates stay as they are when a reference is taken with a length in force
  const reference = cycle.isReference || referenceZMm === undefined ? contact[2] - toolLengthMm : referenceZMm
  const length = rounded(contact[2] - reference)
  return {
    result: { cycle: cycle.cycle, pointsMm: pointsOf(contact), toolLengthMm: length },
    ...(cycle.isReference ? { referenceZMm: reference } : { toolLengthMm: length }),
  }
}
