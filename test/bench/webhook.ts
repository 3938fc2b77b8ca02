/**
 * `npm run bench webhook`: requests a second through an HTTP-in flow behind the gateway, with every hop on its way to the
 * run history, over stock Node-RED 5 answering the same flow directly; and beside it what the bare proxy library costs, in
 * front of the same stock Node-RED. All as processes of their own, in turn, with the same load.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deployFlows } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { until } from '../product.ts'
import { type Bench, conditions, familyOf, keepSamples, median, percentile, pssMb, round } from './bench.ts'
import { load } from './http-load.ts'
import { hopCounts, startStock } from './stock.ts'

const root = join(import.meta.dirname, '..', '..')
const ROUNDS = 5
const ROUND_MS = 4000
const CONNECTIONS = 32
/** http in, function, http response: what a run of one request goes through (the trigger makes no hop). */
const HOPS_A_REQUEST = 2

const id = (n: number) => `f00c0000000000${String(n).padStart(2, '0')}`
const flow = [
  { id: id(0), type: 'tab', label: 'Webhook' },
  { id: id(1), type: 'http in', z: id(0), name: '', url: '/bench-hook', method: 'post', upload: false, swaggerDoc: '', x: 100, y: 100, wires: [[id(2)]] },
  {
    id: id(2),
    type: 'function',
    z: id(0),
    name: 'answer',
    func: 'msg.payload = { accepted: msg.payload.part, at: Date.now() };\nreturn msg;',
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    x: 300,
    y: 100,
    wires: [[id(3)]],
  },
  { id: id(3), type: 'http response', z: id(0), name: '', statusCode: '', headers: {}, x: 500, y: 100, wires: [] },
]

async function startProxy(target: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-proxy.ts'), target], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve) => child.stdout?.once('data', (text) => resolve(String(text).trim())))
  return { child, url: `http://127.0.0.1:${port}` }
}

const memoryOf = async (pid: number) => (await Promise.all((await familyOf(pid)).map(pssMb))).reduce((sum, mb) => sum + mb, 0)

export const bench: Bench = async ({ tell }) => {
  const stockDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-stock-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-webhook-'))
  const body = JSON.stringify({ part: 'bearing plate', serial: 'A-1', boreMm: 12.01 })
  const path = '/bench-hook'
  const stock = await startStock({ userDir: stockDir, flow, probe: { path, init: { method: 'POST', body, headers: { 'content-type': 'application/json' } } } })
  const proxy = await startProxy(stock.url)
  const product = await startProduct({ root, dataDir })
  const samples: { stock: number; proxy: number; ours: number; p99Ms: number; stockP99Ms: number; memoryMb: number }[] = []
  let share = 0
  try {
    const { client } = product
    const headers = { authorization: `Bearer ${client.access.token}` }
    await client.call(deployFlows, { body: { flows: flow, kind: 'full' } })
    const ask = (url: string, prefix = '', more: Record<string, string> = {}, ms = ROUND_MS) =>
      load({ url, path: `${prefix}${path}`, body, headers: more, connections: CONNECTIONS, ms })
    tell('Warming up')
    for (let i = 0; i < 2; i += 1) {
      await ask(stock.url, '', {}, 2000)
      await ask(proxy.url, '', {}, 2000)
      await ask(client.access.url, '/hooks', headers, 2000)
    }
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const before = await hopCounts(client.access.url, headers)
    let asked = 0
    for (let i = 1; i <= ROUNDS; i += 1) {
      const order = i % 2 ? (['stock', 'proxy', 'ours'] as const) : (['ours', 'proxy', 'stock'] as const)
      const found: Partial<Record<(typeof order)[number], Awaited<ReturnType<typeof load>>>> = {}
      for (const who of order)
        found[who] = await (who === 'stock' ? ask(stock.url) : who === 'proxy' ? ask(proxy.url) : ask(client.access.url, '/hooks', headers))
      const { stock: bare, proxy: between, ours } = found as Required<typeof found>
      asked += ours.latenciesMs.length
      samples.push({
        stock: bare.perSecond,
        proxy: between.perSecond,
        ours: ours.perSecond,
        p99Ms: percentile(ours.latenciesMs, 99),
        stockP99Ms: percentile(bare.latenciesMs, 99),
        memoryMb: await memoryOf(product.child.pid as number),
      })
      tell(`Round ${i} of ${ROUNDS}: stock ${round(bare.perSecond, 0)}, bare proxy ${round(between.perSecond, 0)}, ours ${round(ours.perSecond, 0)} requests/s`)
    }
    const expected = asked * HOPS_A_REQUEST
    const now = await until('the history to take in what came', 60_000, async () => {
      const counted = await hopCounts(client.access.url, headers)
      return counted.recorded + counted.dropped - before.recorded - before.dropped >= expected ? counted : undefined
    })
    share = Math.min(1, (now.recorded - before.recorded) / expected)
  } finally {
    stock.child.kill()
    proxy.child.kill()
    await product.close()
    await rm(stockDir, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
  const of = (key: keyof (typeof samples)[number]) => samples.map((sample) => sample[key])
  const ratio = median(samples.map(({ ours, stock: bare }) => ours / bare))
  const proxyRatio = median(samples.map(({ proxy: between, stock: bare }) => between / bare))
  // the first round fills caches
  const memoryGrowth = (of('memoryMb').at(-1) ?? 0) / (of('memoryMb')[1] ?? 1)
  return {
    rows: [
      { what: 'stock Node-RED 5', value: round(median(of('stock')), 0), unit: 'requests/s' },
      { what: 'bare proxy before it', value: round(median(of('proxy')), 0), unit: 'requests/s' },
      { what: 'behind our gateway, history on', value: round(median(of('ours')), 0), unit: 'requests/s' },
      { what: 'ratio', value: round(ratio), unit: 'ours / stock, median of rounds' },
      { what: 'ratio of the bare proxy', value: round(proxyRatio), unit: 'proxy / stock' },
      { what: 'p99 of ours', value: round(median(of('p99Ms')), 1), unit: `ms, stock ${round(median(of('stockP99Ms')), 1)}` },
      { what: 'hops recorded', value: round(share, 4), unit: 'share' },
      { what: 'memory, last round', value: round(of('memoryMb').at(-1) ?? Number.NaN, 0), unit: `MB PSS, ${round(memoryGrowth, 2)} of the second round` },
    ],
    figures: {
      ratio: round(ratio),
      proxyRatio: round(proxyRatio),
      p99Ms: round(median(of('p99Ms')), 1),
      recordedShare: round(share, 4),
      memoryGrowth: round(memoryGrowth),
      n: ROUNDS,
      conditions: conditions({ connections: CONNECTIONS, roundMs: ROUND_MS, runs: 'one a request' }),
      samples: await keepSamples('webhook', samples),
    },
  }
}
