/** Opens the link and opens it again after it was lost; what may be sent then is not decided here. */
import { messageOf, OperationalError } from '../../../../base/errors.ts'
import type { MachineSettings } from '../../machine.ts'
import type { GuardTimings } from '../timings.ts'
import type { Link, LinkOptions, LinkTarget } from './link.ts'
import { openLink } from './open.ts'

/** What talks over the link. A new one for every connection. */
export interface Linked {
  readonly isOpen: boolean
  receive: (bytes: Uint8Array) => void
  attach(link: Link): void
  lost(reason: string): void
  close(): Promise<void>
}

export interface LinkKeeper {
  /** Opens now; an opening under way goes on. */
  open(): void
  /** Opens after a pause that grows from try to try. */
  openLater(): void
  /** Gives up whatever is under way. */
  stop(): void
}

export interface LinkKeeperOptions<C extends Linked> extends LinkOptions {
  target: () => LinkTarget
  timings: Pick<GuardTimings, 'reconnectMinMs' | 'reconnectMaxMs'>
  newConnection: () => C
  /** @param where what was opened, in words */
  onOpened: (connection: C, where: string) => void
  onFailed: (message: string) => void
}

export function keepLink<C extends Linked>(options: LinkKeeperOptions<C>): LinkKeeper {
  const { target, timings, newConnection, onOpened, onFailed } = options
  let tries = 0
  let retry: NodeJS.Timeout | undefined
  let opening: AbortController | undefined

  const openLater = () => {
    const delay = Math.min(timings.reconnectMaxMs, timings.reconnectMinMs * 2 ** Math.min(tries, 10))
    tries += 1
    clearTimeout(retry)
    retry = setTimeout(open, delay)
  }
  const attempt = async (signal: AbortSignal): Promise<void> => {
    const connection = newConnection()
    const link = await openLink(target(), { onData: connection.receive, onLost: (reason) => connection.lost(reason) }, signal, options)
    connection.attach(link)
    if (signal.aborted) return connection.close()
    if (!connection.isOpen) {
      await link.close().catch(() => {}) // of no use any more, whatever closing it says
      throw new OperationalError({ code: 'link-failed', message: 'The link was lost as soon as it was open.' })
    }
    opening = undefined
    tries = 0
    onOpened(connection, link.where)
  }
  const open = () => {
    clearTimeout(retry)
    if (opening) return
    const controller = new AbortController()
    opening = controller
    attempt(controller.signal).catch((error) => {
      if (controller.signal.aborted) return
      opening = undefined
      onFailed(messageOf(error))
      openLater()
    })
  }
  return {
    open,
    openLater,
    stop() {
      clearTimeout(retry)
      tries = 0
      opening?.abort()
      opening = undefined
    },
  }
}

/**
 * Where the settings say the controller is.
 * @throws OperationalError `no-port` for a virtual controller that has not said where it is
 */
export function targetOf(link: MachineSettings['link'], virtualPort: string | undefined): LinkTarget {
  switch (link.kind) {
    case 'serial':
      return { ...link, isPaced: true }
    case 'tcp':
      return { kind: 'tcp', host: link.host, port: link.port }
    case 'websocket':
      return { kind: 'websocket', url: link.url }
    case 'virtual': {
      if (!virtualPort) throw new OperationalError({ code: 'no-port', message: 'The virtual controller has not said where it is yet.' })
      if (/^wss?:/.test(virtualPort)) return { kind: 'websocket', url: virtualPort }
      const tcp = /^([^/\\]+):(\d{1,5})$/.exec(virtualPort)
      if (tcp) return { kind: 'tcp', host: tcp[1] ?? '', port: Number(tcp[2]) }
      return { kind: 'serial', path: virtualPort, baudRate: 115_200, isPaced: false }
    }
    default:
      return link satisfies never
  }
}
