/** What this server shows browsers to be itself: a given certificate, or one of its own authority, kept good while it runs. */
import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Acme, AcmeState } from './acme/index.ts'
import { acmeSettings } from './acme/settings.ts'
import type { KeyPair } from './authority.ts'
import { readGiven } from './given.ts'
import { localNameWish, type TlsConfig } from './mode.ts'
import { type ServerNames, serverNames } from './names.ts'

export { isReachedByHttps, isWildcard, localNameWish, servesTls } from './mode.ts'
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
  authority?: {
    pem: string
    fingerprint: string
    endsAt: string
    name: string
    /** Whether it may vouch for names of a shop's network alone. */
    isLimited: boolean
    /** Names of this server that it may not vouch for; they are not in the certificate. */
    outside: string[]
  }
  acme?: AcmeState
}

export interface Tls {
  /** What is shown to whoever asks for no name, or for none that another certificate is for. */
  readonly pair: KeyPair
  /** The certificate for a name that an authority of the internet or the company vouches for; undefined: the pair. */
  forName(name: string): KeyPair | undefined
  facts(): TlsFacts
  /** By which this server is reached, whatever stands in a certificate. */
  names(): ServerNames
  /** The name on the local network, as it was to be had. */
  setLocalName(name: string): void
  readonly acme: Acme | undefined
  /** Another certificate from now on. */
  onChange(listener: (pair: KeyPair) => void): void
  /** Looks at once whether names or files have changed. */
  look(): Promise<void>
  /**
   * A new certificate now; of ACME, where that is set.
   * @throws UserError `certificate-given`; OperationalError `acme-failed`, `acme-hook-failed`
   */
  renew(): Promise<void>
  /**
   * Another authority in the place of our own: every device has to be told to trust it.
   * @throws UserError `certificate-given`
   */
  renewAuthority(): Promise<void>
  close(): Promise<void>
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

const given = () =>
  new UserError({
    code: 'certificate-given',
    status: 409,
    message: 'The certificate of this server was given by the shop (CELLWRIGHT_TLS_CERT). Renew it where it was made; changed files are read by themselves.',
  })

/** @throws UserError `tls-files-invalid`, setting-invalid; OperationalError `authority-unreadable` */
export async function createTls({ config, dir, log, addresses, now = () => new Date() }: TlsOptions): Promise<Tls> {
  // what writes and gets certificates is large, and is loaded where one is shown
  const { fingerprintOf, openAuthority } = await import('./authority.ts')
  const { permittedOf } = await import('./constraints.ts')
  const { tlsCert, tlsKey } = config
  const wish = localNameWish(config)
  let localNames = wish === undefined ? [] : [`${wish}.local`]
  const settings = acmeSettings(config)
  const names = (): ServerNames => {
    const own = serverNames(config, { localNames, ...(addresses ? { addresses: addresses() } : {}) })
    const got = settings?.domains.filter((name) => !name.startsWith('*')) ?? []
    return { dns: [...new Set([...own.dns, ...got])], ip: own.ip }
  }
  const own = tlsCert && tlsKey ? undefined : await openAuthority({ dir, computer: hostname(), names: names(), now })
  let toldOutside = ''
  const readNow = (isNew = false) => {
    if (!own) return readGiven({ cert: tlsCert as string, key: tlsKey as string }, now())
    const wanted = names()
    const outside = own.outside(wanted).filter((name) => !settings?.domains.includes(name))
    if (outside.join() !== toldOutside && outside.length)
      log.warn({ names: outside }, 'the authority may not vouch for these names: "cellwright trust renew-authority" makes one that may')
    toldOutside = outside.join()
    return own.certificateFor(wanted, { isNew })
  }
  const stateNow = async () => (own ? '' : stateOf(tlsCert as string, tlsKey as string))
  let seen = await stateNow()
  let pair = await readNow()
  let trouble: string | undefined
  const listeners: ((pair: KeyPair) => void)[] = []
  let looking: Promise<void> | undefined

  const show = (found: KeyPair) => {
    if (found.cert === pair.cert && found.key === pair.key) return
    pair = found
    log.info({ names: namesIn(pair.cert) }, 'another certificate is shown from now on')
    for (const listener of listeners) listener(pair)
  }
  async function lookNow(): Promise<void> {
    const state = await stateNow()
    if (!own && state === seen) return
    try {
      const found = await readNow()
      seen = state
      trouble = undefined
      show(found)
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
  const acme =
    settings &&
    (await (
      await import('./acme/index.ts')
    ).createAcme({
      settings,
      dir: join(dir, 'acme'),
      log,
      now,
      onChange: () => {
        for (const listener of listeners) listener(pair)
      },
    }))

  return {
    get pair() {
      return pair
    },
    forName(name) {
      const got = acme?.pair()
      return got && new X509Certificate(got.cert).checkHost(name, { subject: 'never' }) !== undefined ? got : undefined
    },
    names,
    setLocalName(name) {
      localNames = [`${name}.local`]
      void look()
    },
    acme,
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
                isLimited: permittedOf(own.authority.cert) !== undefined,
                outside: own.outside(names()),
              },
            }
          : {}),
        ...(acme ? { acme: acme.state() } : {}),
      }
    },
    onChange: (listener) => void listeners.push(listener),
    look,
    async renew() {
      if (acme) return acme.renew()
      if (!own) throw given()
      await looking
      show(await readNow(true))
    },
    async renewAuthority() {
      if (!own) throw given()
      await looking
      await own.renew(names())
      show(await readNow(true))
    },
    async close() {
      clearInterval(timer)
      await acme?.close()
    },
  }
}
