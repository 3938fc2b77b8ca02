/**
 * A request's way to the runtime and its answer's way back, over the runtime's local socket with kept connections. Bodies are streamed
 * both ways, but for small ones: they go in one piece, which costs the gateway less.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { type Dispatcher, errors, Pool } from 'undici'

/** A body of a known length up to here is taken whole before it goes on. */
const SMALL_BYTES = 16_384
/** Headers of which the first counts when there are several (RFC 9110, section 5.3, lets only lists be joined). */
const SINGLE = new Set(['content-type', 'content-length', 'etag', 'last-modified', 'location', 'retry-after', 'age', 'expires'])

/**
 * Why nothing was answered: nobody took the connection; it broke, most likely because it had been closed while it was kept; what came
 * was not HTTP; anything else.
 */
type Failure = 'away' | 'cut' | 'not-http' | 'lost'

/** What becomes of a request. Exactly one of `onAnswer` and `onFailure` is called, unless it is given up before. */
interface Passing {
  path: string
  headers: IncomingHttpHeaders
  /** More of the body has come. */
  onProgress(): void
  /** Writes the head of the answer. @returns whether the body is to follow */
  onAnswer(answer: { status: number; message: string; headers: IncomingHttpHeaders }): boolean
  onFailure(failure: Failure, error: Error): void
}

export interface ProxyWeb {
  /** @returns what gives it up: its connection ends, and nothing more is called */
  pass(request: IncomingMessage, response: ServerResponse, passing: Passing): () => void
  close(): void
}

export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>) =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0')

const givenUp = new Error('given up')

export function createProxyWeb(options: { socketPath: string }): ProxyWeb {
  // no limit of connections: the gates before this one bound what is under way. Nor of time: the callers have clocks of their own
  const pool = new Pool('http://localhost', { socketPath: options.socketPath, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

  return {
    pass(request, response, passing) {
      let isOver = false
      let controller: Dispatcher.DispatchController | undefined
      const giveUp = () => {
        if (isOver) return
        isOver = true
        controller?.abort(givenUp)
      }
      const fail = (error: Error) => {
        if (isOver) return
        isOver = true
        passing.onFailure(failureOf(error), error)
      }
      const send = (body: Buffer | PassThrough | null) => {
        if (isOver) return
        pool.dispatch(
          { path: passing.path, method: request.method ?? 'GET', headers: withoutFraming(passing.headers), body },
          {
            onRequestStart(given) {
              controller = given
              if (isOver) given.abort(givenUp)
            },
            onResponseStart(given, status, headers, message) {
              // provisional answers (RFC 9110, section 15.2) are between the two connections
              if (status < 200 || isOver) return
              if (!passing.onAnswer({ status, message: message ?? '', headers: asNodeReads(headers) })) {
                isOver = true
                given.abort(givenUp)
              }
            },
            onResponseData(given, chunk) {
              if (isOver || response.write(chunk)) return
              given.pause()
              response.once('drain', () => given.resume())
            },
            onResponseEnd() {
              if (isOver) return
              isOver = true
              response.end()
            },
            onResponseError: (_controller, error) => fail(error),
          },
        )
      }
      response.once('close', giveUp)
      try {
        if (!hasBody(request)) send(null)
        else if (Number(request.headers['content-length']) <= SMALL_BYTES) whole(request, passing.onProgress, send)
        else send(streamed(request, passing.onProgress))
      } catch (error) {
        fail(error as Error)
      }
      return giveUp
    },
    close() {
      pool.destroy().catch(() => undefined)
    },
  }
}

function failureOf(error: Error): Failure {
  if (error instanceof errors.HTTPParserError) return 'not-http'
  const { code } = error as NodeJS.ErrnoException
  // nobody listens at the runtime's socket, or it does not even take connections
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EAGAIN') return 'away'
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE' ? 'cut' : 'lost'
}

/** undici says itself where a body without a length ends. */
function withoutFraming(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (headers['transfer-encoding'] === undefined) return headers
  const { 'transfer-encoding': _framing, ...others } = headers
  return others
}

function whole(request: IncomingMessage, onProgress: () => void, send: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    onProgress()
  })
  // a client that goes away does not come to the end
  request.once('end', () => send(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
}

/** The body on a stream of its own: the runtime may answer before it has read all, and the client's connection must outlive that. */
function streamed(request: IncomingMessage, onProgress: () => void): PassThrough {
  const body = new PassThrough()
  request.on('data', onProgress)
  request.pipe(body)
  // told by `onResponseError`
  body.on('error', () => undefined)
  body.once('close', () => {
    request.unpipe(body)
    // the rest has nowhere to go; the connection's next request comes after it
    request.resume()
  })
  return body
}

/** As `node:http` gives them: cookies as a list, everything else one text. */
function asNodeReads(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  for (const name in headers) {
    const value = headers[name]
    if (name === 'set-cookie') headers[name] = typeof value === 'string' ? [value] : value
    else if (Array.isArray(value)) headers[name] = SINGLE.has(name) ? value[0] : value.join(', ')
  }
  return headers
}
