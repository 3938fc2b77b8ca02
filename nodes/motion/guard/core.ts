/** What the parts of one guard share: its phase, its machine, its journal. Decides nothing. */
import { brakingTimeMs, type ControllerFacts, type ControllerMessage, SMALLEST_CONTROLLER } from '../grbl/index.ts'
import type { MachineSettings } from '../machine.ts'
import { type Answer, type Connection, linkDown } from './connection.ts'
import type { JobEnd } from './contract.ts'
import { checkSetup, type Identity, readMemory } from './controller-setup.ts'
import type { GuardEvent } from './event.ts'
import type { HoldWatch } from './hold-watch.ts'
import type { Journal } from './journal.ts'
import { MachineView } from './machine-view.ts'
import { connectionOf, type Phase, runOf } from './phase.ts'
import type { Poller } from './poller.ts'
import { answerText, notIdle } from './refusals.ts'
import { type GuardTimings, TIMINGS } from './timings.ts'

export interface GuardOptions {
  machineId: string
  settings: MachineSettings
  virtualPort?: string
  isRestart: boolean
  journal: Journal
  timings?: Partial<GuardTimings>
  /** Something in the machine's state changed. */
  onState: () => void
  onJobEnded: (end: JobEnd) => void
  onEvent: (event: GuardEvent) => void
}

export class GuardCore {
  readonly journal: Journal
  readonly timings: GuardTimings
  readonly view: MachineView
  readonly onJobEnded: (end: JobEnd) => void
  readonly #onEvent: (event: GuardEvent) => void
  settings: MachineSettings
  virtualPort: string | undefined
  phase: Phase = { kind: 'connecting' }
  identity: Identity | undefined
  poller: Poller | undefined
  hold: HoldWatch = { kind: 'none' }
  /** Since the link was opened. */
  banners: ControllerMessage[] = []
  /** Counts holds, stops and resumes: an older resume gives way. */
  wish = 0
  connectionsSoFar = 0
  /** Where it stood when a quiet link was lost: if it stands there again, nothing was lost. */
  positionAtLoss: readonly number[] | undefined

  constructor(options: GuardOptions) {
    this.journal = options.journal
    this.timings = { ...TIMINGS, ...options.timings }
    this.settings = options.settings
    this.virtualPort = options.virtualPort
    this.view = new MachineView(options.machineId, options.onState)
    this.onJobEnded = options.onJobEnded
    this.#onEvent = options.onEvent
  }

  get hasJob(): boolean {
    return runOf(this.phase) !== undefined
  }

  /** Stands still by its last report, with nothing in the controller that could move it. */
  get isStanding(): boolean {
    const { state } = this.view.status
    return this.view.isReportedStanding && !(state === 'idle' && (connectionOf(this.phase)?.outstandingCount ?? 0) > 0)
  }

  /** @throws OperationalError `link-down` */
  connected(): Connection {
    const connection = connectionOf(this.phase)
    if (!connection?.isOpen) throw linkDown()
    return connection
  }

  /** Resolves with a report that is newer than this call, or when the link is lost. */
  freshReport(): Promise<void> {
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

  /** Asks for the modal state and offsets a check begins from. */
  async checkSetup(connection: Connection, identity: Identity) {
    const memory = await readMemory(connection, identity)
    this.view.setWorkOffset(memory.activeOffsetMm)
    return checkSetup({ memory, positionMm: this.view.status.machinePositionMm, envelopeMm: this.settings.envelopeMm, facts: identity.facts })
  }

  answerText(answer: Extract<Answer, { isOk: false }>): string {
    return answerText(answer.code, this.facts().dialect)
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

  /** Nothing is fed while a hold is asked for or seen. */
  setHold(hold: HoldWatch): void {
    this.hold = hold
    connectionOf(this.phase)?.keepBack(hold.kind !== 'none')
  }

  setTrust(isTrusted: boolean, text: string): void {
    this.view.setTrust(isTrusted, text)
    this.journal.append({ kind: 'trust', isTrusted, text })
  }

  event(kind: GuardEvent['kind'], text: string): void {
    this.#onEvent({ kind, text, at: new Date().toISOString(), controller: this.view.status.state })
  }
}
