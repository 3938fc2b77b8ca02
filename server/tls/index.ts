/** What this server shows browsers to be itself: a given certificate, or one of its own authority, kept good while it runs. */
import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { fingerprintOf, type KeyPair, openAuthority } from './authority.ts'
import { readGiven } from './given.ts'
import type { TlsConfig } from './mode.ts'
import { serverNames } from './names.ts'

export { isReachedByHttps, isWildcard, servesTls } from './mode.ts'
export { ownAddresses, serverNames } from './names.ts'

/** New addresses of this computer, and changed files, are noticed within this time. */
const LOOK_MS = 15_000

interface TlsFacts {
  /** Of the certificate that is shown now. */
  names: string[]
  endsAt: string
  /** Why a newer certificate is not shown: it stays with the one before. */
  trouble?: string
  /** The installation's own authority, which devices have to be told to trust; absent with a given certificate. */
  authority?: { pem: string; fingerprint: string; endsAt: string; name: string }
}

export interface Tls {
  readonly pair: KeyPair
  facts(): TlsFacts
  /** Another certificate from now on. */
  onChange(listener: (pair: KeyPair) => void): void
  /** Looks at once whether names or files have changed. */
  look(): Promise<void>
  close(): void
}

export interface TlsOptions {
  config: TlsConfig
  /** Where the installation's own authority is kept. */
  dir: string
  log: Logger
  /** @defaultValue as the computer has them now */
  addresses?: () => readonly string[]
  now?: () => Date
}

const namesIn = (cert: string): string[] =>
  (new X509Certificate(cert).subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    // as people write it: fd00::2
    .map((name) => (isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name))
    .filter(Boolean)

/** Changes whenever a file does; a file that is away is one that has changed. */
const stateOf = async (...files: string[]): Promise<string> =>
  (
    await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
          () => 'away',
        ),
      ),
    )
  ).join(', ')

/** @throws UserError `tls-files-invalid`; OperationalError `authority-unreadable` */
export async function createTls({ config, dir, log, addresses, now = () => new Date() }: TlsOptions): Promise<Tls> {
  const { tlsCert, tlsKey } = config
  const own = tlsCert && tlsKey ? undefined : await openAuthority({ dir, computer: hostname(), now })
  const readNow = () => {
    if (own) return own.certificateFor(serverNames(config, addresses ? { addresses: addresses() } : {}))
    return readGiven({ cert: tlsCert as string, key: tlsKey as string }, now())
  }
  const stateNow = async () => (own ? '' : stateOf(tlsCert as string, tlsKey as string))
  let seen = await stateNow()
  let pair = await readNow()
  let trouble: string | undefined
  const listeners: ((pair: KeyPair) => void)[] = []
  let looking: Promise<void> | undefined

  async function lookNow(): Promise<void> {
    const state = await stateNow()
    if (!own && state === seen) return
    try {
      const found = await readNow()
      seen = state
      trouble = undefined
      if (found.cert === pair.cert && found.key === pair.key) return
      pair = found
      log.info({ names: namesIn(pair.cert) }, 'another certificate is shown from now on')
      for (const listener of listeners) listener(pair)
    } catch (error) {
      // a certificate and its key are often written one after the other: the next look may find both
      if (trouble !== messageOf(error)) log.error({ err: error }, 'the certificate could not be read anew: the one before is still shown')
      trouble = messageOf(error)
    }
  }
  const look = () => {
    looking ??= lookNow().finally(() => {
      looking = undefined
    })
    return looking
  }
  const timer = setInterval(() => void look(), LOOK_MS).unref()

  return {
    get pair() {
      return pair
    },
    facts() {
      const certificate = new X509Certificate(pair.cert)
      const authority = own && new X509Certificate(own.authority.cert)
      return {
        names: namesIn(pair.cert),
        endsAt: certificate.validToDate.toISOString(),
        ...(trouble === undefined ? {} : { trouble }),
        ...(own && authority
          ? {
              authority: {
                pem: own.authority.cert,
                fingerprint: fingerprintOf(own.authority.cert),
                endsAt: authority.validToDate.toISOString(),
                name: /CN=(.*)/.exec(authority.subject)?.[1] ?? 'Cellwright',
              },
            }
          : {}),
      }
    },
    onChange: (listener) => void listeners.push(listener),
    look,
    close: () => clearInterval(timer),
  }
}
