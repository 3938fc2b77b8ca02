/** Sign-in through the company: providers by OpenID Connect or LDAP, and which person belongs to whom there. */
import { type Static, Type } from 'typebox'
import { RoleId } from './access.ts'
import { Me } from './people.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const Done = Type.Object({ ok: Type.Literal(true) })
const Line = (maxLength = 200) => Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f]*$' })
/** The name of a claim or an attribute; a dot leads into a claim that holds others. */
const Field = (fallback: string, description: string) =>
  Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u0020]+$', default: fallback, description })

export const SIGN_IN_KINDS = ['oidc', 'ldap'] as const
export type SignInKind = (typeof SIGN_IN_KINDS)[number]
const Kind = Type.Unsafe<SignInKind>({ type: 'string', enum: SIGN_IN_KINDS })

/** What both kinds say of people. */
const ofPeople = {
  roles: Type.Array(Type.Object({ group: Type.String({ minLength: 1, maxLength: 400 }), role: RoleId }, { additionalProperties: false }), {
    maxItems: 100,
    default: [],
    description: 'From the top: the first group that the person is in gives the role.',
  }),
  otherwise: Type.Union([Type.Literal('refuse'), RoleId], { default: 'refuse', description: 'Role of a person who is in none of the groups, or refuse.' }),
  followsRoles: Type.Boolean({
    default: true,
    description: 'The role is read again at every sign-in; else it is given at the first one and changed here by hand.',
  }),
  makesPeople: Type.Boolean({
    default: true,
    description: 'Whoever has a role gets an account at the first sign-in; else an administrator lets each person in.',
  }),
  sessionHours: Type.Integer({ minimum: 1, maximum: 168, default: 12, description: 'A session ends after so many hours, used or not.' }),
  shortcutDays: Type.Integer({
    minimum: 1,
    maximum: 365,
    default: 30,
    description: 'PIN and badge of a person without a password here work for so many days after their last sign-in through the provider.',
  }),
  ca: Type.String({
    maxLength: 100_000,
    default: '',
    description: 'Certificates (PEM) of an authority of the company that is trusted besides the public ones.',
  }),
}

export const OidcSettings = Type.Object(
  {
    issuer: Type.String({ minLength: 8, maxLength: 500, description: 'Address of the provider, as its discovery document names it.' }),
    clientId: Type.String({ minLength: 1, maxLength: 300 }),
    scopes: Type.String({ maxLength: 300, pattern: '^[\\x21-\\x7e ]*$', default: 'openid profile email' }),
    userNameClaim: Field('preferred_username', 'Claim with the user name.'),
    cutsAt: Type.Boolean({ default: true, description: 'Of anna@company.com only anna is the user name.' }),
    nameClaim: Field('name', 'Claim with the name as people say it.'),
    mailClaim: Field('email', 'Claim with the mail address.'),
    groupsClaim: Field('groups', 'Claim with the groups; realm_access.roles looks into another.'),
    asksAlways: Type.Boolean({
      default: false,
      description: 'The provider asks for the password each time, also somebody who is signed in there: for shared computers.',
    }),
    endsThere: Type.Boolean({ default: true, description: 'Signing out here signs out at the provider, too, where it offers that.' }),
    clockToleranceS: Type.Integer({ minimum: 0, maximum: 300, default: 30, description: 'How far its clock may be off, s.' }),
    ...ofPeople,
  },
  { additionalProperties: false },
)
export type OidcSettings = Static<typeof OidcSettings>

