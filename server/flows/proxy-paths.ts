/**
 * Which address inside the runtime an outside address means. The runtime has one name space for everything, so a
 * path that could be read in two ways (by us, by Express, by whoever decodes once more) is refused, not mended.
 */
import { UserError } from '../../base/errors.ts'
import type { Way } from '../runtime/ways.ts'

/** First segments inside the runtime that have a way of their own: never reached through `/hooks`. */
const OTHER_WAYS: ReadonlySet<string> = new Set(['red', 'dashboard'])
/** Where `/stock` leads inside. */
const STOCK_INSIDE = '/red'
/** Nobody encodes an address more often than this in good faith. */
const MOST_ROUNDS = 4

const badUrl = () =>
  new UserError({ code: 'bad-url', message: 'The address holds parts such as "..", "//" or doubly encoded characters that this server does not accept.' })
const nothingThere = () => new UserError({ code: 'not-found', status: 404, message: 'There is nothing at this address.' })

/** The path with every layer of percent-encoding taken off. @throws UserError bad-url */
function fullyDecoded(path: string): string {
  let text = path
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let next: string
    try {
      next = decodeURIComponent(text)
    } catch {
      // a `%` of its own after a round (`100%25` decodes to `100%`) is text; in the address itself it is broken
      if (round === 0) throw badUrl()
      return text
    }
    if (next === text) return text
    text = next
  }
  throw badUrl()
}

/** Segments of a path that means one thing only. @throws UserError bad-url */
function segmentsOf(path: string, isStrict: boolean): string[] {
  // raw bytes outside of ASCII, `#` and `\` are read differently by url.parse and by the URL standard
  if (!path.startsWith('/') || path.startsWith('//') || !/^[\x21-\x7e]+$/.test(path) || /[#\\]/.test(path)) throw badUrl()
  const decoded = fullyDecoded(path)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\\\x00-\x1f\x7f]/.test(decoded)) throw badUrl()
  const segments = decoded.slice(1).split('/')
  if (segments.some((segment) => segment === '.' || segment === '..')) throw badUrl()
  // an empty segment at the end is a trailing slash
  if (isStrict && segments.slice(0, -1).includes('')) throw badUrl()
  return segments
}

/**
 * The address inside the runtime for one that came by this way; `/hooks/x` is `/x` there, `/stock/x` is `/red/x`.
 *
 * @param url path and query as the browser sent them, the way's prefix included
 * @throws UserError bad-url (400), not-found (404)
 */
export function innerUrl(way: Way, url: string): string {
  const at = url.indexOf('?')
  const [path, query] = at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)]
  const prefix = `/${way}`
  if (path !== prefix && !path.startsWith(`${prefix}/`)) throw badUrl()
  if (!/^[\x21-\x7e]*$/.test(query) || query.includes('#')) throw badUrl()
  if (way === 'stock') return STOCK_INSIDE + stockPath(path) + query
  if (way !== 'hooks') {
    segmentsOf(path, false)
    return url
  }
  const inner = path.slice(prefix.length) || '/'
  const [first = ''] = segmentsOf(inner, true)
  // Express matches without regard to case
  if (OTHER_WAYS.has(first.toLowerCase())) throw nothingThere()
  return inner + query
}

/**
 * What is asked of the stock editor below `/stock`, as it came, once it is sure that it decodes to one thing only.
 * @throws UserError bad-url
 */
function stockPath(path: string): string {
  const inner = path.slice('/stock'.length)
  if (inner === '') return '/'
  segmentsOf(inner, true)
  if (fullyDecoded(inner) !== decodeURIComponent(inner)) throw badUrl()
  return inner
}

/** {@link innerUrl} of `/stock` as Node-RED's router reads it: decoded, without `/red` and query. */
export function stockAsked(inner: string): string {
  return decodeURIComponent((inner.split('?', 1)[0] ?? '').slice(STOCK_INSIDE.length)) || '/'
}

/** Plain files that palette modules ship: what Node-RED answers there comes from the module's folder and needs no permission. */
const MODULE = String.raw`(@[\w.-]+/)?[\w.-]+`
const STATIC_FILE = new RegExp(String.raw`^/red/(resources/${MODULE}/[^?]+|icons/${MODULE}/[^/?]+)(\?|$)`)

/**
 * Is this the address of a module's plain file (`@node-red/editor-api`, lib/editor/ui.js: `moduleResource` and
 * `icon` answer every request that gets there, from below the module's `resources` and `icons` folders)?
 */
export function isStaticFile(url: string): boolean {
  return STATIC_FILE.test(url) && !/%(2f|5c)/i.test(url.split('?', 1)[0] ?? '')
}

/**
 * Where a browser is to go when the runtime answered with this `Location`; undefined where that is outside of what
 * the way may lead to.
 *
 * @param options.from the address inside the runtime that answered
 * @param options.origins how browsers reach this server
 */
export function outerLocation(way: Way, location: string, options: { from: string; origins: readonly string[] }): string | undefined {
  const base = new URL(options.from, 'http://runtime.invalid')
  let to: URL
  try {
    to = new URL(location, base)
  } catch {
    return undefined
  }
  const isInside = to.origin === base.origin
  // the scheme may differ: a flow sees a plain request, whatever a proxy in front speaks
  const isOurs = () => /^https?:$/.test(to.protocol) && options.origins.some((origin) => new URL(origin).host === to.host)
  if (!isInside && !isOurs()) return undefined
  const outer = isInside ? `${outerPath(way, to.pathname)}${to.search}` : `${to.pathname}${to.search}`
  try {
    innerUrl(way, outer)
  } catch {
    return undefined
  }
  return outer + to.hash
}

function outerPath(way: Way, inside: string): string {
  if (way === 'hooks') return `/hooks${inside}`
  if (way === 'stock' && (inside === STOCK_INSIDE || inside.startsWith(`${STOCK_INSIDE}/`))) return `/stock${inside.slice(STOCK_INSIDE.length)}`
  return inside
}
