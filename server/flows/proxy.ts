/**
 * The way from the browser into the runtime: the stock editor under `/red`, its dialogs under `/stock`, dashboards under `/dashboard`, the
 * flows' own addresses under `/hooks` (prefix removed), over the runtime's local socket with kept connections.
 *
 * Bodies are streamed both ways. The runtime may be away, or hang in a flow's endless loop: what waits for it is
 * bounded in number and time, so that it costs the gateway little.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { CAPABILITIES } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Mount } from '../http/mounts.ts'
import { notAllowed } from '../http/problem.ts'
import { hasOwnOrigin, isEncrypted, notOwnWrite } from '../http/same-origin.ts'
import type { Way } from '../runtime/ways.ts'
import { framePrelude } from './frame-page.ts'
import { createFrames, FRAMED, type Frames, frameHeadersInward, frameHeadersOutward, openToFrames } from './frames.ts'
import { ACCESS, gates, LIMITS, type ProxyLimits } from './proxy-access.ts'
import { answerBroken, redirectRefused, refuse, runtimeAway, runtimeBusy, runtimeLost, runtimeSlow } from './proxy-away.ts'
import { headersInward, headersOutward, policyBook } from './proxy-headers.ts'
import { innerUrl, isStaticFile, outerLocation, stockAsked } from './proxy-paths.ts'
import { createProxySockets } from './proxy-sockets.ts'
import { judgeStock, type StockRules } from './proxy-stock.ts'
import { createProxyWeb, hasBody } from './proxy-web.ts'
import { type Tickets, ticketBook } from './tickets.ts'

const ANSWER_MS = 30_000
/** Socket.IO answers a poll when there is news, or with a ping after 25 s (engine.io, `pingInterval`). */
const POLL_MS = 60_000
/** Node-RED answers when npm has finished. */
const INSTALL_MS = 600_000

export interface ProxyOptions extends Partial<StockRules> {
  /** Where the runtime's HTTP server listens. */
  runtimeHttpSocket: string
  tickets: Pick<Tickets, 'issue'>
  isRuntimeThere: () => boolean
  /** Who asks now; for sockets that stay open. */
  callerOf: (request: IncomingMessage) => Promise<Caller | undefined>
  log: Logger
  /** Our cookies, which the runtime does not get. @defaultValue those whose name begins with `cellwright-` */
  isOwnCookie?: (name: string) => boolean
  /** Where browsers reach this server when a proxy stands in front. */
  publicUrl?: string | undefined
  limits?: ProxyLimits
  /** How long the runtime has for the head of an answer; long polls and installations have longer. @defaultValue 30000 */
  answerMs?: number
}

export interface FlowProxy {
  /** For `http.mount`, in this order. */
  mounts: Mount[]
  /** Dashboards in pages of ours. */
  frames: Pick<Frames, 'open'>
  /** Somebody's rights may have become less: open WebSockets are looked at now instead of within seconds. */
  recheck(): Promise<void>
  close(): void
}

/** A request on its way. */
interface Exchange {
  way: Way
  policy: Way | 'static' | 'framed'
  inner: string
  /** What the addresses of a framed dashboard begin with. */
  frame: string | undefined
  timer: NodeJS.Timeout
  giveUp: () => void
  isRetried: boolean
}

