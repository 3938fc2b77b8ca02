/** Set-up, sign-in, accounts, tokens and the system's own state over the API. */
import { type Static, Type } from 'typebox'
import { ROLE_NAMES, type Role, RoleId } from './access.ts'
import { Health } from './health.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const RoleName = Type.Unsafe<Role>({ type: 'string', enum: ROLE_NAMES })
const UserName = Type.String({ pattern: '^[A-Za-z0-9._-]{2,40}$', description: '2 to 40 letters, digits, dots, dashes' })
export const Password = Type.String({ minLength: 8, maxLength: 128 })
export const Pin = Type.String({ pattern: '^[0-9]{4,8}$', description: '4 to 8 digits' })
const Done = Type.Object({ ok: Type.Literal(true) })

/** Who is asking. */
export const Me = Type.Object({
  userId: Type.String(),
  userName: Type.String(),
  name: Type.String(),
  /** One of ours: theirs, or the one that theirs is based on. */
  role: RoleName,
  /** The role that the shop has made for them. */
  ownRole: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
  capabilities: Type.Array(Type.String()),
  via: Type.Union([Type.Literal('session'), Type.Literal('token')]),
  /** The person has left this panel: it may be looked at and stopped, nothing else. */
  isLocked: Type.Optional(Type.Boolean()),
})
export type Me = Static<typeof Me>

export const getSetup = route({
  id: 'getSetup',
  method: 'get',
  path: '/api/setup',
  access: 'public',
  tag: 'people',
  summary: 'Whether the first account still has to be made.',
  response: Type.Object({ isNeeded: Type.Boolean() }),
})
export const createOwner = route({
  id: 'createOwner',
  method: 'post',
  path: '/api/setup',
  access: 'public',
  tag: 'people',
  summary: 'Makes the first account, an admin, with the one-time code from the URL printed at start.',
  body: Type.Object(
    { code: Type.String({ maxLength: 100 }), userName: UserName, name: Type.String({ minLength: 1, maxLength: 80 }), password: Password },
    { additionalProperties: false },
  ),
  response: Done,
  status: 201,
  errors: ['setup-done', 'setup-code-wrong'],
})
export const getMe = route({
  id: 'getMe',
  method: 'get',
  path: '/api/me',
  access: 'session',
  tag: 'people',
  summary: 'Who is signed in and what they may do.',
  response: Me,
})
/** People who can sign in with a PIN, for the name tiles of the operator page. */
export const listPinPeople = route({
  id: 'listPinPeople',
  method: 'get',
  path: '/api/auth/pin/people',
  access: 'public',
  tag: 'people',
  summary: 'The names that can sign in with a PIN.',
  response: Type.Array(Type.Object({ userId: Type.String(), name: Type.String() })),
})
export const signInWithPin = route({
  id: 'signInWithPin',
  method: 'post',
  path: '/api/auth/pin',
  access: 'public',
  tag: 'people',
  summary: 'Signs in with a PIN; five wrong tries lock it for some minutes.',
  body: Type.Object({ userId: Type.String(), pin: Pin }, { additionalProperties: false }),
  response: Me,
  errors: ['pin-wrong', 'pin-locked'],
})

export const signInWithBadge = route({
  id: 'signInWithBadge',
  method: 'post',
  path: '/api/auth/badge',
  access: 'public',
  tag: 'people',
  summary: 'Signs in with a badge that its owner has paired; opens no more than a PIN does.',
  body: Type.Object({ code: Type.String({ minLength: 6, maxLength: 128 }) }, { additionalProperties: false }),
  response: Me,
  errors: ['badge-unknown'],
})

