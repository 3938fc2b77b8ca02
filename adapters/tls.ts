/** TLS settings that connectors share: a certificate authority of the shop's own, and a certificate that this side shows. */
import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { Type } from 'typebox'
import { messageOf, UserError } from '../base/errors.ts'
import type { Secret, When } from './contract.ts'

const ONE_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
const CERTIFICATE = '^\\s*-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$'

/** Fields of a settings schema. @param when shown only then */
export const tlsSettings = (when: When) => ({
  ca: Type.Optional(
    Type.String({
      title: 'Certificate authority',
      maxLength: 100_000,
      pattern: CERTIFICATE,
      isLong: true,
      placeholder: '-----BEGIN CERTIFICATE-----',
      description:
        'Of a server whose certificate is from an authority of your own, or signed by itself: that certificate as PEM text. Empty: the well-known authorities.',
      when,
    }),
  ),
  certificate: Type.Optional(
    Type.String({
      title: 'Client certificate',
      maxLength: 100_000,
      pattern: CERTIFICATE,
      isLong: true,
      placeholder: '-----BEGIN CERTIFICATE-----',
      description: 'Where the server asks for one, as PEM text; its key is entered below.',
      when,
    }),
  ),
})

/** The key of {@link tlsSettings}' certificate. */
export const clientKey = (when: When): Secret => ({
  name: 'clientKey',
  title: 'Key of the client certificate',
  description: 'As PEM text, without a passphrase.',
  isLong: true,
  after: 'certificate',
  when,
})

interface TlsOptions {
  ca?: string
  cert?: string
  key?: string
}

/**
 * What Node's TLS takes. The certificate of the other side is always checked.
 * @throws UserError certificate-wrong when a text is no certificate or key
 */
export function tlsOptions(settings: { ca?: string; certificate?: string }, secrets: Record<string, string>): TlsOptions {
  const options: TlsOptions = {
    ...(settings.ca ? { ca: settings.ca } : {}),
    ...(settings.certificate ? { cert: settings.certificate } : {}),
    ...(secrets.clientKey ? { key: secrets.clientKey } : {}),
  }
  try {
    createSecureContext(options)
    // an authority that cannot be read would silently be none
    for (const text of settings.ca?.match(ONE_CERTIFICATE) ?? []) new X509Certificate(text)
  } catch (cause) {
    throw new UserError({
      code: 'certificate-wrong',
      message: `A certificate or its key cannot be read: ${messageOf(cause)}. Paste the whole PEM text, and the key that belongs to the certificate.`,
      details: { blanks: { reason: messageOf(cause) } },
      cause,
    })
  }
  return options
}

/** Codes of a certificate that is not trusted (Node, tls, "X509 certificate error codes"). */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

/** A TLS error in words that say what to do; undefined for other errors. @param where the address, for people */
export function tlsTrouble(error: unknown, where: string): UserError | undefined {
  const code = String((error as { code?: unknown } | undefined)?.code)
  const blanks = { where, reason: messageOf(error) }
  const fail = (name: string, message: string) => new UserError({ code: name, message, details: { blanks }, cause: error })
  if (UNTRUSTED.has(code))
    return fail(
      'certificate-untrusted',
      `The certificate of ${where} is from an authority that this server does not know. Paste that authority's certificate into "Certificate authority".`,
    )
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return fail('certificate-other-name', `The certificate of ${where} is for another name: ${messageOf(error)}. Use the name that stands in the certificate.`)
  if (code === 'CERT_HAS_EXPIRED') return fail('certificate-expired', `The certificate of ${where} has expired. Renew it there.`)
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return fail(
      'no-tls',
      `${where} does not speak TLS on this port, or refuses it: ${messageOf(error)}. Check the port, and whether the server wants a client certificate.`,
    )
  return undefined
}
