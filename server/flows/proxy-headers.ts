/**
 * Headers on their way through the proxy: what the runtime may see of a request, what a browser may see of an
 * answer, and the content policy that keeps a flow's pages from acting with the authority of our own.
 */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { TOKEN_HEADER, WAY_HEADER, type Way } from '../runtime/ways.ts'

/** RFC 9110, section 7.6.1, and the proxy headers of old. */
const HOP_BY_HOP: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'http2-settings', 'expect']
/** They say where a message ends, and whose it is: a `Connection` header does not take them out. */
const KEPT = new Set(['content-length', 'transfer-encoding', 'host'])
/** Only our proxy says these. */
const OURS = /^(x-(cellwright|forwarded|real-ip|original-|rewrite-)|(forwarded|authorization)$|proxy(-|$))/
/** Also of other instances on this computer: cookies do not tell ports apart. */
const OUR_COOKIES = /^(__(Secure|Host)-)?cellwright-/i

/** What in an answer would act on the whole origin, or on a proxy in front of us, and not on one page. */
const ORIGIN_WIDE = new Set([
  ...HOP_BY_HOP,
  'transfer-encoding',
  'access-control-allow-credentials',
  'alt-svc',
  'clear-site-data',
  'content-security-policy-report-only',
  'nel',
  'public-key-pins',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'server',
  'service-worker-allowed',
  'strict-transport-security',
  'via',
  'www-authenticate',
  'x-powered-by',
  'x-sendfile',
])

export interface CookieRule {
  /** Our cookies by name, besides those that every Cellwright sets. */
  isOwnCookie?: ((name: string) => boolean) | undefined
}

const isOurs = (name: string, { isOwnCookie }: CookieRule) => OUR_COOKIES.test(name) || (isOwnCookie?.(name) ?? false)

function listedIn(connection: string | undefined): string[] {
  // nearly always
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return []
  return connection.split(',').flatMap((name) => {
    const trimmed = name.trim().toLowerCase()
    return trimmed && !KEPT.has(trimmed) ? [trimmed] : []
  })
}

/** The headers that the runtime gets for a request. */
export function headersInward(
  request: IncomingMessage,
  options: CookieRule & {
    way: Way
    ticket: string | undefined
    isHttps: boolean
    /** A WebSocket's opening keeps its `Connection` and `Upgrade`. */
    isUpgrade: boolean
  },
): IncomingHttpHeaders {
  const { way, ticket, isHttps, isUpgrade } = options
  const headers: IncomingHttpHeaders = {}
  const listed = listedIn(request.headers.connection)
  for (const name in request.headers) if (!HOP_BY_HOP.includes(name) && !listed.includes(name) && !OURS.test(name)) headers[name] = request.headers[name]
  if (headers.cookie !== undefined) {
    const others = headers.cookie.split(';').filter((part) => part.trim() && !isOurs((part.split('=', 1)[0] ?? '').trim(), options))
    if (others.length) headers.cookie = others.join(';').trim()
    else delete headers.cookie
  }
  if (isUpgrade) {
    headers.connection = 'Upgrade'
    headers.upgrade = 'websocket'
  }
  headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  headers['x-forwarded-host'] = request.headers.host ?? ''
  headers['x-forwarded-proto'] = isHttps ? 'https' : 'http'
  headers[WAY_HEADER] = way
  if (ticket !== undefined) headers[TOKEN_HEADER] = ticket
  return headers
}

/** A cookie of a flow, held below its way; undefined for one that has our name. */
function cookieOutward(cookie: string, way: Way, rule: CookieRule): string | undefined {
  const [pair = '', ...attributes] = cookie.split(';')
  if (isOurs((pair.split('=', 1)[0] ?? '').trim(), rule)) return undefined
  const named = (name: string) => attributes.find((attribute) => attribute.trim().toLowerCase().startsWith(`${name}=`))
  const path = named('path')?.split('=')[1]?.trim() ?? '/'
  const prefix = `/${way}`
  const inside = way === 'hooks' ? (path.startsWith('/') ? `${prefix}${path}` : prefix) : path === prefix || path.startsWith(`${prefix}/`) ? path : prefix
  const kept = attributes.filter((attribute) => !/^\s*(path|domain)\s*(=|$)/i.test(attribute))
  return [pair, ...kept, ` Path=${inside === '/hooks/' ? '/hooks' : inside}`].join(';')
}

/**
 * The headers that a browser gets for an answer, `Location` aside.
 *
 * @param options.isSet names that the gateway has set already: they stay as they are
 * @param options.policy our content policy; the flow's own is enforced beside it, so that it can only be stricter
 */
export function headersOutward(
  from: IncomingHttpHeaders,
  options: CookieRule & { way: Way; isSet: (name: string) => boolean; policy: string },
): OutgoingHttpHeaders {
  const { way, isSet, policy } = options
  const headers: OutgoingHttpHeaders = {}
  const listed = listedIn(from.connection)
  for (const name in from) {
    if (ORIGIN_WIDE.has(name) || listed.includes(name) || isSet(name) || /^(x-(cellwright|accel)-|proxy-)/.test(name)) continue
    headers[name] = from[name]
  }
  const cookies = from['set-cookie']?.flatMap((cookie) => cookieOutward(cookie, way, options) ?? [])
  if (cookies?.length) headers['set-cookie'] = cookies
  else delete headers['set-cookie']
  const theirs = from['content-security-policy']
  headers['content-security-policy'] = theirs ? `${policy}, ${theirs}` : policy
  // what a flow answers is for the one who asked
  if (way === 'hooks') headers['cache-control'] ??= 'no-store'
  return headers
}

