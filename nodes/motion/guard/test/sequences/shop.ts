/** A machine with a guard on it that sequences are played on; everything that happens is written down with its time. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, OperationalError, UserError } from '../../../../../base/errors.ts'
import type { MachineSettings, MachineState } from '../../../machine.ts'
import { startVirtualController, type VirtualController } from '../../../virtual/index.ts'
import type { JobEnd } from '../../contract.ts'
import { Guard } from '../../guard.ts'
import { Journal } from '../../journal.ts'
import type { GuardTimings } from '../../timings.ts'
import type { Sequence } from './steps.ts'

/** Short waits: a second of the machine is a few milliseconds. */
const TIMINGS: Partial<GuardTimings> = {
  pollMovingMs: 20,
  pollWaitingMs: 10,
  pollIdleMs: 50,
  pollUnwatchedMs: 50,
  silenceMs: 400,
  bannerMs: 400,
  brakingMarginMs: 150,
  lostAnswerMs: 400,
  identifyMs: 300,
  reconnectMinMs: 10,
  reconnectMaxMs: 50,
  noticeMs: 5,
}

const wallNow = (): number => performance.timeOrigin + performance.now()

/** Between two looks; longer, and somebody else had the processor. */
const LOOK_MS = 3
const LONGEST_LOOK_MS = 25

/** Something that was asked for. */
export interface Asked {
  what: string
  /** Its lines have this feed. */
  feed: number
  atMs: number
  jobId?: string
  /** The lease it was asked under. */
  lease?: number
  /** When it was answered. */
  settledMs?: number
  error?: unknown
}

export interface LeaseSeen {
  atMs: number
  /** {@link Shop.ownMs} then. */
  ownMs: number
  token: number | undefined
  /** Somebody keeps the machine between what he does; a program that waits for a person lends it. */
  heldBy: number | undefined
  /** A program waited for a person. */
  isLent: boolean
}

export class Shop {
  readonly machine: VirtualController
  readonly dir: string
  guard: Guard
  private journal: Journal
  readonly settings: MachineSettings
  readonly asked: Asked[] = []
  readonly ends: (JobEnd & { atMs: number })[] = []
  readonly leases: LeaseSeen[] = []
  /** When a break came after which nothing new may move: a restart, a lost link, a guard that ended. */
  readonly breaks: { atMs: number; what: string }[] = []
  /** Errors that are no answer to anybody: bugs. */
  readonly bugs: string[] = []
  /** How long this process was at work since the shop was opened: guard and machine share it, so limits are measured by it. */
  ownMs = 0
  private lookedAt = wallNow()
  private watch: NodeJS.Timeout
  private isClosed = false

  private constructor(options: { machine: VirtualController; dir: string; settings: MachineSettings; guard: Guard; journal: Journal }) {
    this.machine = options.machine
    this.dir = options.dir
    this.settings = options.settings
    this.guard = options.guard
    this.journal = options.journal
    this.watch = setInterval(() => this.noteLease(), LOOK_MS)
  }

  static async open({ personality, hasHoming, timeScale }: Sequence): Promise<Shop> {
    const dir = await mkdtemp(join(tmpdir(), 'guard-sequence-'))
    // a homed machine counts from 0 downwards
    const envelopeMm: MachineSettings['envelopeMm'] = hasHoming ? { min: [-400, -300, -100], max: [0, 0, 0] } : { min: [-200, -150, -80], max: [200, 150, 20] }
    const machine = await startVirtualController({
      timeScale,
      envelopeMm,
      personality,
      ...(hasHoming ? { settings: { 22: 1, 25: 5000, 26: 10 } } : {}),
      scene: { solids: [{ kind: 'box', min: [-400, -300], max: [400, 300], topMm: hasHoming ? -50 : -40 }] },
    })
    const settings: MachineSettings = {
      name: 'Router',
      link: { kind: 'virtual', timeScale },
      envelopeMm,
      whenRequesterGone: 'finish',
      guarding: { maxCommandsPerS: 100, interlocks: [{ id: 'cover', name: 'cover closed', ttlS: 30, whenUnsafe: 'hold' }] },
    }
    const shop: Shop = new Shop({ machine, dir, settings, ...(await newGuard(() => shop, { machine, dir, settings, isRestart: false })) })
    shop.guard.start()
    shop.guard.setInterlock('cover', true)
    await shop.until(
      () => isReady(shop.guard.state()),
      3000,
      () => `the guard is ready; it is ${JSON.stringify(shop.guard.state())}`,
    )
    return shop
  }

