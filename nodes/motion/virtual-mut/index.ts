/** A GRBL 1.1h controller of our own: a machine to try things on, and the other end of the wire in tests. */
export { VirtualHello, VirtualInit, VirtualReady } from './contract.ts'
export { Firmware, type FirmwareOptions, type LostBytes } from './controller/firmware.ts'
export type { AnsweredLine, ReceivedBytes, VirtualController, VirtualControllerOptions } from './virtual-controller.ts'
export { startVirtualController } from './virtual-controller.ts'
