/** The git mirror: every version of the flows as a commit, in a layout that people read. Outgoing only. Browser-safe. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'mirror'

export const MirrorSettings = Type.Object({
  isOn: Type.Boolean(),
  /** Where it is pushed to; absent: kept on this computer only. */
  remote: Type.Optional(Type.String({ maxLength: 500 })),
  branch: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]*$' }),
  /** The name that goes with the token; most hosts take any. */
  userName: Type.Optional(Type.String({ maxLength: 100 })),
  /** Somebody has said that flows and token may go unencrypted to this server of the shop's own network. */
  allowsPlainHttp: Type.Optional(Type.Boolean()),
  hasToken: Type.Boolean(),
})
export type MirrorSettings = Static<typeof MirrorSettings>

/** `waiting`: something failed, and it is tried again by itself. `elsewhere`: another host of this installation keeps it. */
export const MirrorStatus = Type.Object({
  settings: MirrorSettings,
  state: Type.Enum(['off', 'idle', 'working', 'waiting', 'elsewhere']),
  /** Where the repository lies, on the host that answers. */
  folder: Type.String(),
  /** The newest that is in it. */
  commit: Type.Optional(Type.Object({ id: Type.String(), version: Type.Integer(), at: When })),
  /** Versions that are not in it yet. */
  missing: Type.Integer(),
  /** The newest commit that the remote has. */
  pushed: Type.Optional(Type.Object({ commit: Type.String(), at: When })),
  error: Type.Optional(Type.Object({ code: Type.String(), message: Type.String(), at: When, attempts: Type.Integer(), nextAt: Type.Optional(When) })),
})
export type MirrorStatus = Static<typeof MirrorStatus>

export const getMirror = route({
  id: 'getMirror',
  method: 'get',
  path: '/api/mirror',
  access: 'system.view',
  tag,
  summary: 'The settings of the git mirror and how it is. Its token is never told.',
  response: MirrorStatus,
})
export const setMirror = route({
  id: 'setMirror',
  method: 'put',
  path: '/api/mirror',
  access: 'system.manage',
  tag,
  summary: 'Switches the git mirror on or off, and says where it is pushed to.',
  body: Type.Object(
    {
      isOn: Type.Boolean(),
      /** Empty: none. Left out: as it is, like all that follow. */
      remote: Type.Optional(Type.String({ maxLength: 500 })),
      branch: Type.Optional(MirrorSettings.properties.branch),
      userName: Type.Optional(Type.String({ maxLength: 100 })),
      /** For an http address of the shop's own network. It is for one server: another one asks again. */
      allowsPlainHttp: Type.Optional(Type.Boolean()),
      /** Empty: forgotten. */
      token: Type.Optional(Type.String({ maxLength: 4000, pattern: '^[!-~]*$' })),
    },
    closed,
  ),
  response: MirrorStatus,
  errors: ['mirror-remote', 'mirror-plain-http', 'mirror-branch'],
})
export const syncMirror = route({
  id: 'syncMirror',
  method: 'post',
  path: '/api/mirror/sync',
  access: 'system.manage',
  tag,
  summary: 'Brings the git mirror up to date now, instead of at its next try.',
  response: MirrorStatus,
  errors: ['mirror-off'],
})
