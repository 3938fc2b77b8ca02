/** Importing templates: what an import would change, doing it, what was imported, and taking it out again. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FlowTest } from '../flow-tests.ts'
import { FlowAdvice, FlowProblem } from '../flows.ts'
import { LayoutScope } from '../panel-layouts.ts'
import { route } from '../route.ts'
import { FlowChanges } from '../together.ts'
import { TemplateNeed, TemplateParams, TemplateSigner } from './gallery.ts'
import { Line, TemplateVersion } from './manifest.ts'
import { ImportPanel, RemovedPanel } from './panels.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'templates'

/** `ours`: as it is in this shop; `theirs`: as the new version has it. By the keys that a preview gives. */
const Decisions = Type.Record(Type.String({ maxLength: 300 }), Type.Enum(['ours', 'theirs']))

export const ImportRequest = Type.Object(
  {
    /** @defaultValue the newest */
    version: Type.Optional(TemplateVersion),
    parameters: Type.Record(Type.String({ maxLength: 40 }), Type.Unknown(), { default: {} }),
    /** What its flow is called. @defaultValue as the template says, with a number where that is taken */
    name: Type.Optional(Line(120)),
    /** An earlier import of the same template that this one takes the place of. */
    replaces: Type.Optional(Type.String({ maxLength: 100 })),
    /** With `replaces`: what was changed here since the import stays, by a three-way merge. `false` puts everything as the template has it. */
    keepsChanges: Type.Boolean({ default: true }),
    decisions: Type.Optional(Decisions),
    /** Imported although another key signed it than the import that it replaces. */
    takesOtherSigner: Type.Optional(Type.Boolean()),
    /** Programs of the template are not stored. */
    withoutPrograms: Type.Optional(Type.Boolean()),
    /** Panels stay as they are. */
    withoutPanels: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type ImportRequest = Static<typeof ImportRequest>

/** What was changed here and in the template, each in another way. */
export const ImportConflict = Type.Object({
  /** For `decisions`. */
  key: Type.String(),
  nodeId: Type.String(),
  name: Type.String(),
  nodeType: Type.String(),
  /** `removed`: one side has taken it away. */
  kind: Type.Enum(['changed', 'removed']),
  property: Type.Optional(Type.String()),
  base: Type.Optional(Type.Unknown()),
  ours: Type.Optional(Type.Unknown()),
  theirs: Type.Optional(Type.Unknown()),
})
export type ImportConflict = Static<typeof ImportConflict>

export const ImportPreview = Type.Object({
  template: Type.Object({ id: Type.String(), version: Type.String(), name: Type.String() }),
  signer: TemplateSigner,
  /** The revision of the flows that this is reckoned from. */
  rev: Type.String(),
  /** What it would do to the deployed flows. */
  changes: FlowChanges,
  counts: Type.Object({ added: Type.Integer(), changed: Type.Integer(), removed: Type.Integer() }),
  /** The import's own nodes and tabs as they would be; with the tests they can be rehearsed. */
  nodeIds: Type.Array(Type.String()),
  tabs: Type.Array(Type.Object({ id: Type.String(), label: Type.String() })),
  tests: Type.Array(FlowTest),
  parameterProblems: Type.Array(Type.Object({ key: Type.String(), message: Type.String() })),
  needs: Type.Array(TemplateNeed),
  /** As a deploy would judge it. */
  problems: Type.Array(FlowProblem),
  advice: Type.Array(FlowAdvice),
  /** To be decided before it can be imported. */
  conflicts: Type.Array(ImportConflict),
  /** Wires of other nodes that would fall away. */
  lostWires: Type.Integer(),
  programs: Type.Array(Type.Object({ name: Type.String(), state: Type.Enum(['new', 'there', 'other-content', 'not-allowed']) })),
  panels: Type.Array(ImportPanel),
  /** Nothing above stands against importing it. */
  isReady: Type.Boolean(),
})
export type ImportPreview = Static<typeof ImportPreview>

export const previewTemplate = route({
  id: 'previewTemplate',
  method: 'post',
  path: '/api/templates/:templateId/preview',
  access: 'flows.deploy',
  tag,
  summary: 'What an import would need and change. Nothing is changed.',
  params: TemplateParams,
  body: ImportRequest,
  response: ImportPreview,
  errors: ['template-not-found', 'import-not-found'],
})

export const TemplateImport = Type.Object({
  id: Type.String(),
  templateId: Type.String(),
  version: Type.String(),
  name: Type.String(),
  parameters: Type.Record(Type.String(), Type.Unknown()),
  signer: Type.Optional(Type.String({ description: 'Fingerprint' })),
  at: When,
  by: Type.String(),
  /** `draft`: not deployed yet; `gone`: nothing of it is in the flows any more. */
  state: Type.Enum(['deployed', 'draft', 'gone']),
  /** Where its nodes are now: node id in the template by node id in the flows. */
  nodes: Type.Record(Type.String(), Type.String()),
  tabs: Type.Array(Type.Object({ id: Type.String(), label: Type.String() })),
  /** How many of its nodes were changed or taken away here since. */
  changedHere: Type.Integer(),
  tests: Type.Integer(),
  /** Panels that have tabs of it. */
  panels: Type.Array(LayoutScope),
  /** A newer version that is here. */
  newVersion: Type.Optional(Type.String()),
})
export type TemplateImport = Static<typeof TemplateImport>

const Target = {
  /** `draft`: into the caller's draft, to be looked at in the designer and deployed there. */
  to: Type.Enum(['deploy', 'draft'], { default: 'deploy' }),
  /** Only over this revision of the flows. */
  rev: Type.Optional(Type.String({ maxLength: 100 })),
  comment: Type.Optional(Type.String({ maxLength: 500 })),
}
export const importTemplate = route({
  id: 'importTemplate',
  method: 'post',
  path: '/api/templates/:templateId/imports',
  access: 'flows.deploy',
  tag,
  status: 201,
  summary: 'Imports a template with its parameters: into the flows by a deploy, or into the caller’s draft.',
  params: TemplateParams,
  body: Type.Object({ ...ImportRequest.properties, ...Target }, closed),
  response: Type.Object({
    import: TemplateImport,
    versionId: Type.Optional(Type.String({ description: 'Of the deploy' })),
    /** Panels that could not be changed after it; the flows run. */
    panelProblems: Type.Array(Type.String()),
  }),
  errors: [
    'template-not-found',
    'import-not-found',
    'parameters-invalid',
    'template-needs',
    'template-conflicts',
    'template-signer',
    'program-exists',
    'draft-behind',
    'version-mismatch',
    'flows-invalid',
    'node-type-unknown',
    'node-type-not-allowed',
    'deploy-failed',
  ],
})
export const listTemplateImports = route({
  id: 'listTemplateImports',
  method: 'get',
  path: '/api/template-imports',
  access: 'flows.view',
  tag,
  summary: 'What was imported, where its nodes are, and whether there is a newer version.',
  response: Type.Array(TemplateImport),
})

const ImportParams = Type.Object({ importId: Type.String({ maxLength: 100 }) })
/** What removing an import takes away. */
export const RemovalPreview = Type.Object({
  rev: Type.String(),
  nodes: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), name: Type.String() })),
  /** Nodes on its tabs that others have added. */
  ownWork: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), name: Type.String() })),
  /** Config nodes of it that other flows use too; they stay. */
  kept: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), name: Type.String() })),
  lostWires: Type.Integer(),
  tests: Type.Integer(),
  programs: Type.Array(Type.String()),
  panels: Type.Array(RemovedPanel),
})
export type RemovalPreview = Static<typeof RemovalPreview>
export const previewImportRemoval = route({
  id: 'previewImportRemoval',
  method: 'get',
  path: '/api/template-imports/:importId/removal',
  access: 'flows.view',
  tag,
  summary: 'What removing an import would take away.',
  params: ImportParams,
  response: RemovalPreview,
  errors: ['import-not-found'],
})
export const removeTemplateImport = route({
  id: 'removeTemplateImport',
  method: 'post',
  path: '/api/template-imports/:importId/remove',
  access: 'flows.deploy',
  tag,
  summary: 'Takes everything of an import out of the flows again, with its tests and the programs it brought.',
  params: ImportParams,
  body: Type.Object(
    {
      /** Also what others have added on its tabs. */
      withOwnWork: Type.Boolean({ default: false }),
      rev: Target.rev,
      comment: Target.comment,
    },
    closed,
  ),
  response: Type.Object({ removed: RemovalPreview, versionId: Type.Optional(Type.String()), panelProblems: Type.Array(Type.String()) }),
  errors: ['import-not-found', 'template-own-work', 'version-mismatch', 'deploy-failed'],
})
