/** Trust in authorities of the company, besides those that the computer trusts. */
import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates in a text, each checked. @throws Error where one cannot be read, or there is none */
export function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(PEM) ?? []
  if (!found.length) throw new Error('there is no certificate in it')
  return found.map((one) => new X509Certificate(one))
}

/** What `tls.connect` takes as `ca`; undefined: what it trusts anyway. */
export const trustWith = (pem: string): string[] | undefined => (pem.trim() === '' ? undefined : [...getCACertificates('default'), ...(pem.match(PEM) ?? [])])
