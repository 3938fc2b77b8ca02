/** What this installation is: a test, or the one that makes parts. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'environment'

/** `unmarked`: nobody has said, and nothing is different from before. `production`: a deploy needs a reason. */
export const ENVIRONMENT_KINDS = ['unmarked', 'test', 'production'] as const
export const EnvironmentKind = Type.Enum([...ENVIRONMENT_KINDS])
export type EnvironmentKind = Static<typeof EnvironmentKind>

/** How people tell this installation from others; stands in what is promoted from it. */
export const InstallationName = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })

export const Environment = Type.Object({
  kind: EnvironmentKind,
  name: InstallationName,
  /** Who marked it last, and when; absent while nobody has. */
  by: Type.Optional(Type.String()),
  at: Type.Optional(When),
})
export type Environment = Static<typeof Environment>

export const getEnvironment = route({
  id: 'getEnvironment',
  method: 'get',
  path: '/api/environment',
  access: 'session',
  tag,
  summary: 'Whether this installation is a test or production, and what it is called.',
  response: Environment,
})
export const setEnvironment = route({
  id: 'setEnvironment',
  method: 'put',
  path: '/api/environment',
  access: 'system.manage',
  tag,
  summary: 'Marks this installation. In production a deploy needs a reason.',
  body: Type.Object(
    {
      kind: EnvironmentKind,
      /** Left out: as it is. */
      name: Type.Optional(InstallationName),
      ...ReasonField,
    },
    { additionalProperties: false },
  ),
  response: Environment,
})
