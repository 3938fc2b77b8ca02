/** How the CLI reaches the product: always through the API. */
import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { fromErrorMessage, messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { AnyRoute, BodyOf, ParamsOf, QueryOf, ResponseOf } from '../api/index.ts'
import { dataPaths, readConfig } from '../config.ts'

/** Where the server is and how we sign in there. */
export interface Access {
  url: string
  token: string
}

/**
 * `CELLWRIGHT_URL` and `CELLWRIGHT_TOKEN`, or the owner-only file in the data directory.
 * @throws UserError no-server when neither is there
 */
export function findAccess(env: Record<string, string | undefined> = process.env): Access {
  const { CELLWRIGHT_URL: url, CELLWRIGHT_TOKEN: token } = env
  if (url && token) return { url: url.replace(/\/$/, ''), token }
  if (url || token)
    throw new UserError({
      code: 'no-server',
      message: 'CELLWRIGHT_URL and CELLWRIGHT_TOKEN go together: set both, or neither to use the server of this data directory.',
    })
  const file = dataPaths(readConfig(env)).cliAccess
  try {
    const { url: found, token: secret } = JSON.parse(readFileSync(file, 'utf8')) as Access
    return { url: found, token: secret }
  } catch (error) {
    throw new UserError({
      code: 'no-server',
      message: `No running Cellwright was found: ${file} cannot be read (${messageOf(error)}). Start it with "npm start", name its data directory with CELLWRIGHT_DATA, or set CELLWRIGHT_URL and CELLWRIGHT_TOKEN.`,
    })
  }
}

type Input<R extends AnyRoute> = (ParamsOf<R> extends undefined ? unknown : { params: ParamsOf<R> }) &
  (QueryOf<R> extends undefined ? unknown : { query?: Partial<QueryOf<R>> }) &
  (BodyOf<R> extends undefined ? unknown : { body: BodyOf<R> })

/** A typed caller of routes. */
export interface Client {
  readonly access: Access
  call<R extends AnyRoute>(route: R, input: Input<R>): Promise<ResponseOf<R>>
  /** For routes that take a file as body. */
  upload<R extends AnyRoute>(route: R, query: NonNullable<QueryOf<R>>, file: string): Promise<ResponseOf<R>>
}

function urlOf(access: Access, route: AnyRoute, params: unknown, query: unknown): string {
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String((params as Record<string, unknown>)[name])))
  const url = new URL(path, access.url)
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, unknown>)) if (value !== undefined) url.searchParams.set(key, String(value))
  return url.href
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text()
  let body: unknown
  try {
    body = text ? JSON.parse(text) : undefined
  } catch {
    throw new OperationalError({
      code: 'bad-answer',
      message: `The server answered ${response.status} with something that is not JSON. Is CELLWRIGHT_URL a Cellwright server?`,
    })
  }
  if (response.ok) return body
  const problem = body as { code?: string; detail?: string; title?: string; errors?: unknown }
  throw fromErrorMessage({
    kind: response.status >= 500 ? 'operational' : 'user',
    code: problem.code ?? `http-${response.status}`,
    message: problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    status: response.status,
    ...(problem.errors === undefined ? {} : { details: problem.errors }),
  })
}

/** Opens a client; nothing is sent before the first call. */
export function createClient(access: Access): Client {
  const headers = { authorization: `Bearer ${access.token}`, accept: 'application/json' }
  const send = async (url: string, init: RequestInit): Promise<unknown> => {
    let response: Response
    try {
      response = await fetch(url, init)
    } catch (error) {
      const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : ''
      throw new OperationalError({
        code: 'server-away',
        message: `The server at ${access.url} does not answer${cause}. Is it running? Start it with "npm start".`,
      })
    }
    return answerOf(response)
  }
  return {
    access,
    async call(route, input) {
      const { params, query, body } = input as { params?: unknown; query?: unknown; body?: unknown }
      const hasBody = body !== undefined
      return (await send(urlOf(access, route, params, query), {
        method: route.method.toUpperCase(),
        headers: { ...headers, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
        ...(hasBody ? { body: JSON.stringify(body) } : {}),
      })) as never
    },
    async upload(route, query, file) {
      const init = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        body: Readable.toWeb(createReadStream(file)) as ReadableStream,
        duplex: 'half',
      }
      return (await send(urlOf(access, route, {}, query), init)) as never
    },
  }
}
