/**
 * WebSockets into the runtime: so many at a time, each ended with its other side, and when whoever has it open loses the right to it.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createProxyServer, type ProxyServer } from 'httpxy'
import { type OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Caller } from '../auth/caller.ts'
import type { Way } from '../runtime/ways.ts'
import { frameHeadersInward } from './frames.ts'
import { ACCESS, gates } from './proxy-access.ts'
import { refuseUpgrade, runtimeAway, runtimeBusy, runtimeLost, runtimeSlow } from './proxy-away.ts'
import { innerUrl } from './proxy-paths.ts'

const UPGRADE_MS = 10_000
/** How often the right to an open socket is looked at again. */
const RECHECK_MS = 5000

interface OpenSocket {
  request: IncomingMessage
  socket: Duplex
  way: Way
  /** Who has it open now. */
  callerNow: () => Promise<Caller | undefined>
}

export interface ProxySockets {
  /** @param asked.callerNow who has it open, asked again and again. @throws UserError `upgrade-unknown` */
  open(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    asked: { way: Way; url: string; caller: Caller | undefined; isFramed?: boolean; callerNow: OpenSocket['callerNow'] },
  ): void
  /** Ends those whose right is gone. */
  recheck(): Promise<void>
  close(): void
}

export function createProxySockets(options: {
  runtimeHttpSocket: string
  isRuntimeThere: () => boolean
  log: Logger
  /** How many may be open at a time. */
  most: (way: Way) => number
  /** What the runtime gets to see of the one who asks. */
  headersOf: (request: IncomingMessage, way: Way, caller: Caller | undefined) => IncomingHttpHeaders
}): ProxySockets {
  const { runtimeHttpSocket, isRuntimeThere, log, most, headersOf } = options
  const proxy: ProxyServer<IncomingMessage, ServerResponse> = createProxyServer({ target: { socketPath: runtimeHttpSocket }, agent: false })
  const places = gates(most)
  const open = new Set<OpenSocket>()

  /** httpxy reads address and headers from the request while it is called; to everybody else the request stays as it came. */
  const asForRuntime = <T>(request: IncomingMessage, inner: string, headers: IncomingMessage['headers'], call: () => T): T => {
    const came = { url: request.url, headers: request.headers }
    try {
      request.url = inner
      request.headers = headers
      return call()
    } finally {
      if (came.url !== undefined) request.url = came.url
      request.headers = came.headers
    }
  }

  proxy.on('proxyReqWs', (upstream, request, socket) => {
    let isAnswered = false
    const answered = (answer: IncomingMessage) => {
      isAnswered = true
      clearTimeout(timer)
      // httpxy passes on what is there
      for (const name of ['set-cookie', 'server', 'x-powered-by', 'location', 'www-authenticate']) delete answer.headers[name]
    }
    const refuseOnce = (error: OperationalError) => {
      if (!isAnswered) refuseUpgrade(socket, error)
      isAnswered = true
      clearTimeout(timer)
    }
    const timer = setTimeout(() => {
      refuseOnce(runtimeSlow(UPGRADE_MS))
      upstream.destroy()
    }, UPGRADE_MS)
    // ahead of httpxy's own listeners, which come after this event
    upstream.once('response', answered)
    upstream.once('upgrade', (answer, runtimeSocket) => {
      answered(answer)
      // the end of one side, however it came, is the end of the other
      socket.once('close', () => runtimeSocket.destroy())
      runtimeSocket.once('close', () => socket.destroySoon())
    })
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      log.debug({ err: error, path: request.url }, 'the runtime did not take a WebSocket')
      refuseOnce(isAwayError(error) ? runtimeAway() : runtimeLost())
    })
    socket.once('close', () => {
      clearTimeout(timer)
      upstream.destroy()
    })
  })

  const openSocket: ProxySockets['open'] = (request, socket, head, asked) => {
    const { way, caller } = asked
    const inner = innerUrl(way, asked.url)
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') throw new UserError({ code: 'upgrade-unknown', message: 'Only WebSockets are opened here.' })
    if (socket.destroyed) return
    if (!isRuntimeThere()) return refuseUpgrade(socket, runtimeAway())
    const leave = places[way].enter()
    if (!leave) return refuseUpgrade(socket, runtimeBusy())
    const entry: OpenSocket = { request, socket, way, callerNow: asked.callerNow }
    open.add(entry)
    socket.once('close', () => {
      open.delete(entry)
      leave()
    })
    const headers = headersOf(request, way, caller)
    if (asked.isFramed) frameHeadersInward(headers)
    asForRuntime(request, inner, headers, () => proxy.ws(request, socket as Socket, {}, head)).catch((error) =>
      log.debug({ err: error, way }, 'a WebSocket ended'),
    )
  }

  const recheck = async (): Promise<void> => {
    await Promise.all(
      [...open].map(async ({ callerNow, socket, way }) => {
        try {
          if (!(await callerNow())?.capabilities.has(ACCESS[way])) socket.destroy()
        } catch (error) {
          // the store is away: who was let in stays in until it can tell
          log.warn({ err: error }, 'the right to an open connection could not be checked')
        }
      }),
    )
  }
  const rechecking = setInterval(recheck, RECHECK_MS)
  rechecking.unref()

  return {
    open: openSocket,
    recheck,
    close() {
      clearInterval(rechecking)
      for (const { socket } of open) socket.destroy()
    },
  }
}

/** Nobody listens at the runtime's socket, or it does not even take connections. */
const isAwayError = ({ code }: NodeJS.ErrnoException) => code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EAGAIN'
