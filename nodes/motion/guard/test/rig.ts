/** What the guard's tests stand on: a virtual controller behind a real pty, a guard on it, programs in files. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { newId } from '../../../../base/ids.ts'
import { dialectFor, type MachineModel } from '../../gcode/index.ts'
import type { Guarding, MachineSettings, MachineState } from '../../machine.ts'
import type { StartOptions } from '../../program.ts'
import { startVirtualController, type VirtualController, type VirtualControllerOptions } from '../../virtual/index.ts'
import type { JobEnd } from '../contract.ts'
import type { GuardEvent } from '../event.ts'
import { Guard } from '../guard.ts'
import { Journal } from '../journal.ts'
import type { ListPorts } from '../links/index.ts'
import { modalFromWords } from '../machine-model.ts'
import type { GuardTimings } from '../timings.ts'

/** Short waits, where a test would only wait longer. */
const QUICK: Partial<GuardTimings> = { pollMovingMs: 50, pollWaitingMs: 25, pollIdleMs: 100, reconnectMinMs: 20, noticeMs: 10 }

/** The machine stands while this process has no time: a guard that watches it from the same process would miss what it does meanwhile. */
export const LONGEST_STEP_MS = 50

export const ENVELOPE: MachineSettings['envelopeMm'] = { min: [0, 0, -80], max: [400, 300, 20] }

/** A controller as it is after its first start. */
export const FRESH_MODEL: MachineModel = {
  dialect: dialectFor('grbl'),
  modal: modalFromWords(['G0', 'G54', 'G17', 'G21', 'G90', 'G94', 'M5', 'M9', 'T0', 'F0', 'S0'], false),
  positionMm: [0, 0, 0, 0, 0, 0],
  workOffsetsMm: Array.from({ length: 9 }, () => [0, 0, 0, 0, 0, 0]),
  g92Mm: [0, 0, 0, 0, 0, 0],
  toolLengthMm: [0, 0, 0, 0, 0, 0],
  g28Mm: [0, 0, 0, 0, 0, 0],
  g30Mm: [0, 0, 0, 0, 0, 0],
  envelopeMm: ENVELOPE,
  keepOut: [],
}

export function settingsFor(link: MachineSettings['link']): MachineSettings {
  return { name: 'Router', link, envelopeMm: ENVELOPE, whenRequesterGone: 'finish' }
}

export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'guard-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 }))
  return dir
}

/** Waits for a condition; looks every few milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Looks in every turn of the loop. */
export async function inTheTurnThat(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

export interface Program {
  path: string
  sha256: string
  text: string
}

export async function writeProgram(dir: string, text: string | Buffer): Promise<Program> {
  const path = join(dir, `${newId('prg')}.nc`)
  await writeFile(path, text)
  return { path, sha256: createHash('sha256').update(text).digest('hex'), text: text.toString() }
}

/** A zigzag of short moves; `lines` of them, after a head of two. */
export function zigzag(lines: number, feed = 3000): string {
  const moves = Array.from(
    { length: lines },
    (_, i) => `G1 X${(10 + (i % 50) * 0.5).toFixed(3)} Y${(10 + (Math.floor(i / 50) % 400) * 0.5 + (i % 2) * 0.2).toFixed(3)}`,
  )
  return ['(zigzag)', 'G21 G90', `G1 F${feed}`, ...moves, 'M5', ''].join('\n')
}

export interface Rig {
  machine: VirtualController
  guard: Guard
  journal: Journal
  dir: string
  ends: JobEnd[]
  events: GuardEvent[]
  /** Every state the guard told, newest last. */
  states: MachineState[]
  start(
    program: Program,
    options?: { jobId?: string; whenRequesterGone?: 'finish' | 'hold'; options?: StartOptions },
  ): Promise<{ jobId: string; totalLines: number }>
  end(jobId: string, timeoutMs?: number): Promise<JobEnd>
  /** A guard in place of this one, over the same journal. */
  restart(): Promise<Rig>
}

export interface RigOptions {
  machine?: VirtualControllerOptions
  settings?: (machine: VirtualController) => MachineSettings
  guarding?: Guarding
  timings?: Partial<GuardTimings>
  listPorts?: ListPorts
  isRestart?: boolean
  dir?: string
}

/** A guard on a virtual controller, ready for work unless `waitFor` says otherwise. */
export async function rig(options: RigOptions = {}, waitFor: 'ready' | 'nothing' = 'ready'): Promise<Rig> {
  const machine = await startVirtualController({ timeScale: 20, envelopeMm: ENVELOPE, longestStepMs: LONGEST_STEP_MS, ...options.machine })
  onTestFinished(() => machine.close())
  return guardOn(machine, options, waitFor)
}

export async function guardOn(machine: VirtualController, options: RigOptions = {}, waitFor: 'ready' | 'nothing' = 'ready'): Promise<Rig> {
  const dir = options.dir ?? (await tempDir())
  const ends: JobEnd[] = []
  const events: GuardEvent[] = []
  const states: MachineState[] = []
  const journal = await Journal.open({ dir: join(dir, 'journal'), onError: (error) => guard.journalFailed(String(error)) })
  const settings = options.settings?.(machine) ?? settingsFor({ kind: 'virtual', timeScale: options.machine?.timeScale ?? 20 })
  if (options.guarding) settings.guarding = options.guarding
  const guard: Guard = new Guard({
    machineId: 'm1',
    settings,
    virtualPort: machine.port,
    isRestart: options.isRestart ?? false,
    journal,
    timings: { ...QUICK, ...options.timings },
    ...(options.listPorts ? { listPorts: options.listPorts } : {}),
    onState: () => states.push(guard.state()),
    onJobEnded: (end) => ends.push(end),
    onEvent: (event) => events.push(event),
  })
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await guard.close('The test ended')
    await journal.close()
  }
  onTestFinished(close)
  guard.start()
  if (waitFor === 'ready') await until(() => guard.state().firmware !== undefined && guard.state().controller !== 'unknown', 'guard is ready')
  return {
    machine,
    guard,
    journal,
    dir,
    ends,
    events,
    states,
    async start(program, { jobId = newId('job'), whenRequesterGone = 'finish', options } = {}) {
      const { totalLines } = await guard.startJob({
        jobId,
        programName: 'part.nc',
        path: program.path,
        sha256: program.sha256,
        by: 'tester',
        whenRequesterGone,
        ...(options ? { options } : {}),
      })
      return { jobId, totalLines }
    },
    async end(jobId, timeoutMs = 60_000) {
      await until(() => ends.some((end) => end.jobId === jobId), `the end of ${jobId}`, timeoutMs)
      const end = ends.find((other) => other.jobId === jobId)
      if (!end) throw new Error('the end is gone')
      return end
    },
    async restart() {
      await close()
      return guardOn(machine, { ...options, dir, isRestart: true })
    },
  }
}

/** 0x18 */
export const RESET = '\x18'

/** The real-time bytes the controller got, in order, without status polls. */
export function controls(machine: VirtualController): string {
  return [...machine.receivedText()].filter((byte) => byte === '!' || byte === '~' || byte === RESET).join('')
}

/** Bytes as the controller got them, without what only asks: status polls, and the look at offsets and modal state behind a program or reset. */
export function wire(machine: VirtualController): string {
  return withoutQuestions(machine.receivedText())
}

export function withoutQuestions(bytes: string): string {
  return bytes.replaceAll('?', '').replaceAll(/\$[#G]\n/g, '')
}
