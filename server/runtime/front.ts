/**
 * The runtime's HTTP front on its local socket. Only the gateway calls it, and says with a header by which way a
 * request came: the stock editor's API is reached by one way only, so that no flow endpoint under `/hooks` can
 * mean `/red`. Node-RED's Express 4 apps hang on a server of their own that never listens (reference: trap 1).
 */
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { messageOf } from '../../base/errors.ts'
import type { NodeRed, RequestHandler } from './node-red.ts'
import { answerStock } from './stock-page.ts'
import { ADMIN_ROOT, WAY_HEADER } from './ways.ts'

interface Express4App extends RequestHandler {
  disable(name: string): void
  use(path: string, handler: RequestHandler): void
  post(path: string, handler: RequestHandler): void
}

export interface Front {
  /** For `RED.init`: nodes and the editor add their upgrade listeners here. */
  readonly server: Server
  /** Hangs Node-RED's apps in, once it is initialised. */
  attach(red: NodeRed, onInstallRequest: RequestHandler): void
  listen(path: string): Promise<void>
  close(): Promise<void>
}

/** What nobody behind the front answered for: mostly a body that cannot be read (Express's body parsers give a status). */
function refusalOf(error: unknown): [status: number, text: string] {
  const { status, type } = error as { status?: unknown; type?: unknown }
  if (type === 'entity.too.large') return [413, 'The body is too large for this address.']
  if (typeof status === 'number' && status >= 400 && status < 500) return [status, `The request cannot be read: ${messageOf(error)}.`]
  return [500, 'Something went wrong in the flow runtime.']
}

export function createFront(): Front {
  const express4 = createRequire(import.meta.url)('express4') as () => Express4App
  const server = createServer()
  const front = createServer()
  const isAdmin = (url: string | undefined) => /^\/red(\/|\?|$)/i.test(url ?? '')
  const isDashboard = (url: string | undefined) => /^\/dashboard(\/|\?|$)/i.test(url ?? '')

  /** Does the path fit the way it came by? */
  function fits(request: IncomingMessage): boolean {
    const way = request.headers[WAY_HEADER]
    if (way === 'red' || way === 'stock') return isAdmin(request.url)
    if (way === 'dashboard') return isDashboard(request.url)
    return way === 'hooks' && !isAdmin(request.url) && !isDashboard(request.url)
  }

  front.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (fits(request)) server.emit('request', request, response)
    else response.writeHead(404).end()
  })
  front.on('upgrade', (request, socket, head) => {
    if (fits(request) && request.headers[WAY_HEADER] !== 'stock') server.emit('upgrade', request, socket, head)
    else socket.destroy()
  })

  return {
    server,
    attach(red, onInstallRequest) {
      const admin = express4()
      admin.disable('x-powered-by')
      admin.post(`${ADMIN_ROOT}/nodes`, onInstallRequest)
      admin.use(ADMIN_ROOT, red.httpAdmin)
      const endpoints = express4()
      endpoints.disable('x-powered-by')
      endpoints.use('/', red.httpNode)
      // the listener is added before any node's: Socket.IO of the dashboard wraps those it finds
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        const done = (error?: unknown) => {
          if (response.headersSent) return
          const [status, text] = error === undefined || error === null ? [404, 'There is nothing at this address.'] : refusalOf(error)
          response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
        }
        const way = request.headers[WAY_HEADER]
        if (way === 'stock' && answerStock(request, response)) return
        if (way === 'red' || way === 'stock') admin(request, response, done)
        else endpoints(request, response, done)
      })
    },
    async listen(path) {
      if (process.platform !== 'win32') await rm(path, { force: true })
      await new Promise<void>((resolve, reject) => {
        front.once('error', reject)
        front.listen(path, resolve)
      })
    },
    async close() {
      front.closeAllConnections()
      await new Promise<void>((resolve) => front.close(() => resolve()))
    },
  }
}
