/** A TCP connection: FluidNC and grblHAL over telnet, a serial server, LinuxCNC. */
import { connect, type Socket } from 'node:net'
import { describeTarget, type Link, type LinkListeners, type LinkTarget, linkFailed, OPENING_MS } from './link.ts'
import { createOutbox } from './outbox.ts'
import { createTelnetStripper } from './telnet.ts'

/** @throws OperationalError `link-failed` */
export function openTcp(target: Extract<LinkTarget, { kind: 'tcp' }>, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const where = describeTarget(target)
    if (signal.aborted) return reject(linkFailed(where, new Error('given up')))
    const socket: Socket = connect({ host: target.host, port: target.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000 })
    const strip = createTelnetStripper()
    let isGone = false
    let hasConnected = false
    const lose = (reason: string) => {
      if (isGone) return
      isGone = true
      signal.removeEventListener('abort', giveUp)
      outbox.stop()
      socket.destroy()
      if (hasConnected) listeners.onLost(reason)
      else reject(linkFailed(where, new Error(reason)))
    }
    const outbox = createOutbox({
      write: (bytes, done) => {
        if (!socket.writable) return lose('the connection is closed')
        socket.write(bytes, (error) => (error ? lose(error.message) : done()))
      },
    })
    const giveUp = () => lose('given up')
    signal.addEventListener('abort', giveUp, { once: true })
    socket.setTimeout(OPENING_MS, () => {
      if (!hasConnected) lose(`no answer within ${OPENING_MS / 1000} s`)
    })
    socket.on('error', (error) => lose(error.message))
    socket.on('close', () => lose('the controller closed the connection'))
    socket.on('end', () => lose('the controller closed the connection'))
    socket.on('data', (bytes) => {
      const data = strip(bytes)
      if (data.length > 0 && !isGone) listeners.onData(data)
    })
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
        where,
        get isOpen() {
          return !isGone && socket.writable
        },
      })
    })
  })
}
