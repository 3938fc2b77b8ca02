/**
 * `npm run bench flow`: messages a second through ten chained function nodes, our runtime with its hooks on
 * and every hop on its way to the run history, against stock Node-RED 5 from the same packages with the
 * same flow. Both as processes of their own, alternating. Each message is a run of its own. Once with a number
 * as payload, once with 100 kB of measured points.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { deployFlows } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { dataPaths } from '../../server/config.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'
import { hopCounts, startStock } from './stock.ts'

const root = join(import.meta.dirname, '..', '..')
const MESSAGES = 20_000
const ROUNDS = 7
/** A measured point is about 100 bytes as JSON. */
const PAYLOADS = { number: 0, '100 kB': 1000 } as const
type Payload = keyof typeof PAYLOADS
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
    func: 'msg.count = (msg.count || 0) + 1;\nreturn msg;',
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

async function rate(url: string, payload: Payload, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(`${url}/bench-run?n=${MESSAGES}&rows=${PAYLOADS[payload]}`, { headers })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  const { n, ms } = (await answer.json()) as { n: number; ms: number }
  return (n / ms) * 1000
}

export const bench: Bench = async ({ tell }) => {
  const stockDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-stock-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-flow-'))
  await addNodes(dataPaths({ dataDir, filesDir: undefined }).nodeRed)
  await addNodes(stockDir)
  const stock = await startStock({ userDir: stockDir, flow, probe: { path: '/bench-run?n=10' } })
  const product = await startProduct({ root, dataDir, env: { CELLWRIGHT_PALETTE: 'node-red-contrib-cellwright-bench' } })
  const samples: { payload: Payload; stock: number; ours: number; share: number }[] = []
  try {
    const { client } = product
    const headers = { authorization: `Bearer ${client.access.token}` }
    const ours = `${client.access.url}/hooks`
    await client.call(deployFlows, { body: { flows: flow, kind: 'full' } })
    tell('Warming up')
    for (let i = 0; i < 2; i += 1) {
      for (const payload of Object.keys(PAYLOADS) as Payload[]) {
        await rate(stock.url, payload)
        await rate(ours, payload, headers)
      }
    }
    await wait(3000)
    for (let i = 1; i <= ROUNDS; i += 1) {
      for (const payload of Object.keys(PAYLOADS) as Payload[]) {
        const before = await hopCounts(client.access.url, headers)
        // who begins changes, so that a drift of the machine hits both
        const measured =
          i % 2
            ? { stock: await rate(stock.url, payload), ours: await rate(ours, payload, headers) }
            : { ours: await rate(ours, payload, headers), stock: await rate(stock.url, payload) }
        const expected = MESSAGES * HOPS_A_MESSAGE
        const now = await until('the history to take in what came', 60_000, async () => {
          const counted = await hopCounts(client.access.url, headers)
          return counted.recorded + counted.dropped - before.recorded - before.dropped >= expected ? counted : undefined
        })
        samples.push({ payload, ...measured, share: Math.min(1, (now.recorded - before.recorded) / expected) })
        tell(`Round ${i} of ${ROUNDS}, ${payload}: stock ${round(measured.stock, 0)}, ours ${round(measured.ours, 0)} messages/s`)
      }
    }
  } finally {
    stock.child.kill()
    await product.close()
    await rm(stockDir, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
  const sum = (payload: Payload) => {
    const some = samples.filter((sample) => sample.payload === payload)
    return {
      ratio: median(some.map(({ ours, stock }) => ours / stock)),
      stock: median(some.map((sample) => sample.stock)),
      ours: median(some.map((sample) => sample.ours)),
      share: Math.min(...some.map((sample) => sample.share)),
    }
  }
  const small = sum('number')
  const large = sum('100 kB')
  return {
    rows: [small, large].flatMap(({ ratio, stock, ours, share }, i) => {
      const payload = Object.keys(PAYLOADS)[i]
      return [
        { what: `stock Node-RED 5, ${payload}`, value: round(stock, 0), unit: 'messages/s' },
        { what: `our runtime, hooks on, ${payload}`, value: round(ours, 0), unit: 'messages/s' },
        { what: `ratio, ${payload}`, value: round(ratio), unit: 'ours / stock, median of pairs' },
        { what: `hops recorded, ${payload}`, value: round(share, 4), unit: 'share' },
      ]
    }),
    figures: {
      ratio: round(small.ratio),
      ratio100kB: round(large.ratio),
      recordedShare: round(Math.min(small.share, large.share), 4),
      n: ROUNDS,
      conditions: conditions({ messagesARound: MESSAGES, functionNodes: 10, runs: 'one a message' }),
      samples: await keepSamples('flow', samples),
    },
  }
}
