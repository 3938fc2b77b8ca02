/**
 * The wire to a controller, whatever it is made of. One contract for serial ports (real ones and pseudo-terminals), TCP
 * and WebSocket; `conformance.ts` holds them all to it.
 *
 * One object per connection: an npm serialport object that is opened again sends what was written while it was closed
 * (`@serialport/stream` `_write`), so a link is never reopened, and never written to when it is not open.
 *
 * Excluded on purpose: lines, answers, opening again. A link carries bytes and says when it is gone.
 */
import { OperationalError } from '../../../../base/errors.ts'
import type { MachineLink } from '../../machine.ts'
import type { Outbox } from './outbox.ts'
import type { ListPorts } from './ports.ts'

type SerialSettings = Extract<MachineLink, { kind: 'serial' }>

/** Where a link is opened to. */
export type LinkTarget =
  | (Pick<SerialSettings, 'adapter' | 'flowControl' | 'dtr' | 'rts'> & {
      kind: 'serial'
      path: string
      baudRate: number
      /** A wire with this speed: the port is not filled further ahead than a stop may wait. */
      isPaced: boolean
    })
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'websocket'; url: string }

export interface Link extends Outbox {
  readonly isOpen: boolean
  /** What was opened, in words: the port that an adapter was found at. */
  readonly where: string
  /** Lets go of it. Never fails; what was not written yet is lost. */
  close(): Promise<void>
}

export interface LinkListeners {
  onData: (bytes: Uint8Array) => void
  /** Once, when the link is gone for whatever reason but {@link Link.close}. */
  onLost: (reason: string) => void
}

export interface LinkOptions {
  /** The serial ports of this host, where an adapter is looked for. @defaultValue those the operating system names */
  listPorts?: ListPorts
}

/** How long a network link may take to be there. */
export const OPENING_MS = 10_000

export function describeTarget(target: LinkTarget): string {
  switch (target.kind) {
    case 'serial':
      return target.path
    case 'tcp':
      return `${target.host}:${target.port}`
    case 'websocket':
      return target.url
    default:
      return target satisfies never
  }
}

/** @param where what could not be opened */
export function linkFailed(where: string, error: Error): OperationalError {
  const hint = /lock/i.test(error.message) ? 'Another program has it open: close that program.' : 'Check that the controller is on and connected.'
  // serialport begins its own with "Error: "
  const reason = error.message.replace(/^Error:?\s+/, '').replace(/\.$/, '')
  return new OperationalError({ code: 'link-failed', message: `${where} cannot be opened: ${reason}. ${hint}`, cause: error })
}
