/**
 * What keeps the installation itself: its flows on the way to others, to a git server, and from other programs. A part of the composition in
 * `gateway.ts`, put together when everything that it keeps stands.
 */
import { join } from 'node:path'
import type { Auth } from './auth/index.ts'
import { type Backups, type BackupsDeps, createBackups } from './backup/index.ts'
import type { OnClose } from './closing.ts'
import type { Config, dataPaths } from './config.ts'
import { createDiagnostics, type DiagnosticsDeps } from './diagnostics/index.ts'
import { createPromotions, type PromotionsDeps } from './environment/index.ts'
import { createHealth, type HealthDeps } from './health/index.ts'
import type { RouteHandler } from './http/handler.ts'
import { createMirror, type MirrorDeps } from './mirror/index.ts'
import { createMoveIn, type MoveInDeps } from './move-in/index.ts'
import type { Secrets } from './secrets/index.ts'
import { createSpace, type Space } from './space/index.ts'

export interface UpkeepDeps
  extends Omit<PromotionsDeps, 'filesDir' | 'sharedDir' | 'paletteDir' | 'flows' | 'secrets'>,
    Pick<MirrorDeps, 'versions'>,
    Pick<HealthDeps, 'hosts'>,
    Pick<BackupsDeps, 'maintain' | 'tellLauncher'> {
  live: MirrorDeps['live'] & HealthDeps['live']
  secrets: Secrets
  health: Pick<HealthDeps, 'system' | 'queues' | 'certificate' | 'isEmbeddedDatabase'>
  /** What must not leave the installation: tokens of this life. */
  tokens: readonly string[]
  auth: Pick<Auth, 'startRechecks'>
  flows: PromotionsDeps['flows'] & MirrorDeps['flows'] & MoveInDeps['flows'] & DiagnosticsDeps['flows']
  config: Config
  paths: ReturnType<typeof dataPaths>
  onClose: OnClose
}

export interface Upkeep {
  readonly routes: readonly RouteHandler[]
  readonly onBackupFailed: Backups['onFailed']
  readonly overBudget: Space['overBudget']
  /** When everything else has started. */
  start(): Promise<void>
}

export async function createUpkeep(deps: UpkeepDeps): Promise<Upkeep> {
  const { config, paths, onClose } = deps
  const promotions = createPromotions({
    ...deps,
    filesDir: join(paths.files, 'promotions'),
    sharedDir: config.promotionsDir,
    paletteDir: paths.nodeRed,
  })
  const mirror = await createMirror({ ...deps, dir: paths.mirror })
  onClose('git mirror', () => mirror.close())
  const backups = createBackups({ ...deps, version: deps.productVersion })
  onClose('back-ups', () => backups.close())
  const { system, isEmbeddedDatabase } = deps.health
  const space = createSpace({ ...deps, isEmbeddedDatabase, isHurried: () => system.disk.state !== 'ok', backupsDir: () => paths.backups })
  onClose('space', () => space.close())
  const health = createHealth({
    ...deps,
    ...deps.health,
    space,
    backup: () => backups.summary,
    version: deps.productVersion,
    hasRedis: config.redisUrl !== undefined,
  })
  onClose('health', () => health.close())
  const moveIn = createMoveIn({ ...deps, workDir: join(paths.files, 'move-in') })
  const diagnostics = createDiagnostics({ ...deps, health })
  return {
    routes: [...promotions.routes, ...mirror.routes, ...space.routes, ...health.routes, ...moveIn.routes, ...diagnostics.routes, ...backups.routes],
    onBackupFailed: backups.onFailed,
    overBudget: space.overBudget,
    async start() {
      deps.auth.startRechecks(() => deps.hosts.leads)
      mirror.start()
      space.start()
      await backups.start()
    },
  }
}
