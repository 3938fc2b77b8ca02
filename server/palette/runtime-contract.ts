/** What the gateway asks the flow runtime about its modules. What comes back is told to people, and decides nothing. */
import { type Static, Type } from 'typebox'

const Name = Type.String({ maxLength: 214 })
const Line = Type.String({ maxLength: 500 })
const closed = { additionalProperties: false }

export const FoundModule = Type.Object({
  name: Name,
  version: Type.String({ maxLength: 60 }),
  isInstalled: Type.Boolean({ description: 'By somebody, in the user directory' }),
  pending: Type.Optional(Type.String({ maxLength: 60 })),
  about: Type.Object({
    description: Type.Optional(Line),
    license: Type.Optional(Line),
    homepage: Type.Optional(Line),
    hasInstallScripts: Type.Optional(Type.Boolean()),
  }),
  sets: Type.Array(Type.Object({ name: Name, types: Type.Array(Name), isEnabled: Type.Boolean(), problem: Type.Optional(Line) })),
})
export type FoundModule = Static<typeof FoundModule>

export const paletteRequests = {
  /** `allowed`: what it was told when it began, and goes by until it begins anew. */
  paletteModules: { params: Type.Object({}), result: Type.Object({ modules: Type.Array(FoundModule), allowed: Type.Array(Type.String()) }) },
  /** @throws UserError install-not-allowed, module-not-found, module-there, install-failed */
  installModule: { params: Type.Object({ module: Name, version: Type.Optional(Type.String({ maxLength: 60 })), by: Name }, closed), result: Type.Null() },
  /** @throws UserError module-not-found, install-failed */
  removeModule: { params: Type.Object({ module: Name, by: Name }, closed), result: Type.Null() },
  /** Asks the npm registry; null where it does not answer, or knows nothing of it. */
  newestVersions: {
    params: Type.Object({ modules: Type.Array(Name, { maxItems: 100 }) }, closed),
    result: Type.Record(Type.String(), Type.Union([Type.String({ maxLength: 60 }), Type.Null()])),
  },
}
