/** Opens a link of any kind. */
import type { Link, LinkListeners, LinkTarget } from './link.ts'
import type { ListPorts } from './ports.ts'
import { openSerial } from './serial.ts'
import { openTcp } from './tcp.ts'
import { openWebSocket } from './websocket.ts'

export interface LinkOptions {
  /** The serial ports of this host, where an adapter is looked for. @defaultValue those the operating system names */
  listPorts?: ListPorts
}

/**
 * @throws OperationalError `link-failed` with the operating system's words; UserError `adapter-unclear` when two adapters
 * answer the description
 */
export function openLink(target: LinkTarget, listeners: LinkListeners, signal: AbortSignal, options: LinkOptions = {}): Promise<Link> {
  switch (target.kind) {
    case 'serial':
      return openSerial(target, listeners, signal, options)
    case 'tcp':
      return openTcp(target, listeners, signal)
    case 'websocket':
      return openWebSocket(target, listeners, signal)
    default:
      return target satisfies never
  }
}
