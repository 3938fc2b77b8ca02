/** What the launcher passes to a virtual controller, and what it tells when it is there. */
import { type Static, Type } from 'typebox'

const Corner = Type.Tuple([Type.Number(), Type.Number(), Type.Number()])

/** Passed to a virtual controller. */
export const VirtualInit = Type.Object({
  machineId: Type.String(),
  /** Simulated seconds per second. */
  timeScale: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
  /** The launcher of the same or a later life connects here to see that it lives; end of file is its death. */
  socket: Type.String(),
  orphanTimeoutS: Type.Number({ minimum: 0 }),
  envelopeMm: Type.Object({ min: Corner, max: Corner }),
  /** Where position and settings (EEPROM) are kept between starts. */
  stateFile: Type.String(),
})
export type VirtualInit = Static<typeof VirtualInit>

/** Sent by a virtual controller with `ready`: the port for the guard, a pty path or `host:port`. */
export const VirtualReady = Type.Object({ port: Type.String() })
export type VirtualReady = Static<typeof VirtualReady>

/**
 * The first line that anybody who connects to `VirtualInit.socket` gets. A launcher that finds this
 * controller alive adopts it by staying connected; `{"type":"shutdown"}` on that connection ends it.
 */
export const VirtualHello = Type.Object({ pid: Type.Integer(), port: Type.String(), machineId: Type.String() })
export type VirtualHello = Static<typeof VirtualHello>
