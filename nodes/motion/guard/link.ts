/**
 * The wire to a controller: a serial port (a real one or a pseudo-terminal) or TCP. One object per
 * connection: an npm serialport object that is opened again sends what was written while it was closed
 * (`@serialport/stream` `_write`), so a link is never reopened, and never written to when it is not open.
 */
import { connect, type Socket } from 'node:net'
import { SerialPort } from 'serialport'
import { OperationalError } from '../../../base/errors.ts'
import { createOutbox, type Outbox } from './outbox.ts'

export type LinkTarget = { kind: 'serial'; path: string; baudRate: number; isPaced: boolean } | { kind: 'tcp'; host: string; port: number }

export interface Link extends Outbox {
  readonly isOpen: boolean
  close(): Promise<void>
}

export interface LinkListeners {
  onData: (bytes: Uint8Array) => void
  /** Once, when the link is gone for whatever reason but {@link Link.close}. */
  onLost: (reason: string) => void
}

/** @throws OperationalError `link-failed` with the operating system's words */
export function openLink(target: LinkTarget, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  return target.kind === 'serial' ? openSerial(target, listeners, signal) : openTcp(target, listeners, signal)
}

export function describeTarget(target: LinkTarget): string {
  return target.kind === 'serial' ? target.path : `${target.host}:${target.port}`
}

function failed(target: LinkTarget, error: Error): OperationalError {
  const hint = /lock/i.test(error.message)
    ? 'Another program has it open: close that program.'
    : 'Check that the controller is on and connected; the guard keeps trying.'
  return new OperationalError({ code: 'link-failed', message: `${describeTarget(target)} cannot be opened: ${error.message}. ${hint}`, cause: error })
}

function openSerial(target: Extract<LinkTarget, { kind: 'serial' }>, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  const { path, baudRate, isPaced } = target
  // hupcl drops DTR when the port closes, which resets an Arduino at the next open
  const port = new SerialPort({ path, baudRate, lock: true, hupcl: false, autoOpen: false, highWaterMark: 16 * 1024 })
  let isGone = false
  const lose = (reason: string) => {
    if (isGone) return
    isGone = true
    outbox.stop()
    listeners.onLost(reason)
  }
  const outbox = createOutbox({
    write: (bytes, done) => {
      if (!port.isOpen) return lose('the port is closed')
      port.write(bytes, (error) => (error ? lose(error.message) : done()))
    },
    ...(isPaced ? { bytesPerSecond: baudRate / 10 } : {}),
  })
  const close = () =>
    new Promise<void>((resolve) => {
      isGone = true
      outbox.stop()
      if (!port.isOpen) return resolve()
      port.close(() => resolve())
    })
  return new Promise((resolve, reject) => {
    port.on('error', (error) => lose(error.message))
    port.on('close', (error: Error | null) => lose(error ? `the port went away (${error.message})` : 'the port was closed'))
    // without a reader a vanished peer is noticed only at the next write
    port.on('data', listeners.onData)
    port.open((error) => {
      if (error) {
        isGone = true
        reject(failed(target, error))
      } else if (signal.aborted) {
        close().then(() => reject(failed(target, new Error('given up'))))
      } else {
        resolve({
          send: outbox.send,
          urgent: outbox.urgent,
          keepBack: outbox.keepBack,
          discard: outbox.discard,
          stop: outbox.stop,
          close,
          get isOpen() {
            return !isGone && port.isOpen
          },
        })
      }
    })
  })
}

function openTcp(target: Extract<LinkTarget, { kind: 'tcp' }>, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: target.host, port: target.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 })
    let isGone = false
    let hasConnected = false
    const lose = (reason: string) => {
      if (isGone) return
      isGone = true
      outbox.stop()
      socket.destroy()
      if (hasConnected) listeners.onLost(reason)
      else reject(failed(target, new Error(reason)))
    }
    const outbox = createOutbox({
      write: (bytes, done) => {
        if (!socket.writable) return lose('the connection is closed')
        socket.write(bytes, (error) => (error ? lose(error.message) : done()))
      },
    })
    const giveUp = () => lose('given up')
    signal.addEventListener('abort', giveUp, { once: true })
    socket.setTimeout(10_000, () => {
      if (!hasConnected) lose('no answer within 10 s')
    })
    socket.on('error', (error) => lose(error.message))
    socket.on('close', () => lose('the controller closed the connection'))
    socket.on('end', () => lose('the controller closed the connection'))
    socket.on('data', listeners.onData)
    socket.on('connect', () => {
      hasConnected = true
      signal.removeEventListener('abort', giveUp)
      socket.setTimeout(0)
      resolve({
        send: outbox.send,
        urgent: outbox.urgent,
        keepBack: outbox.keepBack,
        discard: outbox.discard,
        stop: outbox.stop,
        close: async () => {
          isGone = true
          outbox.stop()
          socket.destroy()
        },
        get isOpen() {
          return !isGone && socket.writable
        },
      })
    })
  })
}
