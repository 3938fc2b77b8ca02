/** What people say of points of a chart, with the catalogues of causes and actions. Rows that never change. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { Reason } from './characteristics.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** `exclude` keeps a point out of limits and rules until `include`; it stays drawn. */
export const MARK_KINDS = ['exclude', 'include', 'comment', 'cause', 'action'] as const

export const Mark = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...MARK_KINDS]),
  /** The point that it is of. */
  subgroup: Type.Integer(),
  signalId: Type.Optional(Type.String()),
  /** Of the catalogue. */
  entryId: Type.Optional(Type.String()),
  /** What the entry of the catalogue said then, and what the person added. */
  title: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
})
export type Mark = Static<typeof Mark>

export const addMarks = route({
  id: 'addMarks',
  method: 'post',
  path: '/api/quality/characteristics/:id/marks',
  access: 'quality.enter',
  tag,
  summary: 'Says something of points of a chart: a comment, a cause, an action; or keeps them out of limits and rules (with quality.edit).',
  params: Id,
  body: Type.Object(
    {
      kind: Type.Enum([...MARK_KINDS]),
      subgroups: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 1000, uniqueItems: true }),
      /** The signal that a cause or an action answers; left out: every open one of these points. */
      signalId: Type.Optional(Type.String({ maxLength: 64 })),
      /** Of the catalogue, for causes and actions. */
      entryId: Type.Optional(Type.String({ maxLength: 64 })),
      /** The reason of an exclusion or inclusion; a comment; more about a cause or an action. */
      text: Type.Optional(Type.String({ minLength: 1, maxLength: 2000 })),
    },
    closed,
  ),
  response: Type.Object({ marks: Type.Array(Mark), isLocked: Type.Boolean() }),
  status: 201,
  errors: ['characteristic-not-found', 'subgroup-not-found', 'reason-missing', 'catalogue-entry-not-found', 'signal-not-found', 'not-allowed'],
})
export const listMarks = route({
  id: 'listMarks',
  method: 'get',
  path: '/api/quality/characteristics/:id/marks',
  access: 'quality.view',
  tag,
  summary: 'Everything that was said of points of a chart, newest first.',
  params: Id,
  query: Type.Object({ subgroup: Type.Optional(Type.Integer()), limit: Type.Integer({ minimum: 1, maximum: 5000, default: 500 }) }),
  response: Type.Array(Mark),
  errors: ['characteristic-not-found'],
})

/** A cause or an action that people choose from. */
export const CatalogueEntry = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  kind: Type.Enum(['cause', 'action']),
  code: Type.Optional(Type.String()),
  title: Type.String(),
  isRetired: Type.Boolean(),
})
export type CatalogueEntry = Static<typeof CatalogueEntry>
const CatalogueContent = {
  code: Type.Optional(Type.String({ maxLength: 40 })),
  title: Type.String({ minLength: 1, maxLength: 200 }),
  isRetired: Type.Boolean({ default: false }),
}

export const listCatalogue = route({
  id: 'listCatalogue',
  method: 'get',
  path: '/api/quality/catalogue',
  access: 'quality.view',
  tag,
  summary: 'Causes and actions that people choose from, by title.',
  query: Type.Object({ retired: Type.Boolean({ default: false }) }),
  response: Type.Array(CatalogueEntry),
})
export const addToCatalogue = route({
  id: 'addToCatalogue',
  method: 'post',
  path: '/api/quality/catalogue',
  access: 'quality.edit',
  tag,
  summary: 'Adds a cause or an action.',
  body: Type.Object({ kind: Type.Enum(['cause', 'action']), ...CatalogueContent }, closed),
  response: CatalogueEntry,
  status: 201,
  errors: ['catalogue-entry-exists'],
})
export const changeCatalogue = route({
  id: 'changeCatalogue',
  method: 'put',
  path: '/api/quality/catalogue/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes or retires a cause or an action: a new revision; what was said with it keeps its words.',
  params: Id,
  body: Type.Object({ ...CatalogueContent, reason: Type.Optional(Reason) }, closed),
  response: CatalogueEntry,
  errors: ['catalogue-entry-not-found', 'catalogue-entry-exists'],
})
