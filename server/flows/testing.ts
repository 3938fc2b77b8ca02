/** A real Node-RED runtime process under a real gateway side, for tests: PostgreSQL, the HTTP front, the fence, the link. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { readJsonLines } from '../../base/child.ts'
import { createLog } from '../../base/log.ts'
import { type AnyRoute, capabilitiesOf, type FlowNode, ROLE_NAMES, type Role } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { readConfig } from '../config.ts'
import type { RouteHandler } from '../http/handler.ts'
import { createHttp, type HttpServer } from '../http/server.ts'
import { openSecrets } from '../secrets/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createFlows, type FlowsPart, type RpcPart } from './index.ts'

const root = join(import.meta.dirname, '..', '..')

interface AuditEntry {
  action: string
  target?: string
  detail?: unknown
  who?: string
}

export interface FlowsFixture {
  flows: FlowsPart
  testStore: TestStore
  http: HttpServer
  url: string
  audit: AuditEntry[]
  /** What went to the live topics. */
  published: { topic: string; change: unknown }[]
  /** Sockets (`g.sock` of the gateway, `h.sock` of the runtime) and the runtime's directory. */
  dir: string
  runtime: ChildProcess
  /** What the runtime wrote to its log. */
  log: () => string
  as(role: Role): Caller
  /** A ticket as the stock editor would have, for a role that may not open it too. */
  ticket(role: Role): string
  /** Opens what was sealed. */
  open(sealed: string): unknown
  /** Calls a route's handler as this role, access not checked. */
  call<T = never>(route: AnyRoute, role: Role, input?: { body?: unknown; params?: unknown; query?: unknown }): Promise<T>
  deploy(
    flows: FlowNode[],
    more?: {
      role?: Role
      rev?: string
      credentials?: Record<string, Record<string, unknown>>
      kind?: 'full' | 'nodes' | 'flows'
      untested?: { reason: string }
    },
  ): Promise<{
    rev: string
    versionId: string
  }>
  /** Starts the runtime process (again). */
  startRuntime(options?: { isSafeMode?: boolean }): Promise<void>
  stopRuntime(): Promise<void>
  /** Breaks the connection between runtime and gateway, as a gateway that restarts does. */
  dropConnection(): void
  close(): Promise<void>
}

/** Signed in as a role by the header `x-test-role`. */
export const ROLE_HEADER = 'x-test-role'

function callerFor(role: Role): Caller {
  return { userId: `u-${role}`, userName: role, name: `The ${role}`, role, capabilities: capabilitiesOf(role), via: 'token', session: role }
}

