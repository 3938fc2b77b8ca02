/**
 * `npm run bench stop`: from `POST stop` to the byte on the pty, with a flow that loops for ever deployed:
 * while a program streams, with PostgreSQL stopped, and under load on the gateway. The floor, in the same run: the same
 * request to a bare HTTP server that writes one byte to the same kind of pty.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import { addMachine, deployFlows, getMachine, getSystem, type Program, startProgram, uploadProgram } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { until } from '../product.ts'
import { type Bench, conditions, familyOf, keepSamples, percentile, round } from './bench.ts'

const root = join(import.meta.dirname, '..', '..')
const TRIES = 100
const HOLD = 0x21
const RESET = 0x18

const blockingFlow = [
  { id: 'b10c0000000000a1', type: 'tab', label: 'Blocks the runtime' },
  {
    id: 'b10c0000000000a2',
    type: 'inject',
    z: 'b10c0000000000a1',
    name: '',
    props: [{ p: 'payload' }],
    repeat: '',
    crontab: '',
    once: true,
    onceDelay: '0.1',
    topic: '',
    payload: '',
    payloadType: 'date',
    x: 120,
    y: 80,
    wires: [['b10c0000000000a3']],
  },
  {
    id: 'b10c0000000000a3',
    type: 'function',
    z: 'b10c0000000000a1',
    name: 'loops for ever',
    func: 'while (true) {}',
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    x: 320,
    y: 80,
    wires: [[]],
  },
]

/** A slow pass up and down, for longer than any try takes. */
const longProgram = [
  'G21 G90',
  'G1 F1500',
  ...Array.from({ length: 20_000 }, (_, i) => `X${(100 + (i % 400) / 4).toFixed(3)}Y${(i % 2 ? 100.2 : 100).toFixed(3)}`),
  '',
].join('\n')

