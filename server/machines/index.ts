/** Machines and programs: what the rest of the gateway may use. */
export type { Machines } from './contract.ts'
export { machinesForRuntime, tellRuntimeOfMachines } from './for-runtime.ts'
export { createMachines, type MachineRegistry } from './machines.ts'
export { createPrograms, type ProgramLibrary } from './programs.ts'
export { machineRoutes } from './routes.ts'
