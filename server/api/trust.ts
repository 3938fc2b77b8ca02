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

/** What an ACME authority gives. `none`: it gave nothing yet, and the own authority stands in. */
export const AcmeView = Type.Object({
  domains: Type.Array(Type.String()),
  directory: Type.String(),
  challenge: Type.String(),
  state: Type.Enum(['none', 'good']),
  endsAt: Type.Optional(When),
  renewsAt: Type.Optional(When),
  isWorking: Type.Boolean(),
  problem: Type.Optional(Type.String()),
  nextTryAt: Type.Optional(When),
})

export const CertificatesView = Type.Object({
  /** `none`: this server speaks plain HTTP, to this computer or to a proxy. */
  kind: Type.Enum(['own', 'given', 'none']),
  names: Type.Array(Type.String()),
  endsAt: Type.Optional(When),
  /** Why a newer certificate is not shown. */
  trouble: Type.Optional(Type.String()),
  /** The name on the local network that is told by mDNS. */
  localName: Type.Optional(Type.String()),
  authority: Type.Optional(
    Type.Object({
      name: Type.String(),
      fingerprint: Type.String(),
      endsAt: When,
      /** It may vouch for names and addresses of a shop's network alone; an older one for everything. */
      isLimited: Type.Boolean(),
      /** Names of this server that it may not vouch for. */
      outside: Type.Array(Type.String()),
    }),
  ),
  acme: Type.Optional(AcmeView),
})
export type CertificatesView = Static<typeof CertificatesView>

export const getCertificates = route({
  id: 'getCertificates',
  method: 'get',
  path: '/api/trust/certificates',
  access: 'system.view',
  tag: 'system',
  summary: 'The certificates of this host: which names, until when, who gives them, and what went wrong.',
  response: CertificatesView,
  worksWithoutStore: true,
})

export const renewCertificate = route({
  id: 'renewCertificate',
  method: 'post',
  path: '/api/trust/renew',
  access: 'system.manage',
  tag: 'system',
  summary: 'A new certificate now, or another authority, which every device has to be told to trust.',
  body: Type.Object({ what: Type.Enum(['certificate', 'authority']) }, { additionalProperties: false }),
  response: CertificatesView,
  errors: ['no-https', 'certificate-given', 'acme-failed', 'acme-hook-failed'],
})
