/**
 * A certificate authority of this installation, for shops without one of their own: made once, kept in the data directory's keys, and
 * installed on each panel by hand. It can vouch for names and addresses of a shop's network alone (`constraints.ts`), its key is readable by the
 * owner of the process alone and never leaves this computer.
 * Formats: X.509 version 3 (RFC 5280), keys on P-256, private keys in PKCS #8.
 */
import 'reflect-metadata'
import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate as X509CertificateReader,
} from '@peculiar/x509'
import { OperationalError } from '../../base/errors.ts'
import { writeOwnerFile } from '../../base/owner-file.ts'
import { constraintsFor, permittedOf, within } from './constraints.ts'
import type { ServerNames } from './names.ts'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
/** Apple's systems refuse certificates of more than 825 days; a year is what public authorities are held to. */
const SERVER_DAYS = 397
/** A certificate is made anew this long before it ends. */
const RENEW_DAYS = 60
/** Clocks of panels that were switched off are behind. */
const BEFORE_DAYS = 2
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface KeyPair {
  /** PEM; for a server its own certificate first, then the authority's. */
  cert: string
  key: string
}

const serialNumber = () => {
  const bytes = randomBytes(16)
  // positive, and never 0 in front
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40
  return bytes.toString('hex')
}

const span = (days: number, now: Date) => ({ notBefore: new Date(now.getTime() - BEFORE_DAYS * DAY_MS), notAfter: new Date(now.getTime() + days * DAY_MS) })
const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<CryptoKeyPair>
const keyPem = async ({ privateKey }: CryptoKeyPair) => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey as webcrypto.CryptoKey))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string
}

async function makeAuthority(computer: string, names: ServerNames, now: Date): Promise<KeyPair> {
  const keys = await newKeys()
  // its own name: a computer that was set up anew has another authority, and a panel may know both
  const name = `CN=Cellwright ${computer.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 40)} ${randomBytes(2).toString('hex')}, O=Cellwright`
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    ...span(AUTHORITY_DAYS, now),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      constraintsFor(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await keyPem(keys) }
}

/** A certificate for these names, whatever the authority may vouch for: see {@link Authority.certificateFor}. */
export async function makeServer(authority: KeyPair, names: ServerNames, now: Date): Promise<KeyPair> {
  const keys = await newKeys()
  const issuer = new X509Certificate(authority.cert)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', createPrivateKey(authority.key).export({ format: 'der', type: 'pkcs8' }), ALGORITHM, false, [
    'sign',
  ])
  const { notBefore, notAfter } = span(SERVER_DAYS, now)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${names.dns[0] ?? names.ip[0] ?? 'cellwright'}`,
    issuer: issuer.subject.split('\n').join(', '),
    notBefore,
    // never longer than who vouches for it
    notAfter: new Date(Math.min(notAfter.getTime(), issuer.validToDate.getTime())),
    publicKey: keys.publicKey,
    signingKey: signingKey as CryptoKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(new X509CertificateReader(issuer.raw).publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n${authority.cert}`, key: await keyPem(keys) }
}

/** Certificate and key stand in one file: never one of them without the other. */
export const textOf = ({ cert, key }: KeyPair) => cert + key
function pairOf(text: string): KeyPair {
  const at = text.indexOf('-----BEGIN PRIVATE KEY-----')
  if (at < 0) throw new Error('it holds no private key')
  return { cert: text.slice(0, at), key: text.slice(at) }
}

/** @throws Error where it is damaged */
export async function readPair(file: string): Promise<KeyPair | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const pair = pairOf(text)
  if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) throw new Error('its key does not belong to its certificate')
  return pair
}

/** The SHA-256 fingerprint that systems show: hex in pairs. */
export const fingerprintOf = (cert: string): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('hex').toUpperCase().match(/../g)?.join(':') ?? ''

/** Does the certificate hold all these names, and for long enough? */
function isGood({ cert }: KeyPair, authority: KeyPair, names: ServerNames, now: Date): boolean {
  const certificate = new X509Certificate(cert)
  return (
    certificate.checkIssued(new X509Certificate(authority.cert)) &&
    certificate.validToDate.getTime() - now.getTime() > RENEW_DAYS * DAY_MS &&
    certificate.validFromDate.getTime() <= now.getTime() &&
    names.dns.every((name) => certificate.checkHost(name, { subject: 'never' }) !== undefined) &&
    names.ip.every((address) => certificate.checkIP(address) !== undefined)
  )
}

export interface Authority {
  readonly authority: KeyPair
  /** Which of these names it may not vouch for: they were given after it was made, and lie outside of a shop's network. */
  outside(names: ServerNames): string[]
  /**
   * The certificate for these names, as far as the authority may vouch for them: as it is kept, or a new one where it lacks a name or soon ends.
   * @param options.isNew a new one in any case
   */
  certificateFor(names: ServerNames, options?: { isNew?: boolean }): Promise<KeyPair>
  /** Another authority in its place, which may vouch for these names too. Every device has to be told to trust it. */
  renew(names: ServerNames): Promise<void>
}

/**
 * @param options.dir of the keys; made when missing
 * @param options.names that a new authority may vouch for besides those of every shop's network
 * @throws OperationalError `authority-unreadable`: what is there is damaged; it is never replaced silently, since each panel trusts it
 */
export async function openAuthority({
  dir,
  computer,
  names: wanted,
  now = () => new Date(),
}: {
  dir: string
  computer: string
  names: ServerNames
  now?: () => Date
}): Promise<Authority> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'authority.pem')
  const serverFile = join(dir, 'server.pem')
  const make = async (names: ServerNames) => {
    const made = await makeAuthority(computer, names, now())
    await writeOwnerFile(file, textOf(made), { isSynced: true })
    return made
  }
  const found = await readPair(file).catch((cause: Error) => {
    throw new OperationalError({
      code: 'authority-unreadable',
      message: `The certificate authority of this installation, ${file}, cannot be read: ${cause.message}. Put it back from a back-up; or remove it, and install the new one on each panel.`,
      cause,
    })
  })
  const isLasting = found && new X509Certificate(found.cert).validToDate.getTime() - now().getTime() >= RENEW_DAYS * DAY_MS
  let vouching = found && isLasting ? found : await make(wanted)
  return {
    get authority() {
      return vouching
    },
    outside: (names) => within(permittedOf(vouching.cert), names).outside,
    async certificateFor(names, { isNew = false } = {}) {
      const { inside } = within(permittedOf(vouching.cert), names)
      // a damaged certificate of the server is made anew: nobody has to install it
      const kept = isNew ? undefined : await readPair(serverFile).catch(() => undefined)
      if (kept && isGood(kept, vouching, inside, now())) return kept
      const made = await makeServer(vouching, inside, now())
      await writeOwnerFile(serverFile, textOf(made), { isSynced: true })
      return made
    },
    async renew(names) {
      vouching = await make(names)
    },
  }
}
