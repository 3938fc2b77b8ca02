/** Sends requests as a careless or hostile program would, and looks at everything that must not change by them. */
import { readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { getFlows, listAccounts, listConnections, listMachines, listPrograms, listTokens, listWorkOrders } from '../../server/api/index.ts'
import type { Product } from '../product.ts'

export interface Reply {
  status: number
  type: string
  text: string
  /** The problem+json, where it is one. */
  problem: { code: string; detail: string; details?: unknown } | undefined
}

export interface Sending {
  method?: string
  /** Bytes or text go as they are; a list of pieces goes chunked, without a declared length. */
  body?: string | Buffer | Buffer[]
  headers?: Record<string, string>
  /** @defaultValue the product's own; '' sends none */
  token?: string
}

/** One request on a connection of its own. */
export function send(
  product: Product,
  path: string,
  { method = 'POST', body, headers = {}, token = product.client.access.token }: Sending = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sending = request(
      new URL(path, product.client.access.url),
      {
        method,
        agent: false,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(body === undefined || Array.isArray(body) ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          const type = response.headers['content-type'] ?? ''
          resolve({
            status: response.statusCode ?? 0,
            type,
            text,
            problem: type.startsWith('application/problem+json') ? (JSON.parse(text) as NonNullable<Reply['problem']>) : undefined,
          })
        })
      },
    )
    sending.on('error', reject)
    if (!Array.isArray(body)) sending.end(body)
    else {
      const pieces = [...body]
      const next = () => {
        for (let piece = pieces.shift(); piece; piece = pieces.shift()) if (!sending.write(piece)) return sending.once('drain', next)
        return sending.end()
      }
      next()
    }
  })
}

export const sendJson = (product: Product, path: string, value: unknown, more: Sending = {}) => send(product, path, { ...more, body: JSON.stringify(value) })

/** Every file below these folders of the data directory, with its size. */
async function files(dataDir: string, folders: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const folder of folders) {
    const entries = await readdir(join(dataDir, folder), { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      found.push(`${path.slice(dataDir.length)} ${(await stat(path)).size}`)
    }
  }
  return found.sort()
}

/** What is stored: flows with their revision and credentials, machines, programs, people, orders, files. */
export async function everything(product: Product) {
  const { client, dataDir } = product
  const { flows, rev } = await client.call(getFlows, {})
  const credentials = await send(product, '/red/credentials/mqtt-broker/broker', { method: 'GET' })
  const machines = await client.call(listMachines, {})
  const connections = await client.call(listConnections, {})
  return {
    flows,
    rev,
    credentials: credentials.text,
    machines: machines.map(({ state: _, ...settings }) => settings),
    programs: await client.call(listPrograms, {}),
    accounts: await client.call(listAccounts, {}),
    tokens: (await client.call(listTokens, {})).map(({ id }) => id),
    connections: connections.map(({ id, name, connector, settings, keptSecrets, isEnabled }) => ({ id, name, connector, settings, keptSecrets, isEnabled })),
    orders: await client.call(listWorkOrders, {}),
    files: await files(dataDir, ['files', 'keys', 'demo-shop']),
  }
}