/**
 * The addresses below these paths of ours, as a content policy names them (`http` stands for `https` too, `ws` for
 * `wss`: CSP 3, section 6.7.2.8). It has no way to write an IPv6 address (2.3.1): there the whole origin is named.
 */
function below(origins: readonly string[], ...paths: string[]): string {
  if (origins.some((origin) => origin.includes('['))) return "'self'"
  return origins.flatMap((origin) => [origin, origin.replace('http', 'ws')].flatMap((base) => paths.map((path) => base + path))).join(' ')
}

const policy = (directives: Record<string, string>) =>
  Object.entries(directives)
    .map(([name, value]) => (value ? `${name} ${value}` : name))
    .join('; ')

/** No script of another host, ever; every policy has these. */
const COMMON = {
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'media-src': "'self' data: blob:",
  'font-src': "'self' data:",
  'object-src': "'none'",
  'base-uri': "'none'",
  'frame-ancestors': "'self'",
}

/**
 * The content policy of a way. All of them name the paths that scripts may call, since a page of a flow (`ui-template`
 * brings its scripts) is on our origin: it may talk to the flow, never to our API with the rights of who looks at it.
 *
 * @param origins how browsers reach this server; the host's name was checked before (server/http/host-check.ts)
 */
export function contentPolicy(kind: Way | 'static' | 'framed', origins: readonly string[]): string {
  switch (kind) {
    case 'red':
      return policy({
        'default-src': "'self'",
        // the editor puts the nodes' HTML, scripts included, into its page; some of them evaluate text
        'script-src': "'self' 'unsafe-inline' 'unsafe-eval'",
        ...COMMON,
        'connect-src': below(origins, '/red/'),
        // Monaco's languages
        'worker-src': `${below(origins, '/red/')} blob:`,
        'frame-src': below(origins, '/red/', '/dashboard/', '/hooks/'),
        'form-action': below(origins, '/red/'),
      })
    case 'stock':
      return policy({
        // it stands in the designer's page, which opens the links in it
        sandbox: 'allow-scripts allow-same-origin allow-forms allow-modals allow-downloads',
        'default-src': "'self'",
        'script-src': "'self' 'unsafe-inline' 'unsafe-eval'",
        ...COMMON,
        // jQuery reads HTML in a document of its own, whose base is this page
        'base-uri': "'self'",
        'connect-src': below(origins, '/stock/'),
        'worker-src': `${below(origins, '/stock/')} blob:`,
        'frame-src': "'none'",
        'form-action': "'none'",
      })
    case 'dashboard':
      return policy({
        // no popups: a window on one of our pages would be in the reach of the page that opened it
        sandbox: 'allow-scripts allow-same-origin allow-forms allow-modals allow-downloads',
        'default-src': "'self'",
        // Vue compiles templates in the browser
        'script-src': "'self' 'unsafe-inline' 'unsafe-eval'",
        ...COMMON,
        'connect-src': below(origins, '/dashboard/', '/hooks/', '/red/resources/'),
        'worker-src': below(origins, '/dashboard/'),
        'frame-src': "'none'",
        'form-action': "'none'",
      })
    case 'framed':
      return policy({
        // in a page of ours: without an origin it does not reach that page, nor anything of ours but its own address (frames.ts)
        sandbox: 'allow-scripts allow-forms allow-modals allow-downloads',
        'default-src': "'self'",
        'script-src': "'self' 'unsafe-inline' 'unsafe-eval'",
        ...COMMON,
        'connect-src': below(origins, '/framed/'),
        'worker-src': "'none'",
        'frame-src': "'none'",
        'form-action': "'none'",
      })
    case 'hooks':
    case 'static':
      return policy({
        // without allow-same-origin: no cookie, no storage and no API of ours
        sandbox: 'allow-scripts allow-forms allow-modals allow-downloads',
        'default-src': "'self'",
        'script-src': "'self' 'unsafe-inline' 'unsafe-eval'",
        ...COMMON,
        // also for a worker made of such a file, which a sandbox does not bind
        'connect-src': kind === 'hooks' ? below(origins, '/hooks/') : "'none'",
        'worker-src': "'none'",
        'frame-src': "'none'",
        'form-action': kind === 'hooks' ? below(origins, '/hooks/') : "'none'",
      })
    default:
      return kind satisfies never
  }
}

/** Policies are text made of few parts: made once each. */
export function policyBook(): typeof contentPolicy {
  const made = new Map<string, string>()
  return (kind, origins) => {
    const key = `${kind} ${origins.join(' ')}`
    const found = made.get(key)
    if (found !== undefined) return found
    // the client names the host, within what the host check allows
    if (made.size > 100) made.clear()
    const text = contentPolicy(kind, origins)
    made.set(key, text)
    return text
  }
}
