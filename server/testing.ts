/** A whole gateway for tests: in this process, on a free port, over a real PostgreSQL of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { createLog } from '../base/log.ts'
import type { Role } from './api/index.ts'
import { readConfig } from './config.ts'
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts'
import type { GatewayInit, GatewayNote } from './launcher/contract.ts'
import { startTestPostgres, type TestPostgres } from './store/testing.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  json: any
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  /** Sent as JSON, or as it is when it is text or bytes. */
  body?: unknown
  /** Sent as a bearer token. */
  token?: string
}

/** One request with nothing added that was not asked for (no `Sec-Fetch-…`, no redirects). */
export function ask(url: string, { method = 'GET', headers = {}, body, token }: Ask = {}): Promise<Answer> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const bytes = body === undefined ? undefined : isRaw ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method,
        agent: false,
        headers: {
          ...(bytes ? { 'content-length': String(bytes.length) } : {}),
          ...(bytes && !isRaw ? { 'content-type': 'application/json' } : {}),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            get json() {
              return JSON.parse(text)
            },
          })
        })
      },
    )
    request.on('error', reject)
    request.end(bytes)
  })
}

export interface TestGateway {
  gateway: Gateway
  postgres: TestPostgres
  init: GatewayInit
  url: string
  /** What the gateway told the launcher. */
  notes: GatewayNote[]
  /** A request of an own page: with the header that our pages send. */
  page(path: string, options?: Ask): Promise<Answer>
  /** A request with the local admin token. */
  admin(path: string, options?: Ask): Promise<Answer>
  /** An API token of that role. */
  tokenFor(role: Role): Promise<string>
  /** Signs in with a password; answers with the cookie header. */
  signIn(userName: string, password: string): Promise<string>
  /** Straight in the database, as another process would. */
  query<Row = unknown>(sql: string, values?: unknown[]): Promise<Row[]>
  /** After a thaw: what needs the database is refused until the gateway has noticed. */
  databaseIsBack(): Promise<void>
  /** Ends this gateway and starts another on the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** @param options.postgres of a gateway that was started so: this is another host on its database, as soon as both have a name of their own */
export async function startTestGateway(
  options: { env?: Record<string, string>; gateway?: Partial<GatewayOptions>; postgres?: TestPostgres; isOneOfSeveral?: boolean } = {},
): Promise<TestGateway> {
  const isOneOfSeveral = options.isOneOfSeveral ?? options.postgres !== undefined
  const postgres = options.postgres ?? (await startTestPostgres({ hasTables: true }))
  const dir = mkdtempSync(join(tmpdir(), 'cw-gw-'))
  const config = readConfig({ CELLWRIGHT_PORT: '0', CELLWRIGHT_DATA: join(dir, 'data'), CELLWRIGHT_LOGIN_TRIES: '1000', ...options.env })
  const init: GatewayInit = {
    config,
    runDir: dir,
    database: postgres.database,
    isEmbeddedDatabase: !isOneOfSeveral,
    processToken: 'process-token',
    guardToken: 'guard-token',
    runtimeSocket: join(dir, 'runtime.sock'),
    connectorSocket: join(dir, 'connectors.sock'),
    runtimeHttpSocket: join(dir, 'runtime-http.sock'),
  }
  const notes: GatewayNote[] = []
  const start = () =>
    startGateway({
      init,
      log: createLog('gateway', process.env.CELLWRIGHT_TEST_LOG ?? 'silent'),
      version: '0.0.0',
      pagesDir: join(dir, 'pages'),
      templatesDir: join(import.meta.dirname, '..', 'flows'),
      checkResponses: true,
      tellLauncher: (note) => notes.push(note),
      ...options.gateway,
    })
  const cleanUp = async () => {
    if (!options.postgres) await postgres.close()
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
  }
  let gateway: Gateway
  try {
    gateway = await start()
  } catch (error) {
    await cleanUp()
    throw error
  }
  const test: TestGateway = {
    get gateway() {
      return gateway
    },
    postgres,
    init,
    get url() {
      return gateway.url
    },
    notes,
    page: (path, { headers, ...rest } = {}) => ask(`${gateway.url}${path}`, { ...rest, headers: { 'x-cellwright': '1', ...headers } }),
    admin: (path, rest = {}) => ask(`${gateway.url}${path}`, { token: gateway.localToken, ...rest }),
    async tokenFor(role) {
      const { json } = await test.admin('/api/tokens', { method: 'POST', body: { name: `test ${role}`, role } })
      return json.token as string
    },
    async signIn(userName, password) {
      const answer = await test.page('/api/auth/sign-in/username', { method: 'POST', body: { username: userName, password } })
      if (answer.status !== 200) throw new Error(`sign-in of ${userName}: ${answer.text}`)
      return (answer.headers['set-cookie'] as string[]).map((cookie) => cookie.split(';')[0]).join('; ')
    },
    async query<Row>(text: string, values: unknown[] = []) {
      const client = new Client({ connectionString: postgres.database })
      await client.connect()
      try {
        return (await client.query(text, values)).rows as Row[]
      } finally {
        await client.end()
      }
    },
    async databaseIsBack() {
      const end = performance.now() + 60_000
      while ((await test.admin('/api/audit')).status !== 200) {
        if (performance.now() > end) throw new Error('the gateway does not find its database')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async restart() {
      await gateway.close()
      gateway = await start()
    },
    async close() {
      await gateway.close()
      await cleanUp()
    },
  }
  return test
}
