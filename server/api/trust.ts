/** How a device is told to trust this server's own certificate authority. Public: a device has to trust before anybody signs in on it. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })

export const TrustView = Type.Object({
  /** How browsers reach this server. */
  isHttps: Type.Boolean(),
  /** Where it answers, by HTTPS, with the port. */
  port: Type.Integer(),
  /** Names and addresses in the certificate that is shown now. */
  names: Type.Array(Type.String()),
  /** Of that certificate. */
  endsAt: Type.Optional(When),
  /** The installation's own authority; absent where the shop gave a certificate, or a proxy has one. */
  authority: Type.Optional(
    Type.Object({
      name: Type.String(),
      /** SHA-256 of the certificate, hex in pairs: to be compared with what the server printed at its start. */
      fingerprint: Type.String(),
      endsAt: When,
    }),
  ),
})
export type TrustView = Static<typeof TrustView>

export const getTrust = route({
  id: 'getTrust',
  method: 'get',
  path: '/api/trust',
  access: 'public',
  tag: 'system',
  summary: 'By which certificate this server is known, and the authority that vouches for it.',
  response: TrustView,
  worksWithoutStore: true,
})

export const getAuthority = route({
  id: 'getAuthority',
  method: 'get',
  path: '/api/trust/authority',
  access: 'public',
  tag: 'system',
  summary: 'The certificate of this installation’s own authority, as a file that devices install.',
  query: Type.Object({ as: Type.Enum(['der', 'pem', 'mobileconfig'], { default: 'der' }) }),
  response: Type.String(),
  rawResponse: true,
  worksWithoutStore: true,
  errors: ['no-own-authority'],
})
