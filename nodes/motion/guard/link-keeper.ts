/** Opens the link and opens it again after it was lost; what may be sent then is not decided here. */
import { messageOf, OperationalError } from '../../../base/errors.ts'
import type { MachineSettings } from '../machine.ts'
import type { Connection } from './connection.ts'
import { type LinkTarget, openLink } from './link.ts'
import type { GuardTimings } from './timings.ts'

export interface LinkKeeper {
  /** Opens now; an opening under way goes on. */
  open(): void
  /** Opens after a pause that grows from try to try. */
  openLater(): void
  /** Gives up whatever is under way. */
  stop(): void
}

export interface LinkKeeperOptions {
  target: () => LinkTarget
  timings: GuardTimings
  newConnection: () => Connection
  onOpened: (connection: Connection, target: LinkTarget) => void
  onFailed: (message: string) => void
}

export function keepLink(options: LinkKeeperOptions): LinkKeeper {
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
    const to = target()
    const connection = newConnection()
    const link = await openLink(to, { onData: connection.receive, onLost: (reason) => connection.lost(reason) }, signal)
    connection.attach(link)
    if (signal.aborted) return connection.close()
    if (!connection.isOpen) throw new OperationalError({ code: 'link-failed', message: 'The link was lost as soon as it was open.' })
    opening = undefined
    tries = 0
    onOpened(connection, to)
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
      return { kind: 'serial', path: link.path, baudRate: link.baudRate, isPaced: true }
    case 'tcp':
      return { kind: 'tcp', host: link.host, port: link.port }
    case 'virtual': {
      if (!virtualPort) throw new OperationalError({ code: 'no-port', message: 'The virtual controller has not said where it is yet.' })
      const tcp = /^([^/\\]+):(\d{1,5})$/.exec(virtualPort)
      if (tcp) return { kind: 'tcp', host: tcp[1] ?? '', port: Number(tcp[2]) }
      return { kind: 'serial', path: virtualPort, baudRate: 115_200, isPaced: false }
    }
    default:
      return link satisfies never
  }
}
