/** Which deployment this host's runtime runs, by the number of its version: hosts with an older one leave its jobs to others. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import type { Deployment } from '../jobs/index.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Versions } from './versions.ts'

/** After a start of the gateway its runtime tells within so long what it runs. */
const KNOWN_MS = 5000
const LOOK_MS = 50

export interface DeploymentKeeper extends Deployment {
  /** What the runtime tells of its flows. */
  onLifecycle(notice: Pick<RpcNotice<typeof gatewayRpc, 'lifecycle'>, 'flows' | 'rev'>): void
  runtimeGone(): void
  /** This version was stored, and is about to be started here. */
  saved(number: number): void
  /** The revision that runs. */
  readonly rev: string | undefined
  /** Nothing newer was deployed anywhere. */
  isCurrent(): Promise<boolean>
}

export function createDeployment({ versions, log }: { versions: Pick<Versions, 'newest' | 'numberOf'>; log: Logger }): DeploymentKeeper {
  const listeners: (() => void)[] = []
  let rev: string | undefined
  let runs: number | undefined
  let saved: number | undefined
  let turn = 0
  const set = (next: number | undefined) => {
    if (next === runs) return
    runs = next
    for (const listener of listeners) listener()
  }
  return {
    get runs() {
      return runs
    },
    get asks() {
      return saved === undefined ? runs : Math.max(saved, runs ?? 0)
    },
    get rev() {
      return rev
    },
    onChange: (listener) => void listeners.push(listener),
    onLifecycle(notice) {
      turn += 1
      const mine = turn
      rev = notice.flows === 'stopped' || notice.flows === 'safe' ? undefined : notice.rev
      if (rev === undefined) return set(undefined)
      const look = (): void =>
        void versions.numberOf(rev ?? '').then(
          (number) => {
            if (mine === turn) set(number)
          },
          (error) => {
            log.debug({ err: error }, 'which deployment runs could not be looked up; tried again')
            setTimeout(() => {
              if (mine === turn) look()
            }, 1000).unref()
          },
        )
      look()
    },
    runtimeGone() {
      turn += 1
      rev = undefined
      set(undefined)
    },
    saved(number) {
      saved = number
    },
    async isCurrent() {
      // what nodes tell of themselves may be ahead of the news that the flows run
      for (const end = performance.now() + KNOWN_MS; rev === undefined && performance.now() < end; ) await wait(LOOK_MS)
      const newest = await versions.newest()
      return newest === undefined || newest.rev === rev
    },
  }
}
