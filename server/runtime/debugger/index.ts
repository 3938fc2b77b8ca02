/** The debugger as the runtime uses it. */
export type { DebuggerOrder } from './contract.ts'
export { createDebugger, type Debugger } from './debugger.ts'
