/** The palette: which modules with node types are installed, where they may come from, what they may do. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const tag = 'palette'
const closed = { additionalProperties: false }

/** A name on npm, with its scope where it has one (npm's own rules, without capital letters). */
const NAME = '(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*'
const ModuleName = Type.String({ pattern: `^${NAME}$`, maxLength: 214, description: 'Name of an npm module' })
const ModuleVersion = Type.String({ pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?$', maxLength: 60, description: 'Exact version' })

/** How such a rule is written. */
export const ALLOWED_MODULE = `^(@[a-z0-9~-][a-z0-9._~-]*/\\*|${NAME}(@[0-9][0-9A-Za-z.+-]*)?)$`
/** A module that may be installed: its name, a version of it alone (`name@1.2.3`), or a scope (`@scope/*`). */
export const AllowedModule = Type.Object(
  {
    module: Type.String({ pattern: ALLOWED_MODULE, maxLength: 280 }),
    /** Who has looked at it, and why it may run here. */
    why: Type.String({ maxLength: 300 }),
  },
  closed,
)
export type AllowedModule = Static<typeof AllowedModule>

export const PaletteModule = Type.Object({
  name: Type.String(),
  version: Type.String(),
  /** `installed`: brought by somebody here, and can be taken away again. The others come with the product. */
  origin: Type.Enum(['cellwright', 'node-red', 'shipped', 'installed']),
  /** Installed in this version, which counts once the flow runtime has started anew. */
  pending: Type.Optional(Type.String()),
  /** What the module says of itself. */
  about: Type.Object({
    description: Type.Optional(Type.String()),
    license: Type.Optional(Type.String()),
    homepage: Type.Optional(Type.String()),
    /** It wanted to run programs while it was installed; they were not run. */
    hasInstallScripts: Type.Optional(Type.Boolean()),
  }),
  sets: Type.Array(
    Type.Object({
      name: Type.String(),
      types: Type.Array(Type.String()),
      isEnabled: Type.Boolean(),
      /** Why it could not be loaded. */
      problem: Type.Optional(Type.String()),
    }),
  ),
  /** What deploying its nodes takes: the most of all its types. */
  needs: Type.Enum(['flows.deploy', 'flows.code']),
  /** Nodes of its types in the flows that run. */
  uses: Type.Array(Type.Object({ type: Type.String(), count: Type.Integer() })),
})
export type PaletteModule = Static<typeof PaletteModule>

export const PaletteView = Type.Object({
  /** Of this host; undefined while its flow runtime does not answer. */
  modules: Type.Optional(Type.Array(PaletteModule)),
  /** What may be installed, and who says so: `environment` is CELLWRIGHT_PALETTE, `shop` can be changed on the page. */
  allowed: Type.Array(Type.Object({ module: Type.String(), from: Type.Enum(['product', 'environment', 'shop']), why: Type.Optional(Type.String()) })),
  /** The flow runtime knows an older list, or a module waits in a newer version. */
  needsRestart: Type.Boolean(),
})
export type PaletteView = Static<typeof PaletteView>

export const getPalette = route({
  id: 'getPalette',
  method: 'get',
  path: '/api/palette',
  access: 'flows.view',
  tag,
  summary: 'The installed modules of this host, what they need and where they are used, and which may be installed.',
  response: PaletteView,
})
export const installModule = route({
  id: 'installModule',
  method: 'post',
  path: '/api/palette/modules',
  access: 'flows.code',
  tag,
  summary: 'Installs a module that is allowed, or another version of it, from the npm registry; its install scripts are not run.',
  body: Type.Object({ module: ModuleName, version: Type.Optional(ModuleVersion) }, closed),
  response: PaletteView,
  errors: ['module-not-allowed', 'palette-restart-first', 'module-not-found', 'module-there', 'install-failed', 'runtime-away'],
})
export const removeModule = route({
  id: 'removeModule',
  method: 'delete',
  path: '/api/palette/modules/:module',
  access: 'flows.code',
  tag,
  summary: 'Removes a module that somebody installed, when no flow uses it.',
  params: Type.Object({ module: ModuleName }),
  response: PaletteView,
  errors: ['module-in-use', 'module-not-found', 'module-stays', 'install-failed', 'runtime-away'],
})
export const newestModules = route({
  id: 'newestModules',
  method: 'get',
  path: '/api/palette/newest',
  access: 'flows.code',
  tag,
  summary: 'The newest versions of the modules that were installed here, asked of the npm registry; null where it does not answer.',
  response: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
  errors: ['runtime-away'],
})
export const restartRuntime = route({
  id: 'restartRuntime',
  method: 'post',
  path: '/api/palette/restart',
  access: 'system.manage',
  tag,
  summary: 'Starts the flow runtime of this host anew. Flows stand still for some seconds; machines go on as they are.',
  response: Type.Object({ ok: Type.Literal(true) }),
})
