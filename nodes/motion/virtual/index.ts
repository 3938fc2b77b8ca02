/** A controller of the GRBL family of our own: a machine to try things on, and the other end of the wire in tests. */
export type { VirtualController, VirtualControllerOptions } from './api.ts'
export { startVirtualController } from './virtual-controller.ts'
