/** A sign-in of an administrator's own through a provider, to see what it would give: it signs nobody in and changes no account. */
import { type Static, Type } from 'typebox'
import { RoleId } from './access.ts'
import { route } from './route.ts'
import { SignInFinding } from './sign-in.ts'

/** What a claim or an attribute is taken for. */
const Use = Type.Unsafe<'subject' | 'userName' | 'name' | 'mail'>({ type: 'string', enum: ['subject', 'userName', 'name', 'mail'] })

const Trial = Type.Object({
  /** `waiting`: the person is still at the provider. */
  state: Type.Unsafe<'waiting' | 'done'>({ type: 'string', enum: ['waiting', 'done'] }),
  /** They would come in now, or wait for nothing but an administrator or their own password. */
  isUsable: Type.Boolean(),
  findings: Type.Array(SignInFinding),
  /** What was used of what came back. `value` absent: it did not come. */
  used: Type.Array(Type.Object({ use: Use, from: Type.String(), value: Type.Optional(Type.String()) })),
  /** Names of what came besides. */
  others: Type.Array(Type.String()),
  groups: Type.Array(Type.String()),
  role: Type.Optional(RoleId),
})
export type SignInTrial = Static<typeof Trial>

const Given = {
  settings: Type.Record(Type.String(), Type.Unknown(), { description: 'As they stand in the form, kept or not.' }),
  secret: Type.Optional(Type.String({ maxLength: 2000, description: 'Left out: the one that is kept.' })),
}

export const beginSignInTrial = route({
  id: 'beginSignInTrial',
  method: 'post',
  path: '/api/sign-in/trials',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Begins a trial of a provider of OpenID Connect: the browser goes to the address that is answered. Nobody is signed in by it, no account changed.',
  body: Type.Object({ ...Given, providerId: Type.String({ maxLength: 60 }) }, { additionalProperties: false }),
  response: Type.Object({
    id: Type.String(),
    /** Absent: it did not come so far, and what came of it can be asked for. */
    url: Type.Optional(Type.String()),
  }),
  errors: ['provider-not-found', 'provider-invalid', 'provider-secret-missing', 'trial-other-address', 'not-with-token'],
})
export const getSignInTrial = route({
  id: 'getSignInTrial',
  method: 'get',
  path: '/api/sign-in/trials/:trialId',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'What came of a trial; for the session that began it, for ten minutes.',
  params: Type.Object({ trialId: Type.String({ maxLength: 60 }) }),
  response: Trial,
  errors: ['trial-over'],
})
export const trySignInAtDirectory = route({
  id: 'trySignInAtDirectory',
  method: 'post',
  path: '/api/sign-in/trials/password',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Tries user name and password against a directory (LDAP), and tells what it would give. Neither is kept; nobody is signed in.',
  body: Type.Object(
    {
      ...Given,
      providerId: Type.Optional(Type.String({ maxLength: 60 })),
      userName: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' }),
      password: Type.String({ minLength: 1, maxLength: 256 }),
    },
    { additionalProperties: false },
  ),
  response: Trial,
  errors: ['provider-not-found', 'provider-invalid', 'provider-secret-missing', 'not-with-token'],
})
