/** When a certificate is renewed, and when a try that failed is made again. Pure. */
import { createHash, X509Certificate } from 'node:crypto'

const MINUTE_MS = 60_000
/** Let's Encrypt counts five failed validations an hour: 0, 5, 15 and 35 minutes are four. */
const FIRST_RETRY_MS = 5 * MINUTE_MS
const LONGEST_RETRY_MS = 12 * 60 * MINUTE_MS

/** After two thirds of its life, and up to 3 % of it earlier: the same for the same certificate, another for each, so that not all ask at once. */
export function renewAt(cert: string): Date {
  const certificate = new X509Certificate(cert)
  const from = certificate.validFromDate.getTime()
  const life = certificate.validToDate.getTime() - from
  const part = createHash('sha256').update(certificate.raw).digest().readUInt32BE(0) / 0xffffffff
  return new Date(from + life * (2 / 3 - 0.03 * part))
}

/**
 * @param failures how many tries have failed one after the other, this one too
 * @param askedToWaitS what the authority said
 */
export function retryAt(failures: number, now: Date, askedToWaitS = 0, random: () => number = Math.random): Date {
  const grown = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS)
  return new Date(now.getTime() + Math.max(grown * (1 + random() / 5), askedToWaitS * 1000))
}
