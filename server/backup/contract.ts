/** Back-ups as the other parts of the gateway see them, and as their routes ask for them. */
import type { Logger } from '../../base/log.ts'
import type { BackupState, BackupsState, BackupWork } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Config, dataPaths } from '../config.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { MaintenanceTask } from '../jobs/index.ts'
import type { GatewayNote } from '../launcher/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import type { BackupWhy } from './format.ts'

interface BackupFailure {
  why: BackupWhy
  code: string
  /** What happened, and what to do. */
  text: string
  host: string
  /** Of the back-up. */
  name: string
  /** ISO. */
  at: string
}

export interface Backups {
  readonly routes: RouteHandler[]
  /** How it stands with back-ups of this installation, as last looked. */
  readonly summary: BackupState | undefined
  /** Told of each that failed; also of one whose check failed. */
  onFailed(listener: (failure: BackupFailure) => void): void
  start(): Promise<void>
  close(): Promise<void>
}

export interface BackupsDeps {
  store: Store
  log: Logger
  live: LiveHub
  audit: Audit
  secrets: Pick<Secrets, 'seal' | 'open'>
  hosts: Hosts
  config: Config
  paths: ReturnType<typeof dataPaths>
  version: string
  maintain(task: MaintenanceTask): void
  tellLauncher(note: GatewayNote): void
}

/** What the routes ask. */
export interface BackupDesk {
  state(): Promise<BackupsState>
  make(passphrase: string, caller: Caller): BackupWork
  verify(name: string, passphrase: string | undefined, caller: Caller): Promise<BackupWork>
  stop(caller: Caller): boolean
  remove(name: string, caller: Caller): Promise<void>
  begin(caller: Caller): Promise<void>
  changed(): void
  readonly signal: AbortSignal
}
