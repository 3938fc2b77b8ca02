/**
 * `npm run bench stream`: a program through a real guard process and a real pty to the virtual controller, each a
 * process of its own.
 * (a) At an emulated 115,200 baud: how much of the line is used while the machine is faster than the line, and whether
 *     the planner runs empty while the line has room, with the machine a little slower than the line.
 * (b) With no limit on the line: lines a second, beside simple send-and-wait through the same serial port library.
 * (c) The guard process meanwhile: memory (PSS), garbage-collection pauses, delays of its event loop.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { readJsonLines } from '../../base/child.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { type GuardInit, guardNotices, guardRpc, type JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { VirtualControllerOptions } from '../../nodes/motion/virtual/index.ts'
import { builtPrograms } from '../../server/launcher/programs.ts'
import { type Bench, conditions, keepSamples, median, percentile, round } from './bench.ts'
import type { StreamSeen } from './stream-controller.ts'

const root = join(import.meta.dirname, '..', '..')
const BAUD = 115_200
/** 8N1: ten bits a byte. */
const LINE_BYTES_PER_S = BAUD / 10
const ENVELOPE = { min: [0, 0, -80], max: [400, 300, 20] } as const
const TOKEN = 'bench'
const FREE_ROUNDS = 3
/** Rates and accelerations at which only the line limits. */
const FAST = { 110: 60_000, 111: 60_000, 112: 60_000, 120: 20_000, 121: 20_000, 122: 20_000 }

/** Short segments round and round, `mm` each. */
function shortSegments(count: number, mm: number, feed: number): string {
  const radius = 40
  const turn = mm / radius
  const lines = Array.from({ length: count }, (_, i) => `X${(200 + radius * Math.cos(i * turn)).toFixed(3)}Y${(150 + radius * Math.sin(i * turn)).toFixed(3)}`)
  return ['G21 G90', `G1 F${feed}`, ...lines, ''].join('\n')
}

interface Controller {
  port: string
  /** What was seen since the last call. */
  seen(): Promise<StreamSeen>
  close(): void
}

async function startController(options: VirtualControllerOptions): Promise<Controller> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stream-controller.ts'), JSON.stringify({ envelopeMm: ENVELOPE, ...options })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: ((line: string) => void)[] = []
  const next = () => new Promise<string>((resolve) => waiting.push(resolve))
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => waiting.shift()?.(line))
  const port = await next()
  return {
    port,
    async seen() {
      child.stdin?.write('\n')
      return JSON.parse(await next()) as StreamSeen
    },
    close: () => child.stdin?.end(),
  }
}

interface GuardProcess {
  rpc: RpcPeer<typeof guardRpc>
  /** Runs a program to its end. @param watch begins with its first line, when it has been checked */
  run(text: string, watch?: { begin(): Promise<unknown>; now(): void }): Promise<JobEnd>
  /** PSS now, kB. */
  pssKb(): Promise<number>
  /** Pauses of the garbage collector so far, ms, and the worst delays of the loop since the last call. */
  pauses(): Promise<{ gcMs: number[]; loopMaxMs: number; loopP99Ms: number }>
  close(): Promise<void>
}

