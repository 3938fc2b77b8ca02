/** Keeps a certificate from an ACME authority good: gets it, renews it in time, holds back tries that fail. The one before stays until the next is whole. */
import { X509Certificate } from 'node:crypto'
import { messageOf } from '../../../base/errors.ts'
import type { Logger } from '../../../base/log.ts'
import type { KeyPair } from '../authority.ts'
import { type Challenges, createChallenges } from './challenges.ts'
import { openAcmeFiles, subjectOf } from './files.ts'
import { checkWhole, obtain } from './obtain.ts'
import type { AcmeSettings } from './settings.ts'
import { renewAt, retryAt } from './times.ts'

/** The clock is asked this often: it may be set, and computers sleep. */
const LOOK_MS = 60_000

export interface AcmeState {
  domains: string[]
  directory: string
  challenge: string
  /** `none`: the own authority stands in. */
  state: 'none' | 'good'
  endsAt?: string
  renewsAt?: string
  isWorking: boolean
  /** Why the last try failed. */
  problem?: string
  nextTryAt?: string
}

export interface Acme {
  readonly challenges: Challenges
  readonly domains: readonly string[]
  /** The certificate, while it is valid. */
  pair(): KeyPair | undefined
  state(): AcmeState
  /** From now on; the server listens. */
  start(): void
  /** Gets one now, whatever is waited for. @throws OperationalError `acme-failed`, `acme-hook-failed` */
  renew(): Promise<void>
  close(): Promise<void>
}

export async function createAcme(options: {
  settings: AcmeSettings
  /** Owner-only; made when missing. */
  dir: string
  log: Logger
  onChange: () => void
  now?: () => Date
}): Promise<Acme> {
  const { settings, dir, log, onChange, now = () => new Date() } = options
  const files = await openAcmeFiles(dir, settings)
  const challenges = createChallenges()
  const of = subjectOf(settings)
  let pair = await files.certificate()
  let trouble = await files.trouble()
  let working: Promise<void> | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let isClosed = false

  const isFor = (one: KeyPair): boolean => {
    try {
      checkWhole(one, settings.domains, now())
      return true
    } catch {
      return false
    }
  }
  const usable = () => (pair && isFor(pair) ? pair : undefined)

  async function work(): Promise<void> {
    let askedToWaitS = 0
    try {
      const got = await obtain({
        settings,
        files,
        challenges,
        now,
        onRetryAfter: (seconds) => {
          askedToWaitS = seconds
        },
      })
      await files.keepCertificate(got)
      pair = got
      trouble = undefined
      await files.keepTrouble(undefined)
      const { validToDate } = new X509Certificate(got.cert)
      log.info({ domains: settings.domains, endsAt: validToDate.toISOString(), renewsAt: renewAt(got.cert).toISOString() }, 'got a certificate by ACME')
      onChange()
    } catch (error) {
      const failures = (trouble?.failures ?? 0) + 1
      const nextAt = retryAt(failures, now(), askedToWaitS).toISOString()
      trouble = { failures, nextAt, problem: messageOf(error), of }
      const shown = usable() ? 'the certificate before stays in use' : 'the own authority stands in, which devices have to be told to trust'
      log.error({ err: error, domains: settings.domains, nextTryAt: nextAt }, `no certificate by ACME: ${shown}`)
      await files.keepTrouble(trouble).catch((cause: unknown) => log.error({ err: cause }, 'when ACME is tried again could not be written down'))
      throw error
    }
  }
  const begin = () => {
    working ??= work().finally(() => {
      working = undefined
    })
    return working
  }
  function look(): void {
    if (isClosed || working) return
    const held = usable()
    if (held && renewAt(held.cert).getTime() > now().getTime()) return
    if (trouble && Date.parse(trouble.nextAt) > now().getTime()) return
    // it is in the state and in the log
    begin().catch(() => undefined)
  }

  return {
    challenges,
    domains: settings.domains,
    pair: usable,
    state() {
      const held = usable()
      return {
        domains: settings.domains,
        directory: settings.directory,
        challenge: settings.challenge,
        state: held ? 'good' : 'none',
        ...(held ? { endsAt: new X509Certificate(held.cert).validToDate.toISOString(), renewsAt: renewAt(held.cert).toISOString() } : {}),
        isWorking: working !== undefined,
        ...(trouble ? { problem: trouble.problem, nextTryAt: trouble.nextAt } : {}),
      }
    },
    start() {
      if (timer) return
      timer = setInterval(look, LOOK_MS).unref()
      look()
    },
    renew: begin,
    async close() {
      isClosed = true
      clearInterval(timer)
    },
  }
}
