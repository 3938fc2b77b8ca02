/** Routes by which devices learn to trust this server. */
import { createHash, X509Certificate } from 'node:crypto'
import { UserError } from '../../base/errors.ts'
import { getAuthority, getTrust } from '../api/index.ts'
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

export function trustRoutes({ tls, isHttps, port }: { tls: Tls | undefined; isHttps: boolean; port: () => number }): RouteHandler[] {
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
  ]
}
