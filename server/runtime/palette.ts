/** Palette modules run with full trust: the gateway says which may be installed, and their install scripts never run. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { UserError } from '../../base/errors.ts'
import type { GatewayLink } from './gateway-link.ts'
import type { NodeRed } from './node-red.ts'

const BODY_LIMIT = 100_000

export interface Palette {
  /** Asks the gateway before Node-RED asks the npm registry; passes the request on with its body parsed. */
  onInstallRequest(request: IncomingMessage & { body?: unknown; _body?: boolean }, response: ServerResponse, next: () => void): void
}

export function guardPalette(red: NodeRed, link: GatewayLink): Palette {
  async function check({ module, version, url }: { module?: unknown; version?: unknown; url?: unknown }): Promise<void> {
    if (typeof module !== 'string' || !module || url) throw refused('Modules are installed by name from the npm registry, not from files or addresses.')
    const answer = await link.call('mayInstall', { module, ...(typeof version === 'string' ? { version } : {}) })
    if (!answer.allowed) throw refused(answer.reason ?? `The module ${module} is not on the list of modules that may be installed.`)
  }

  red.hooks.add('preInstall.cellwright-palette', async (event) => {
    await check(event)
    if (!event.args.includes('--ignore-scripts')) event.args.push('--ignore-scripts')
  })

  return {
    onInstallRequest(request, response, next) {
      readBody(request)
        .then(async (body) => {
          await check(body)
          // body-parser leaves alone what is parsed already
          request.body = body
          request._body = true
          next()
        })
        .catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error)
          response.writeHead(error instanceof UserError ? error.status : 503, { 'content-type': 'application/json' })
          response.end(JSON.stringify({ code: 'install_not_allowed', message }))
        })
    },
  }
}

const refused = (message: string) => new UserError({ code: 'install-not-allowed', status: 403, message })

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > BODY_LIMIT) throw refused('Modules are installed by name; files are not taken.')
    chunks.push(chunk)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  } catch {
    // an upload or something else that names no module: refused below
  }
  throw refused('Modules are installed by name from the npm registry, not from files or addresses.')
}
