/** Errors at the HTTP border: application/problem+json (RFC 9457) with a stable `code`. */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { FieldError } from '../../base/schema.ts'

/** What a client gets. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  /** Wrong fields, for forms. */
  errors?: FieldError[]
  /** Facts for programs, as the error's author gave them. */
  details?: unknown
}

/** Errors of the libraries in front of us, in our words. */
function known(error: unknown): UserError | OperationalError | undefined {
  if (error instanceof UserError || error instanceof OperationalError) return error
  if (error instanceof URIError) return new UserError({ code: 'bad-url', message: 'The address holds a % sequence that is not valid text.' })
  return undefined
}

/** The problem that an error becomes. A bug's message stays in the log: it may hold anything. */
export function toProblem(error: unknown): Problem {
  const found = known(error)
  const status = found?.status ?? 500
  const errors = (found?.details as { errors?: FieldError[] } | undefined)?.errors
  return {
    type: `urn:cellwright:error:${found?.code ?? 'internal-error'}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: found?.message ?? 'Something went wrong inside Cellwright that nobody thought of. The log says what; please report it.',
    code: found?.code ?? 'internal-error',
    ...(Array.isArray(errors) ? { errors } : {}),
    ...(found?.details === undefined ? {} : { details: found.details }),
  }
}

/** Answers with a problem; bugs go to the log with their stack. */
export function sendProblem(response: ServerResponse, error: unknown, log: Logger): void {
  const problem = toProblem(error)
  if (problem.status >= 500) {
    const isBug = problem.code === 'internal-error'
    log[isBug ? 'error' : 'warn'](
      { err: error, method: response.req.method, path: (response.req.url ?? '').split('?', 1)[0] },
      isBug ? 'unexpected error' : problem.detail,
    )
  }
  if (response.headersSent) {
    // half an answer cannot be mended: the client sees a broken connection, not a wrong result
    response.destroy()
    return
  }
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  const wait = (problem.details as { retryAfterS?: unknown } | undefined)?.retryAfterS
  if (typeof wait === 'number') response.setHeader('Retry-After', String(wait))
  response.setHeader('Cache-Control', 'no-store')
  response.statusCode = problem.status
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8')
  const text = JSON.stringify(problem)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  if (response.req.complete || response.req.method === 'HEAD') response.end(text)
  else answerWhileSending(response, text)
}

/** What of a refused body is taken at most, unread, so that its sender gets to see the answer. */
const MAX_UNREAD_BYTES = 200_000_000
const MAX_UNREAD_MS = 30_000

/**
 * Answers a sender that is still sending. To close with bytes unread would reset the connection, and
 * most senders would see that instead of the answer (RFC 9112, section 9.6).
 */
function answerWhileSending(response: ServerResponse, text: string): void {
  const request = response.req
  response.setHeader('Connection', 'close')
  response.write(text)
  let unread = 0
  const finish = () => {
    clearTimeout(timer)
    request.off('data', onData)
    response.end()
  }
  const onData = (chunk: Buffer) => {
    unread += chunk.length
    if (unread > MAX_UNREAD_BYTES) finish()
  }
  const timer = setTimeout(finish, MAX_UNREAD_MS)
  request.on('data', onData)
  request.once('end', finish)
  request.once('close', finish)
  request.resume()
}

/** The answer to somebody who is not signed in. */
export const notSignedIn = () =>
  new UserError({ code: 'not-signed-in', status: 401, message: 'Sign in first, or send an API token that is still valid ("Authorization: Bearer cw_…").' })

/** The answer to somebody without the capability. */
export const notAllowed = (what: string) =>
  new UserError({
    code: 'not-allowed',
    status: 403,
    message: `Your role does not include the right to ${what}. Ask an administrator if you need it.`,
  })
