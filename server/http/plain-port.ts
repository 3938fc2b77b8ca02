/** A second port for plain HTTP (CELLWRIGHT_ACME_HTTP_PORT, most often 80): answers an ACME authority, leads everybody else to HTTPS, and knows nothing more. */
import { createServer, type IncomingMessage } from 'node:http'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Challenges } from '../tls/acme/challenges.ts'
import { wrongHost } from './host-check.ts'
import { sendProblem } from './problem.ts'

const TIMES = { requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 }

export interface PlainPort {
  close(): Promise<void>
}

/** Listens; where it cannot, the log says so, and pages are reached as before. */
export async function openPlainPort(options: {
  host: string
  port: number
  /** Where HTTPS is spoken. */
  securePort: number
  challenges: Pick<Challenges, 'answerTo'>
  isOurHost: (request: IncomingMessage) => boolean
  log: Logger
}): Promise<PlainPort> {
  const { host, port, securePort, challenges, isOurHost, log } = options
  const server = createServer(TIMES, (request, response) => {
    const { url = '/', headers } = request
    const proof = challenges.answerTo(url)
    if (proof !== undefined) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' }).end(proof)
      return
    }
    if (!isOurHost(request)) return sendProblem(response, wrongHost(), log)
    const name = new URL(`http://${headers.host}`).hostname
    const port = securePort === 443 ? '' : `:${securePort}`
    response.writeHead(307, { Location: `https://${name}${port}${url.startsWith('/') ? url : '/'}`, 'Cache-Control': 'no-store' }).end()
  })
  await new Promise<void>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EACCES' ? 'the user who runs Cellwright may not (as a service: AmbientCapabilities=CAP_NET_BIND_SERVICE)' : messageOf(error)
      log.error({ err: error, port }, `the port of CELLWRIGHT_ACME_HTTP_PORT cannot be listened on: ${why}`)
      resolve()
    })
    server.listen(port, host, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
