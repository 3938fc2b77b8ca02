/** Acceptance sampling by attributes: single plans of ANSI/ASQ Z1.4 and ISO 2859-1, switching rules, operating characteristic. */
export {
  AQLS,
  type Aql,
  type CodeLetter,
  EDITIONS,
  type Edition,
  INSPECTION_LEVELS,
  type InspectionLevel,
  type LotFinding,
  type OcPoint,
  type SamplingModel,
  type SamplingPlan,
  type SamplingQuestion,
  SEVERITIES,
  type Severity,
  type SwitchingOptions,
  type SwitchingState,
  type SwitchingStep,
  type SwitchReason,
} from './contract.ts'
export { acceptanceProbability, type OperatingPlan, operatingCurve, qualityAt, usualQualities } from './operating.ts'
export { samplingPlan } from './plan.ts'
export { afterLot, firstSwitchingState, resumeSwitching } from './switching.ts'