  onEnd(end: JobEnd): void {
    this.ends.push({ ...end, atMs: wallNow() })
  }

  noteLease(): void {
    if (this.isClosed) return
    const { lease, job } = this.guard.state()
    const isLent = job?.phase === 'waiting'
    const isHeld = lease?.kind === 'held' && !isLent
    const atMs = wallNow()
    this.ownMs += Math.min(atMs - this.lookedAt, LONGEST_LOOK_MS)
    this.lookedAt = atMs
    // every look counts: the last one must be as late as the lease was seen
    this.leases.push({ atMs, ownMs: this.ownMs, token: lease?.token, heldBy: isHeld ? lease.token : undefined, isLent })
  }

  /** @throws Error when it did not come true in so much of {@link ownMs} */
  async until(condition: () => boolean, timeoutMs: number, what: () => string): Promise<void> {
    const giveUpAt = this.ownMs + timeoutMs
    while (!condition()) {
      if (this.ownMs > giveUpAt) throw new Error(`not within ${timeoutMs} ms: ${what()}`)
      await new Promise((resolve) => setTimeout(resolve, 4))
    }
  }

  break(what: string): void {
    this.breaks.push({ atMs: wallNow(), what })
  }

  /** Notes a request and how it was answered; a bug is any error that is not made for people. */
  ask(what: string, feed: number, act: () => unknown, lease?: number): { asked: Asked; done: Promise<void> } {
    const asked: Asked = { what, feed, atMs: wallNow(), ...(lease === undefined ? {} : { lease }) }
    this.asked.push(asked)
    const done = (async () => {
      try {
        await act()
      } catch (error) {
        asked.error = error
        if (!(error instanceof UserError || error instanceof OperationalError))
          this.bugs.push(`${what}: ${error instanceof Error ? error.stack : messageOf(error)}`)
      }
      asked.settledMs = wallNow()
    })()
    return { asked, done }
  }

  /** A guard in place of the one before, over the same journal. */
  async restartGuard(): Promise<void> {
    this.break('guard restart')
    const before = this.guard
    await before.close('The guard was ended')
    await this.journal.close()
    this.break('guard restart')
    Object.assign(this, await newGuard(() => this, { machine: this.machine, dir: this.dir, settings: this.settings, isRestart: true }))
    this.guard.start()
    this.guard.setInterlock('cover', true)
  }

  async program(text: string): Promise<{ path: string; sha256: string }> {
    const sha256 = createHash('sha256').update(text).digest('hex')
    const path = join(this.dir, `${sha256.slice(0, 16)}.nc`)
    await writeFile(path, text)
    return { path, sha256 }
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.watch)
    // the machine first: a guard waits for one that does not come to rest
    await this.guard.close('The test ended')
    await this.journal.close()
    await this.machine.close()
    // a guard that was thrown away may still be putting a file in its place
    await rm(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 })
  }
}

async function newGuard(
  shop: () => Shop | undefined,
  options: { machine: VirtualController; dir: string; settings: MachineSettings; isRestart: boolean },
): Promise<{ guard: Guard; journal: Journal }> {
  const journal: Journal = await Journal.open({ dir: join(options.dir, 'journal'), onError: (error) => guard.journalFailed(String(error)) })
  const guard: Guard = new Guard({
    machineId: 'm1',
    settings: options.settings,
    virtualPort: options.machine.port,
    isRestart: options.isRestart,
    journal,
    timings: TIMINGS,
    onState: () => shop()?.noteLease(),
    onJobEnded: (end) => shop()?.onEnd(end),
    onEvent: ({ kind }) => {
      if (kind === 'link-lost' || kind === 'controller-restarted') shop()?.break(kind)
    },
  })
  return { guard, journal }
}

export function isReady(state: MachineState): boolean {
  return state.link === 'connected' && state.firmware !== undefined && state.controller !== 'unknown'
}
