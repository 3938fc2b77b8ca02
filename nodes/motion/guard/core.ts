/** What the parts of one guard share: its phase, its machine, its journal. Decides nothing. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { MachineModel } from '../gcode/index.ts'
import { abilitiesOf, brakingTimeMs, type ControllerFacts, type ControllerMessage, SMALLEST_CONTROLLER } from '../grbl/index.ts'
import type { MachineSettings } from '../machine.ts'
import { CommandRate } from './command-rate.ts'
import { type Answer, type Connection, linkDown } from './connection.ts'
import type { JobEnd } from './contract.ts'
import { type ControllerMemory, type Identity, readMemory } from './controller-setup.ts'
import type { GuardEvent } from './event.ts'
import { FirmwareBackup, isSameValue } from './firmware-backup.ts'
import type { HoldWatch } from './hold-watch.ts'
import type { HeldLease, Jog } from './holders.ts'
import { Interlocks } from './interlocks.ts'
import { ProgramMemory } from './job/program-memory.ts'
import { StartPlans } from './job/start-plans.ts'
import type { Journal } from './journal.ts'
import type { ListPorts } from './links/index.ts'
import { machineModel } from './machine-model.ts'
import { MachineView } from './machine-view.ts'
import { connectionOf, type Phase, runOf } from './phase.ts'
import type { Poller } from './poller.ts'
import type { Jump, PositionSeen } from './position-watch.ts'
import { answerText, notIdle } from './refusals.ts'
import { Remembered } from './remembered.ts'
import { type GuardTimings, TIMINGS } from './timings.ts'
import { TokenCounter } from './tokens.ts'
import { Traffic } from './traffic.ts'

export interface GuardOptions {
  machineId: string
  settings: MachineSettings
  virtualPort?: string
  isRestart: boolean
  journal: Journal
  timings?: Partial<GuardTimings>
  /** The serial ports of this host. @defaultValue those the operating system names */
  listPorts?: ListPorts
  /** Something in the machine's state changed. */
  onState: () => void
  onJobEnded: (end: JobEnd) => void
  onEvent: (event: GuardEvent) => void
}

export class GuardCore {
  readonly journal: Journal
  readonly timings: GuardTimings
  readonly listPorts: ListPorts | undefined
  readonly view: MachineView
  readonly onJobEnded: (end: JobEnd) => void
  readonly #onEvent: (event: GuardEvent) => void
  settings: MachineSettings
  virtualPort: string | undefined
  #phase: Phase = { kind: 'connecting' }
  /** A program or a reset may have changed modal state and offsets since they were read. */
  isMemoryStale = false
  identity: Identity | undefined
  poller: Poller | undefined
  hold: HoldWatch = { kind: 'none' }
  /** Since the link was opened. */
  banners: ControllerMessage[] = []
  /** Counts holds, stops and resumes: an older resume gives way. */
  wish = 0
  /** Counts restarts nobody asked for and lost links: what was asked for before one is not begun after it. */
  breaks = 0
  /** Counts starts of the controller, asked for or not: each sets its overrides back. */
  starts = 0
  /** Resumes under way: a `~` may be out that no report shows yet. */
  resuming = 0
  connectionsSoFar = 0
  /** The machine is kept for one holder between actions and programs. */
  held: HeldLease | undefined
  /** The continuous jog that has the machine. */
  jog: Jog | undefined
  /** What `$#` and `$G` said last. */
  memory: ControllerMemory | undefined
  /** Lines that put the modal state back after a probing cycle that ended in an alarm: sent behind `$X`. */
  restoreAfterUnlock: readonly string[] = []
  /** Counts wishes for an override: an older one gives way. */
  overrideTurn = 0
  /** Somebody is connected who sees the state. */
  isWatched = true
  readonly tokens: TokenCounter
  readonly interlocks: Interlocks
  readonly rate: CommandRate
  readonly remembered: Remembered
  readonly backup: FirmwareBackup
  readonly traffic = new Traffic()
  readonly programs: ProgramMemory
  readonly startPlans = new StartPlans()
  /** Since when reports show the state they show now (monotonic ms). */
  sameStateSince = 0
  /** Of that time and of the time without an answer: how much of it reports were heard in, see `listenedMs`. */
  silence = { from: 0, lookedAt: 0, ms: 0 }
  /** It is being found out whether the controller reads lines behind a jog (`jog-end.ts`): what it has not answered is not lost. */
  isProving = false
  /** So many reports, one after the other, say that an answer was lost. */
  lostReports = 0
  /** The last report that named a machine position. */
  positionSeen: PositionSeen | undefined
  /** The last report's position had jumped: nothing is fed until another one was read. */
  doubt: (Jump & { endWait: () => void }) | undefined
  /** `$13` was written and `$$` not read since: numbers in reports may be mm or inches. */
  areReportsUnclear = false
  /** Where it stood when a quiet link was lost: if it stands there again, nothing was lost. */
  positionAtLoss: readonly number[] | undefined

