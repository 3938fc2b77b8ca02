/** Templates between shops: by an address, by a shared folder, and whose keys are trusted here. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { TemplateDetail, TemplateParams, TemplateSigner } from './gallery.ts'
import { Line, TemplateManifest, TemplateVersion } from './manifest.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'templates'
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const ok = Type.Object({ ok: Type.Literal(true) })

/** A template that is somewhere else, checked whole; nothing of it is kept. */
export const TemplateLook = Type.Object({
  manifest: TemplateManifest,
  signer: TemplateSigner,
  /** Of the whole file: what is brought is what was looked at. */
  sha256: Sha256,
  bytes: Type.Integer(),
  files: TemplateDetail.properties.files,
  /** This very file is in the gallery already. */
  isHere: Type.Boolean(),
  /** Where it came from: the server that answered, after redirections. */
  from: Type.Object({ host: Type.String(), address: Type.String(), isPrivate: Type.Boolean() }),
})
export type TemplateLook = Static<typeof TemplateLook>

export const fetchTemplate = route({
  id: 'fetchTemplate',
  method: 'post',
  path: '/api/templates/fetch',
  access: 'flows.deploy',
  tag,
  summary:
    'Loads a .cwt file from an https address (or http, in a private network) and checks it whole. It is kept only when `keep` names the hash of what was looked at.',
  body: Type.Object(
    {
      url: Type.String({ minLength: 9, maxLength: 2000 }),
      /** The address lies in a private network, and is meant. Takes `flows.code`. */
      evenPrivate: Type.Optional(Type.Boolean()),
      keep: Type.Optional(Sha256),
    },
    closed,
  ),
  response: Type.Object({ look: TemplateLook, template: Type.Optional(TemplateDetail) }),
  errors: ['template-refused', 'template-exists', 'template-address', 'template-private-address', 'template-changed', 'download-failed', 'not-allowed'],
})

/** A file in the shared folder. */
export const SharedTemplate = Type.Object({
  file: Type.String(),
  id: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  summary: Type.Optional(Type.String()),
  signer: Type.Optional(TemplateSigner),
  /** This id and version is in the gallery. */
  isHere: Type.Boolean(),
  /** Why it cannot be taken. */
  problem: Type.Optional(Type.String()),
})
export type SharedTemplate = Static<typeof SharedTemplate>

export const listSharedTemplates = route({
  id: 'listSharedTemplates',
  method: 'get',
  path: '/api/shared-templates',
  access: 'flows.view',
  tag,
  summary: 'The .cwt files in the shared folder (CELLWRIGHT_TEMPLATES); without `folder` there is none.',
  response: Type.Object({ folder: Type.Optional(Type.String()), templates: Type.Array(SharedTemplate), problem: Type.Optional(Type.String()) }),
})
export const bringSharedTemplate = route({
  id: 'bringSharedTemplate',
  method: 'post',
  path: '/api/shared-templates/bring',
  access: 'flows.deploy',
  tag,
  status: 201,
  summary: 'Brings a file of the shared folder to this shop. It is checked whole; nothing is imported yet.',
  body: Type.Object({ file: Type.String({ minLength: 1, maxLength: 200 }) }, closed),
  response: TemplateDetail,
  errors: ['template-refused', 'template-exists', 'no-shared-folder', 'shared-folder'],
})
export const shareTemplate = route({
  id: 'shareTemplate',
  method: 'post',
  path: '/api/templates/:templateId/share',
  access: 'flows.deploy',
  tag,
  summary: 'Writes a template as a .cwt file into the shared folder.',
  params: TemplateParams,
  body: Type.Object({ version: Type.Optional(TemplateVersion) }, closed),
  response: Type.Object({ file: Type.String() }),
  errors: ['template-not-found', 'no-shared-folder', 'shared-folder'],
})

export const linkTemplate = route({
  id: 'linkTemplate',
  method: 'post',
  path: '/api/templates/:templateId/link',
  access: 'flows.deploy',
  tag,
  summary: 'Makes a link that gives the file of a template to whoever has it, for a week and without signing in.',
  params: TemplateParams,
  body: Type.Object({ version: Type.Optional(TemplateVersion) }, closed),
  response: Type.Object({ path: Type.String({ description: 'Behind the address under which this server is reached' }), until: When }),
  errors: ['template-not-found'],
})
export const getLinkedTemplate = route({
  id: 'getLinkedTemplate',
  method: 'get',
  path: '/api/template-links/:templateId/:version',
  access: 'public',
  tag,
  summary: 'The file of a template, for a link of `linkTemplate` as long as it lasts.',
  params: Type.Object({ ...TemplateParams.properties, version: TemplateVersion }),
  query: Type.Object({
    until: Type.Integer({ minimum: 0, maximum: 100_000_000_000, description: 'Seconds since 1970' }),
    key: Type.String({ maxLength: 100 }),
  }),
  rawResponse: true,
  response: Type.Unknown(),
  errors: ['link-over', 'template-not-found'],
})

const Fingerprint = Type.String({ pattern: '^([0-9a-f]{4} ){7}[0-9a-f]{4}$' })
/** Whose templates are taken as known here. */
export const TemplatePublisher = Type.Object({
  fingerprint: Type.String(),
  name: Type.String(),
  /** Of this shop: for others to compare. */
  isOwn: Type.Boolean(),
  at: Type.Optional(When),
  by: Type.Optional(Type.String()),
})
export type TemplatePublisher = Static<typeof TemplatePublisher>

export const listTemplatePublishers = route({
  id: 'listTemplatePublishers',
  method: 'get',
  path: '/api/template-publishers',
  access: 'flows.view',
  tag,
  summary: 'The key of this shop, and those whose templates are trusted here.',
  response: Type.Array(TemplatePublisher),
})
export const trustTemplatePublisher = route({
  id: 'trustTemplatePublisher',
  method: 'post',
  path: '/api/template-publishers',
  access: 'flows.deploy',
  tag,
  summary: 'Takes a key as known: somebody compared its fingerprint with the publisher.',
  body: Type.Object({ fingerprint: Fingerprint, name: Line(120) }, closed),
  response: ok,
})
export const forgetTemplatePublisher = route({
  id: 'forgetTemplatePublisher',
  method: 'delete',
  path: '/api/template-publishers/:fingerprint',
  access: 'flows.deploy',
  tag,
  summary: 'Trusts a key no longer. What was imported stays.',
  params: Type.Object({ fingerprint: Fingerprint }),
  response: ok,
})
