/** The gateway's HTTP server: one port for pages, API, live events and what other parts mount. */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import express, { type Express, type Request, type RequestHandler } from 'express'
import helmet from 'helmet'
import { OperationalError, toErrorMessage, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { ROUTES } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Config } from '../config.ts'
import { isReachedByHttps, isWildcard, ownAddresses, serverNames, type Tls } from '../tls/index.ts'
import { createFront } from './front.ts'
import type { RouteHandler } from './handler.ts'
import { hostCheck, wrongHost } from './host-check.ts'
import { limit } from './limits.ts'
import { createLive, type Live } from './live.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { isBelow, isTrickyPath, type Mount } from './mounts.ts'
import { openApi } from './openapi.ts'
import { mountPages } from './pages.ts'
import { plainAnswers } from './plain.ts'
import { openPlainPort, type PlainPort } from './plain-port.ts'
import { notSignedIn, sendProblem, toProblem } from './problem.ts'
import { type CallerLookup, mountRoutes, notFound, requireAccess } from './router.ts'
import { hasOwnOrigin, isOwnWrite, notOwnWrite } from './same-origin.ts'

/** What the server needs of sign-in. */
interface HttpAuth extends CallerLookup {
  /** Answers `/api/auth/*` after our own routes there; the body is unread. */
  handler: RequestHandler
}

export interface HttpOptions {
  config: Pick<Config, 'host' | 'port' | 'publicUrl' | 'maxLoginTriesPerMinute'> & Partial<Pick<Config, 'tls' | 'tlsNames' | 'trustedProxy' | 'acmeHttpPort'>>
  /** HTTPS on our own port; absent where nobody else's computer gets through, or a proxy speaks it. */
  tls?: Tls | undefined
  auth: HttpAuth
  log: Logger
  version: string
  /** Directory of the built pages. */
  pagesDir: string
  /** Check answers against their schema. @defaultValue false */
  checkResponses?: boolean
}

export interface HttpServer {
  readonly live: Live
  readonly metrics: Metrics
  /** Before `start`. */
  mount(mount: Mount): void
  /** Adds a reason why `/readyz` may say no: the check answers undefined when all is well, else plain words. */
  readiness(name: string, check: () => string | undefined | Promise<string | undefined>): void
  /** Mounts the handlers and listens. @throws UserError `port-taken` */
  start(handlers: readonly RouteHandler[]): Promise<{
    /** For people's browsers. */
    url: string
    /** For programs of this computer, with a token. */
    localUrl: string
    port: number
  }>
  close(): Promise<void>
}

const READINESS_TIMEOUT_MS = 1000
/** A program of 2 GB over a slow line takes its time; headers may not (Node's headersTimeout stays). */
const REQUEST_TIMEOUT_MS = 3_600_000

/** Half a year, and only for our own name: other programs of the computer may serve names below it. */
const STRICT_TRANSPORT = { maxAge: 15_552_000, includeSubDomains: false }

const STRICT_TRANSPORT_HEADER = 'Strict-Transport-Security'
/** All programs of a computer share this name: the promise would bind the others too. */
const isLocalName = ({ headers: { host } }: IncomingMessage): boolean => /^localhost(:\d+)?$/i.test(host ?? '')

const ownPagesHelmet = (isHttps: boolean) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        // Mantine writes its theme's variables into a style element
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'font-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'worker-src': ["'self'", 'blob:'],
        'frame-src': ["'self'"],
        'frame-ancestors': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
      },
    },
    strictTransportSecurity: isHttps && STRICT_TRANSPORT,
  })

/** For what other parts mount: they set their own content policy. */
const mountHelmet = (isHttps: boolean) =>
  helmet({ contentSecurityPolicy: false, crossOriginOpenerPolicy: false, strictTransportSecurity: isHttps && STRICT_TRANSPORT })

/** The headers that a middleware of constant ones sets. */
function headersFor(middleware: ReturnType<typeof helmet>): [name: string, value: string][] {
  const headers = new Map<string, string>()
  const response = { setHeader: (name: string, value: string) => headers.set(name, value), removeHeader: (name: string) => headers.delete(name) }
  middleware({} as IncomingMessage, response as unknown as ServerResponse, () => undefined)
  return [...headers]
}

