/** Calls the API by its route declarations: path, method and types come from `server/api`. */

import type { AnyRoute, BodyOf, IsRaw, ParamsOf, QueryOf, ResponseOf } from '../../server/api/index.ts'
import { NOT_AFTER_HEADER, PANEL_HEADER } from '../../server/api/panel.ts'
import { germanRefusal } from './text/de/refusals.ts'
import { language } from './text/index.ts'

/** One wrong field of a refused body. */
export interface FieldError {
  path: string
  message: string
}

/** The server said no, or could not be reached (`code` then is `unreachable`). The message is written for people, in the page's language. */
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

let panelId: string | undefined
/** What this computer's clock lacks to the server's, ms. */
let clockOffsetMs: number | undefined
/**
 * What is only read is given up after so long: over a weak line it may never come. What is written has no such end of its own, since it may be done all the same; what
 * moves a machine is refused by the server when it comes late.
 */
const READ_MS = 60_000
/** What is pressed counts for so long. */
const WITHIN_MS = 1_500
/** From now on every call says that it comes from this panel: one panel at a time has control of a machine. */
export function callAsPanel(id: string): void {
  panelId = id
}
/** What the panel knows of the server's clock: what moves a machine is then refused by the server when it arrives late. */
export function knowClockOffset(ms: number): void {
  clockOffsetMs = ms
}

const panelHeaders = (withinMs: number): Record<string, string> =>
  panelId === undefined
    ? {}
    : { [PANEL_HEADER]: panelId, ...(clockOffsetMs === undefined ? {} : { [NOT_AFTER_HEADER]: String(Math.round(Date.now() + clockOffsetMs + withinMs)) }) }

type Part<Name extends string, T> = [T] extends [undefined] ? { [K in Name]?: undefined } : { [K in Name]: T }
/** Query values may be left out: the server fills in its defaults. */
type QueryPart<T> = [T] extends [undefined] ? { query?: undefined } : { query?: Partial<T> }

/** What {@link call} needs for a route, with `body` the raw content where the route takes one. */
type CallOptions<R extends AnyRoute> = Part<'params', ParamsOf<R>> &
  QueryPart<QueryOf<R>> &
  (IsRaw<R> extends true ? { body: BodyInit } : Part<'body', BodyOf<R>>) & {
    signal?: AbortSignal
    /** Of a panel: what moves a machine is refused when it takes longer. @defaultValue 1500 */
    withinMs?: number
  }

type Arguments<R extends AnyRoute> = Record<string, never> extends CallOptions<R> ? [options?: CallOptions<R>] : [options: CallOptions<R>]

/**
 * Calls a route.
 * @throws ApiError with the server's words; a missing session leads to the sign-in page instead, or is answered on the page
 *   (see {@link stayWhenSignedOut}): the call then waits and is made again.
 */
export async function call<R extends AnyRoute>(route: R, ...[options]: Arguments<R>): Promise<ResponseOf<R>> {
  const given = (options ?? {}) as {
    params?: Record<string, unknown>
    query?: Record<string, unknown>
    body?: unknown
    signal?: AbortSignal
    withinMs?: number
  }
  const isRaw = route.rawBody === true
  const init: RequestInit = {
    method: route.method.toUpperCase(),
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-cellwright': '1',
      ...panelHeaders(given.withinMs ?? WITHIN_MS),
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
  let text: string
  const late = init.method === 'GET' ? AbortSignal.timeout(READ_MS) : undefined
  try {
    const signals = [init.signal, late].filter((one) => one instanceof AbortSignal)
    response = await fetch(url, { ...init, ...(signals.length ? { signal: AbortSignal.any(signals) } : {}) })
    text = await response.text()
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    if (late?.aborted) {
      const english = `The server did not answer within ${READ_MS / 1000} s. Check the network, then try again.`
      throw new ApiError({ code: 'server-slow', status: 0, message: said('server-slow', { seconds: READ_MS / 1000 }, english) })
    }
    throw new ApiError({ code: 'unreachable', status: 0, message: said('unreachable', {}, 'The server cannot be reached. Check the network, then try again.') })
  }
  const body = parsed(text)
  if (response.ok) return body
  if (response.status === 401 && needsSession) {
    await toSignIn()
    return request(url, init, needsSession)
  }
  throw errorOf(response.status, body)
}

let signInHere: (() => Promise<void>) | undefined
let signingIn: Promise<void> | undefined

/**
 * For a page that holds work which leaving would lose: it is not left when the session has ended.
 * @param ask lets the same person sign in again on the page; resolves when that is done
 * @returns ends it
 */
export function stayWhenSignedOut(ask: () => Promise<void>): () => void {
  signInHere = ask
  return () => {
    if (signInHere === ask) signInHere = undefined
  }
}

/** Leads to the sign-in page and back here afterwards, or asks on the page; resolves when somebody is signed in again. */
export function toSignIn(): Promise<void> {
  if (signInHere) {
    signingIn ??= signInHere().finally(() => {
      signingIn = undefined
    })
    return signingIn
  }
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`)
  // the page is about to go: nobody should act on this answer
  return new Promise(() => {})
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
  const code = typeof problem.code === 'string' ? problem.code : `http-${status}`
  return new ApiError({
    code,
    status,
    message: said(code, details, String(problem.detail ?? problem.message ?? problem.title ?? `The server answered ${status}.`)),
    details,
    errors: Array.isArray(errors)
      ? errors.map((error: { path?: unknown; message?: unknown }) => ({ path: String(error.path ?? ''), message: String(error.message ?? '') }))
      : [],
  })
}

/** What the server says in the page's language, as far as that is known by its code. */
export function said(code: string, details: unknown, english: string): string {
  return (language() === 'de' ? germanRefusal(code, details, english) : undefined) ?? english
}
