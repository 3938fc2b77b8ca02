/** The templates that there are: what each does and needs, bringing one here, taking one away. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FlowNode } from '../flows.ts'
import { route } from '../route.ts'
import { TemplateId, TemplateManifest, TemplateParameters, TemplateTest, TemplateVersion, Words } from './manifest.ts'
import { NamedPanel } from './panels.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'templates'

/** Who made the file, as far as its signature says. `ours`: by this shop; `known`: by a key of an earlier import; `product`: it ships with Cellwright. */
export const TemplateSigner = Type.Object({
  state: Type.Enum(['product', 'ours', 'known', 'unknown', 'unsigned']),
  name: Type.Optional(Type.String()),
  /** Of the public key: 32 hexadecimal digits in groups of four. */
  fingerprint: Type.Optional(Type.String()),
})
export type TemplateSigner = Static<typeof TemplateSigner>

/** One thing that a template needs, against what is there. */
export const TemplateNeed = Type.Object({
  kind: Type.Enum(['module', 'node-type', 'connector', 'machine', 'capability', 'program']),
  /** Name of the package, type, connector, ability, right or program. */
  name: Type.String(),
  /** `unknown`: it cannot be told from here. */
  isThere: Type.Enum(['yes', 'no', 'unknown']),
  /** In words: what is missing, and how to get it. */
  text: Type.String(),
  /** Of `machine`: which one. */
  machineId: Type.Optional(Type.String()),
  /** Of `module`: the least version, and what is installed. */
  version: Type.Optional(Type.String()),
  installed: Type.Optional(Type.String()),
})
export type TemplateNeed = Static<typeof TemplateNeed>

/** A template as the gallery shows it. */
export const Template = Type.Object({
  id: Type.String(),
  version: Type.String(),
  name: Type.String(),
  summary: Type.String(),
  author: Type.String(),
  licence: Type.String(),
  categories: Type.Array(Type.String()),
  parameters: TemplateParameters,
  german: Type.Optional(Words),
  /** `product`: it ships with Cellwright; `shop`: it was brought here, or made here. */
  origin: Type.Enum(['product', 'shop']),
  signer: TemplateSigner,
  /** Versions that are here, newest first. */
  versions: Type.Array(Type.String()),
  nodeTypes: Type.Array(Type.String()),
  nodes: Type.Integer(),
  tests: Type.Integer(),
  /** What deploying it takes. */
  takes: Type.Enum(['flows.deploy', 'flows.code']),
  needs: Type.Array(TemplateNeed),
  /** Something it needs is not there. */
  isMissing: Type.Boolean(),
  pictures: Type.Integer({ description: 'How many pictures there are; without one it is drawn' }),
  /** How often it is in use here. */
  imports: Type.Integer(),
  /** Of `shop`. */
  at: Type.Optional(When),
  by: Type.Optional(Type.String()),
})
export type Template = Static<typeof Template>

export const TemplateDetail = Type.Object({
  ...Template.properties,
  readme: Type.String({ description: 'Markdown' }),
  readmeGerman: Type.Optional(Type.String()),
  flow: Type.Array(FlowNode),
  testCases: Type.Array(TemplateTest),
  panels: Type.Array(NamedPanel),
  files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer(), sha256: Type.String() })),
})
export type TemplateDetail = Static<typeof TemplateDetail>

export const TemplateParams = Type.Object({ templateId: TemplateId })
const ofVersion = Type.Object({ version: Type.Optional(TemplateVersion) })

export const listTemplates = route({
  id: 'listTemplates',
  method: 'get',
  path: '/api/templates',
  access: 'flows.view',
  tag,
  summary: 'The templates that ship and those of this shop, the newest version of each, with what each needs against what is there.',
  response: Type.Array(Template),
})
export const getTemplate = route({
  id: 'getTemplate',
  method: 'get',
  path: '/api/templates/:templateId',
  access: 'flows.view',
  tag,
  summary: 'One template: manual, flow, tests, files.',
  params: TemplateParams,
  query: ofVersion,
  response: TemplateDetail,
  errors: ['template-not-found'],
})
export const getTemplatePicture = route({
  id: 'getTemplatePicture',
  method: 'get',
  path: '/api/templates/:templateId/picture',
  access: 'flows.view',
  tag,
  summary: 'A picture of a template: the one it brings, or its flow drawn.',
  params: TemplateParams,
  query: Type.Object({ version: Type.Optional(TemplateVersion), number: Type.Integer({ minimum: 0, maximum: 10, default: 0 }) }),
  rawResponse: true,
  response: Type.Unknown(),
  errors: ['template-not-found'],
})
export const getTemplateFile = route({
  id: 'getTemplateFile',
  method: 'get',
  path: '/api/templates/:templateId/file',
  access: 'flows.view',
  tag,
  summary: 'A template as one .cwt file.',
  params: TemplateParams,
  query: ofVersion,
  rawResponse: true,
  response: Type.Unknown(),
  errors: ['template-not-found'],
})
export const uploadTemplate = route({
  id: 'uploadTemplate',
  method: 'post',
  path: '/api/templates',
  access: 'flows.deploy',
  tag,
  status: 201,
  rawBody: true,
  maxBodyBytes: 10_000_000,
  summary: 'Brings a .cwt file to this shop (the body is the file). It is checked whole; nothing is imported yet.',
  query: Type.Object({}),
  response: TemplateDetail,
  errors: ['template-refused', 'template-exists'],
})
export const verifyTemplate = route({
  id: 'verifyTemplate',
  method: 'post',
  path: '/api/templates/verify',
  access: 'flows.view',
  tag,
  rawBody: true,
  maxBodyBytes: 10_000_000,
  summary: 'Checks a .cwt file as an upload would, and keeps nothing.',
  response: Type.Object({ manifest: TemplateManifest, signer: TemplateSigner, files: TemplateDetail.properties.files }),
  errors: ['template-refused'],
})
export const removeTemplate = route({
  id: 'removeTemplate',
  method: 'delete',
  path: '/api/templates/:templateId',
  access: 'flows.deploy',
  tag,
  summary: 'Takes a version of a template (without one: all versions) out of this shop. What was imported from it stays.',
  params: TemplateParams,
  query: ofVersion,
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['template-not-found', 'template-of-product'],
})
