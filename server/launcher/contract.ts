/**
 * What the launcher and the gateway say to each other over the pipe, besides `init`, `ready` and
 * heartbeats (base/child.ts). Types only: the launcher runs without dependencies; the gateway checks
 * what it gets with its own schemas.
 */
import type { VirtualInit, VirtualReady } from '../../nodes/motion/virtual/contract.ts'
import type { Config } from '../config.ts'

/** Passed to the gateway at start. */
export interface GatewayInit {
  config: Config
  runDir: string
  /** node-postgres connection string; for the embedded database with the socket directory as host. */
  database: string
  isEmbeddedDatabase: boolean
  /** Token that runtime and connector host say first at the gateway's sockets. */
  processToken: string
  /** Token for the guards' sockets. */
  guardToken: string
  /** Where the gateway listens for the flow runtime. */
  runtimeSocket: string
  /** Where the gateway listens for the connector host. */
  connectorSocket: string
  /** Where the runtime's own HTTP server listens; the gateway proxies to it. */
  runtimeHttpSocket: string
}

/** Told by the gateway when it is ready. */
export interface GatewayReady {
  url: string
  /** Where it listens, also when the setting said 0: a later life listens there again, since pages and programs know the address. */
  port: number
  setupUrl?: string
  /** How other devices learn to trust this server: where, and the digits to compare. */
  trust?: { url: string; fingerprint: string }
}

/** Passed to the connector host. */
export interface ConnectorHostInit {
  gatewaySocket: string
  gatewayToken: string
}

/** What a virtual controller gets and answers; its schema is beside it. */
export type { VirtualInit, VirtualReady }

/** The gateway tells which machines there are: the launcher keeps one guard (and virtual controller) for each. */
export type GatewayNote =
  | { kind: 'machines'; machines: { id: string; settings: unknown }[] }
  | { kind: 'restart'; process: 'runtime' | 'connector-host' }
  /** Ends safe mode: the runtime is restarted with flows running. */
  | { kind: 'leave-safe-mode' }

/** The launcher tells how the processes are, at every change and once a heartbeat. */
export interface ProcessInfo {
  /** `launcher`, `postgres`, `gateway`, `runtime`, `connector-host`, `guard:m1`, `virtual:m1`. */
  name: string
  pid?: number
  state: 'starting' | 'running' | 'restarting' | 'stopped' | 'failed'
  restarts: number
  /** When this life began. */
  since?: string
  /** Measured by itself, as of its last sign of life. */
  lagMs?: number
  rssBytes?: number
  heapBytes?: number
  heapLimitBytes?: number
  cpuPercent?: number
  /** How long its last sign of life is ago. */
  silentMs?: number
  text?: string
  /** How the life before this one ended, and when, by itself and not because somebody asked. */
  lastEnd?: { text: string; at: string }
}
export type LauncherNote = { kind: 'processes'; processes: ProcessInfo[]; isSafeMode: boolean }

/** The name of a guard's socket in the run directory, without folder and ending. */
export const guardSocketName = (machineId: string) => `guard-${machineId}`
export const virtualSocketName = (machineId: string) => `virtual-${machineId}`