export const LdapSettings = Type.Object(
  {
    servers: Type.Array(Type.String({ minLength: 8, maxLength: 300 }), {
      minItems: 1,
      maxItems: 4,
      description: 'ldaps://dc1.company.example, or ldap:// with StartTLS; the next is asked when one cannot be reached.',
    }),
    startTls: Type.Boolean({ default: true, description: 'Encrypts an ldap:// connection before anything is said.' }),
    allowsPlain: Type.Boolean({ default: false, description: 'Lets passwords go unencrypted over ldap:// to another computer.' }),
    bindDn: Line(500),
    baseDn: Type.String({ minLength: 1, maxLength: 500 }),
    userFilter: Type.String({ minLength: 3, maxLength: 1000, description: 'Finds a person; {user} is what was typed.' }),
    userNameAttribute: Field('uid', 'Attribute with the user name.'),
    nameAttribute: Field('cn', 'Attribute with the name as people say it.'),
    mailAttribute: Field('mail', 'Attribute with the mail address.'),
    idAttribute: Field('entryUUID', 'Attribute that stays the same when a person is renamed or moved: entryUUID, objectGUID.'),
    groups: Type.Unsafe<'memberOf' | 'search'>({
      type: 'string',
      enum: ['memberOf', 'search'],
      default: 'search',
      description: 'Where a person’s groups stand.',
    }),
    groupBaseDn: Type.Optional(Type.String({ maxLength: 500, description: 'Where groups are searched; where people are, if empty.' })),
    groupFilter: Type.Optional(
      Type.String({
        maxLength: 1000,
        description: 'Finds groups; {dn} is the person, {user} the user name. Nested groups of Active Directory: (member:1.2.840.113556.1.4.1941:={dn})',
      }),
    ),
    timeoutS: Type.Integer({ minimum: 1, maximum: 60, default: 10 }),
    recheckMinutes: Type.Integer({
      minimum: 0,
      maximum: 1440,
      default: 15,
      description: 'Who is signed in is looked up again after so many minutes: still there, still in a group with a role. Needs a service account. 0: never.',
    }),
    ...ofPeople,
  },
  { additionalProperties: false },
)
export type LdapSettings = Static<typeof LdapSettings>

const Facts = {
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000-\\u001f]+$', description: 'As it stands on the button of the sign-in page.' }),
  isOn: Type.Boolean(),
}
/** Settings by kind. */
export const ProviderSettings = Type.Union([
  Type.Object({ kind: Type.Literal('oidc'), settings: OidcSettings }),
  Type.Object({ kind: Type.Literal('ldap'), settings: LdapSettings }),
])
export type ProviderSettings = Static<typeof ProviderSettings>

const SignInProvider = Type.Object({
  id: Type.String(),
  kind: Kind,
  ...Facts,
  settings: Type.Union([OidcSettings, LdapSettings]),
  hasSecret: Type.Boolean(),
  /** People who belong to it. */
  people: Type.Integer(),
  /** To enter at the provider; for OpenID Connect. */
  redirectUri: Type.Optional(Type.String()),
  signedOutUri: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
})
export type SignInProvider = Static<typeof SignInProvider>

/** Somebody whom the provider knows and who was not let in: an administrator says who they are here. */
const WaitingPerson = Type.Object({
  providerId: Type.String(),
  subject: Type.String(),
  userName: Type.String(),
  name: Type.String(),
  mail: Type.Optional(Type.String()),
  role: RoleId,
  /** A person of that user name, made by hand or by another provider. */
  sameName: Type.Optional(Type.Object({ userId: Type.String(), name: Type.String() })),
  at: When,
})

/** Who signs in with a password of ours. */
const Passwords = Type.Unsafe<'everybody' | 'administrators'>({ type: 'string', enum: ['everybody', 'administrators'] })

export const listSignInWays = route({
  id: 'listSignInWays',
  method: 'get',
  path: '/api/auth/ways',
  access: 'public',
  tag: 'people',
  summary: 'The providers that stand on the sign-in page, and who signs in with a password.',
  response: Type.Object({ providers: Type.Array(Type.Object({ id: Type.String(), kind: Kind, name: Type.String() })), passwords: Passwords }),
})
const ProviderParams = Type.Object({ providerId: Type.String({ maxLength: 60 }) })

