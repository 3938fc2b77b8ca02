/** What another host deploys runs here as well: told by the other host at once, and looked for at every beat. */
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { DeploymentKeeper } from './deployment.ts'
import type { Deploys } from './deploys.ts'
import type { Versions } from './versions.ts'

export interface Follower {
  /** The runtime has read these (sealed) credentials. */
  loaded(sealed: unknown): void
}

export function followOthers(options: {
  hosts: Hosts
  versions: Pick<Versions, 'newest' | 'document'>
  deployment: DeploymentKeeper
  deploys: Pick<Deploys, 'follow'>
  isRuntimeThere(): boolean
  log: Logger
  onFollowed(rev: string): void
}): Follower {
  const { hosts, versions, deployment, deploys, isRuntimeThere, log } = options
  let isLooking = false
  let isAsked = false
  /** A version that this host cannot start is not tried again and again. */
  let failed: string | undefined
  let sealedBefore: unknown

  /** What there is to take over. */
  const newer = async () => {
    const newest = await versions.newest()
    // while flows are starting or stopped nothing is known yet, and a runtime that starts reads the newest by itself
    if (!newest || !isRuntimeThere() || deployment.rev === undefined || newest.rev === deployment.rev || newest.id === failed) return undefined
    return newest
  }
  const look = async (): Promise<void> => {
    const first = await newer()
    if (!first) return
    let newest = first
    let sealed: unknown
    try {
      let isTaken = false
      await deploys.follow(async () => {
        const now = await newer()
        if (!now) return undefined
        newest = now
        sealed = await versions.document('credentials')
        isTaken = true
        log.info({ rev: newest.rev, versionId: newest.id }, 'another host has deployed: taking it over')
        return { kind: newest.kind, isNext: deployment.runs !== undefined && newest.number === deployment.runs + 1 && isDeepStrictEqual(sealed, sealedBefore) }
      })
      if (!isTaken) return
      sealedBefore = sealed
      options.onFollowed(newest.rev)
    } catch (error) {
      failed = newest.id
      log.error({ versionId: newest.id, reason: messageOf(error) }, 'what another host deployed does not run here: this host takes no jobs of it')
    }
  }
  const lookSoon = () => {
    isAsked = true
    if (isLooking) return
    isLooking = true
    const all = async () => {
      while (isAsked) {
        isAsked = false
        await look()
      }
    }
    all()
      .catch((error) => log.debug({ reason: messageOf(error) }, 'whether another host has deployed could not be looked up; tried again'))
      .finally(() => {
        isLooking = false
      })
  }
  hosts.bus.on('deployed', lookSoon)
  hosts.onBeat(() => {
    if (hosts.list().length > 1) lookSoon()
  })
  return {
    loaded(sealed) {
      sealedBefore = sealed
    },
  }
}
