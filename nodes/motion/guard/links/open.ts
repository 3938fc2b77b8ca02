/** Opens a link of any kind. */
import type { Link, LinkListeners, LinkOptions, LinkTarget } from './link.ts'
import { openSerial } from './serial.ts'
import { openTcp } from './tcp.ts'
import { openWebSocket } from './websocket.ts'

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
