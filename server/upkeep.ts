/**
 * What keeps the installation itself: its flows on the way to others and to a git server. A part of the composition in
 * `gateway.ts`, put together when everything that it keeps stands.
 */
import { join } from 'node:path'
import type { OnClose } from './closing.ts'
import type { Config, dataPaths } from './config.ts'
import { createPromotions, type PromotionsDeps } from './environment/index.ts'
import type { RouteHandler } from './http/handler.ts'
import { createMirror, type MirrorDeps } from './mirror/index.ts'
import type { Secrets } from './secrets/index.ts'

export interface UpkeepDeps
  extends Omit<PromotionsDeps, 'filesDir' | 'sharedDir' | 'paletteDir' | 'flows' | 'secrets'>,
    Pick<MirrorDeps, 'live' | 'hosts' | 'versions'> {
  secrets: Secrets
  flows: PromotionsDeps['flows'] & MirrorDeps['flows']
  config: Config
  paths: ReturnType<typeof dataPaths>
  onClose: OnClose
}

export interface Upkeep {
  readonly routes: readonly RouteHandler[]
  /** When everything else has started. */
  start(): void
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
  return {
    routes: [...promotions.routes, ...mirror.routes],
    start: () => mirror.start(),
  }
}
