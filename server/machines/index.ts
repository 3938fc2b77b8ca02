/** Machines and programs: what the rest of the gateway may use. */
export type { GuardEvent, Machines, Programs } from './contract.ts'
export { createMachines, type MachineRegistry } from './machines.ts'
export { createPrograms, type ProgramLibrary } from './programs.ts'
export { machinesForRuntime, tellRuntimeOfMachines } from './for-runtime.ts'
export { machineRoutes } from './routes.ts'
