/** The palette of this host for people: what is installed, what may be, installing and removing. The flow runtime does it; here it is decided. */
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type FlowNode, getPalette, installModule, newestModules, type PaletteModule, type PaletteView, removeModule, restartRuntime } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Runtime } from '../flows/contract.ts'
import { neededCapability } from '../flows/fence.ts'
import { ALLOWED_MODULES, mayInstall } from '../flows/palette.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { ShopSettings } from '../settings/index.ts'
import type { FoundModule } from './runtime-contract.ts'

/** npm may have to fetch hundreds of packages over a slow line. */
const INSTALL_MS = 10 * 60_000
const LOOK_MS = 60_000

export interface PaletteDeps {
  runtime: Runtime
  settings: Pick<ShopSettings, 'get'>
  /** CELLWRIGHT_PALETTE. */
  environment: readonly string[]
  /** What may be installed now. */
  allowed: () => readonly string[]
  currentFlows: () => Promise<{ flows: readonly FlowNode[] }>
  audit: Audit
  log: Logger
  restartRuntime(): void
}

export function createPalette(deps: PaletteDeps): { routes: readonly RouteHandler[] } {
  const { runtime, settings, environment, allowed, audit, log } = deps

  const modulesNow = async () => runtime.peer().call('paletteModules', {}, { timeoutMs: 15_000 })
  const view = async (): Promise<PaletteView> => {
    const found = await modulesNow().catch((error: unknown) => {
      log.warn({ err: error }, 'the flow runtime does not tell its modules')
      return undefined
    })
    const { flows } = await deps.currentFlows()
    return {
      ...(found ? { modules: found.modules.map((module) => describe(module, flows)).sort(inOrder) } : {}),
      allowed: [
        ...ALLOWED_MODULES.map((module) => ({ module, from: 'product' as const })),
        ...environment.map((module) => ({ module, from: 'environment' as const })),
        ...settings.get('allowedModules').map((rule) => ({ ...rule, from: 'shop' as const })),
      ],
      needsRestart: found !== undefined && (!isSame(found.allowed, allowed()) || found.modules.some(({ pending }) => pending !== undefined)),
    }
  }

  return {
    routes: [
      handle(getPalette, view),
      handle(installModule, async ({ body: { module, version }, caller }) => {
        const answer = mayInstall(module, allowed())
        if (!answer.allowed)
          throw new UserError({
            code: 'module-not-allowed',
            status: 403,
            message: `${module} is not among the modules that may be installed. What is installed runs with the rights of the flow runtime: look at it first, then allow it.`,
            details: { module },
          })
        await runtime.peer().call('installModule', { module, by: caller.userName, ...(version ? { version } : {}) }, { timeoutMs: INSTALL_MS })
        audit.record({ caller, action: 'palette.install', target: module, detail: { ...(version ? { version } : {}) } })
        return view()
      }),
      handle(removeModule, async ({ params: { module }, caller }) => {
        const { modules } = await view()
        const there = modules?.find(({ name }) => name === module)
        if (there && there.origin !== 'installed')
          throw new UserError({ code: 'module-stays', status: 409, message: `${module} comes with the product and stays.`, details: { module } })
        if (there && there.uses.length > 0)
          throw new UserError({
            code: 'module-in-use',
            status: 409,
            message: `Flows use ${module}: ${there.uses.map(({ type, count }) => `${count} × ${type}`).join(', ')}. Take these nodes out of the flows and deploy, then remove it.`,
            details: { module, uses: there.uses },
          })
        await runtime.peer().call('removeModule', { module, by: caller.userName }, { timeoutMs: INSTALL_MS })
        audit.record({ caller, action: 'palette.remove', target: module, detail: { version: there?.version } })
        return view()
      }),
      handle(newestModules, async () => {
        const installed = (await modulesNow()).modules.filter(({ isInstalled }) => isInstalled)
        return runtime.peer().call('newestVersions', { modules: installed.slice(0, 100).map(({ name }) => name) }, { timeoutMs: LOOK_MS })
      }),
      handle(restartRuntime, ({ caller }) => {
        audit.record({ caller, action: 'palette.restart', target: 'runtime' })
        deps.restartRuntime()
        return { ok: true as const }
      }),
    ],
  }
}

function describe(found: FoundModule, flows: readonly FlowNode[]): PaletteModule {
  const types = new Set(found.sets.flatMap((set) => set.types))
  const counts = Map.groupBy(
    flows.filter(({ type }) => types.has(type)),
    ({ type }) => type,
  )
  const { name, version, pending, about, sets, isInstalled } = found
  return {
    name,
    version,
    origin: isInstalled ? 'installed' : name === 'node-red' ? 'node-red' : name.startsWith('@cellwright/') ? 'cellwright' : 'shipped',
    ...(pending ? { pending } : {}),
    about,
    sets,
    needs: [...types].some((type) => neededCapability(type) === 'flows.code') ? 'flows.code' : 'flows.deploy',
    uses: [...counts].map(([type, nodes]) => ({ type, count: nodes.length })),
  }
}

/** What somebody brought comes first. */
const inOrder = (a: PaletteModule, b: PaletteModule) =>
  Number(b.origin === 'installed') - Number(a.origin === 'installed') || a.name.localeCompare(b.name, 'en')

const isSame = (a: readonly string[], b: readonly string[]) => a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n')