export const beginProviderSignIn = route({
  id: 'beginProviderSignIn',
  method: 'post',
  path: '/api/auth/providers/:providerId/begin',
  access: 'public',
  tag: 'people',
  summary: 'Begins a sign-in by OpenID Connect: the browser goes to the address that is answered.',
  params: ProviderParams,
  body: Type.Object(
    { next: Type.Optional(Type.String({ maxLength: 2000, description: 'Page of ours to go to afterwards.' })) },
    { additionalProperties: false },
  ),
  response: Type.Object({ url: Type.String() }),
  errors: ['provider-not-found', 'provider-away'],
})
/** Where the provider sends the browser back to. Always answers with a redirection. */
export const finishProviderSignIn = route({
  id: 'finishProviderSignIn',
  method: 'get',
  path: '/api/auth/providers/:providerId/callback',
  access: 'public',
  tag: 'people',
  summary:
    'Where a provider of OpenID Connect sends the browser back to; leads to the page that was wanted, or to the sign-in page with the reason of a refusal.',
  params: ProviderParams,
  response: Type.String(),
  rawResponse: true,
})
export const signInAtDirectory = route({
  id: 'signInAtDirectory',
  method: 'post',
  path: '/api/auth/providers/:providerId/password',
  access: 'public',
  tag: 'people',
  summary: 'Signs in with user name and password of a directory (LDAP).',
  params: ProviderParams,
  body: Type.Object(
    { userName: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f]+$' }), password: Type.String({ minLength: 1, maxLength: 256 }) },
    { additionalProperties: false },
  ),
  response: Me,
  errors: ['provider-not-found', 'provider-away', 'sign-in-wrong', 'provider-refused', 'account-disabled', 'no-role', 'name-taken', 'not-let-in'],
})
/** After a refusal for a name that is taken: the person has shown both to be theirs. */
export const linkOwnSignIn = route({
  id: 'linkOwnSignIn',
  method: 'post',
  path: '/api/auth/link',
  access: 'session',
  tag: 'people',
  summary: 'Ties the sign-in at the provider, which was refused in this browser since its user name is taken, to the person who is signed in now.',
  body: Type.Object({}, { additionalProperties: false }),
  response: Type.Object({ provider: Type.String(), role: RoleId }),
  errors: ['nothing-to-link', 'link-other-person'],
})

export const getSignInSettings = route({
  id: 'getSignInSettings',
  method: 'get',
  path: '/api/sign-in',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Sign-in providers with their settings (never their secrets), who waits to be let in, and who signs in with a password.',
  response: Type.Object({ providers: Type.Array(SignInProvider), waiting: Type.Array(WaitingPerson), passwords: Passwords }),
})
export type SignInOverview = Static<(typeof getSignInSettings)['response']>

const ProviderBody = Type.Object(
  {
    kind: Kind,
    ...Facts,
    settings: Type.Record(Type.String(), Type.Unknown(), { description: 'By kind; what is left out has its default.' }),
    secret: Type.Optional(
      Type.String({ maxLength: 2000, description: 'Client secret, or password of the service account. Left out: as before. Empty: none.' }),
    ),
  },
  { additionalProperties: false },
)
export const addSignInProvider = route({
  id: 'addSignInProvider',
  method: 'post',
  path: '/api/sign-in/providers',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Adds a provider.',
  body: ProviderBody,
  response: SignInProvider,
  status: 201,
  errors: ['provider-invalid'],
})
export const changeSignInProvider = route({
  id: 'changeSignInProvider',
  method: 'put',
  path: '/api/sign-in/providers/:providerId',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Changes a provider. A secret goes to no other server by itself: with another address it is entered again.',
  params: ProviderParams,
  body: ProviderBody,
  response: SignInProvider,
  errors: ['provider-not-found', 'provider-invalid', 'provider-secret-missing'],
})
export const removeSignInProvider = route({
  id: 'removeSignInProvider',
  method: 'delete',
  path: '/api/sign-in/providers/:providerId',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Removes a provider: its people stay, their sessions through it end.',
  params: ProviderParams,
  response: Done,
  errors: ['provider-not-found'],
})

