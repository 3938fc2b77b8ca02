/** What to correct an offset by when a characteristic drifts. */
export type { CorrectionPlan, CorrectionVerdict, Drift, DriftPoint } from './contract.ts'
export { correctionOf, RESOLUTION_MM } from './correction.ts'
