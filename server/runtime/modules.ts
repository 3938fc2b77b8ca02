/** The modules of the palette: what is there, installing and removing through Node-RED, so that its own fences (hooks, lists) stay in front. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '../../base/errors.ts'
import type { FoundModule } from '../palette/runtime-contract.ts'
import type { NodeRed, NodeSet } from './node-red.ts'

const run = promisify(execFile)
/** For one look at the registry. */
const LOOK_MS = 20_000
const LOOKS_AT_ONCE = 3
/** For all of them: less than the gateway waits. Without a network each takes its whole time. */
const LOOKS_MS = 35_000
const LONGEST_LINE = 500

/** npm as Node-RED brings it (@node-red/registry/lib/installer.js takes the same). */
function npmCli(): string {
  const registry = createRequire(createRequire(import.meta.url).resolve('node-red')).resolve('@node-red/registry')
  return join(dirname(createRequire(registry).resolve('npm/package.json')), 'bin', 'npm-cli.js')
}

export interface ModuleHandlers {
  paletteModules(): Promise<{ modules: FoundModule[]; allowed: string[] }>
  installModule(request: { module: string; version?: string; by: string }): Promise<null>
  removeModule(request: { module: string; by: string }): Promise<null>
  newestVersions(request: { modules: string[] }): Promise<Record<string, string | null>>
}

export function createModules(red: NodeRed, { userDir, allowed }: { userDir: string; allowed: readonly string[] }): ModuleHandlers {
  const aboutOf = async (name: string): Promise<FoundModule['about']> => {
    try {
      const facts = JSON.parse(await readFile(join(userDir, 'node_modules', name, 'package.json'), 'utf8')) as Record<string, unknown>
      const scripts = (facts.scripts ?? {}) as Record<string, unknown>
      const line = (key: string) => (typeof facts[key] === 'string' ? { [key]: facts[key].slice(0, LONGEST_LINE) } : {})
      return {
        ...line('description'),
        ...line('license'),
        ...line('homepage'),
        ...(['preinstall', 'install', 'postinstall'].some((each) => typeof scripts[each] === 'string') ? { hasInstallScripts: true } : {}),
      }
    } catch {
      // shipped with the product, or gone meanwhile: it says nothing of itself
      return {}
    }
  }
  /** What somebody installed stands in the user directory's own list; npm writes it (`--save`). */
  const broughtModules = async (): Promise<ReadonlySet<string>> => {
    try {
      const { dependencies } = JSON.parse(await readFile(join(userDir, 'package.json'), 'utf8')) as { dependencies?: object }
      return new Set(Object.keys(dependencies ?? {}))
    } catch {
      // nothing was ever installed
      return new Set()
    }
  }
  return {
    async paletteModules() {
      const brought = await broughtModules()
      const byModule = Map.groupBy(red.nodes.getNodeList(), ({ module }) => module)
      const modules = await Promise.all(
        [...byModule].map(async ([name, sets]) => {
          const [first] = sets as [NodeSet]
          const isInstalled = brought.has(name)
          return {
            name,
            version: first.version ?? '',
            isInstalled,
            ...(first.pending_version ? { pending: first.pending_version } : {}),
            about: isInstalled ? await aboutOf(name) : {},
            sets: sets.map(setOf),
          }
        }),
      )
      return { modules, allowed: [...allowed] }
    },
    async installModule({ module, version, by }) {
      await red.runtime.nodes.addModule({ user: { username: by, permissions: '*' }, module, ...(version ? { version } : {}) }).catch((error: unknown) => {
        throw refusalOf(error, module)
      })
      return null
    },
    async removeModule({ module, by }) {
      await red.runtime.nodes.removeModule({ user: { username: by, permissions: '*' }, module }).catch((error: unknown) => {
        throw refusalOf(error, module)
      })
      return null
    },
    async newestVersions({ modules }) {
      const npm = npmCli()
      const newest = async (name: string): Promise<string | null> => {
        try {
          const { stdout } = await run(process.execPath, [npm, 'view', '--json', '--', name, 'dist-tags.latest'], { cwd: userDir, timeout: LOOK_MS })
          const answer: unknown = JSON.parse(stdout)
          return typeof answer === 'string' ? answer : null
        } catch {
          return null
        }
      }
      const found: Record<string, string | null> = Object.fromEntries(modules.map((name) => [name, null]))
      const names = [...modules]
      // each look is a process of npm: dozens at once would take all the memory of a small computer
      const begun = performance.now()
      const worker = async () => {
        for (let name = names.shift(); name !== undefined && performance.now() - begun < LOOKS_MS; name = names.shift()) found[name] = await newest(name)
      }
      await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, worker))
      return found
    },
  }
}

const setOf = ({ name, types, enabled, err }: NodeSet): FoundModule['sets'][number] => ({
  name,
  types: types ?? [],
  isEnabled: enabled,
  ...(err ? { problem: String((err as { message?: unknown }).message ?? err).slice(0, LONGEST_LINE) } : {}),
})

/** Node-RED's errors have a code (@node-red/runtime/lib/api/nodes.js), or only a text. */
function refusalOf(error: unknown, module: string): UserError {
  const { code, message } = error as { code?: unknown; message?: string }
  if (error instanceof UserError) return error
  if (code === 404 || code === 'not_found')
    return new UserError({
      code: 'module-not-found',
      status: 404,
      message: `There is no module ${module} of that version. Look at how it is written, and whether this server reaches the npm registry.`,
      details: { module },
    })
  if (code === 'module_already_loaded')
    return new UserError({ code: 'module-there', status: 409, message: `${module} is installed in that version already.`, details: { module } })
  if (code === 'install_not_allowed' || code === 'update_not_allowed')
    return new UserError({
      code: 'palette-restart-first',
      status: 409,
      message: `The flow runtime does not know yet that ${module} is allowed, or allows another version of it. Start the flow runtime anew, then install it.`,
      details: { module },
    })
  return new UserError({
    code: 'install-failed',
    status: 502,
    message: `npm could not do it: ${message ?? String(error)}. The log of the flow runtime says more; look at the network and the free disk space.`,
    details: { module },
  })
}
