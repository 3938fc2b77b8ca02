/** A machine job through a real guard process and a real pty to the virtual controller. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { MachineSettings } from '../../nodes/motion/machine.ts'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import type { Job, ProgramOutcome } from '../api/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { createHolders, createMachines, createPrograms, type MachineRegistry } from '../machines/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createJobs, type JobsPart } from './index.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
const GUARD = join(import.meta.dirname, '..', '..', 'nodes', 'motion', 'guard', 'main.ts')
const soon = { timeout: 60_000 }
const envelopeMm: MachineSettings['envelopeMm'] = { min: [0, 0, -80], max: [400, 300, 20] }
const settings: MachineSettings = { name: 'Mill 1', link: { kind: 'virtual', timeScale: 50 }, envelopeMm, whenRequesterGone: 'finish' }
const runtime = {
  onConnection: () => {},
  peer() {
    throw new OperationalError({ code: 'runtime-away', message: 'There is no flow runtime here.' })
  },
}

let store: TestStore
let dir: string
let controller: VirtualController
let guard: ChildProcess
let machines: MachineRegistry
let runs: RunsPart
let jobs: JobsPart

function startGuard(isRestart: boolean): ChildProcess {
  const child = spawn(process.execPath, [GUARD], { stdio: ['ignore', 'ignore', process.env.TEST_LOG ? 'inherit' : 'ignore', 'pipe'] })
  const pipe = child.stdio[3] as Duplex
  pipe.resume()
  pipe.on('error', () => {})
  const data = {
    machineId: 'm1',
    settings,
    virtualPort: controller.port,
    socket: socketPath(dir, guardSocketName('m1')),
    token: 'guard-token',
    journalDir: join(dir, 'journal'),
    orphanTimeoutS: 1,
    isRestart,
  }
  pipe.write(`${JSON.stringify({ type: 'init', data })}\n`)
  return child
}

async function startGateway(): Promise<void> {
  const live = { provide: () => {}, publish: () => {} }
  machines = await createMachines({
    store: store.store,
    secrets: { seal: (text) => text, open: (text) => text },
    runDir: dir,
    guardToken: 'guard-token',
    tellLauncher: () => {},
    log,
  })
  runs = createRuns({ store: store.store, log, live, runtime })
  jobs = await createJobs({
    store: store.store,
    log,
    live,
    machines,
    programs: createPrograms({ store: store.store, filesDir: join(dir, 'files') }),
    runtime,
    runs,
    holders: createHolders(),
    audit: { record: () => {} },
    database: store.database,
  })
  await jobs.start({ send: async () => ({ reference: '' }), givenUp: async () => {}, takenUp: async () => {} })
}
async function stopGateway(): Promise<void> {
  await jobs.close()
  machines.close()
  await runs.close()
}
const linesOf = (moves: number) => Array.from({ length: moves }, (_, i) => `G1 X${10 + (i % 2) * 20} Y${(10 + (i % 100) * 0.1).toFixed(2)}`)
const upload = async (name: string, moves: number, feed: number) => {
  const text = ['G21 G90', `G1 F${feed}`, ...linesOf(moves), 'M5', ''].join('\n')
  const library = createPrograms({ store: store.store, filesDir: join(dir, 'files') })
  return library.upload({ name, content: Readable.from([Buffer.from(text)]), maxBytes: 1e6, by: 'Ann' })
}
const start = (programId: string): Promise<Job> => jobs.startProgram({ machineId: 'm1', programId, requestedBy: 'Ann' })
const becomes = (job: Job, state: Job['state']) => expect.poll(async () => (await jobs.get(job.id)).state, soon).toBe(state)
const outcome = async (job: Job) => (await jobs.get(job.id)).outcome as ProgramOutcome
const moves = () => controller.answered.map(({ line }) => line).filter((line) => line.startsWith('G1X'))
const moved = () => moves().length
const isReady = () => vi.waitFor(() => expect(machines.get('m1').state?.controller).toBe('idle'), { ...soon, interval: 50 })

beforeAll(async () => {
  store = await startTestStore()
  dir = mkdtempSync(join(tmpdir(), 'cw-rg-'))
  controller = await startVirtualController({ timeScale: 50, envelopeMm })
  await startGateway()
  await machines.add({ id: 'm1', ...settings }, { author: { name: 'test' } })
  guard = startGuard(false)
  await isReady()
})
afterAll(async () => {
  guard?.kill('SIGKILL')
  await stopGateway()
  await controller?.close()
  await store?.close()
  rmSync(dir, { recursive: true, force: true })
})

test('streams the whole program once and keeps what came of it', async () => {
  const program = await upload('short.nc', 200, 3000)
  const job = await start(program.id)
  await becomes(job, 'completed')
  expect(moved()).toBe(200)
  expect(await outcome(job)).toMatchObject({ linesSent: 203, linesAcknowledged: 203, isPositionTrusted: true })
})

test('goes on while the gateway is restarted, and is known again after', async () => {
  const before = moved()
  const program = await upload('long.nc', 300, 6000)
  const job = await start(program.id)
  await expect.poll(moved, soon).toBeGreaterThan(before + 20)
  await stopGateway()
  await startGateway()
  await becomes(job, 'completed')
  expect(moved() - before).toBe(300)
})

test('is interrupted when its guard is killed: nothing is sent again, and nothing that waited starts', async () => {
  const before = moved()
  const program = await upload('slow.nc', 1000, 3000)
  const job = await start(program.id)
  const follower = await start(program.id)
  await expect.poll(moved, soon).toBeGreaterThan(before + 20)
  guard.kill('SIGKILL')
  await once(guard, 'exit')
  await expect.poll(() => machines.get('m1').guard, soon).toBe('gone')
  guard = startGuard(true)
  await becomes(job, 'interrupted')
  await becomes(follower, 'cancelled')
  const { linesSent } = await outcome(job)
  expect(linesSent).toBeGreaterThan(20)
  expect(linesSent).toBeLessThan(1000)
  // only what the controller already had in its buffers ran out; the last lines before a kill are sent and not yet in the journal
  await expect.poll(() => controller.now().isMoving, soon).toBe(false)
  const ran = moves().slice(before)
  expect(ran.length).toBeLessThan(1000)
  expect(ran).toEqual(
    linesOf(1000)
      .slice(0, ran.length)
      .map((line) => line.replaceAll(' ', '')),
  )
})
