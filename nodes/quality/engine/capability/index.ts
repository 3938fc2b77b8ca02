/** Capability and performance: Cp, Cpk, Pp, Ppk, Cpm. */
export { capability } from './capability.ts'
export type { Capability, CapabilityIndex, CapabilityOptions, OutOfTolerance, SigmaLevels, Tolerance } from './contract.ts'