async function startGuard(port: string, dir: string, baudRate: number | undefined): Promise<GuardProcess> {
  const watch = join(import.meta.dirname, 'watch-pauses.mjs')
  const pausesFile = join(dir, 'pauses.json')
  // as the launcher starts it
  const { command, args, env } = builtPrograms({ root, node: process.execPath }).guard
  const child: ChildProcess = spawn(command, ['--import', watch, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...env, CELLWRIGHT_LOG_LEVEL: 'warn', BENCH_PAUSES_FILE: pausesFile },
  })
  const pipe = child.stdio[3] as Duplex
  pipe.on('error', () => {})
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the guard ended (${code})`)))
    pipe.on(
      'data',
      readJsonLines(
        (message) => {
          if ((message as { type: string }).type === 'ready') resolve()
        },
        () => {},
      ),
    )
  })
  const init: GuardInit = {
    machineId: 'bench',
    settings: {
      name: 'Bench',
      // a serial port is paced by the guard, as a real one must be
      link: baudRate ? { kind: 'serial', path: port, baudRate, resetsOnOpen: false } : { kind: 'virtual', timeScale: 1 },
      envelopeMm: { min: [...ENVELOPE.min], max: [...ENVELOPE.max] },
      whenRequesterGone: 'finish',
    },
    virtualPort: port,
    socket: join(dir, 'g.sock'),
    token: TOKEN,
    journalDir: join(dir, 'journal'),
    orphanTimeoutS: 60,
    isRestart: false,
  }
  pipe.write(`${JSON.stringify({ type: 'init', data: init })}\n`)
  await ready
  const socket = connect(init.socket)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const ends = new Map<string, (end: JobEnd) => void>()
  const rpc = openRpc({
    socket,
    serves: guardNotices,
    handlers: { requests: {}, notifications: { state: () => {}, jobEnded: (end) => ends.get(end.jobId)?.(end), event: () => {} } },
    calls: guardRpc,
  })
  await rpc.call('hello', { token: TOKEN, as: 'gateway' })
  for (;;) {
    const { controller, firmware } = await rpc.call('state', {})
    if (controller === 'idle' && firmware !== undefined) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  let jobs = 0
  return {
    rpc,
    async run(text, watch) {
      const path = join(dir, `p${jobs}.nc`)
      await writeFile(path, text)
      const jobId = `job_bench${jobs++}`
      const ended = new Promise<JobEnd>((resolve) => ends.set(jobId, resolve))
      const sha256 = createHash('sha256').update(text).digest('hex')
      await rpc.call('startJob', { jobId, programName: 'bench.nc', path, sha256, by: 'bench', whenRequesterGone: 'finish' })
      if (watch) {
        while ((await rpc.call('state', {})).job?.phase !== 'streaming') await new Promise((resolve) => setTimeout(resolve, 5))
        await watch.begin()
      }
      const timer = watch ? setInterval(watch.now, 500) : undefined
      const end = await ended
      clearInterval(timer)
      if (end.state !== 'completed') throw new Error(end.text)
      return end
    },
    async pssKb() {
      const rollup = await readFile(`/proc/${child.pid}/smaps_rollup`, 'utf8').catch(() => '')
      return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? Number.NaN)
    },
    async pauses() {
      await rm(pausesFile, { force: true })
      child.kill('SIGUSR2')
      for (let i = 0; i < 200; i++) {
        const text = await readFile(pausesFile, 'utf8').catch(() => '')
        if (text.endsWith('\n')) return JSON.parse(text) as { gcMs: number[]; loopMaxMs: number; loopP99Ms: number }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error('the guard tells nothing of its pauses')
    },
    async close() {
      rpc.close()
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.removeAllListeners('exit')
      child.once('exit', () => {})
      child.kill('SIGKILL')
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 2000))])
    },
  }
}

/** A controller and a guard for one part of the bench. */
async function withShop<T>(
  options: VirtualControllerOptions,
  work: (shop: { controller: Controller; guard: GuardProcess; dir: string }) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-bench-'))
  const controller = await startController(options)
  const guard = await startGuard(controller.port, dir, options.baud)
  try {
    return await work({ controller, guard, dir })
  } finally {
    await guard.close()
    controller.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Lines a second of simple send-and-wait. */
function sendAndWait(port: string, file: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'send-and-wait.ts'), port, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => resolve(Number(text.toString())))
    child.once('error', reject)
  })
}

export const bench: Bench = async ({ tell }) => {
  tell('115,200 baud, the machine faster than the line')
  const pss: number[] = []
  const watchOf = (guard: GuardProcess) => ({ begin: guard.pauses, now: () => void guard.pssKb().then((kb) => pss.push(kb)) })
  const atLine = await withShop({ baud: BAUD, settings: FAST }, async ({ controller, guard }) => {
    await guard.run(shortSegments(200, 0.2, 60_000))
    await controller.seen()
    await guard.run(shortSegments(8000, 0.2, 60_000), watchOf(guard))
    return { seen: await controller.seen(), pauses: await guard.pauses() }
  })
  const lineUse = atLine.seen.bytes / ((atLine.seen.wireMs / 1000) * LINE_BYTES_PER_S)

  tell('115,200 baud, the machine a little slower than the line')
  // 15 bytes a line take 1.3 ms; 0.15 mm at 6,000 mm/min take 1.5 ms
  const planned = await withShop({ baud: BAUD, settings: { ...FAST, 120: 2000, 121: 2000 } }, async ({ controller, guard }) => {
    await controller.seen()
    await guard.run(shortSegments(4000, 0.15, 6000))
    return controller.seen()
  })
  // the end of the program is the planner running empty, too; so is its first line, before the second has come
  const starved = Math.max(0, planned.starvedWithLineIdle - 1)

  const free: Record<string, { guard: number[]; waiting: number[] }> = {}
  let pauses = atLine.pauses
  for (const personality of ['grbl', 'grblhal'] as const) {
    tell(`no limit on the line, ${personality}`)
    free[personality] = await withShop({ timeScale: 10_000, personality }, async ({ controller, guard, dir }) => {
      const result = { guard: [] as number[], waiting: [] as number[] }
      const short = join(dir, 'short.nc')
      await writeFile(short, shortSegments(10_000, 0.2, 60_000))
      const long = shortSegments(100_000, 0.2, 60_000)
      await guard.run(shortSegments(5000, 0.2, 60_000))
      for (let i = 0; i < FREE_ROUNDS; i++) {
        await controller.seen()
        await guard.run(long)
        const { lines, seconds } = await controller.seen()
        result.guard.push(lines / seconds)
        // the guard's own port stays open: a second controller of the same kind
        const alone = await startController({ timeScale: 10_000, personality })
        result.waiting.push(await sendAndWait(alone.port, short))
        alone.close()
      }
      // looking at a process' memory stops it for a moment: not while its speed is taken
      await guard.run(long, watchOf(guard))
      const here = await guard.pauses()
      pauses = {
        gcMs: [...pauses.gcMs, ...here.gcMs],
        loopMaxMs: Math.max(pauses.loopMaxMs, here.loopMaxMs),
        loopP99Ms: Math.max(pauses.loopP99Ms, here.loopP99Ms),
      }
      return result
    })
  }
  const ratio = (name: string) => median(free[name]?.guard ?? []) / median(free[name]?.waiting ?? [])
  const gcMax = Math.max(0, ...pauses.gcMs)
  const row = (what: string, value: number, goal: string) => ({ what, value: round(value), goal })
  return {
    rows: [
      row('line use at 115,200 baud', lineUse, '>= 0.98'),
      row('planner empty while the line was free', starved, '0'),
      row('lines/s, guard, Grbl (127 bytes ahead)', median(free.grbl?.guard ?? []), ''),
      row('lines/s, send and wait, Grbl', median(free.grbl?.waiting ?? []), ''),
      row('over send and wait, Grbl', ratio('grbl'), '>= 5'),
      row('lines/s, guard, grblHAL (1,023 bytes ahead)', median(free.grblhal?.guard ?? []), ''),
      row('over send and wait, grblHAL', ratio('grblhal'), '>= 5'),
      row('guard, PSS MB, highest while streaming', Math.max(...pss) / 1024, '<= 80'),
      row('guard, longest garbage-collection pause, ms', gcMax, '<= 5'),
      row('guard, longest delay of the event loop, ms', pauses.loopMaxMs, ''),
    ],
    figures: {
      lineUse: round(lineUse, 4),
      starved,
      overSendAndWait: round(ratio('grbl'), 2),
      overSendAndWaitGrblHal: round(ratio('grblhal'), 2),
      linesPerS: Math.round(median(free.grbl?.guard ?? [])),
      linesPerSGrblHal: Math.round(median(free.grblhal?.guard ?? [])),
      sendAndWaitLinesPerS: Math.round(median(free.grbl?.waiting ?? [])),
      guardPssMb: round(Math.max(...pss) / 1024, 1),
      gcMaxMs: round(gcMax, 2),
      gcP99Ms: round(percentile(pauses.gcMs, 99), 2),
      gcPauses: pauses.gcMs.length,
      loopMaxMs: round(pauses.loopMaxMs, 1),
      lostBytes: atLine.seen.lostBytes + planned.lostBytes,
      fullestRx: atLine.seen.fullestRx,
      n: atLine.seen.lines,
      // who else worked on the machine meanwhile
      conditions: conditions({ baud: BAUD, freeRounds: FREE_ROUNDS, freeLines: 100_000, loadAverage: loadavg().map((load) => round(load, 1)) }),
      samples: await keepSamples('stream', { atLine: atLine.seen, planned, free, pssKb: pss, gcMs: pauses.gcMs }),
    },
  }
}
