/**
 * `npm run bench flow`: messages a second through ten chained function nodes, our runtime with its hooks on
 * and every hop on its way to the run history, against stock Node-RED 5 from the same packages with the
 * same flow. Both as processes of their own, alternating. Each message is a run of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { deployFlows } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { dataPaths } from '../../server/config.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'

const root = join(import.meta.dirname, '..', '..')
const MESSAGES = 20_000
const ROUNDS = 7
const HOPS_A_MESSAGE = 11

const id = (n: number) => `f10f0000000000${String(n).padStart(2, '0')}`
const flow = [
  { id: id(0), type: 'tab', label: 'Bench' },
  { id: id(1), type: 'bench-source', z: id(0), x: 100, y: 100, wires: [[id(2)]] },
  ...Array.from({ length: 10 }, (_, i) => ({
    id: id(i + 2),
    type: 'function',
    z: id(0),
    name: '',
    func: 'msg.payload = msg.payload + 1;\nreturn msg;',
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    x: 200 + i * 100,
    y: 100,
    wires: [[id(i + 3)]],
  })),
  { id: id(12), type: 'bench-sink', z: id(0), x: 1300, y: 100, wires: [] },
]

/** Puts the bench's nodes into a Node-RED user directory. */
async function addNodes(userDir: string): Promise<void> {
  const name = 'node-red-contrib-cellwright-bench'
  await mkdir(join(userDir, 'node_modules'), { recursive: true })
  await cp(join(import.meta.dirname, 'bench-nodes'), join(userDir, 'node_modules', name), { recursive: true })
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'bench', private: true, dependencies: { [name]: '1.0.0' } }))
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

async function startStock(userDir: string): Promise<{ child: ChildProcess; url: string }> {
  await addNodes(userDir)
  const port = await freePort()
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow))
  await writeFile(
    join(userDir, 'settings.js'),
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: false, telemetry: { enabled: false }, logging: { console: { level: 'warn' } } }`,
  )
  const child = spawn(process.execPath, [join(root, 'node_modules/node-red/red.js'), '-u', userDir, '-s', join(userDir, 'settings.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await until('stock Node-RED to run the flow', 30_000, async () => ((await fetch(`${url}/bench-run?n=10`)).ok ? true : undefined))
  return { child, url }
}

async function rate(url: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(`${url}/bench-run?n=${MESSAGES}`, { headers })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  const { n, ms } = (await answer.json()) as { n: number; ms: number }
  return (n / ms) * 1000
}

/** Hops written to the run history and hops lost on the way, as the gateway counts them. */
async function hops(url: string, headers: Record<string, string>): Promise<{ recorded: number; dropped: number }> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  const read = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+(?:\\.\\d+)?(?:e\\+\\d+)?)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { recorded: read('cellwright_run_hops_recorded_total'), dropped: read('cellwright_run_hops_dropped_total') }
}

export const bench: Bench = async ({ tell }) => {
  const stockDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-stock-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-flow-'))
  await addNodes(dataPaths({ dataDir, filesDir: undefined }).nodeRed)
  const stock = await startStock(stockDir)
  const product = await startProduct({ root, dataDir, env: { CELLWRIGHT_PALETTE: 'node-red-contrib-cellwright-bench' } })
  const pairs: { stock: number; ours: number }[] = []
  let share = 0
  try {
    const { client } = product
    const headers = { authorization: `Bearer ${client.access.token}` }
    const ours = `${client.access.url}/hooks`
    await client.call(deployFlows, { body: { flows: flow, kind: 'full' } })
    tell('Warming up')
    for (let i = 0; i < 2; i += 1) {
      await rate(stock.url)
      await rate(ours, headers)
    }
    await wait(3000)
    const before = await hops(client.access.url, headers)
    for (let i = 1; i <= ROUNDS; i += 1) {
      // who begins changes, so that a drift of the machine hits both
      const measured =
        i % 2 ? { stock: await rate(stock.url), ours: await rate(ours, headers) } : { ours: await rate(ours, headers), stock: await rate(stock.url) }
      pairs.push(measured)
      tell(`Round ${i} of ${ROUNDS}: stock ${round(measured.stock, 0)}, ours ${round(measured.ours, 0)} messages/s`)
    }
    const expected = ROUNDS * MESSAGES * HOPS_A_MESSAGE
    const now = await until('the history to take in what came', 60_000, async () => {
      const counted = await hops(client.access.url, headers)
      return counted.recorded + counted.dropped - before.recorded - before.dropped >= expected ? counted : undefined
    })
    share = Math.min(1, (now.recorded - before.recorded) / expected)
  } finally {
    stock.child.kill()
    await product.close()
    await rm(stockDir, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
  const ratio = median(pairs.map((pair) => pair.ours / pair.stock))
  return {
    rows: [
      { what: 'stock Node-RED 5', value: round(median(pairs.map((p) => p.stock)), 0), unit: 'messages/s' },
      { what: 'our runtime, hooks on', value: round(median(pairs.map((p) => p.ours)), 0), unit: 'messages/s' },
      { what: 'ratio', value: round(ratio), unit: 'ours / stock, median of pairs' },
      { what: 'hops recorded', value: round(share, 4), unit: 'share' },
    ],
    figures: {
      ratio: round(ratio),
      recordedShare: round(share, 4),
      n: ROUNDS,
      conditions: conditions({ messagesARound: MESSAGES, functionNodes: 10, runs: 'one a message' }),
      samples: await keepSamples('flow', pairs),
    },
  }
}
