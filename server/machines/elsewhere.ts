/**
 * A machine that is wired to another host, as this gateway sees it: its state as that host tells it, and the few things that may
 * be asked of it from here. What only stops is carried there, since it does no harm when it comes late; what may move a machine
 * is not: a line between hosts that hangs and comes back must never move anything.
 */
import { OperationalError, UserError } from '../../base/errors.ts'
import type { RpcPeer } from '../../base/rpc.ts'
import type { guardRpc } from '../../nodes/motion/guard/contract.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'
import type { MachineView } from '../api/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { GuardLink } from './guard-link.ts'

/** Its host tells of each machine at least every {@link TELL_MS}; not heard of for so long, nobody here knows how it is. */
const UNHEARD_MS = 6000
export const TELL_MS = 2000
/** A person who stops a machine must not wait long for "not confirmed". */
const STOP_MS = 2500

/** What stops, and what only asks. */
const CARRIED: ReadonlySet<string> = new Set(['stop', 'hold', 'state', 'jobStatus', 'checkProgram', 'traffic'])
const isStop = (method: string): method is 'stop' | 'hold' => method === 'stop' || method === 'hold'
export const isCarried = (method: string): boolean => CARRIED.has(method)

/** How a host tells of one of its machines. */
export interface Told {
  guard: MachineView['guard']
  state?: MachineState
}

export interface ElsewhereLink extends GuardLink {
  hear(told: Told): void
  /** Looks whether it was heard of. */
  look(): void
  readonly where: NonNullable<MachineView['host']>
}

const there = (url: string | undefined) => (url === undefined ? 'on the pages of that host' : `there: ${url}`)

/** What may not be asked of a machine from this host. */
export function machineElsewhere(machineId: string, { name, url, isSilent }: NonNullable<MachineView['host']>): UserError {
  return new UserError({
    code: 'machine-elsewhere',
    status: 409,
    message: `"${machineId}" is wired to host "${name}". From here it can be stopped and held; everything else is done ${there(url)}.${
      isSilent ? ' That host is silent just now: nothing is known of the machine.' : ''
    }`,
    details: { host: name, ...(url === undefined ? {} : { url }) },
  })
}

export function openElsewhere(options: { machineId: string; host: string; hosts: Hosts; onChange(): void }): ElsewhereLink {
  const { machineId, host, hosts } = options
  let told: Told | undefined
  let heardAt: Date | undefined
  let heard = performance.now()
  let isSilent = false
  const url = () => hosts.find(host)?.url

  const peer: RpcPeer<typeof guardRpc> = {
    async call(method, params, { timeoutMs = STOP_MS } = {}) {
      if (!isCarried(method)) throw machineElsewhere(machineId, link.where)
      const wait = isStop(method) ? Math.min(timeoutMs, STOP_MS) : timeoutMs
      try {
        return (await hosts.bus.ask(host, 'machine-call', { machineId, method, params }, { timeoutMs: wait })) as never
      } catch (error) {
        if (!(error instanceof OperationalError) || !['host-silent', 'host-unreachable', 'closing'].includes(error.code) || !isStop(method)) throw error
        const what =
          error.code === 'host-silent' ? `has not confirmed the ${method} within ${wait / 1000} s` : `cannot be reached, so the ${method} was not sent`
        throw new OperationalError({
          code: 'stop-not-confirmed',
          status: 504,
          message: `Host "${host}", to which "${machineId}" is wired, ${what}. Take it that the machine has NOT stopped: use its emergency stop. Or press ${there(url())}.`,
          cause: error,
        })
      }
    },
    notify: () => {},
    closed: new Promise(() => {}),
    close: () => {},
    closeWhenSent: async () => {},
  }
  const link: ElsewhereLink = {
    get status() {
      if (isSilent) return 'gone'
      return told?.guard ?? 'starting'
    },
    get state() {
      return isSilent ? undefined : told?.state
    },
    get where() {
      const address = url()
      return {
        name: host,
        isSilent,
        ...(address === undefined ? {} : { url: address }),
        ...(heardAt === undefined ? {} : { heardAt: heardAt.toISOString() }),
      }
    },
    peer: () => peer,
    whenConnected: async () => peer,
    hear(next) {
      told = next
      heard = performance.now()
      heardAt = new Date()
      isSilent = false
      options.onChange()
    },
    look() {
      const now = performance.now() - heard > UNHEARD_MS
      if (now === isSilent) return
      isSilent = now
      options.onChange()
    },
    close: () => {},
  }
  return link
}
