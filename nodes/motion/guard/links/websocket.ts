/**
 * A WebSocket connection: FluidNC (`ws://host/` or port 81) and grblHAL with networking. What frames hold is one stream
 * of bytes, whatever their borders. Everything goes out in binary frames: in a text frame a byte above 0x7F would
 * become two.
 */
import { WebSocket } from 'ws'
import { type Link, type LinkListeners, type LinkTarget, linkFailed, OPENING_MS } from './link.ts'
import { createOutbox } from './outbox.ts'

/**
 * What FluidNC tells its own pages in text frames of their own (WSChannel.cpp; two generations of pages); never a part
 * of the talk with the controller.
 */
const CHATTER = /^(CURRENT_ID|ACTIVE_ID|currentID|activeID|PING|DHT|ERROR)(:|\s*$)/

/** No frame of a controller is longer; a longer one is not from a controller. */
const LONGEST_FRAME = 1024 * 1024

/** @throws OperationalError `link-failed` */
export function openWebSocket(target: Extract<LinkTarget, { kind: 'websocket' }>, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const where = target.url
    if (signal.aborted) return reject(linkFailed(where, new Error('given up')))
    let socket: WebSocket
    try {
      // compression would hold a stop byte up, and no controller has it
      socket = new WebSocket(target.url, { perMessageDeflate: false, handshakeTimeout: OPENING_MS, maxPayload: LONGEST_FRAME, followRedirects: false })
    } catch (error) {
      return reject(linkFailed(where, error as Error))
    }
    socket.binaryType = 'nodebuffer'
    let isGone = false
    let hasConnected = false
    const lose = (reason: string) => {
      if (isGone) return
      isGone = true
      signal.removeEventListener('abort', giveUp)
      outbox.stop()
      socket.terminate()
      if (hasConnected) listeners.onLost(reason)
      else reject(linkFailed(where, new Error(reason)))
    }
    const outbox = createOutbox({
      write: (bytes, done) => {
        if (socket.readyState !== WebSocket.OPEN) return lose('the connection is closed')
        socket.send(bytes, { binary: true, compress: false }, (error) => (error ? lose(error.message) : done()))
      },
    })
    const giveUp = () => lose('given up')
    signal.addEventListener('abort', giveUp, { once: true })
    socket.on('error', (error) => lose(error.message))
    socket.on('close', (code) => lose(`the controller closed the connection (${code})`))
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer
      if (isGone || (!isBinary && CHATTER.test(bytes.toString('latin1', 0, 40)))) return
      listeners.onData(bytes)
    })
    socket.on('open', () => {
      hasConnected = true
      signal.removeEventListener('abort', giveUp)
      resolve({
        send: outbox.send,
        urgent: outbox.urgent,
        keepBack: outbox.keepBack,
        discard: outbox.discard,
        stop: outbox.stop,
        close: async () => {
          isGone = true
          outbox.stop()
          socket.terminate()
        },
        where,
        get isOpen() {
          return !isGone && socket.readyState === WebSocket.OPEN
        },
      })
    })
  })
}