  constructor(options: GuardOptions) {
    this.journal = options.journal
    this.timings = { ...TIMINGS, ...options.timings }
    this.listPorts = options.listPorts
    this.settings = options.settings
    this.virtualPort = options.virtualPort
    this.view = new MachineView(options.machineId, options.onState)
    this.tokens = new TokenCounter(join(options.journal.dir, 'tokens'))
    this.interlocks = new Interlocks(options.settings.guarding?.interlocks)
    this.rate = new CommandRate(() => this.settings.guarding?.maxCommandsPerS)
    this.programs = new ProgramMemory(join(options.journal.dir, 'programs.json'))
    this.remembered = new Remembered(join(options.journal.dir, 'remembered.json'))
    this.backup = new FirmwareBackup(join(options.journal.dir, 'firmware-settings.json'))
    this.onJobEnded = options.onJobEnded
    this.#onEvent = options.onEvent
  }

  get phase(): Phase {
    return this.#phase
  }

  set phase(phase: Phase) {
    const before = this.#phase.kind
    // whoever made it ready knows what it is
    if (phase.kind === 'ready') this.view.setNotice('identify', undefined)
    if (phase.kind === 'ready' && (before === 'job' || before === 'stopping')) this.isMemoryStale = true
    this.#phase = phase
  }

  get hasJob(): boolean {
    return runOf(this.phase) !== undefined
  }

  /** Stands still by its last report, with nothing in the controller that could move it. */
  get isStanding(): boolean {
    const { state } = this.view.status
    return this.view.isReportedStanding && !(state === 'idle' && (connectionOf(this.phase)?.outstandingCount ?? 0) > 0)
  }

  /** The tool in the spindle: as a person or a tool change said, else as the controller says. */
  get tool(): number | undefined {
    const selected = Number(this.memory?.words.find((word) => /^T\d/.test(word))?.slice(1) ?? 0)
    return this.remembered.tool ?? (selected > 0 ? selected : undefined)
  }

  /** @throws OperationalError `link-down` */
  connected(): Connection {
    const connection = connectionOf(this.phase)
    if (!connection?.isOpen) throw linkDown()
    return connection
  }

  /**
   * Resolves with a report that is newer than this call, or when the link is lost. In a critical alarm Grbl gives none before
   * the reset: what is known then is all there is, and it resolves a moment later.
   */
  freshReport(): Promise<void> {
    if (this.view.isLocked) return pause(this.timings.pollWaitingMs)
    return this.poller?.fresh() ?? Promise.resolve()
  }

  /** What the controller said it is; until then the smallest there is. */
  facts(): ControllerFacts {
    return this.identity?.facts ?? SMALLEST_CONTROLLER
  }

  /** @throws UserError `machine-not-idle` until the controller said what it is */
  identified(): Identity {
    if (!this.identity) throw notIdle(this.view, 'The controller has not said what it is yet.')
    return this.identity
  }

