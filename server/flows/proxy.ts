/**
 * The way from the browser into the runtime: the stock editor under `/red`, dashboards under `/dashboard`, the
 * flows' own addresses under `/hooks` (prefix removed), over the runtime's local socket with kept connections.
 *
 * Before the runtime sees a request our cookies and tokens are taken out; after it answered, what could reach
 * beyond its own pages is: its cookies, and with a content policy of our own what its pages may load and call.
 */
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createProxyServer, type ProxyServer } from 'httpxy'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Caller } from '../auth/caller.ts'
import type { Mount } from '../http/mounts.ts'
import { TOKEN_HEADER, WAY_HEADER, type Way } from '../runtime/ways.ts'
import type { Tickets } from './tickets.ts'

/** What the runtime must not see, or could take for ours. */
const STRIPPED_REQUEST = ['cookie', 'authorization', 'proxy-authorization', 'x-cellwright', WAY_HEADER, TOKEN_HEADER]
/** What a flow must not do to the browser's picture of this server. */
const STRIPPED_RESPONSE = [
  'set-cookie',
  'clear-site-data',
  'strict-transport-security',
  'service-worker-allowed',
  'content-security-policy-report-only',
  'public-key-pins',
]

/** An editor page that stays open asks again with every request; a ticket only has to outlive one of them. */
const TICKET_LIFE_MS = 60_000
/** How often the right to an open socket is looked at again. */
const RECHECK_MS = 30_000

export interface ProxyOptions {
  /** Where the runtime's HTTP server listens. */
  runtimeHttpSocket: string
  tickets: Tickets
  isRuntimeThere: () => boolean
  /** Who asks now; for sockets that stay open. */
  callerOf: (request: IncomingMessage) => Promise<Caller | undefined>
  log: Logger
}

export interface FlowProxy {
  mounts: Mount[]
  close(): void
}

export function createProxy(options: ProxyOptions): FlowProxy {
  const { runtimeHttpSocket, tickets, isRuntimeThere, callerOf, log } = options
  const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 64 })
  const proxy: ProxyServer<IncomingMessage, ServerResponse> = createProxyServer({
    target: { socketPath: runtimeHttpSocket },
    agent,
    xfwd: true,
    ws: true,
    // a flow may take its time to answer an `http in`
    proxyTimeout: 300_000,
  })
  const open = new Set<Duplex>()

  proxy.on('proxyRes', (answer, request) => {
    const way = wayOf(request)
    for (const name of STRIPPED_RESPONSE) delete answer.headers[name]
    const own = answer.headers['content-security-policy']
    const ours = policyOf(way, request)
    // both count: a flow may make its page stricter
    answer.headers['content-security-policy'] = way === 'hooks' && own ? `${ours}, ${own}` : ours
  })

  const away = () =>
    new OperationalError({
      code: 'runtime-away',
      message: 'The flow runtime is not running just now. It is started again by itself; try again in a few seconds.',
    })

  /** Rewrites the request for the runtime. @throws UserError not-found */
  const prepare = (way: Way, request: IncomingMessage, caller: Caller | undefined): void => {
    if (way === 'hooks') request.url = hookUrl(request.url ?? '/')
    for (const name of STRIPPED_REQUEST) delete request.headers[name]
    ways.set(request, way)
    request.headers[WAY_HEADER] = way
    if (way === 'red' && caller) request.headers[TOKEN_HEADER] = tickets.issue(caller, 'editor', TICKET_LIFE_MS)
  }

  const mount = (way: Way, access: Mount['access']): Mount => ({
    prefix: `/${way}`,
    access,
    async request(request, response, caller) {
      if (!isRuntimeThere()) return answerAway(request, response, away())
      prepare(way, request, caller)
      try {
        await proxy.web(request, response)
      } catch (error) {
        log.debug({ err: error, way }, 'the runtime did not answer a request')
        if (response.headersSent) response.destroy()
        else answerAway(request, response, away())
      }
    },
    async upgrade(request, socket, head, caller) {
      if (!isRuntimeThere()) throw away()
      // the headers change for the runtime; who asks is judged by those that came
      const asked = Object.assign(Object.create(Object.getPrototypeOf(request)), { headers: { ...request.headers }, socket: request.socket }) as IncomingMessage
      prepare(way, request, caller)
      open.add(socket)
      const recheck = setInterval(() => {
        callerOf(asked)
          .then((now) => {
            if (typeof access === 'string' && access !== 'own' && access !== 'public' && access !== 'session' && !now?.capabilities.has(access))
              socket.destroy()
          })
          .catch((error) => log.warn({ err: error }, 'the right to an open connection could not be checked'))
      }, RECHECK_MS)
      recheck.unref()
      socket.once('close', () => {
        clearInterval(recheck)
        open.delete(socket)
      })
      try {
        await proxy.ws(request, socket as Socket, {}, head)
      } catch (error) {
        log.debug({ err: error, way }, 'the runtime did not take a connection')
        socket.destroy()
      }
    },
  })

  return {
    mounts: [mount('red', 'flows.code'), mount('dashboard', 'machines.view'), mount('hooks', 'panel.press')],
    close() {
      for (const socket of open) socket.destroy()
      agent.destroy()
    },
  }
}