/** Refuses an upgrade with the same problem as a request would get. */
function refuseUpgrade(socket: Duplex, error: unknown): void {
  const problem = toProblem(error)
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Is this the same computer talking to us directly, with no proxy between? */
const isLoopback = (request: IncomingMessage, publicUrl: string | undefined) =>
  publicUrl === undefined &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers.forwarded === undefined &&
  /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '')

/** Whose word for a request's address is taken. @throws UserError setting-invalid */
function proxiesOf({ publicUrl, trustedProxy }: HttpOptions['config']): string[] | boolean {
  const named = (trustedProxy ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  const wrong = named.find((one) => isIP(one.split('/')[0] ?? '') === 0 || !/^[^/]+(\/\d{1,3})?$/.test(one))
  if (wrong !== undefined)
    throw new UserError({
      code: 'setting-invalid',
      message: `CELLWRIGHT_TRUSTED_PROXY holds "${wrong}", which is no address or network. It looks like 10.0.0.5 or 10.1.0.0/16.`,
    })
  return named.length ? named : publicUrl ? ['loopback'] : false
}

/** Which certificate a name gets: a context is made once for each. */
function contextsOf(tls: Tls): (name: string, done: (error: Error | null, context?: SecureContext) => void) => void {
  let made: { cert: string; context: SecureContext } | undefined
  return (name, done) => {
    const pair = tls.forName(name)
    if (pair && made?.cert !== pair.cert) made = { cert: pair.cert, context: createSecureContext(pair) }
    done(null, pair && made?.context)
  }
}

export function createHttp(options: HttpOptions): HttpServer {
  const { config, auth, log, version, pagesDir, tls } = options
  const { publicUrl } = config
  const isHttps = isReachedByHttps({ tls: 'auto', ...config })
  const isOurHost = hostCheck({ host: config.host, publicUrl, names: () => (tls ? tls.names() : serverNames({ tlsNames: undefined, ...config })).dns })
  const metrics = createMetrics()
  const live = createLive({ callerNow: (request) => auth.callerNow(request), log, checkMessages: options.checkResponses ?? false })
  const mounts: Mount[] = []
  const checks: { name: string; check: () => string | undefined | Promise<string | undefined> }[] = []
  const badUrl = () => new UserError({ code: 'bad-url', message: 'The address holds parts such as ".." that this server does not accept.' })

  const app: Express = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('trust proxy', proxiesOf(config))

  const guarded =
    (work: (request: Request, response: ServerResponse) => Promise<void> | void): RequestHandler =>
    (request, response) => {
      Promise.resolve()
        .then(() => work(request, response))
        .catch((error: unknown) => sendProblem(response, error, log))
    }

  /** The caller that may use a mount. @throws UserError not-signed-in, not-allowed, cross-site-request */
  const admit = async (mount: Mount, request: IncomingMessage): Promise<Caller | undefined> => {
    const caller = await auth.callerOf(request)
    if (mount.access === 'own') return caller
    requireAccess(mount.access, caller)
    // the pages behind a mount are not ours and send no header of ours: their own origin speaks for them
    const isOwn =
      isOwnWrite(request) || (request.headers['sec-fetch-site'] === undefined && request.headers.origin !== undefined && hasOwnOrigin(request, publicUrl))
    if (caller?.via !== 'token' && !isOwn) throw notOwnWrite()
    return caller
  }

  const answerMount = async (mount: Mount, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let caller: Caller | undefined
    try {
      caller = await admit(mount, request)
    } catch (error) {
      const isPage = (request.method === 'GET' || request.method === 'HEAD') && (request.headers.accept ?? '').includes('text/html')
      if (!isPage || !(error instanceof UserError) || error.status !== 401) throw error
      response.writeHead(302, { Location: `/sign-in?next=${encodeURIComponent(request.url ?? '/')}`, 'Cache-Control': 'no-store' }).end()
      return
    }
    await mount.request(request, response, caller)
  }

  // public: which part is not ready anybody may know; names of machines and folders are for this computer and for people of the shop
  const readyz = guarded(async (request, response) => {
    const mayKnowWhy = isLoopback(request, publicUrl) || auth.callerNow(request) !== undefined
    const reasons: Record<string, string> = {}
    await Promise.all(
      checks.map(async ({ name, check }) => {
        const late = new Promise<string>((resolve) => setTimeout(() => resolve('does not answer'), READINESS_TIMEOUT_MS).unref())
        const reason = await Promise.race([
          Promise.resolve()
            .then(check)
            .catch((error: unknown) => toErrorMessage(error).message),
          late,
        ])
        if (reason !== undefined) reasons[name] = mayKnowWhy ? reason : 'not ready'
      }),
    )
    const isReady = Object.keys(reasons).length === 0
    response.writeHead(isReady ? 200 : 503, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(JSON.stringify({ isReady, reasons }))
  })

  const prometheus = guarded(async (request, response) => {
    const caller = auth.callerNow(request)
    if (!isLoopback(request, publicUrl) && caller?.via !== 'token') throw notSignedIn()
    response.writeHead(200, { 'Content-Type': metrics.registry.contentType })
    response.end(await metrics.registry.metrics())
  })

  let closing: Promise<void> | undefined
  let plainPort: PlainPort | undefined
  const mountHeaders = headersFor(mountHelmet(isHttps))
  // what is mounted does not go through Express: flows answer some thousand requests a second, and it would be a tenth of their cost
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = request.url ?? '/'
    if (!isOurHost(request)) {
      sendProblem(response, wrongHost(), log)
      return
    }
    if (isTrickyPath(url)) {
      sendProblem(response, badUrl(), log)
      return
    }
    const mount = mounts.find(({ prefix }) => isBelow(prefix, url))
    if (!mount) {
      app(request, response)
      return
    }
    for (const [name, value] of mountHeaders) response.setHeader(name, value)
    if (isLocalName(request)) response.removeHeader(STRICT_TRANSPORT_HEADER)
    answerMount(mount, request, response).catch((error: unknown) => sendProblem(response, error, log))
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', (error) => log.debug({ err: error }, 'upgrade'))
    const url = request.url ?? '/'
    const work = async () => {
      if (!isOurHost(request)) throw wrongHost()
      if (isTrickyPath(url)) throw badUrl()
      const mount = mounts.find(({ prefix }) => isBelow(prefix, url))
      if (!hasOwnOrigin(request, publicUrl) && !(mount?.hasSecretAddress && request.headers.origin === 'null'))
        throw new UserError({ code: 'cross-site-request', status: 403, message: 'Live connections are opened by the pages of this server only.' })
      if (isBelow('/api/live', url)) {
        const caller = await auth.callerOf(request)
        if (!caller) throw notSignedIn()
        live.accept(request, socket, head, caller)
        return
      }
      const caller = await auth.callerOf(request)
      if (!mount && !caller) throw notSignedIn()
      if (!mount?.upgrade) throw notFound()
      if (mount.access !== 'own') requireAccess(mount.access, caller)
      await mount.upgrade(request, socket, head, caller)
    }
    work().catch((error: unknown) => {
      if (toProblem(error).code === 'internal-error') log.error({ err: error, url }, 'upgrade failed')
      refuseUpgrade(socket, error)
    })
  }

  const times = { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 65_000 }
  const plain = tls
    ? plainAnswers({
        answer,
        upgrade,
        isOurHost,
        needsTrust: (name) => tls.facts().authority !== undefined && !tls.forName(name),
        challenges: tls.acme?.challenges,
        times,
        log,
      })
    : createServer(times, answer).on('upgrade', upgrade)
  const secure = tls && createHttpsServer({ ...times, ...tls.pair, SNICallback: contextsOf(tls) }, answer).on('upgrade', upgrade)
  if (secure) tls.onChange((pair) => secure.setSecureContext(pair))
  const front = secure && createFront({ secure, plain, takerOf: (first) => tls.acme?.challenges.takerOf(first) })
  const server = front?.server ?? plain

  const build = (handlers: readonly RouteHandler[]) => {
    app.use(ownPagesHelmet(isHttps))
    if (isHttps)
      app.use((request, response, next) => {
        if (isLocalName(request)) response.removeHeader(STRICT_TRANSPORT_HEADER)
        next()
      })
    app.get('/healthz', (_request, response) => {
      response.setHeader('Cache-Control', 'no-store')
      response.json({ ok: true })
    })
    app.get('/readyz', readyz)
    app.get('/metrics', prometheus)
    // made when somebody asks: most never do, and every start would wait for it
    let document: string | undefined
    app.get('/api/openapi.json', (_request, response) => {
      document ??= JSON.stringify(openApi(ROUTES, version))
      response.type('application/json').send(document)
    })

    const signInLimit = limit({ points: config.maxLoginTriesPerMinute, perSeconds: 60, what: 'sign-in tries' })
    mountRoutes(app, handlers, {
      auth,
      log,
      metrics,
      generalLimit: limit({ points: 30_000, perSeconds: 60, what: 'requests' }),
      limits: new Map([
        ['signInWithPin', signInLimit],
        ['signInWithBadge', signInLimit],
        ['createOwner', signInLimit],
        ['lookAtPasswordLink', signInLimit],
        ['usePasswordLink', signInLimit],
        ['beginProviderSignIn', signInLimit],
        ['finishProviderSignIn', signInLimit],
        ['signInAtDirectory', signInLimit],
        ['linkOwnSignIn', signInLimit],
        ['beginSignInTrial', signInLimit],
        ['trySignInAtDirectory', signInLimit],
      ]),
      checkResponses: options.checkResponses ?? false,
    })
    app.all('/api/auth/{*any}', (request, response, next) => {
      const isSignIn = request.path.startsWith('/api/auth/sign-in/')
      const check = async () => {
        if (!isOwnWrite(request)) throw notOwnWrite()
        if (isSignIn && request.method === 'POST') await signInLimit(request.ip ?? 'unknown')
      }
      check().then(
        () => auth.handler(request, response, next),
        (error: unknown) => sendProblem(response, error, log),
      )
    })
    // a stranger does not learn what there is
    const nothingHere = guarded(async (request) => {
      throw (await auth.callerOf(request)) ? notFound() : notSignedIn()
    })
    app.use('/api', nothingHere)
    mountPages(app, { dir: pagesDir, auth, log })
    // what a handler threw before its own catch, and Express's own complaints (a % in the address)
    app.use(((error, _request, response, _next) => sendProblem(response, error, log)) satisfies express.ErrorRequestHandler)
  }

  return {
    live,
    metrics,
    mount(mount) {
      if (mounts.some(({ prefix }) => prefix === mount.prefix)) throw new Error(`two parts answer ${mount.prefix}`)
      mounts.push(mount)
    },
    readiness(name, check) {
      checks.push({ name, check })
    },
    async start(handlers) {
      build(handlers)
      await new Promise<void>((resolve, reject) => {
        server.once('error', (cause: NodeJS.ErrnoException) => {
          const facts = { cause, details: { host: config.host, port: config.port } }
          if (cause.code === 'EADDRINUSE')
            reject(
              new UserError({
                ...facts,
                code: 'port-taken',
                message: `Port ${config.port} on ${config.host} is taken by another program. Stop it, or set CELLWRIGHT_PORT to a free port.`,
              }),
            )
          else reject(new OperationalError({ ...facts, code: 'cannot-listen', message: `Cannot listen on ${config.host}:${config.port}: ${cause.message}.` }))
        })
        server.listen(config.port, config.host, resolve)
      })
      const { port } = server.address() as AddressInfo
      if (tls?.acme && config.acmeHttpPort)
        plainPort = await openPlainPort({
          host: config.host,
          port: config.acmeHttpPort,
          securePort: port,
          challenges: tls.acme.challenges,
          isOurHost,
          log,
        })
      // an authority connects to us: we listen now
      tls?.acme?.start()
      const at = (scheme: string, host: string) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
      const isOpen = isWildcard(config.host)
      const localUrl = at('http', isOpen ? '127.0.0.1' : config.host)
      const ownUrl = tls ? at('https', isOpen ? (ownAddresses()[0] ?? '127.0.0.1') : config.host) : localUrl
      // whoever has a certificate that browsers know is reached by its name
      const known = tls?.acme?.domains.find((name) => tls.forName(name))
      return { port, localUrl, url: known === undefined ? ownUrl : at('https', known) }
    },
    close() {
      closing ??= (async () => {
        await live.close()
        await plainPort?.close()
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        if (front) front.closeAll()
        else plain.closeAllConnections()
        await closed
      })()
      return closing
    },
  }
}