  /** Asks for the modal state and offsets, and shows them. @throws OperationalError `controller-unclear` */
  async readMemory(connection: Connection, identity: Identity): Promise<ControllerMemory> {
    const memory = await readMemory(connection, identity)
    this.memory = memory
    this.view.setMemory(memory)
    return memory
  }

  /** What the controller said of itself was found out, for the first time or anew. */
  learn(identity: Identity, memory: ControllerMemory): void {
    const before = this.identity
    this.identity = identity
    this.areReportsUnclear = false
    this.memory = memory
    this.view.setFirmware(identity.facts.firmware)
    this.view.setAbilities(abilitiesOf(identity.facts, identity.settings))
    this.view.setMemory(memory)
    const changed = before && changedScale(before, identity)
    if (changed !== undefined)
      this.setTrust(false, `$${changed} is another one now, so the position reckoned with it means nothing any more. Home before anything else moves.`)
    if (!this.view.isPositionTrusted && !identity.settings.hasHoming) this.remembered.forgetToolReference()
  }

  /** The machine as it stands now, for a check: asks for modal state and offsets. @throws OperationalError `controller-unclear` */
  async machineModel(connection: Connection): Promise<MachineModel> {
    const identity = this.identified()
    const memory = await this.readMemory(connection, identity)
    return machineModel({ identity, memory, settings: this.settings, positionMm: this.view.status.machinePositionMm, tool: this.remembered.tool })
  }

  answerText(answer: Extract<Answer, { isOk: false }>): string {
    return answerText(answer.code, this.facts())
  }

  /** A virtual machine in slow motion brakes longer. */
  slowness(): number {
    const { link } = this.settings
    return link.kind === 'virtual' ? Math.max(1, 1 / link.timeScale) : 1
  }

  /** Braking from full speed, with a margin. */
  brakingMs(): number {
    return Math.min(60_000, (brakingTimeMs(this.identity?.settings) + this.timings.brakingMarginMs) * this.slowness())
  }

  setHold(hold: HoldWatch): void {
    this.hold = hold
    connectionOf(this.phase)?.keepBack(this.isKeptBack)
  }

  /** Nothing is fed while a hold is asked for or seen, or while it is not certain where the machine is. */
  get isKeptBack(): boolean {
    return this.hold.kind !== 'none' || this.doubt !== undefined
  }

  setDoubt(doubt: GuardCore['doubt']): void {
    this.doubt?.endWait()
    this.doubt = doubt
    connectionOf(this.phase)?.keepBack(this.isKeptBack)
  }

  setTrust(isTrusted: boolean, text: string): void {
    // machine coordinates of a machine without homing mean nothing any more
    if (!isTrusted && this.identity && !this.identity.settings.hasHoming) this.remembered.forgetToolReference()
    this.view.setTrust(isTrusted, text)
    this.journal.append({ kind: 'trust', isTrusted, text })
  }

  /** Somebody asks for something: for the journal and the console. */
  asked({ what, by, text, lease }: { what: string; by: string; text?: string | undefined; lease?: number | undefined }): void {
    this.journal.append({ kind: 'request', what, by, ...(text === undefined ? {} : { text }), ...(lease === undefined ? {} : { lease }) })
    this.traffic.add('note', text === undefined ? what : `${what} ${text}`, by)
  }

  event(kind: GuardEvent['kind'], text: string): void {
    if (kind !== 'state' && kind !== 'message') this.traffic.add('note', text)
    this.#onEvent({ kind, text, at: new Date().toISOString(), controller: this.view.status.state })
  }
}

/** Direction inverts and steps per mm: Grbl keeps counting steps, and reckons its position from them anew (report.c, system.c). */
const SCALE_SETTINGS = [3, 100, 101, 102, 103, 104, 105]

function changedScale(before: Identity, now: Identity): number | undefined {
  return SCALE_SETTINGS.find((number) => {
    const [was, is] = [before.settings.all.get(number), now.settings.all.get(number)]
    return was !== undefined && is !== undefined && !isSameValue(was, is)
  })
}
