/**
 * A real Node-RED with our built nodes, for node tests. It is a singleton of its process and cannot be started
 * twice: one `startNodeRed` for a test file.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import buildNodes from '../../build/nodes.ts'
import type { Message, RedConfig, RedNode, RedStatus } from '../define-node/red.ts'
import type { CellwrightServices } from '../services.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A sent message, and where it came out. */
interface Sent {
  from: string
  output: number
  message: Message
}

interface EmbeddedNodeRed {
  init(server: unknown, settings: object): void
  start(): Promise<void>
  stop(): Promise<void>
  httpAdmin(request: unknown, response: unknown): void
  runtime: {
    flows: { setFlows(options: { flows: { flows: object[] }; deploymentType: string }): Promise<{ rev: string }> }
  }
  nodes: { getNode(id: string): RedNode & { receive(message: Message): void } }
  events: { on(event: string, listener: (fact: { id: string; status: RedStatus }) => void): void; once(event: string, listener: () => void): void }
  hooks: { add(name: string, handler: (event: unknown) => void): void }
  log: { addHandler(handler: { emit: (event: string, record: { level: number; id?: string; msg: unknown }) => void }): void }
}

export interface TestNodeRed {
  /** Origin of its admin API and editor. */
  readonly url: string
  readonly sent: Sent[]
  /** Errors and warnings of nodes that no Catch node took. */
  readonly logged: { nodeId: string; text: string }[]
  /** Replaces the flows (`full` restarts every node) and waits until they run. */
  deploy(flows: object[], kind?: 'full' | 'nodes'): Promise<void>
  /** A live node. */
  node(nodeId: string): RedNode
  /** Delivers a message to a node's input. */
  give(nodeId: string, message: Message): void
  /** The next not yet seen message from an output. */
  next(from: string, output?: number): Promise<Message>
  statusOf(nodeId: string): RedStatus
  /** Waits until a node's status has the text. */
  untilStatus(nodeId: string, text: string | RegExp): Promise<RedStatus>
  until(condition: () => unknown, what: string): Promise<void>
  close(): Promise<void>
}

export async function startNodeRed(services?: CellwrightServices): Promise<TestNodeRed> {
  const folder = await mkdtemp(join(tmpdir(), 'cellwright-nodes-'))
  await buildNodes({ root: ROOT, dist: folder })
  const red = createRequire(import.meta.url)('node-red') as EmbeddedNodeRed
  const server = createServer((request, response) => red.httpAdmin(request, response))
  red.init(server, {
    userDir: join(folder, 'user'),
    nodesDir: join(folder, 'node-red'),
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    flowFile: 'flows.json',
    credentialSecret: 'test',
    logging: { console: { level: 'off' } },
    editorTheme: { tours: false },
    ...(services ? { cellwright: services } : {}),
  })
  const sent: Sent[] = []
  const logged: { nodeId: string; text: string }[] = []
  const statuses = new Map<string, RedStatus>()
  red.events.on('node-status', ({ id, status }) => void statuses.set(id, status))
  red.hooks.add('onSend.test', (events) => {
    for (const { msg, source } of events as { msg: Message; source: { id: string; port: number } }[]) {
      sent.push({ from: source.id, output: source.port, message: msg })
    }
  })
  // 30: warn (@node-red/util lib/log.js)
  red.log.addHandler({
    emit: (_event, record) => {
      if (record.level <= 30 && record.id) logged.push({ nodeId: record.id, text: String(record.msg) })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const started = new Promise<void>((resolve) => red.events.once('flows:started', resolve))
  await red.start()
  await started
  const address = server.address() as { port: number }
  const taken = new Set<Sent>()

  const until = async (condition: () => unknown, what: string): Promise<void> => {
    const deadline = Date.now() + 30_000
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`timed out: ${what}. Status: ${JSON.stringify([...statuses])}. Logged: ${JSON.stringify(logged)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    sent,
    logged,
    async deploy(flows, kind = 'full') {
      const running = new Promise<void>((resolve) => red.events.once('flows:started', resolve))
      if (kind === 'full') statuses.clear()
      sent.length = 0
      await red.runtime.flows.setFlows({ flows: { flows }, deploymentType: kind })
      await running
    },
    node: (nodeId) => red.nodes.getNode(nodeId),
    give: (nodeId, message) => red.nodes.getNode(nodeId).receive(message),
    async next(from, output = 0) {
      const find = () => sent.find((event) => event.from === from && event.output === output && !taken.has(event))
      await until(find, `a message from ${from}, output ${output}`)
      const found = find()
      if (!found) throw new Error('gone')
      taken.add(found)
      return found.message
    },
    statusOf: (nodeId) => statuses.get(nodeId) ?? {},
    async untilStatus(nodeId, text) {
      const matches = () => (typeof text === 'string' ? statuses.get(nodeId)?.text === text : text.test(statuses.get(nodeId)?.text ?? ''))
      await until(matches, `status "${text}" of ${nodeId}`)
      return statuses.get(nodeId) ?? {}
    },
    until,
    async close() {
      await red.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      // Node-RED still writes what it knows of its nodes when it has stopped
      await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** A flow tab with nodes on it; every output not wired otherwise goes to a sink, so that messages are sent. */
export function flowOf(nodes: (Omit<RedConfig, 'z'> & { outputs?: number })[]): object[] {
  const sink = { id: 'sink', type: 'debug', z: 'tab', name: 'sink', active: false, tosidebar: false, x: 900, y: 100, wires: [] }
  const placed = nodes.map(({ outputs = 1, ...node }, index) =>
    node.type === 'cw-machine' ? node : { x: 100 + index, y: 100, z: 'tab', wires: Array.from({ length: outputs }, () => ['sink']), ...node },
  )
  return [{ id: 'tab', type: 'tab', label: 'test' }, ...placed, sink]
}

/** The config node most tests need. */
export const MILL = { id: 'machine1', type: 'cw-machine', machineId: 'mill-1' }