export function createProxy(options: ProxyOptions): FlowProxy {
  const { runtimeHttpSocket, isRuntimeThere, callerOf, log, isOwnCookie, publicUrl, limits = LIMITS, answerMs = ANSWER_MS } = options
  const { deployedNode = async () => undefined } = options
  const publicAt = publicUrl === undefined ? undefined : new URL(publicUrl)
  /** How the browser came: to the proxy in front of us, or to us. */
  const isHttps = (request: IncomingMessage) => (publicAt ? publicAt.protocol === 'https:' : isEncrypted(request))
  const web = createProxyWeb({ socketPath: runtimeHttpSocket })
  const requestGates = gates((way) => limits[way].requests)
  const ticketOf = ticketBook(options.tickets)
  const policyOf = policyBook()
  const frames = createFrames(callerOf)

  /** How browsers reach this server. A proxy in front may have changed `Host`. */
  const originsOf = (request: IncomingMessage): string[] => {
    const { host = 'localhost' } = request.headers
    const asked = `${isEncrypted(request) ? 'https' : 'http'}://${host}`
    if (!publicAt) return [asked]
    return publicAt.host === host ? [publicAt.origin] : [asked, publicAt.origin]
  }
  const inward = (request: IncomingMessage, way: Way, ticket: string | undefined, isUpgrade: boolean) =>
    headersInward(request, { way, ticket, isHttps: isHttps(request), isUpgrade, isOwnCookie })

  const sockets = createProxySockets({
    runtimeHttpSocket,
    isRuntimeThere,
    log,
    most: (way) => limits[way].sockets,
    headersOf: (request, way, caller) => inward(request, way, caller && ticketOf(caller, way), true),
  })

  const answered = (
    request: IncomingMessage,
    response: ServerResponse,
    { way, inner, policy, timer, frame }: Exchange,
    answer: { status: number; message: string; headers: IncomingHttpHeaders },
  ): boolean => {
    if (response.headersSent || response.destroyed) return false
    clearTimeout(timer)
    const origins = originsOf(request)
    const headers = headersOutward(answer.headers, {
      way,
      isSet: (name) => response.hasHeader(name),
      policy: policyOf(policy, origins),
      isOwnCookie,
    })
    if (typeof headers.location === 'string') {
      const location = outerLocation(way, headers.location, { from: inner, origins })
      if (location === undefined) {
        log.warn({ way, path: inner.split('?', 1)[0] }, 'a redirect to elsewhere was refused')
        refuse(request, response, redirectRefused())
        return false
      }
      headers.location = (frame ?? '') + location
    }
    const isFramedPage = frame !== undefined && policy === 'framed' && request.method === 'GET' && String(headers['content-type']).startsWith('text/html')
    if (frame !== undefined) frameHeadersOutward(headers)
    // it becomes longer
    if (isFramedPage) for (const name of ['content-length', 'etag', 'last-modified']) delete headers[name]
    try {
      response.writeHead(answer.status, answer.message, headers)
      if (isFramedPage) response.write(framePrelude(frame))
    } catch (error) {
      // a header that Node reads but does not write
      log.warn({ err: error, way }, 'an answer of the runtime was not HTTP')
      refuse(request, response, answerBroken())
      return false
    }
    return true
  }

  const send = (request: IncomingMessage, response: ServerResponse, exchange: Exchange, ticket: string | undefined): void => {
    const { way, inner, timer, frame } = exchange
    const headers = inward(request, way, ticket, false)
    if (frame !== undefined) frameHeadersInward(headers)
    exchange.giveUp = web.pass(request, response, {
      path: inner,
      headers,
      // a long upload is not a late answer: while more of it comes, it is given time
      onProgress: () => timer.refresh(),
      onAnswer: (answer) => answered(request, response, exchange, answer),
      onFailure(failure, error) {
        if (response.destroyed || response.writableEnded) return
        // a flow may do work on a GET: then certainty counts more
        const isSafe = way !== 'hooks' && (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request)
        if (failure === 'cut' && isSafe && !exchange.isRetried && !response.headersSent) {
          exchange.isRetried = true
          send(request, response, exchange, ticket)
          return
        }
        log.debug({ err: error, way }, 'a request got no answer from the runtime')
        refuse(request, response, failure === 'away' ? runtimeAway() : failure === 'not-http' ? answerBroken() : runtimeLost())
      },
    })
  }

  const pass = (
    request: IncomingMessage,
    response: ServerResponse,
    { way, policy, ticket, framed }: { way: Way; policy: Exchange['policy']; ticket: string | undefined; framed?: { prefix: string; url: string } },
  ) => {
    const inner = innerUrl(way, framed?.url ?? request.url ?? '/')
    if (request.method === 'TRACE') throw new UserError({ code: 'method-not-allowed', status: 405, message: 'TRACE is not answered here.' })
    if (response.destroyed) return
    if (!isRuntimeThere()) return refuse(request, response, runtimeAway())
    const leave = requestGates[way].enter()
    if (!leave) return refuse(request, response, runtimeBusy())
    const limitMs = patienceMs(way, inner, request, answerMs)
    const timer = setTimeout(() => {
      log.warn({ way, method: request.method, path: inner.split('?', 1)[0] }, 'the runtime did not answer in time')
      refuse(request, response, runtimeSlow(limitMs))
      exchange.giveUp()
    }, limitMs)
    const exchange: Exchange = { way, policy, inner, frame: framed?.prefix, timer, giveUp: () => undefined, isRetried: false }
    response.once('close', () => {
      clearTimeout(timer)
      leave()
    })
    send(request, response, exchange, ticket)
  }

  const upgrade = (way: Way) => (request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller | undefined) =>
    sockets.open(request, socket, head, { way, url: request.url ?? '/', caller, callerNow: () => callerOf(request) })

  const mount = (way: Way): Mount => ({
    prefix: `/${way}`,
    access: ACCESS[way],
    request(request, response, caller) {
      if (way === 'hooks' && caller?.via === 'session' && comesFromElsewhere(request, publicUrl)) throw notOwnWrite()
      pass(request, response, { way, policy: way, ticket: caller && ticketOf(caller, way) })
    },
    upgrade: upgrade(way),
  })

  /** Files of palette modules: dashboards load their widgets from there, in the browser of whoever looks at them. */
  const files = (folder: 'resources' | 'icons'): Mount => ({
    prefix: `/red/${folder}`,
    access: ACCESS.dashboard,
    request(request, response, caller) {
      if (isStaticFile(request.url ?? '') && (request.method === 'GET' || request.method === 'HEAD'))
        return pass(request, response, { way: 'red', policy: 'static', ticket: undefined })
      if (!caller?.capabilities.has(ACCESS.red)) throw notAllowed(CAPABILITIES[ACCESS.red])
      pass(request, response, { way: 'red', policy: 'red', ticket: ticketOf(caller, 'red') })
    },
  })

  /** The stock editor's forms for the designer; no WebSocket, so nothing of the running flows. */
  const stock: Mount = {
    prefix: '/stock',
    access: ACCESS.stock,
    async request(request, response, caller) {
      const inner = innerUrl('stock', request.url ?? '/')
      const verdict = await judgeStock(request, stockAsked(inner), caller?.capabilities ?? new Set(), { deployedNode })
      if (verdict === 'pass') return pass(request, response, { way: 'stock', policy: 'stock', ticket: caller && ticketOf(caller, 'stock') })
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end('{}')
    },
  }

  const frameClosed = () =>
    new UserError({
      code: 'frame-closed',
      status: 410,
      message: 'This dashboard was opened by somebody who has left the panel, or the server was started again.',
    })
  /** A dashboard in a page of ours; every request is judged here, by the secret in its address. */
  const framed: Mount = {
    prefix: FRAMED,
    access: 'own',
    hasSecretAddress: true,
    async request(request, response) {
      openToFrames(response)
      const found = await frames.find(request.url ?? '')
      if (!found?.caller.capabilities.has(ACCESS.dashboard)) throw frameClosed()
      // widgets of other modules (frame-page.ts); everything else of the stock editor is a way of its own
      if (isStaticFile(found.url) && (request.method === 'GET' || request.method === 'HEAD'))
        return pass(request, response, { way: 'red', policy: 'static', ticket: undefined, framed: found })
      pass(request, response, { way: 'dashboard', policy: 'framed', ticket: ticketOf(found.caller, 'dashboard'), framed: found })
    },
    async upgrade(request, socket, head) {
      const found = await frames.find(request.url ?? '')
      if (!found?.caller.capabilities.has(ACCESS.dashboard)) throw frameClosed()
      sockets.open(request, socket, head, { way: 'dashboard', url: found.url, caller: found.caller, isFramed: true, callerNow: found.stillThere })
    },
  }

  return {
    // the narrower prefix first: the first that fits answers
    mounts: [files('resources'), files('icons'), mount('red'), stock, mount('dashboard'), mount('hooks'), framed],
    frames,
    recheck: sockets.recheck,
    close() {
      sockets.close()
      web.close()
    },
  }
}

function patienceMs(way: Way, inner: string, { method }: IncomingMessage, answerMs: number): number {
  if (way === 'dashboard' && /^\/dashboard\/socket\.io\/.*[?&]transport=polling(&|$)/.test(inner)) return Math.max(POLL_MS, answerMs)
  if (way === 'red' && method !== 'GET' && /^\/red\/nodes(\/|\?|$)/.test(inner)) return Math.max(INSTALL_MS, answerMs)
  return answerMs
}

/**
 * Did a page of another site lead the browser here? Writes are judged before (server/http); a flow may act on a GET
 * just as well, and a link is enough for that. An address typed in, or a bookmark, comes from nowhere.
 */
function comesFromElsewhere(request: IncomingMessage, publicUrl: string | undefined): boolean {
  const { 'sec-fetch-site': site, referer } = request.headers
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  if (!hasOwnOrigin(request, publicUrl)) return true
  if (referer === undefined) return false
  try {
    const { host, origin } = new URL(referer)
    return host !== request.headers.host && (publicUrl === undefined || origin !== new URL(publicUrl).origin)
  } catch {
    return true
  }
}