const ways = new WeakMap<IncomingMessage, Way>()
const wayOf = (request: IncomingMessage): Way => ways.get(request) ?? 'hooks'

/**
 * The address inside the runtime. What has a way of its own is not reached by this one.
 * @throws UserError not-found
 */
function hookUrl(url: string): string {
  const rest = url.slice('/hooks'.length)
  const inner = rest.startsWith('/') ? rest : `/${rest}`
  const path = decodeURIComponent(inner.split('?', 1)[0] ?? '/').replace(/\/+/g, '/')
  if (/^\/(red|dashboard)(\/|$)/i.test(path)) throw new UserError({ code: 'not-found', status: 404, message: 'There is nothing at this address.' })
  return inner.startsWith('//') ? path : inner
}

/** Content policies. The host is checked before anything gets here (server/http). */
function policyOf(way: Way, request: IncomingMessage): string {
  if (way === 'hooks')
    // a page made by a flow: no origin of ours, so no cookie, no storage and no API of ours
    return 'sandbox allow-scripts allow-forms allow-modals allow-downloads'
  if (way === 'red')
    return [
      "default-src 'self'",
      "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "worker-src 'self' blob:",
      "frame-src 'self'",
      "frame-ancestors 'self'",
      "form-action 'self'",
      "object-src 'none'",
      "base-uri 'self'",
    ].join('; ')
  // `ui-template` brings scripts of a flow into this page: it may talk to the dashboard, not to our API
  const host = request.headers.host ?? 'localhost'
  const own = ['http', 'https', 'ws', 'wss'].map((scheme) => `${scheme}://${host}/dashboard/`).join(' ')
  return [
    'sandbox allow-scripts allow-same-origin allow-forms allow-modals allow-downloads',
    "default-src 'self'",
    // Vue compiles templates in the browser
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src ${own}`,
    "worker-src 'self'",
    "frame-src 'none'",
    "frame-ancestors 'self'",
    "form-action 'none'",
    "object-src 'none'",
    "base-uri 'self'",
  ].join('; ')
}

function answerAway(request: IncomingMessage, response: ServerResponse, error: OperationalError): void {
  const isPage = (request.headers.accept ?? '').includes('text/html')
  const headers: OutgoingHttpHeaders = { 'Cache-Control': 'no-store', 'Retry-After': '3' }
  if (isPage) {
    response.writeHead(error.status, { ...headers, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" })
    response.end(`<!doctype html><html lang="en"><meta http-equiv="refresh" content="3"><title>Cellwright</title><p>${error.message}</p></html>`)
    return
  }
  response.writeHead(error.status, { ...headers, 'Content-Type': 'application/problem+json' })
  response.end(
    JSON.stringify({ type: `urn:cellwright:error:${error.code}`, title: 'Service Unavailable', status: error.status, detail: error.message, code: error.code }),
  )
}
