/** How the CLI reaches the product: always through the API. */
import { existsSync, readFileSync } from 'node:fs'
import { fromErrorMessage, messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { type AnyRoute, type BodyOf, CLI_AGENT, type ParamsOf, type QueryOf, type ResponseOf } from '../api/index.ts'
import { dataPaths, readConfig } from '../config.ts'
import { openForUpload } from './files.ts'

/** Where the server is and how we sign in there. */
export interface Access {
  url: string
  token: string
}

/** Where a service of the whole computer keeps its data (server/service). */
const SERVICE_DATA = '/var/lib/cellwright'

const noServer = (message: string) => new UserError({ code: 'no-server', message })

/** @throws UserError no-server */
function checkedUrl(text: string, from: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw noServer(`${from} is not an address of a server: "${text}". It looks like http://127.0.0.1:8470.`)
  return text.replace(/\/+$/, '')
}

/**
 * `CELLWRIGHT_URL` and `CELLWRIGHT_TOKEN`, or the owner-only file in the data directory.
 * @throws UserError no-server when neither is there, setting-invalid
 */
export function findAccess(env: Record<string, string | undefined> = process.env): Access {
  const { CELLWRIGHT_URL: url, CELLWRIGHT_TOKEN: token } = env
  if (url && token) {
    if (!/^[!-~]+$/.test(token)) throw noServer('CELLWRIGHT_TOKEN holds characters that no token has. Copy it again, without spaces or line ends.')
    return { url: checkedUrl(url, 'CELLWRIGHT_URL'), token }
  }
  if (url || token) throw noServer('CELLWRIGHT_URL and CELLWRIGHT_TOKEN go together: set both, or neither to use the server of this data directory.')
  const config = readConfig(env)
  const here = dataPaths(config).cliAccess
  // on a computer where it runs as a service, nobody has to say where the service keeps its data
  const isOfService = env.CELLWRIGHT_DATA === undefined && !existsSync(here) && existsSync(SERVICE_DATA)
  const file = isOfService ? dataPaths({ dataDir: SERVICE_DATA, filesDir: undefined }).cliAccess : here
  const advice = 'Start it with "cellwright start", name its data directory with CELLWRIGHT_DATA, or set CELLWRIGHT_URL and CELLWRIGHT_TOKEN.'
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw noServer(`No Cellwright runs on the data directory ${isOfService ? SERVICE_DATA : config.dataDir}. ${advice}`)
    throw noServer(
      `${file} cannot be read (${messageOf(error)}); only ${isOfService ? 'root may read what belongs to the service: try it with sudo' : 'the user who started Cellwright may'}. ${advice}`,
    )
  }
  try {
    const { url: found, token: secret } = JSON.parse(text) as Partial<Access>
    if (typeof found === 'string' && typeof secret === 'string') return { url: checkedUrl(found, file), token: secret }
  } catch (error) {
    if (error instanceof UserError) throw error
    // not JSON: told below
  }
  throw noServer(`${file} does not hold the address of a server. ${advice}`)
}

type Input<R extends AnyRoute> = (ParamsOf<R> extends undefined ? unknown : { params: ParamsOf<R> }) &
  (QueryOf<R> extends undefined ? unknown : { query?: Partial<QueryOf<R>> }) &
  (BodyOf<R> extends undefined ? unknown : { body: BodyOf<R> })

interface CallOptions {
  /** How long to wait for the answer. @defaultValue two minutes */
  timeoutMs?: number
  /** Gives the call up; what was asked may have happened. */
  signal?: AbortSignal
}

/** A typed caller of routes. */
export interface Client {
  /** The latest that was found. */
  readonly access: Access
  call<R extends AnyRoute>(route: R, input: Input<R>, options?: CallOptions): Promise<ResponseOf<R>>
  /** For routes that take a file as body; without a time limit. */
  upload<R extends AnyRoute>(
    route: R,
    query: QueryOf<R> extends undefined ? Record<string, never> : NonNullable<QueryOf<R>>,
    file: string,
    options?: CallOptions,
  ): Promise<ResponseOf<R>>
}

const DEFAULT_TIMEOUT_MS = 120_000

function urlOf(access: Access, route: AnyRoute, params: unknown, query: unknown): string {
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String((params as Record<string, unknown>)[name])))
  const url = new URL(path, access.url)
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, unknown>)) if (value !== undefined) url.searchParams.set(key, String(value))
  return url.href
}