/** Waits until the check answers something, or fails after the time. */
export async function until<T>(what: string, check: () => T | undefined | false | Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const found = await check()
    if (found) return found
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export interface FixtureOptions {
  /** Answers of the gateway's other parts. */
  parts?: RpcPart[]
  env?: Record<string, string>
  /** CommonJS source of a palette module with node types of the test's own. */
  palette?: { types: string[]; source: string }
  /** npm's settings in Node-RED's user directory. */
  npmrc?: string
}

export async function startFlowsFixture(options: FixtureOptions = {}): Promise<FlowsFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-flows-'))
  const closers: (() => void | Promise<void>)[] = [() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 })]
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    const log = createLog('test', process.env.CW_TEST_LOG ?? 'silent')
    const testStore = await startTestStore()
    closers.push(() => testStore.close())
    const secrets = await openSecrets({ keysDir: join(dir, 'keys') })
    const audit: AuditEntry[] = []
    const published: FlowsFixture['published'] = []
    const callerOf = async (request: IncomingMessage): Promise<Caller | undefined> => {
      const role = request.headers[ROLE_HEADER]
      return ROLE_NAMES.includes(role as Role) ? callerFor(role as Role) : undefined
    }
    const http = createHttp({
      config: { ...readConfig({}), port: 0 },
      auth: {
        callerOf,
        callerNow: (request) => {
          const role = request.headers[ROLE_HEADER]
          return ROLE_NAMES.includes(role as Role) ? callerFor(role as Role) : undefined
        },
        handler: (_request, response) => response.status(404).end(),
      },
      log,
      version: 'test',
      pagesDir: dir,
      checkResponses: true,
    })
    const init = { runtimeSocket: join(dir, 'g.sock'), runtimeHttpSocket: join(dir, 'h.sock'), processToken: 'process-token' }
    const flows = createFlows({
      store: testStore.store,
      secrets,
      live: {
        provide: http.live.provide,
        serve: http.live.serve,
        publish(topic, change) {
          published.push({ topic, change })
          http.live.publish(topic, change)
        },
      },
      audit: { record: (entry) => void audit.push(entry) },
      log,
      init,
      callerOf,
      // on a busy machine a runtime takes its time
      arrivalMs: 60_000,
    })
    for (const part of options.parts ?? []) flows.serve(part)
    for (const mount of flows.mounts) http.mount(mount)
    await flows.start()
    closers.push(() => flows.close())
    const { url } = await http.start(flows.routes)
    closers.push(() => http.close())

    let runtime: ChildProcess | undefined
    let output = ''
    const stopRuntime = async () => {
      const child = runtime
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      ;(child.stdio[3] as Duplex).write(`${JSON.stringify({ type: 'shutdown' })}\n`)
      const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(impatience)
    }
    closers.push(stopRuntime)
    const startRuntime = async ({ isSafeMode = false } = {}) => {
      const child = spawn(process.execPath, [join(root, 'server/runtime/main.ts')], {
        // as the launcher starts it
        cwd: join(dir, 'node-red'),
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: join(root, '.cache', 'compile'), CELLWRIGHT_LOG_LEVEL: 'info', ...options.env },
      })
      runtime = child
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          output += chunk.toString('utf8')
          if (process.env.CW_TEST_LOG) process.stderr.write(chunk)
        })
      const pipe = child.stdio[3] as Duplex
      const ready = new Promise<void>((resolve, reject) => {
        pipe.on(
          'data',
          readJsonLines(
            (message) => {
              if ((message as { type?: string }).type === 'ready') resolve()
            },
            () => {},
          ),
        )
        pipe.on('error', () => {}) // it was killed on purpose
        child.once('exit', (code, signal) => reject(new Error(`the runtime ended (${code ?? signal}): ${output}`)))
      })
      pipe.write(
        `${JSON.stringify({
          type: 'init',
          data: {
            userDir: join(dir, 'node-red'),
            gatewaySocket: init.runtimeSocket,
            gatewayToken: init.processToken,
            httpSocket: init.runtimeHttpSocket,
            isSafeMode,
          },
        })}\n`,
      )
      await ready
      await until('the first word of the flows', () => flows.runtime.state.process === 'running' && (flows.runtime.state.flows !== 'stopped' || isSafeMode))
    }
    const call: FlowsFixture['call'] = async (route, role, { body, params, query } = {}) => {
      const handler = flows.routes.find((each: RouteHandler) => each.route === route)
      if (!handler) throw new Error(`no handler for ${route.id}`)
      return (await handler.run({ body, params, query: query ?? {}, caller: callerFor(role) } as never)) as never
    }
    mkdirSync(join(dir, 'node-red'))
    if (options.npmrc) writeFileSync(join(dir, 'node-red', '.npmrc'), options.npmrc)
    if (options.palette) addModule(join(dir, 'node-red'), options.palette)
    await startRuntime()
    return {
      flows,
      testStore,
      http,
      url,
      audit,
      published,
      dir,
      get runtime() {
        if (!runtime) throw new Error('not started')
        return runtime
      },
      log: () => output,
      as: callerFor,
      ticket: (role) => flows.tickets.issue(callerFor(role), 'editor', 60_000),
      open: (sealed) => JSON.parse(secrets.open(sealed)) as unknown,
      call,
      deploy: (nodes, { role = 'engineer', kind = 'full', ...more } = {}) => flows.deploy({ flows: nodes, kind, ...more }, callerFor(role)),
      startRuntime,
      stopRuntime,
      dropConnection: () => flows.runtime.peer().close(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A module in Node-RED's user directory, as an installation from the palette leaves it. */
function addModule(userDir: string, { types, source }: NonNullable<FixtureOptions['palette']>): void {
  const name = '@cellwright/test-nodes'
  const dir = join(userDir, 'node_modules', name)
  mkdirSync(dir, { recursive: true })
  const nodes = { 'test-nodes': 'test-nodes.js' }
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'palette', private: true, dependencies: { [name]: '1.0.0' } }))
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name, version: '1.0.0', 'node-red': { nodes } }))
  writeFileSync(join(dir, 'test-nodes.js'), source)
  const definition = '{ category: "test", defaults: { name: { value: "" } }, inputs: 1, outputs: 1 }'
  writeFileSync(join(dir, 'test-nodes.html'), `<script>${types.map((type) => `RED.nodes.registerType("${type}", ${definition})`).join(';')}</script>`)
}
