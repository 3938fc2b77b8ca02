/** What the parts of a LinuxCNC guard share: its phase, its machine, its journal. Decides nothing. */
import { join } from 'node:path'
import { addAnswers, type LinuxcncStatus, lockOf, stateOf, UNKNOWN_LINUXCNC } from '../../linuxcnc/index.ts'
import type { ControllerState, MachineSettings, MachineState } from '../../machine.ts'
import { CommandRate } from '../command-rate.ts'
import type { JobEnd } from '../contract.ts'
import type { GuardOptions } from '../core.ts'
import type { GuardEvent } from '../event.ts'
import { stateText } from '../event.ts'
import { Interlocks } from '../interlocks.ts'
import type { Journal } from '../journal.ts'
import type { Work } from '../phase.ts'
import { Remembered } from '../remembered.ts'
import { type GuardTimings, TIMINGS } from '../timings.ts'
import { TokenCounter } from '../tokens.ts'
import { Traffic } from '../traffic.ts'
import type { Greeting } from './greeting.ts'
import type { LinuxcncRun } from './run.ts'
import { type LinuxcncTalk, linuxcncDown } from './talk.ts'

export type LinuxcncPhase =
  /** No connection: opening, or waiting for the next try. */
  | { kind: 'connecting' }
  /** Connected; saying hello and learning what it is. Stop works as soon as it may be commanded. */
  | { kind: 'greeting'; talk: LinuxcncTalk }
  | { kind: 'ready'; talk: LinuxcncTalk }
  | ({ kind: 'working'; talk: LinuxcncTalk } & Work)
  | { kind: 'job'; talk: LinuxcncTalk; run: LinuxcncRun }
  /** An abort is out; it is not seen standing yet. `looks`: so many there were before it. */
  | { kind: 'stopping'; talk: LinuxcncTalk; run: LinuxcncRun | undefined; by: string; isHard: boolean; giveUpAt: number; looks: number; text?: string }
  | { kind: 'closed' }

export class LinuxcncCore {
  readonly machineId: string
  readonly journal: Journal
  readonly timings: GuardTimings
  readonly interlocks: Interlocks
  readonly rate: CommandRate
  readonly remembered: Remembered
  readonly tokens: TokenCounter
  readonly traffic = new Traffic()
  readonly onJobEnded: (end: JobEnd) => void
  readonly #onState: () => void
  readonly #onEvent: (event: GuardEvent) => void
  settings: MachineSettings
  phase: LinuxcncPhase = { kind: 'connecting' }
  greeting: Greeting | undefined
  status: LinuxcncStatus = UNKNOWN_LINUXCNC
  /** The position changed between the last two looks. */
  isMoving = false
  /** Looks since the connection, and those in a row without motion. */
  looks = 0
  stillLooks = 0
  /** Counts holds, stops and resumes: what was begun before gives way. */
  wish = 0
  /** Resumes under way: an order may be out that no look shows yet. */
  resuming = 0
  connectionsSoFar = 0
  isWatched = true
  held: { holder: string; token: number; ttlMs: number; endsAt: number; timer: NodeJS.Timeout } | undefined
  jog: { token: number; end: () => void; beat: () => boolean } | undefined
  /** Told by us, until homed again: a hard stop cut the drives' power. */
  #distrust: string | undefined
  #link: MachineState['link'] = 'connecting'
  readonly #notices = new Map<string, string>()
  #reportedAt: string | undefined
  #changedAt = new Date().toISOString()
  #lookers: { from: number; resolve: () => void }[] = []

  constructor(options: GuardOptions) {
    this.machineId = options.machineId
    this.journal = options.journal
    this.timings = { ...TIMINGS, ...options.timings }
    this.settings = options.settings
    this.interlocks = new Interlocks(options.settings.guarding?.interlocks)
    this.rate = new CommandRate(() => this.settings.guarding?.maxCommandsPerS)
    this.remembered = new Remembered(join(options.journal.dir, 'remembered.json'))
    this.tokens = new TokenCounter(join(options.journal.dir, 'tokens'))
    this.onJobEnded = options.onJobEnded
    this.#onState = options.onState
    this.#onEvent = options.onEvent
  }

