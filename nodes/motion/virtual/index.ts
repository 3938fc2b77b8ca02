/** A controller of the GRBL family of our own: a machine to try things on, and the other end of the wire in tests. */
export type { VirtualController, VirtualControllerOptions } from './api.ts'
export type { Scene, Solid, Surface, Tool } from './controller/scene.ts'
export type { FaultPlan } from './faults.ts'
export { startVirtualController } from './virtual-controller.ts'
