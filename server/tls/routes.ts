/** Routes by which devices learn to trust this server. */
import { createHash, X509Certificate } from 'node:crypto'
import { UserError } from '../../base/errors.ts'
import { type CertificatesView, getAuthority, getCertificates, getTrust, renewCertificate } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Tls } from './index.ts'

const TYPES = {
  der: { type: 'application/x-x509-ca-cert', name: 'cellwright-authority.crt' },
  pem: { type: 'application/x-pem-file', name: 'cellwright-authority.pem' },
  mobileconfig: { type: 'application/x-apple-aspen-config', name: 'cellwright-authority.mobileconfig' },
} as const

/** A version 4 look of a UUID, the same for the same authority: an installed profile is replaced and not doubled. */
function uuidOf(der: Buffer, of: string): string {
  const hex = createHash('sha256').update(of).update(der).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`.toUpperCase()
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Apple's profile for iPad and iPhone: a payload of type com.apple.security.root (Apple's Configuration Profile Reference). */
function profileOf(der: Buffer, name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>app.cellwright.authority</string>
<key>PayloadUUID</key><string>${uuidOf(der, 'profile')}</string>
<key>PayloadDisplayName</key><string>${escaped(name)}</string>
<key>PayloadDescription</key><string>Lets this device trust the Cellwright server of your shop.</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>app.cellwright.authority.root</string>
<key>PayloadUUID</key><string>${uuidOf(der, 'root')}</string>
<key>PayloadDisplayName</key><string>${escaped(name)}</string>
<key>PayloadCertificateFileName</key><string>cellwright-authority.crt</string>
<key>PayloadContent</key><data>${der.toString('base64')}</data>
</dict></array>
</dict></plist>
`
}

function certificatesOf(tls: Tls | undefined, localName: string | undefined): CertificatesView {
  if (!tls) return { kind: 'none', names: [] }
  const { names, endsAt, trouble, authority, acme } = tls.facts()
  const { pem: _, ...told } = authority ?? { pem: '' }
  return {
    kind: authority ? 'own' : 'given',
    names,
    endsAt,
    ...(trouble === undefined ? {} : { trouble }),
    ...(localName === undefined ? {} : { localName }),
    ...(authority ? { authority: told as NonNullable<CertificatesView['authority']> } : {}),
    ...(acme ? { acme } : {}),
  }
}

export function trustRoutes(options: {
  tls: Tls | undefined
  isHttps: boolean
  port: () => number
  audit: Pick<Audit, 'record'>
  /** The name on the local network, while it is told. */
  localName?: () => string | undefined
}): RouteHandler[] {
  const { tls, isHttps, port, audit, localName = () => undefined } = options
  return [
    handle(getTrust, ({ response }) => {
      // a page that came in the clear finds out by this whether its device trusts the certificate
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
      if (!tls) return { isHttps, port: port(), names: [] }
      const { names, endsAt, authority } = tls.facts()
      return {
        isHttps,
        port: port(),
        names,
        endsAt,
        ...(authority ? { authority: { name: authority.name, fingerprint: authority.fingerprint, endsAt: authority.endsAt } } : {}),
      }
    }),
    handle(getAuthority, ({ query, response }) => {
      const authority = tls?.facts().authority
      if (!authority)
        throw new UserError({
          code: 'no-own-authority',
          status: 404,
          message: 'This server has no authority of its own: its certificate was given by the shop, or a proxy in front has one. There is nothing to install.',
        })
      const der = new X509Certificate(authority.pem).raw
      const { type, name } = TYPES[query.as]
      const bodies = { der: () => der, pem: () => Buffer.from(authority.pem), mobileconfig: () => Buffer.from(profileOf(der, authority.name)) }
      response.setHeader('Content-Type', type)
      response.setHeader('Content-Disposition', `attachment; filename="${name}"`)
      response.setHeader('Cache-Control', 'no-store')
      response.end(bodies[query.as]())
      return ''
    }),
    handle(getCertificates, () => certificatesOf(tls, localName())),
    handle(renewCertificate, async ({ body, caller }) => {
      if (!tls)
        throw new UserError({
          code: 'no-https',
          status: 409,
          message: 'This server speaks no HTTPS itself: only this computer reaches it, or a proxy in front has the certificate. There is nothing to renew.',
        })
      const before = tls.facts()
      if (body.what === 'authority') await tls.renewAuthority()
      else await tls.renew()
      const after = tls.facts()
      audit.record({
        caller,
        action: body.what === 'authority' ? 'trust.authority-renewed' : 'trust.certificate-renewed',
        target: after.acme && body.what === 'certificate' ? after.acme.domains.join(', ') : (after.authority?.name ?? ''),
        detail: { before: before.authority?.fingerprint, fingerprint: after.authority?.fingerprint, endsAt: after.acme?.endsAt ?? after.endsAt },
      })
      return certificatesOf(tls, localName())
    }),
  ]
}