  get talk(): LinuxcncTalk | undefined {
    return 'talk' in this.phase ? this.phase.talk : undefined
  }

  get run(): LinuxcncRun | undefined {
    return this.phase.kind === 'job' || this.phase.kind === 'stopping' ? this.phase.run : undefined
  }

  /** @throws OperationalError `link-down` */
  connected(): LinuxcncTalk {
    const { talk } = this
    if (!talk?.isOpen) throw linuxcncDown()
    return talk
  }

  get controller(): { state: ControllerState; subState?: number } {
    if (this.#link !== 'connected' || this.looks === 0) return { state: 'unknown' }
    const isHoming = this.phase.kind === 'working' && this.phase.what === 'homing'
    return stateOf(this.status, { isMoving: this.isMoving, isHoming })
  }

  /** Seen still in two looks, with nothing that would move it on. */
  get isStanding(): boolean {
    const { state } = this.controller
    return this.stillLooks >= 1 && (state === 'idle' || state === 'alarm' || state === 'hold')
  }

  get isHomed(): boolean {
    return this.status.isHomed.length > 0 && this.status.isHomed.every(Boolean)
  }

  get isPositionTrusted(): boolean {
    return this.#distrust === undefined && (this.looks === 0 || this.isHomed)
  }

  setTrust(isTrusted: boolean, text: string): void {
    this.#distrust = isTrusted ? undefined : text
    this.setNotice('position', isTrusted ? undefined : text)
    this.journal.append({ kind: 'trust', isTrusted, text })
  }

  setLink(link: MachineState['link']): void {
    this.#link = link
    if (link !== 'connected') {
      this.status = { ...UNKNOWN_LINUXCNC, positionMm: this.status.positionMm, workPositionMm: this.status.workPositionMm }
      this.looks = 0
      this.stillLooks = 0
      this.isMoving = false
      for (const { resolve } of this.#lookers.splice(0)) resolve()
    }
    this.changed()
  }

  /** Takes in the answers of one look. @returns whether the state is another one now */
  seen(answers: ReadonlyMap<string, string>): boolean {
    if (!this.greeting) return false
    const before = this.controller
    const was = this.status
    this.status = addAnswers(this.status, answers, this.greeting.facts)
    this.isMoving = this.looks > 0 && this.status.positionMm.some((value, axis) => Math.abs(value - (was.positionMm[axis] ?? 0)) > 0.0005)
    this.looks += 1
    this.stillLooks = this.isMoving ? 0 : this.stillLooks + 1
    this.#reportedAt = new Date().toISOString()
    const now = this.controller
    const isOther = before.state !== now.state || before.subState !== now.subState
    if (isOther) {
      const state = now.subState === undefined ? now.state : `${now.state}:${now.subState}`
      this.journal.append({ kind: 'state', state, positionMm: this.status.positionMm })
      if (before.state !== now.state) {
        const lock = lockOf(this.status)
        if (lock) this.event('alarm', `${lock.text}. ${lock.whatToDo}`)
        this.event('state', stateText(now.state))
      }
    }
    this.changed()
    return isOther
  }

  /** A look is over. @param from number of the look, counted when it began */
  lookedFrom(from: number): void {
    const done = this.#lookers.filter((looker) => looker.from <= from)
    this.#lookers = this.#lookers.filter((looker) => looker.from > from)
    for (const { resolve } of done) resolve()
  }

  /** Resolves after a look that begins after this call, or when the link is lost. */
  freshLook(nextLook: number): Promise<void> {
    return new Promise((resolve) => this.#lookers.push({ from: nextLook, resolve }))
  }

  setNotice(key: string, text: string | undefined): void {
    if (this.#notices.get(key) === text) return
    this.#notices.delete(key)
    if (text !== undefined) this.#notices.set(key, text)
    this.changed()
  }

  changed(): void {
    this.#changedAt = new Date().toISOString()
    this.#onState()
  }

  event(kind: GuardEvent['kind'], text: string): void {
    if (kind !== 'state' && kind !== 'message') this.traffic.add('note', text)
    this.#onEvent({ kind, text, at: new Date().toISOString(), controller: this.controller.state })
  }

  /** Braking from full speed, with a margin; 3 s where LinuxCNC does not tell its limits. */
  get brakingMs(): number {
    const { maxRateMmPerMin = [], accelerationMmPerS2 = [] } = this.greeting ?? {}
    const brakingMs =
      maxRateMmPerMin.length > 0 && accelerationMmPerS2.length > 0 ? (Math.max(...maxRateMmPerMin) / 60 / Math.min(...accelerationMmPerS2)) * 1000 : 2500
    return Math.min(30_000, brakingMs + this.timings.brakingMarginMs)
  }

  snapshot(): MachineState {
    const { status, greeting } = this
    const { state, subState } = this.controller
    const lock = this.looks > 0 ? lockOf(status) : undefined
    const run = this.run
    const offset = status.positionMm.map((value, axis) => value - (status.workPositionMm[axis] ?? 0))
    const interlocks = this.interlocks.state()
    const codes = status.codes.filter((word) => /^[GM]/.test(word))
    const number = (letter: string) => Number(status.codes.find((word) => word.startsWith(letter))?.slice(1) ?? 0) || 0
    return {
      machineId: this.machineId,
      link: this.#link,
      controller: state,
      ...(subState === undefined ? {} : { subState }),
      isStanding: this.isStanding,
      ...(lock ? { alarm: { code: 0, ...lock } } : {}),
      isPositionTrusted: this.isPositionTrusted,
      machinePositionMm: status.positionMm,
      workPositionMm: status.workPositionMm,
      workOffsetMm: offset,
      // linuxcncrsh tells no speed but the one that was set
      feedMmPerMin: this.isMoving ? number('F') * (codes.includes('G20') ? 25.4 : 1) : 0,
      spindleRpm: status.spindle === 'off' ? 0 : number('S'),
      overridesPercent: { feed: status.feedOverridePercent, rapid: 100, spindle: status.spindleOverridePercent },
      pins: '',
      ...(greeting
        ? {
            firmware: `LinuxCNC (${greeting.facts.server})`,
            abilities: {
              dialect: 'linuxcnc' as const,
              axes: greeting.facts.axes,
              hasHoming: true,
              hasSoftLimits: true,
              maxRateMmPerMin: greeting.maxRateMmPerMin,
              accelerationMmPerS2: greeting.accelerationMmPerS2,
              travelMm: greeting.envelopeMm ? greeting.envelopeMm.max.map((max, axis) => max - (greeting.envelopeMm?.min[axis] ?? 0)) : [],
            },
          }
        : {}),
      ...(codes.length > 0 ? { modal: codes } : {}),
      tool: status.tool,
      accessories: { spindle: status.spindle, isFloodOn: status.isFloodOn, isMistOn: status.isMistOn },
      ...(interlocks.length > 0 ? { interlocks } : {}),
      ...(this.#leaseShown() ?? {}),
      partsCount: this.remembered.partsCount,
      ...(run ? { job: run.active({ isStopping: this.phase.kind === 'stopping', isHeld: state === 'hold' }) } : {}),
      notices: [...this.#notices.values()],
      ...(this.#reportedAt ? { reportedAt: this.#reportedAt } : {}),
      at: this.#changedAt,
    }
  }

  #leaseShown(): Pick<MachineState, 'lease'> | undefined {
    const { held, phase, run } = this
    if (held) {
      const until = new Date(Date.now() + Math.max(0, held.endsAt - performance.now())).toISOString()
      return { lease: { kind: 'held', holder: held.holder, token: held.token, until } }
    }
    if (run) return { lease: { kind: 'job', holder: run.request.by, token: run.token } }
    if (phase.kind === 'working') return { lease: { kind: phase.what === 'jogging' ? 'jog' : 'work', holder: phase.by, token: phase.token } }
    return undefined
  }
}
