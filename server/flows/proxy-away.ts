/** What a browser or a program gets when the runtime cannot answer: a calm page that looks again by itself, or a problem. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { OperationalError } from '../../base/errors.ts'
import { toProblem } from '../http/problem.ts'

const RETRY_AFTER_S = 3

export const runtimeAway = () =>
  new OperationalError({
    code: 'runtime-away',
    message: 'The flow runtime is being restarted. Machines go on as they are, stop and hold work. Try again in a few seconds.',
  })

/** It was there and took the request, or some of it. */
export const runtimeLost = () =>
  new OperationalError({
    code: 'runtime-lost',
    status: 502,
    message: 'The flow runtime went away before it answered. What was asked may have been done all the same: look before you try again.',
  })

export const runtimeBusy = () =>
  new OperationalError({
    code: 'runtime-busy',
    message: 'The flow runtime has more requests waiting than it can take. This one was not passed on; try again in a few seconds.',
  })

export const runtimeSlow = (limitMs: number) =>
  new OperationalError({
    code: 'runtime-slow',
    status: 504,
    message: `The flow runtime did not answer within ${Math.round(limitMs / 1000)} seconds. What was asked may still be done: look before you try again.`,
  })

export const answerBroken = () =>
  new OperationalError({ code: 'answer-broken', status: 502, message: 'The flow answered with something that is not HTTP. What was asked may have been done.' })

export const redirectRefused = () =>
  new OperationalError({
    code: 'redirect-refused',
    status: 502,
    message: 'The flow wanted to lead the browser to an address that is not its own. Links to elsewhere belong on a page, not in a redirect.',
  })

/** Answers in the gateway's place for the runtime. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: OperationalError): void {
  if (response.destroyed) return
  if (response.headersSent) {
    // half an answer cannot be mended: the client sees a broken connection, not a wrong result
    response.destroy()
    return
  }
  const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  const body = isPage ? page(error) : JSON.stringify(toProblem(error))
  response.writeHead(error.status, {
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    'Cache-Control': 'no-store',
    ...(error.status === 503 ? { 'Retry-After': RETRY_AFTER_S } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  // what is left of the body, which the runtime no longer takes: the connection's next request comes after it
  request.resume()
}

/** The same for an upgrade. */
export function refuseUpgrade(socket: Duplex, error: OperationalError): void {
  if (!socket.writable) return
  const body = JSON.stringify(toProblem(error))
  const retry = error.status === 503 ? `Retry-After: ${RETRY_AFTER_S}\r\n` : ''
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${retry}Connection: close\r\n\r\n${body}`,
  )
}

/** No script and no file of ours: the page must not need what it reports as missing. */
function page({ status, message }: OperationalError): string {
  const looksAgain = status === 503
  const end = message.indexOf('. ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${looksAgain ? `<meta http-equiv="refresh" content="${RETRY_AFTER_S}">\n` : ''}<title>Cellwright</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f1f2f4, #131518); color: light-dark(#22262b, #e6e8eb); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 32rem; margin: 24px; padding: 24px; border-radius: 8px; background: light-dark(#fff, #1e2126) }
h1 { margin: 0 0 8px; font-size: 20px; font-weight: 600 }
p { margin: 0 0 8px }
</style>
</head>
<body>
<main role="status">
<h1>${message.slice(0, end)}</h1>
<p>${message.slice(end + 2)}</p>
${looksAgain ? '<p>This page looks again by itself.</p>\n' : ''}</main>
</body>
</html>
`
}
