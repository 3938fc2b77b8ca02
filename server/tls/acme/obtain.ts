/** Gets one certificate from an authority: account, order, challenges, certificate. Whole or not at all. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { OperationalError, UserError } from '../../../base/errors.ts'
import type { KeyPair } from '../authority.ts'
import { type Challenges, runDnsHook } from './challenges.ts'
import type { AcmeFiles } from './files.ts'
import type { AcmeSettings } from './settings.ts'

const REQUEST_MS = 60_000

/** Only where it is wanted: the library is large. */
const library = () => import('acme-client')

const failed = (message: string, cause?: unknown) => new OperationalError({ code: 'acme-failed', message, ...(cause === undefined ? {} : { cause }) })

/** An authority of a company vouches for its own directory with a certificate that no system knows. */
async function trusted(caFile: string | undefined): Promise<Agent> {
  if (caFile === undefined) return new Agent({ keepAlive: false })
  const pem = await readFile(caFile, 'utf8').catch((cause: Error) => {
    throw new UserError({ code: 'setting-invalid', message: `CELLWRIGHT_ACME_CA: ${caFile} cannot be read: ${cause.message}.`, cause })
  })
  return new Agent({ keepAlive: false, ca: [...rootCertificates, pem] })
}

/** PKCS #8, as every key here. */
const plainKey = (pem: Buffer | string) => createPrivateKey(pem).export({ format: 'pem', type: 'pkcs8' }) as string

/** @throws OperationalError `acme-failed`: what came is not what was asked for */
export function checkWhole({ cert, key }: KeyPair, domains: readonly string[], now: Date): void {
  const certificate = new X509Certificate(cert)
  if (!certificate.checkPrivateKey(createPrivateKey(key))) throw failed('The authority gave a certificate for another key.')
  const missing = domains.find((name) => !certificate.checkHost(name.replace(/^\*\./, 'any.'), { subject: 'never' }))
  if (missing !== undefined) throw failed(`The authority gave a certificate without the name ${missing}.`)
  if (certificate.validToDate.getTime() <= now.getTime())
    throw failed(`The authority gave a certificate that ended on ${certificate.validToDate.toISOString()}: is the clock of this computer right?`)
}

/**
 * @param options.onRetryAfter is told when the authority says from when on it wants to be asked again
 * @throws OperationalError `acme-failed`, `acme-hook-failed`; UserError setting-invalid
 */
export async function obtain(options: {
  settings: AcmeSettings
  files: AcmeFiles
  challenges: Challenges
  now: () => Date
  onRetryAfter: (seconds: number) => void
}): Promise<KeyPair> {
  const { settings, files, challenges, now, onRetryAfter } = options
  const { domains, directory, challenge: wanted, dnsHook, dnsWaitS, binding, mail } = settings
  const acme = await library()
  // tries are counted and spread by us: the library would wait within a call
  Object.assign(acme.axios.defaults, {
    timeout: REQUEST_MS,
    httpsAgent: await trusted(settings.caFile),
    acmeSettings: { retryMaxAttempts: 0, retryDefaultDelay: 1 },
  })
  const watch = acme.axios.interceptors.response.use((response) => {
    const seconds = Number(response.headers['retry-after'])
    if ((response.status === 429 || response.status === 503) && seconds > 0) onRetryAfter(seconds)
    return response
  })
  try {
    const accountKey = await files.accountKey(async () => plainKey(await acme.crypto.createPrivateEcdsaKey('P-256')))
    const client = new acme.Client({
      directoryUrl: directory,
      accountKey,
      ...(binding ? { externalAccountBinding: binding } : {}),
      backoffAttempts: 15,
      backoffMin: 1_000,
      backoffMax: 20_000,
    })
    // an account that there is already is only looked up: registering it again would be an update that changes nothing, which authorities refuse
    await client.createAccount({ onlyReturnExisting: true }).catch(() => undefined)
    const [key, csr] = await acme.crypto.createCsr({ altNames: domains }, await acme.crypto.createPrivateEcdsaKey('P-256'))
    const chain = await client.auto({
      csr,
      termsOfServiceAgreed: true,
      ...(mail === undefined ? {} : { email: mail }),
      challengePriority: [wanted],
      // from inside a shop our own name often leads elsewhere: the authority's look is the one that counts
      skipChallengeVerification: true,
      async challengeCreateFn(authorization, challenge, keyAuthorization) {
        const domain = authorization.identifier.value
        if (String(challenge.type) !== wanted)
          throw failed(`The authority does not offer ${wanted} for ${domain}. Set CELLWRIGHT_ACME_CHALLENGE to another way.`)
        if (wanted === 'http-01') challenges.openHttp(challenge.token, keyAuthorization)
        else if (wanted === 'tls-alpn-01') {
          const [alpnKey, cert] = await acme.crypto.createAlpnCertificate(authorization, keyAuthorization)
          challenges.openTls(domain, { key: alpnKey, cert })
        } else {
          await runDnsHook(dnsHook ?? '', 'present', domain, keyAuthorization)
          // servers of a domain follow each other
          await wait(dnsWaitS * 1000)
        }
      },
      async challengeRemoveFn(authorization, challenge, keyAuthorization) {
        const domain = authorization.identifier.value
        if (wanted === 'dns-01') await runDnsHook(dnsHook ?? '', 'cleanup', domain, keyAuthorization)
        else challenges.close(wanted === 'http-01' ? { token: challenge.token } : { domain })
      },
    })
    const pair = { cert: `${chain.trim()}\n`, key: plainKey(key) }
    checkWhole(pair, domains, now())
    return pair
  } catch (error) {
    if (error instanceof OperationalError || error instanceof UserError) throw error
    const { message, code } = error as { message: string; code?: string }
    throw failed(`${new URL(directory).host} gave no certificate for ${domains.join(', ')}: ${message || code || 'it did not answer'}`, error)
  } finally {
    acme.axios.interceptors.response.eject(watch)
  }
}
