/** What a server that speaks HTTPS answers in the clear: the way there. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Challenges } from '../tls/acme/challenges.ts'
import { wrongHost } from './host-check.ts'
import { isBelow } from './mounts.ts'
import { sendProblem } from './problem.ts'

/** Nothing of it is secret: how a device is told to trust this server, before it does, and what watchdogs ask. */
const OPEN = ['/trust', '/api/trust', '/assets', '/healthz', '/readyz']

/** A program on this very computer, with a token: nothing of it goes over a network. */
function isOwnProgram({ socket, headers }: IncomingMessage): boolean {
  if (headers.authorization === undefined || headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false
  return socket.remoteAddress !== undefined && socket.remoteAddress === socket.localAddress
}

const httpsOnly = () =>
  new UserError({
    code: 'https-only',
    status: 426,
    message: 'This server is reached by https:// only. What was sent in the clear was not taken; use another password if it held one.',
  })

export function plainAnswers(options: {
  answer: (request: IncomingMessage, response: ServerResponse) => void
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  isOurHost: (request: IncomingMessage) => boolean
  /** Whether a browser may not know yet who vouches for us by this name: it is shown how. */
  needsTrust: (name: string) => boolean
  /** What an ACME authority looks for in the clear. */
  challenges?: Pick<Challenges, 'answerTo'> | undefined
  times: { requestTimeout: number; keepAliveTimeout: number }
  log: Logger
}): Server {
  const { answer, upgrade, isOurHost, needsTrust, challenges, times, log } = options
  const server = createServer(times, (request, response) => {
    const { url = '/', method = 'GET', headers } = request
    const proof = challenges?.answerTo(url)
    if (proof !== undefined) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' }).end(proof)
      return
    }
    if (isOwnProgram(request) || OPEN.some((path) => isBelow(path, url))) return answer(request, response)
    if (!isOurHost(request)) return sendProblem(response, wrongHost(), log)
    if (method !== 'GET' && method !== 'HEAD') return sendProblem(response, httpsOnly(), log)
    const isPage = (headers.accept ?? '').includes('text/html')
    const name = new URL(`http://${headers.host}`).hostname
    const location = isPage && needsTrust(name) ? `/trust?next=${encodeURIComponent(url)}` : `https://${headers.host}${url}`
    response.writeHead(307, { Location: location, 'Cache-Control': 'no-store' }).end()
  })
  server.on('upgrade', (request, socket, head) => {
    if (isOwnProgram(request)) return upgrade(request, socket, head)
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  return server
}
