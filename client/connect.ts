/** Where the server is and as whom: what every call takes. */
import { type Client, createClient, createConfig } from './generated/client/index.ts'

/** A server and an API token for it; each function of a route takes it as `client`. */
export type Connection = Client & { readonly cellwright: { url: string; token: string | undefined } }

/** The server said no, or did not answer (`code` then is `unreachable` and `status` 0). The message is written for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** Stable name of the error, for programs. */
  readonly code: string
  readonly status: number
  /** Facts of this error, such as the `problems` of a refused deploy. */
  readonly details: unknown
  /** Wrong fields of what was sent. */
  readonly errors: readonly { path: string; message: string }[]

  constructor(facts: {
    code: string
    status: number
    message: string
    details?: unknown
    errors?: readonly { path: string; message: string }[]
    cause?: unknown
  }) {
    super(facts.message, { cause: facts.cause })
    this.code = facts.code
    this.status = facts.status
    this.details = facts.details
    this.errors = facts.errors ?? []
  }
}

function refusalOf(problem: unknown, response: Response | undefined): Refusal {
  if (!response) return new Refusal({ code: 'unreachable', status: 0, message: `The server cannot be reached: ${reasonOf(problem)}.`, cause: problem })
  const facts = (typeof problem === 'object' && problem !== null ? problem : {}) as Partial<Refusal> & { detail?: string; title?: string }
  return new Refusal({
    code: facts.code ?? `http-${response.status}`,
    status: response.status,
    message: facts.detail ?? facts.title ?? `The server answered ${response.status}.`,
    details: facts.details,
    ...(facts.errors ? { errors: facts.errors } : {}),
  })
}

/** `fetch` says only that it failed; why stands behind it. */
const reasonOf = (error: unknown) => {
  const { cause, message } = error as { cause?: { message?: string; code?: string }; message?: string }
  return cause?.message || cause?.code || message || String(error)
}

/**
 * Opens nothing yet: says where calls go, and as whom.
 * @param options.url of the server, such as `https://cellwright.local:8470`
 * @param options.token an API token (`cw_…`); without one the browser's own session counts
 * @param options.fetch another `fetch`, such as one that trusts the shop's certificate authority. @defaultValue the global one
 * @throws TypeError when `url` is no address of a server
 */
export function connect({ url, token, fetch }: { url: string; token?: string; fetch?: typeof globalThis.fetch }): Connection {
  const { protocol, href } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is not the address of a server; it begins with https:// or http://.`)
  const baseUrl = href.replace(/\/+$/, '')
  const client = createClient(
    createConfig({
      baseUrl,
      throwOnError: true,
      // what a browser sends with its session, so that no other site can write in its name
      headers: { 'x-cellwright': '1' },
      auth: ({ scheme }) => (scheme === 'bearer' ? token : undefined),
      ...(fetch ? { fetch } : {}),
    }),
  )
  client.interceptors.error.use(refusalOf)
  return Object.assign(client, { cellwright: { url: baseUrl, token } })
}
