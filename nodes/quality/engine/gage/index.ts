/** Gauge studies: repeatability and reproducibility, bias and linearity. */
export { anovaStudy } from './anova.ts'
export { averageAndRange } from './average-range.ts'
export { biasStudy } from './bias.ts'
export type {
  AnovaOptions,
  AnovaResult,
  AnovaRow,
  BiasLine,
  BiasOptions,
  BiasResult,
  GageReading,
  GageVerdict,
  RangeOptions,
  RangeResult,
  ReferenceReading,
  VariationLine,
  VariationSource,
} from './contract.ts'
