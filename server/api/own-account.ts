/** What people do with their own account. For people who are signed in, never for tokens. Browser-safe. */
import { type Static, Type } from 'typebox'
import { SessionParams, SessionView } from './accounts.ts'
import { Password, Pin } from './people.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const Done = Type.Object({ ok: Type.Literal(true) })
const tag = 'people'

export const OwnAccount = Type.Object({
  hasPassword: Type.Boolean(),
  hasPin: Type.Boolean(),
  /** Since when a badge is paired with them. */
  badgeSince: Type.Optional(When),
  lastSignInAt: Type.Optional(When),
})
export type OwnAccount = Static<typeof OwnAccount>

export const getOwnAccount = route({
  id: 'getOwnAccount',
  method: 'get',
  path: '/api/me/account',
  access: 'session',
  tag,
  summary: 'By what one can sign in.',
  response: OwnAccount,
  errors: ['not-with-token'],
})
export const changeOwnPassword = route({
  id: 'changeOwnPassword',
  method: 'put',
  path: '/api/me/password',
  access: 'session',
  tag,
  summary: 'Changes one’s own password, and ends one’s other sessions. Five wrong tries make it wait for some minutes.',
  body: Type.Object({ current: Type.String({ maxLength: 128 }), password: Password }, { additionalProperties: false }),
  response: Type.Object({ ended: Type.Integer() }),
  errors: ['password-wrong', 'password-same', 'no-own-password', 'too-many-tries', 'not-with-token'],
})
export const changeOwnPin = route({
  id: 'changeOwnPin',
  method: 'put',
  path: '/api/me/pin',
  access: 'session',
  tag,
  summary: 'Sets one’s own PIN; null takes it away. Asks for the password, or, of whoever has none, for the PIN there is.',
  body: Type.Object({ pin: Type.Union([Pin, Type.Null()]), current: Type.Optional(Type.String({ maxLength: 128 })) }, { additionalProperties: false }),
  response: Done,
  errors: ['password-wrong', 'pin-wrong', 'pin-locked', 'pin-weak', 'last-way-in', 'too-many-tries', 'not-with-token'],
})
export const listOwnSessions = route({
  id: 'listOwnSessions',
  method: 'get',
  path: '/api/me/sessions',
  access: 'session',
  tag,
  summary: 'Where one is signed in.',
  response: Type.Array(SessionView),
  errors: ['not-with-token'],
})
export const endOtherSessions = route({
  id: 'endOtherSessions',
  method: 'delete',
  path: '/api/me/sessions',
  access: 'session',
  tag,
  summary: 'Ends all of one’s sessions but the one that asks.',
  response: Type.Object({ ended: Type.Integer() }),
  errors: ['not-with-token'],
})
export const endOwnSession = route({
  id: 'endOwnSession',
  method: 'delete',
  path: '/api/me/sessions/:sessionId',
  access: 'session',
  tag,
  summary: 'Ends one of one’s sessions, at once.',
  params: SessionParams,
  response: Done,
  errors: ['session-not-found', 'not-with-token'],
})
