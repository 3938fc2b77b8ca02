/** The gateway's side of machines: their settings, their guards' sockets, and what guards tell. */
import type { RpcNotice, RpcPeer } from '../../base/rpc.ts'
import type { guardNotices, guardRpc, JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { MachineView } from '../api/index.ts'

export type GuardEvent = RpcNotice<typeof guardNotices, 'event'>

export interface Machines {
  list(): MachineView[]
  /** @throws UserError machine-not-found (404) */
  get(machineId: string): MachineView
  /** The open connection to a machine's guard. @throws OperationalError guard-gone */
  guard(machineId: string): RpcPeer<typeof guardRpc>
  /** Resolves when the guard is connected. @throws OperationalError guard-gone after the time */
  whenConnected(machineId: string, timeoutMs: number): Promise<RpcPeer<typeof guardRpc>>
  onJobEnded(listener: (machineId: string, end: JobEnd) => void): void
  onEvent(listener: (machineId: string, event: GuardEvent) => void): void
  /** Any change of a machine's view. */
  onChange(listener: (view: MachineView) => void): void
  /** A guard's connection came (back) or went. */
  onGuard(listener: (machineId: string, isConnected: boolean) => void): void
  /** It is wired to this host: its guard runs here, and its queue is worked here. */
  isHere(machineId: string): boolean
  /** A machine came to this host, or left it. */
  onHere(listener: (machineId: string, isHere: boolean) => void): void
}

export interface Programs {
  /** By id, or the newest of that name. @throws UserError program-not-found (404) */
  find(idOrName: string): Promise<{ id: string; name: string; sha256: string; lines: number }>
  /** The newest revision of each name. */
  list(): Promise<{ id: string; name: string }[]>
  /** The file's path in the content store. */
  path(sha256: string): string
}
