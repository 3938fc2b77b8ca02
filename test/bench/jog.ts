/**
 * `npm run bench jog`: hold-to-run when the panel falls silent, as it does when its network drops. From the last heartbeat being
 * sent to the byte on the pty that ends the jog, at rest and with a flow that loops for ever; the goal is 250 ms at p99. The floor is the time to live
 * that the panel asks for: the guard must not end a jog sooner.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { BEAT_EVERY_MS, JOG_TTL_MS } from '../../editor/operator/jog/hold-to-run.ts'
import { startVirtualController } from '../../nodes/motion/virtual/index.ts'
import { addMachine, deployFlows, getMachine } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, percentile, round } from './bench.ts'

const root = join(import.meta.dirname, '..', '..')
const TRIES = 100
/** Beats before the silence: the jog runs at its speed by then. */
const BEATS = 6
/** Grbl 1.1 doc/markdown/jogging.md */
const JOG_CANCEL = 0x85
const MACHINE = 'bench'
const GOAL_MS = 250

const blockingFlow = [
  { id: 'b10c0000000000b1', type: 'tab', label: 'Blocks the runtime' },
  { id: 'b10c0000000000b2', type: 'inject', z: 'b10c0000000000b1', once: true, onceDelay: '0.1', props: [{ p: 'payload' }], wires: [['b10c0000000000b3']] },
  { id: 'b10c0000000000b3', type: 'function', z: 'b10c0000000000b1', func: 'while (true) {}', outputs: 1, wires: [[]] },
]

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

function post<T>(url: string, token: string, body: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      answer.on('end', () => (answer.statusCode === 200 ? resolve(JSON.parse(text) as T) : reject(new Error(`${url} answered ${answer.statusCode}: ${text}`))))
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(body))
  })
}

async function idle(client: Client): Promise<void> {
  await until('the machine to be idle and free', 20_000, async () => {
    const { state } = await client.call(getMachine, { params: { machineId: MACHINE } })
    return state?.controller === 'idle' && state.link === 'connected' && state.lease === undefined ? true : undefined
  })
}

/** @returns when the last beat was sent, epoch ms; undefined when the jog had ended by itself before */
async function jogAndFallSilent({ path, token, direction }: { path: string; token: string; direction: object }): Promise<number | undefined> {
  const jog = await post<{ token: number }>(path, token, { direction, feedMmPerMin: 1000, ttlMs: JOG_TTL_MS })
  let lastAt = 0
  try {
    for (let beat = 0; beat < BEATS; beat += 1) {
      lastAt = performance.timeOrigin + performance.now()
      await post(`${path}/beat`, token, { token: jog.token })
      await wait(BEAT_EVERY_MS)
    }
  } catch (error) {
    if (error instanceof Error && error.message.includes('lease-stale')) return undefined
    throw error
  }
  return lastAt
}

export const bench: Bench = async ({ tell }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-jog-'))
  const controller = await startVirtualController()
  const product = await startProduct({ root, dataDir })
  let endedEarly = 0
  const samples: Record<string, number[]> = { 'at rest': [], 'runtime blocked': [] }
  try {
    const { client } = product
    const { url, token } = client.access
    await client.call(addMachine, {
      body: {
        id: MACHINE,
        name: 'Bench',
        link: { kind: 'serial', path: controller.port, baudRate: 115200, resetsOnOpen: false },
        envelopeMm: { min: [-10, -10, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    await idle(client)
    const path = `${url}/api/machines/${MACHINE}/jog`
    for (const [condition, list] of Object.entries(samples)) {
      if (condition === 'runtime blocked') {
        await client.call(deployFlows, { body: { flows: blockingFlow, kind: 'full' } })
        await wait(1500)
      }
      tell(`${TRIES} silences: ${condition}`)
      for (let i = 0; i < TRIES; i += 1) {
        const seen = controller.received.length
        // there and back: it never reaches the end of its travel
        const lastAt = await jogAndFallSilent({ path, token, direction: { X: i % 2 ? -1 : 1 } })
        if (lastAt === undefined) {
          // this computer was too busy to beat in time: no silence of ours
          endedEarly += 1
          if (endedEarly > TRIES) throw new Error('Beats come too late on this computer: most jogs ended before the silence began.')
          i -= 1
          await idle(client)
          continue
        }
        const cancelledAt = () => controller.received.slice(seen).find(({ bytes }) => bytes.includes(JOG_CANCEL))?.atMs
        await controller.waitFor(() => cancelledAt() !== undefined, 10_000)
        list.push((cancelledAt() as number) - lastAt)
        await idle(client)
      }
    }
  } finally {
    agent.destroy()
    await product.close()
    await controller.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  const rows = Object.entries(samples).map(([what, list]) => ({
    what,
    n: list.length,
    'p50 ms': round(percentile(list, 50), 1),
    'p99 ms': round(percentile(list, 99), 1),
    'max ms': round(Math.max(...list), 1),
    'goal p99 ms': GOAL_MS,
  }))
  const all = Object.values(samples).flat()
  return {
    rows,
    figures: {
      p50: round(percentile(all, 50), 1),
      p99: round(percentile(all, 99), 1),
      max: round(Math.max(...all), 1),
      ttlMs: JOG_TTL_MS,
      goalP99: GOAL_MS,
      endedEarly,
      n: all.length,
      conditions: conditions({ perCondition: Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, round(percentile(list, 99), 1)])) }),
      samples: await keepSamples('jog', samples),
    },
  }
}
