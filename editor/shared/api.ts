/** Calls the API by its route declarations: path, method and types come from `server/api`. */
import type { AnyRoute, BodyOf, ParamsOf, QueryOf, ResponseOf } from '../../server/api/index.ts'

/** One wrong field of a refused body. */
export interface FieldError {
  path: string
  message: string
}

/** The server said no, or could not be reached (`code` then is `unreachable`). The message is written for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number
  /** The facts of the problem document, e.g. `problems` of a refused deploy. */
  readonly details: unknown
  readonly errors: FieldError[]

  constructor(facts: { code: string; status: number; message: string; details?: unknown; errors?: FieldError[] }) {
    super(facts.message)
    this.code = facts.code
    this.status = facts.status
    this.details = facts.details
    this.errors = facts.errors ?? []
  }
}

type Part<Name extends string, T> = [T] extends [undefined] ? { [K in Name]?: undefined } : { [K in Name]: T }
/** Query values may be left out: the server fills in its defaults. */
type QueryPart<T> = [T] extends [undefined] ? { query?: undefined } : { query?: Partial<T> }

/** What {@link call} needs for a route, with `body` the raw content where the route takes one. */
type CallOptions<R extends AnyRoute> = Part<'params', ParamsOf<R>> &
  QueryPart<QueryOf<R>> &
  (R['rawBody'] extends true ? { body: BodyInit } : Part<'body', BodyOf<R>>) & { signal?: AbortSignal }

type Arguments<R extends AnyRoute> = Record<string, never> extends CallOptions<R> ? [options?: CallOptions<R>] : [options: CallOptions<R>]

/**
 * Calls a route.
 * @throws ApiError with the server's own words; a missing session leads to the sign-in page instead.
 */
export async function call<R extends AnyRoute>(route: R, ...[options]: Arguments<R>): Promise<ResponseOf<R>> {
  const given = (options ?? {}) as { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown; signal?: AbortSignal }
  const isRaw = route.rawBody === true
  const init: RequestInit = {
    method: route.method.toUpperCase(),
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-cellwright': '1',
      ...(given.body === undefined ? {} : { 'content-type': isRaw ? 'application/octet-stream' : 'application/json' }),
    },
  }
  if (given.body !== undefined) init.body = isRaw ? (given.body as BodyInit) : JSON.stringify(given.body)
  if (given.signal) init.signal = given.signal
  return (await request(urlOf(route.path, given), init, route.access !== 'public')) as ResponseOf<R>
}

/**
 * The same for an address that has no route declaration, such as those of the sign-in library.
 * @throws ApiError
 */
export async function post(path: string, body: unknown): Promise<unknown> {
  return request(
    path,
    {
      method: 'POST',
      credentials: 'same-origin',
      headers: { accept: 'application/json', 'x-cellwright': '1', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    false,
  )
}

async function request(url: string, init: RequestInit, needsSession: boolean): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError({ code: 'unreachable', status: 0, message: 'The server cannot be reached. Check the network, then try again.' })
  }
  const text = await response.text()
  const body = parsed(text)
  if (response.ok) return body
  if (response.status === 401 && needsSession) {
    toSignIn()
    // the page is about to go: nobody should act on this answer
    return new Promise(() => {})
  }
  throw errorOf(response.status, body)
}

/** Leads to the sign-in page and back here afterwards. */
export function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`)
}

/** Path and query of a call. */
export function urlOf(path: string, { params = {}, query = {} }: { params?: Record<string, unknown>; query?: Record<string, unknown> }): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value))
  return search.size ? `${filled}?${search}` : filled
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    // a proxy's HTML error page: the status tells enough
    return undefined
  }
}

function errorOf(status: number, body: unknown): ApiError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const details = problem.details ?? problem
  const errors = (problem.errors ?? (details as { errors?: unknown }).errors) as unknown
  return new ApiError({
    code: typeof problem.code === 'string' ? problem.code : `http-${status}`,
    status,
    message: String(problem.detail ?? problem.message ?? problem.title ?? `The server answered ${status}.`),
    details,
    errors: Array.isArray(errors)
      ? errors.map((error: { path?: unknown; message?: unknown }) => ({ path: String(error.path ?? ''), message: String(error.message ?? '') }))
      : [],
  })
}
