/**
 * One port for HTTPS and for what comes in the clear: the first byte of a connection tells which it is (22: a TLS handshake, RFC 8446 5.1).
 * In the clear there is nothing but the way to HTTPS.
 */
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'

const HANDSHAKE = 22
/** Who says nothing for so long means nothing. */
const SILENT_MS = 10_000

export interface Front {
  readonly server: Server
  /** Ends every connection, also those of which it is not known yet what they are. */
  closeAll(): void
}

export function createFront(options: {
  secure: HttpsServer
  plain: HttpServer
  /** Who else takes a TLS connection, by how it begins. */
  takerOf?: (first: Buffer) => Server | undefined
}): Front {
  const { secure, plain, takerOf } = options
  const unknown = new Set<Socket>()
  const server = createServer((socket) => {
    unknown.add(socket)
    const forget = () => unknown.delete(socket)
    const onError = () => socket.destroy()
    socket.once('close', forget)
    socket.on('error', onError)
    socket.setTimeout(SILENT_MS, onError)
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.setTimeout(0)
      socket.off('timeout', onError)
      socket.off('error', onError)
      socket.off('close', forget)
      forget()
      socket.unshift(first)
      const taker = first[0] === HANDSHAKE ? (takerOf?.(first) ?? secure) : plain
      taker.emit('connection', socket)
      // whoever took it has set its listeners by now
      process.nextTick(() => socket.resume())
    })
  })
  return {
    server,
    closeAll() {
      for (const socket of unknown) socket.destroy()
      secure.closeAllConnections()
      plain.closeAllConnections()
    },
  }
}