export const Account = Type.Object({
  id: Type.String(),
  userName: Type.String(),
  name: Type.String(),
  role: RoleId,
  hasPassword: Type.Boolean(),
  hasPin: Type.Boolean(),
  hasBadge: Type.Boolean(),
  isDisabled: Type.Boolean(),
  /** Nobody else is an administrator who may sign in: neither role nor state can be taken from them. */
  isLastAdmin: Type.Boolean(),
  /** Where they sign in through, and were last; absent for people who are known here alone. */
  provider: Type.Optional(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      mail: Type.Optional(Type.String()),
      lastAt: Type.Optional(When),
      /** Their role follows from their groups there; else it was given once, and is changed here by hand. */
      givesRole: Type.Boolean(),
    }),
  ),
  createdAt: When,
  lastSignInAt: Type.Optional(When),
  /** Browsers in which they are signed in. */
  sessions: Type.Integer(),
  /** Until when the link counts by which they choose a password. */
  linkEndsAt: Type.Optional(When),
})
export type Account = Static<typeof Account>
const AccountParams = Type.Object({ userId: Type.String() })
export const listAccounts = route({
  id: 'listAccounts',
  method: 'get',
  path: '/api/accounts',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Lists people.',
  response: Type.Array(Account),
})
export const addAccount = route({
  id: 'addAccount',
  method: 'post',
  path: '/api/accounts',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Adds a person.',
  body: Type.Object(
    {
      userName: UserName,
      name: Type.String({ minLength: 1, maxLength: 80 }),
      role: RoleId,
      password: Type.Optional(Password),
      pin: Type.Optional(Pin),
      /** They choose a password themselves, by a link that is made for them afterwards (`makePasswordLink`). */
      byLink: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  response: Account,
  status: 201,
  errors: ['user-name-taken', 'cannot-sign-in', 'role-unknown', 'role-too-wide', 'pin-weak'],
})
export const changeAccount = route({
  id: 'changeAccount',
  method: 'patch',
  path: '/api/accounts/:userId',
  access: 'accounts.manage',
  tag: 'people',
  summary: 'Changes a person: role, PIN, password, disabled. Ends their sessions where it takes rights away.',
  params: AccountParams,
  body: Type.Object(
    {
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
      role: Type.Optional(RoleId),
      pin: Type.Optional(Type.Union([Pin, Type.Null()])),
      password: Type.Optional(Password),
      /** Takes it away; only its owner pairs one. */
      badge: Type.Optional(Type.Null()),
      isDisabled: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  response: Account,
  errors: ['account-not-found', 'last-admin', 'role-unknown', 'role-too-wide', 'person-has-more', 'pin-weak'],
})

export const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: RoleId,
  createdBy: Type.String(),
  createdAt: When,
  expiresAt: Type.Optional(When),
  lastUsedAt: Type.Optional(When),
})
export type ApiToken = Static<typeof ApiToken>
export const listTokens = route({
  id: 'listTokens',
  method: 'get',
  path: '/api/tokens',
  access: 'tokens.manage',
  tag: 'people',
  summary: 'Lists one’s own API tokens.',
  response: Type.Array(ApiToken),
})
export const createToken = route({
  id: 'createToken',
  method: 'post',
  path: '/api/tokens',
  access: 'tokens.manage',
  tag: 'people',
  summary: 'Makes an API token, shown this once. Its role is never wider than one’s own.',
  body: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 80 }),
      role: Type.Optional(RoleId),
      expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ token: Type.String(), info: ApiToken }),
  status: 201,
  errors: ['role-too-wide', 'role-unknown'],
})
export const revokeToken = route({
  id: 'revokeToken',
  method: 'delete',
  path: '/api/tokens/:tokenId',
  access: 'tokens.manage',
  tag: 'people',
  summary: 'Revokes a token at once.',
  params: Type.Object({ tokenId: Type.String() }),
  response: Done,
  errors: ['token-not-found', 'person-has-more'],
})

/** One process of the product, as the launcher sees it. */
export const ProcessView = Type.Object({
  name: Type.String(),
  pid: Type.Optional(Type.Integer()),
  state: Type.Enum(['starting', 'running', 'restarting', 'stopped', 'failed']),
  restarts: Type.Integer(),
  since: Type.Optional(When),
  /** Measured by the process itself, as of its last sign of life. */
  lagMs: Type.Optional(Type.Number()),
  rssBytes: Type.Optional(Type.Number()),
  heapBytes: Type.Optional(Type.Number()),
  heapLimitBytes: Type.Optional(Type.Number()),
  /** Of one core. */
  cpuPercent: Type.Optional(Type.Number()),
  silentMs: Type.Optional(Type.Number()),
  text: Type.Optional(Type.String()),
  /** How the life before this one ended. */
  lastEnd: Type.Optional(Type.Object({ text: Type.String(), at: When })),
})
export type ProcessView = Static<typeof ProcessView>
export const getSystem = route({
  id: 'getSystem',
  method: 'get',
  path: '/api/system',
  access: 'system.view',
  tag: 'system',
  summary: 'Version, processes and how they are.',
  response: Type.Object({
    version: Type.String(),
    /** The newest change of the database's schema, and when it was made. */
    schema: Type.Object({ newest: Type.String(), at: When }),
    startedAt: When,
    processes: Type.Array(ProcessView),
    ...Health.properties,
  }),
})