/** Starts the program and waits until it streams. */
async function stream(client: Client, machineId: string, programId: string): Promise<void> {
  await client.call(startProgram, { body: { machineId, programId } })
  await until('the program to stream', 20_000, async () => {
    const { state } = await client.call(getMachine, { params: { machineId } })
    if (state?.job?.phase === 'streaming' && state.job.linesAcknowledged > 10) return true
    throw new Error(`it is ${JSON.stringify(state)}`)
  })
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** One POST over the kept connection. @throws Error unless it is answered with 200 */
function post(url: string, token?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) } },
      (answer) => {
        answer.resume()
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${answer.statusCode}`))))
      },
    )
    outgoing.on('error', reject)
    outgoing.end('{}')
  })
}

/** Milliseconds from sending the request to the first feed hold on the wire. */
async function latency(controller: VirtualController, seen: number, send: () => Promise<void>): Promise<number> {
  const begun = performance.timeOrigin + performance.now()
  const answered = send()
  const holdAt = () => controller.received.slice(seen).find(({ bytes }) => bytes.includes(HOLD))?.atMs
  await controller.waitFor(() => holdAt() !== undefined, 10_000)
  await answered
  return (holdAt() as number) - begun
}

function startScript(name: string, args: string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

const firstLine = (child: ChildProcess) => new Promise<string>((resolve) => child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())))

/** @param since when the last stop reset the controller, epoch ms: what was reported before is older than that stop */
async function idle(client: Client, machineId: string, since: number): Promise<void> {
  await until('the machine to be idle', 20_000, async () => {
    const { state } = await client.call(getMachine, { params: { machineId } })
    if (state?.controller === 'idle' && state.link === 'connected' && Date.parse(state.reportedAt ?? '') > since) return true
    throw new Error(`it is ${JSON.stringify(state)}`)
  })
}

export const bench: Bench = async ({ tell }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-stop-'))
  const controller = await startVirtualController()
  const floorController = await startVirtualController()
  const floor = startScript('floor-server.ts', [floorController.port])
  const product = await startProduct({ root, dataDir })
  let load: ChildProcess | undefined
  const samples: Record<string, number[]> = { 'program streaming': [], 'PostgreSQL stopped': [], 'load on the gateway': [] }
  const floors: Record<string, number[]> = {}
  try {
    const floorUrl = await firstLine(floor)
    const { client } = product
    const { url, token } = client.access
    const machineId = 'bench'
    await client.call(addMachine, {
      body: {
        id: machineId,
        name: 'Bench',
        link: { kind: 'serial', path: controller.port, baudRate: 115200, resetsOnOpen: false },
        envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    await idle(client, machineId, 0)
    await writeFile(join(dataDir, 'long.nc'), longProgram)
    const { id: programId } = (await client.upload(uploadProgram, { name: 'long.nc' }, join(dataDir, 'long.nc'))) as Program
    tell('Deploying a flow that loops for ever')
    await client.call(deployFlows, { body: { flows: blockingFlow, kind: 'full' } })
    await wait(1500)
    const { processes } = await client.call(getSystem, {})
    const postgres = await familyOf(processes.find(({ name }) => name === 'postgres')?.pid as number)
    const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
      for (const pid of postgres) process.kill(pid, name)
    }
    for (const [condition, list] of Object.entries(samples)) {
      tell(`${TRIES} stops: ${condition}`)
      if (condition === 'PostgreSQL stopped') signal('SIGSTOP')
      if (condition === 'load on the gateway') {
        load = startScript('load.ts', [url, token])
        await firstLine(load)
      }
      const floorSamples: number[] = []
      floors[condition] = floorSamples
      for (let i = 0; i < TRIES; i += 1) {
        if (condition === 'program streaming') await stream(client, machineId, programId)
        const seen = controller.received.length
        list.push(await latency(controller, seen, () => post(`${url}/api/machines/${machineId}/stop`, token)))
        const resetAt = () => controller.received.slice(seen).find(({ bytes }) => bytes.includes(RESET))?.atMs
        await controller.waitFor(() => resetAt() !== undefined, 10_000)
        await idle(client, machineId, resetAt() as number)
        floorSamples.push(await latency(floorController, floorController.received.length, () => post(`${floorUrl}/stop`)))
        await post(`${floorUrl}/reset`)
        await floorController.waitFor((c) => c.now().state.startsWith('Idle'))
      }
      if (condition === 'PostgreSQL stopped') signal('SIGCONT')
    }
  } finally {
    load?.kill()
    floor.kill()
    agent.destroy()
    await product.close()
    await controller.close()
    await floorController.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  const line = (what: string, list: number[]) => ({
    what,
    n: list.length,
    'p50 ms': round(percentile(list, 50)),
    'p99 ms': round(percentile(list, 99)),
    'max ms': round(Math.max(...list)),
  })
  const figuresOf = (condition: string) => {
    const [own, floorsOwn] = [samples[condition] ?? [], floors[condition] ?? []]
    return {
      p50: round(percentile(own, 50)),
      p99: round(percentile(own, 99)),
      floorP50: round(percentile(floorsOwn, 50)),
      floorP99: round(percentile(floorsOwn, 99)),
    }
  }
  const streaming = figuresOf('program streaming')
  const loaded = figuresOf('load on the gateway')
  return {
    rows: Object.entries(samples).flatMap(([what, list]) => [line(what, list), line(`floor: ${what}`, floors[what] ?? [])]),
    figures: {
      p50Ms: streaming.p50,
      p99Ms: streaming.p99,
      floorP50Ms: streaming.floorP50,
      floorP99Ms: streaming.floorP99,
      loadedP50Ms: loaded.p50,
      loadedP99Ms: loaded.p99,
      loadedFloorP99Ms: loaded.floorP99,
      n: Object.values(samples).flat().length,
      conditions: conditions({ tries: Object.keys(samples), runtime: 'blocked by while (true) {} throughout' }),
      samples: await keepSamples('stop', { samples, floors }),
    },
  }
}