async function answerOf(response: Response, { url }: Access): Promise<unknown> {
  const text = await response.text()
  let body: unknown
  try {
    body = text ? JSON.parse(text) : undefined
  } catch {
    throw new OperationalError({
      code: 'bad-answer',
      message: `The server answered ${response.status} with something that is not JSON. Is ${url} a Cellwright server?`,
    })
  }
  if (response.ok) return body
  const problem = (typeof body === 'object' && body !== null ? body : {}) as { code?: string; detail?: string; title?: string; details?: unknown }
  const { status } = response
  throw fromErrorMessage({
    // too many requests: a retry will help
    kind: status >= 500 || status === 429 ? 'operational' : 'user',
    code: problem.code ?? `http-${status}`,
    message:
      status === 401
        ? `The server at ${url} does not accept the token: it is wrong, expired or revoked. Make a new one with "cellwright token create" or in the designer.`
        : (problem.detail ?? problem.title ?? `The server answered ${status}.`),
    status,
    ...(problem.details === undefined ? {} : { details: problem.details }),
  })
}

/** What went wrong before an answer came, in plain words. */
function unanswered(error: unknown, { url }: Access, timeoutMs: number | undefined): Error {
  if (error instanceof UserError || error instanceof OperationalError) return error
  const { name } = error as Error
  if (name === 'TimeoutError')
    return new OperationalError({
      code: 'server-slow',
      message: `The server at ${url} did not answer within ${(timeoutMs ?? 0) / 1000} s. What was asked may still happen.`,
      cause: error,
    })
  if (name === 'AbortError') return new UserError({ code: 'given-up', message: 'Given up.', cause: error })
  const { cause } = error as { cause?: unknown }
  const reason = cause === undefined ? messageOf(error) : messageOf(cause) || String((cause as { code?: unknown }).code)
  const isRefused = (cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED'
  return new OperationalError({
    code: isRefused ? 'server-away' : 'server-lost',
    message: isRefused
      ? `No server answers at ${url}. Is it running? Start it with "cellwright start".`
      : `The server at ${url} cannot be reached, or the connection broke off (${reason}).`,
    cause: error,
  })
}

/** Nothing was done: the server was not reached, or did not know the token (its own changes at each start). */
const wasNotHeard = (error: unknown) =>
  (error instanceof OperationalError && error.code === 'server-away') || (error instanceof UserError && error.status === 401)

/**
 * Opens a client; nothing is sent before the first call.
 * @param find asked again when the server is not there any more or does not know the token: it may have been started anew
 */
export function createClient(find: () => Access): Client {
  let access = find()
  const attempt = async (route: AnyRoute, make: (access: Access) => { url: string; init: RequestInit }, { timeoutMs, signal }: CallOptions) => {
    const { url, init } = make(access)
    const signals = [...(signal ? [signal] : []), ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])]
    const headers = { authorization: `Bearer ${access.token}`, accept: 'application/json', 'user-agent': CLI_AGENT, ...init.headers }
    try {
      return await answerOf(await fetch(url, { ...init, method: route.method.toUpperCase(), headers, signal: AbortSignal.any(signals) }), access)
    } catch (error) {
      throw unanswered(error, access, timeoutMs)
    }
  }
  const send = async (route: AnyRoute, make: (access: Access) => { url: string; init: RequestInit }, options: CallOptions): Promise<never> => {
    try {
      return (await attempt(route, make, options)) as never
    } catch (error) {
      const next = wasNotHeard(error) ? findAgain() : undefined
      if (!next || (next.url === access.url && next.token === access.token)) throw error
      access = next
      return (await attempt(route, make, options)) as never
    }
  }
  const findAgain = (): Access | undefined => {
    try {
      return find()
    } catch {
      // the server is being started anew and has not written its file yet: the first error tells more
      return undefined
    }
  }
  return {
    get access() {
      return access
    },
    call(route, input, options = {}) {
      const { params, query, body } = input as { params?: unknown; query?: unknown; body?: unknown }
      const init = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      return send(route, (to) => ({ url: urlOf(to, route, params, query), init }), { timeoutMs: DEFAULT_TIMEOUT_MS, ...options })
    },
    async upload(route, query, file, options = {}) {
      const open = await openForUpload(file)
      const init = () => ({ headers: { 'content-type': 'application/octet-stream' }, body: open(), duplex: 'half' })
      return send(route, (to) => ({ url: urlOf(to, route, {}, query), init: init() as RequestInit }), options)
    },
  }
}
