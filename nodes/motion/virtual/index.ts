/** A GRBL 1.1h controller of our own: a machine to try things on, and the other end of the wire in tests. */
export type { VirtualController, VirtualControllerOptions } from './virtual-controller.ts'
export { startVirtualController } from './virtual-controller.ts'
