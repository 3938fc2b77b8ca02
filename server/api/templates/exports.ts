/** Making a template of flows: what it would hold, what stands against it, and keeping it. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FlowNode } from '../flows.ts'
import { route } from '../route.ts'
import { TemplateDetail, TemplateSigner } from './gallery.ts'
import { Line, MACHINE_NEEDS, ParameterKey, TEMPLATE_CATEGORIES, TemplateId, TemplateParameter, TemplateVersion, Words } from './manifest.ts'
import { ExportPanel } from './panels.ts'

const closed = { additionalProperties: false }
const tag = 'templates'

/** A property of a node that becomes a parameter. */
export const ExportParameter = Type.Object(
  {
    key: Type.String({ pattern: ParameterKey }),
    schema: TemplateParameter,
    isRequired: Type.Optional(Type.Boolean()),
    /** Where its value stands: node and path of the property, such as `machineId` or `rules.0.to`. */
    places: Type.Array(Type.Object({ nodeId: Line(100), path: Line(200) }, closed), { minItems: 1, maxItems: 500 }),
  },
  closed,
)
export type ExportParameter = Static<typeof ExportParameter>

const Selection = {
  /** Nodes, tabs, groups or subflows; what they need comes along. */
  nodeIds: Type.Array(Line(100), { minItems: 1, maxItems: 5000 }),
  /** Flows to take them from; the deployed ones when absent. */
  flows: Type.Optional(Type.Array(FlowNode, { maxItems: 20_000 })),
  parameters: Type.Array(ExportParameter, { maxItems: 40, default: [] }),
}
/** Where something that looks like a secret stands. */
export const FoundSecret = Type.Object({
  where: Type.String({ description: 'The file, or the node and its property' }),
  nodeId: Type.Optional(Type.String()),
  path: Type.Optional(Type.String()),
  /** Why it is taken for one. */
  text: Type.String(),
})
export type FoundSecret = Static<typeof FoundSecret>
/** What a template is called and says, as it was kept with an export: the next one begins with it. */
const Said = {
  id: TemplateId,
  name: Line(80),
  summary: Line(300),
  author: Type.Optional(Line(120)),
  licence: Type.Optional(Line(60)),
  categories: Type.Array(Type.Enum([...TEMPLATE_CATEGORIES]), { minItems: 1, maxItems: 4, uniqueItems: true }),
  readme: Type.String({ minLength: 1, maxLength: 100_000, description: 'Markdown: what it does, how to set it up' }),
  readmeGerman: Type.Optional(Type.String({ minLength: 1, maxLength: 100_000 })),
  german: Type.Optional(Words),
  machine: Type.Optional(Type.Array(Type.Enum([...MACHINE_NEEDS]), { maxItems: 10, uniqueItems: true })),
}
/** A template that was made here of these nodes before. */
export const EarlierExport = Type.Object({
  ...Said,
  version: TemplateVersion,
  /** Free, and after every version that is here. */
  nextVersion: TemplateVersion,
  /** Those whose places are still there. */
  parameters: Type.Array(ExportParameter),
})
export type EarlierExport = Static<typeof EarlierExport>

export const previewExport = route({
  id: 'previewExport',
  method: 'post',
  path: '/api/template-exports/preview',
  access: 'flows.deploy',
  tag,
  maxBodyBytes: 20_000_000,
  summary: 'What a template of these nodes would hold, which properties should be parameters, and secrets that stand against it.',
  body: Type.Object(Selection, closed),
  response: Type.Object({
    nodes: Type.Array(FlowNode),
    suggestions: Type.Array(ExportParameter),
    secrets: Type.Array(FoundSecret),
    tests: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    programs: Type.Array(Type.String()),
    /** Panels of this shop that hold controls of these nodes; only for those who may arrange panels. */
    panels: Type.Array(ExportPanel),
    nodeTypes: Type.Array(Type.String()),
    /** What it needs, as it will stand in the template. */
    needs: Type.Object({ modules: Type.Record(Type.String(), Type.String()), connectors: Type.Array(Type.String()) }),
    /** What deploying it will take. */
    takes: Type.Enum(['flows.deploy', 'flows.code']),
    /** What most of these nodes were exported as before comes first. */
    earlier: Type.Array(EarlierExport),
    /** How it will be signed. */
    signer: TemplateSigner,
    /** The shared folder that templates can be written to, where there is one. */
    sharedFolder: Type.Optional(Type.String()),
  }),
  errors: ['export-empty', 'export-parameter'],
})
export const exportTemplate = route({
  id: 'exportTemplate',
  method: 'post',
  path: '/api/template-exports',
  access: 'flows.deploy',
  tag,
  status: 201,
  maxBodyBytes: 20_000_000,
  summary: 'Makes a template from nodes, signs it with the key of this shop and keeps it here. `getTemplateFile` gives the file.',
  body: Type.Object(
    {
      ...Selection,
      ...Said,
      version: TemplateVersion,
      /** The best first; without one the flow is drawn. */
      pictures: Type.Optional(
        Type.Array(
          Type.Object(
            {
              name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,60}\\.(png|jpg|webp)$' }),
              base64: Type.String({ minLength: 1, maxLength: 2_700_000, pattern: '^[A-Za-z0-9+/]+={0,2}$' }),
            },
            closed,
          ),
          { maxItems: 5 },
        ),
      ),
      /** Flow tests that come along; all of its tabs when absent. */
      tests: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 200 })),
      /** Programs of the library that come along, by name. */
      programs: Type.Optional(Type.Array(Line(200), { maxItems: 50 })),
      /** Panels that come along, by key; all that can when absent. */
      panels: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 })),
    },
    closed,
  ),
  response: TemplateDetail,
  errors: ['export-empty', 'export-secret', 'export-parameter', 'template-exists', 'template-refused', 'program-not-found'],
})