export const recheckPeople = route({
  id: 'recheckPeople',
  method: 'post',
  path: '/api/sign-in/providers/:providerId/recheck',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Looks everybody up again who is signed in through a directory (LDAP): who is not there any more or has no role any more is signed out.',
  params: ProviderParams,
  body: Type.Object({}, { additionalProperties: false }),
  response: Type.Object({
    looked: Type.Integer(),
    /** User names of those who were signed out. */
    out: Type.Array(Type.String()),
    /** User names of those whose role has changed. */
    changed: Type.Array(Type.String()),
  }),
  errors: ['provider-not-found', 'provider-away', 'provider-misset', 'recheck-not-possible'],
})

/** One thing that a test found, as a code with its facts: pages say it in their language. */
export const SignInFinding = Type.Object({
  level: Type.Unsafe<'ok' | 'warning' | 'problem'>({ type: 'string', enum: ['ok', 'warning', 'problem'] }),
  code: Type.String(),
  text: Type.String(),
  facts: Type.Record(Type.String(), Type.String()),
})
export type SignInFinding = Static<typeof SignInFinding>
export const testSignInProvider = route({
  id: 'testSignInProvider',
  method: 'post',
  path: '/api/sign-in/test',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Tries settings before they are kept: discovery, or bind and search; tells in words what it found, and which role a person or groups would get.',
  body: Type.Object(
    {
      kind: Kind,
      settings: Type.Record(Type.String(), Type.Unknown()),
      /** Whose secret is taken when none is given. */
      providerId: Type.Optional(Type.String({ maxLength: 60 })),
      secret: Type.Optional(Type.String({ maxLength: 2000 })),
      person: Type.Optional(Type.String({ maxLength: 200, description: 'User name of a person in the directory.' })),
      groups: Type.Optional(Type.Array(Type.String({ maxLength: 400 }), { maxItems: 200, description: 'Groups, to see which role they give.' })),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ isUsable: Type.Boolean(), findings: Type.Array(SignInFinding), role: Type.Optional(RoleId) }),
  errors: ['provider-invalid', 'provider-secret-missing'],
})
export type SignInTest = Static<(typeof testSignInProvider)['response']>

export const setPasswordSignIn = route({
  id: 'setPasswordSignIn',
  method: 'put',
  path: '/api/sign-in/passwords',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Says who may sign in with a password of ours. Administrators always may.',
  body: Type.Object({ passwords: Passwords }, { additionalProperties: false }),
  response: Done,
  errors: ['no-provider-on', 'no-local-admin'],
})
const WaitingParams = Type.Object({ providerId: Type.String({ maxLength: 60 }), subject: Type.String({ maxLength: 500 }) }, { additionalProperties: false })
export const letIn = route({
  id: 'letIn',
  method: 'post',
  path: '/api/sign-in/waiting/let-in',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Lets somebody in who waits: as a person who is here already, or as a new one.',
  body: Type.Object(
    { ...WaitingParams.properties, userId: Type.Optional(Type.String({ maxLength: 60, description: 'Left out: a new person.' })) },
    { additionalProperties: false },
  ),
  response: Done,
  errors: ['not-waiting', 'account-not-found', 'user-name-taken', 'already-linked'],
})
export const turnAway = route({
  id: 'turnAway',
  method: 'post',
  path: '/api/sign-in/waiting/turn-away',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Takes somebody off the list of those who wait; they stand there again when they try again.',
  body: WaitingParams,
  response: Done,
  errors: ['not-waiting'],
})
export const unlinkSignIn = route({
  id: 'unlinkSignIn',
  method: 'delete',
  path: '/api/accounts/:userId/provider',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Unties a person from the providers they sign in through, and ends their sessions.',
  params: Type.Object({ userId: Type.String({ maxLength: 60 }) }),
  response: Done,
  errors: ['account-not-found', 'cannot-sign-in'],
})
