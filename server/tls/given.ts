/** A certificate that the shop gives: two files, read again when they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UserError } from '../../base/errors.ts'
import type { KeyPair } from './authority.ts'

const invalid = (message: string) => new UserError({ code: 'tls-files-invalid', message })

async function textOf(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw invalid(`${what} ${file} cannot be read: ${(error as Error).message}. Check the path, and that the user who runs Cellwright may read it.`)
  }
}

/**
 * @param files.cert PEM, the server's certificate first, then those above it
 * @param files.key PEM, without a passphrase
 * @throws UserError `tls-files-invalid` naming the file and what is wrong with it
 */
export async function readGiven(files: { cert: string; key: string }, now = new Date()): Promise<KeyPair> {
  const cert = await textOf(files.cert, 'The certificate')
  const key = await textOf(files.key, 'The private key')
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(cert)
  } catch {
    throw invalid(`${files.cert} is not a certificate in PEM: it begins with "-----BEGIN CERTIFICATE-----".`)
  }
  let isItsKey: boolean
  try {
    isItsKey = certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    throw invalid(`${files.key} is not a private key in PEM, or has a passphrase. Take the passphrase away (openssl pkey -in KEY -out PLAIN), owner-only.`)
  }
  if (!isItsKey) throw invalid(`The key ${files.key} does not belong to the certificate ${files.cert}. Give the pair that was made together.`)
  if (certificate.validToDate.getTime() <= now.getTime())
    throw invalid(`The certificate ${files.cert} ended on ${certificate.validToDate.toISOString().slice(0, 10)}. Renew it.`)
  return { cert, key }
}
