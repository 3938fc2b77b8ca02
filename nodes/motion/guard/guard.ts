/**
 * The guard of one machine: what it may do when. Owns the connection, the phase and the job; everything
 * that reaches the controller passes through here.
 */
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { brakingTimeMs, type ControllerMessage, type PreparedLine, SMALLEST_CONTROLLER, type StatusReport } from '../grbl/index.ts'
import type { MachineSettings, MachineState } from '../machine.ts'
import { type CheckedProgram, checkProgram } from './check-program.ts'
import { type Command, checkCommand, readCommand } from './command-line.ts'
import { type Answer, Connection, linkDown } from './connection.ts'
import type { JobEnd } from './contract.ts'
import { checkSetup, type Identity, readMemory } from './controller-setup.ts'
import { describeMessage, type GuardEvent, stateText } from './event.ts'
import { type HoldWatch, watchHold } from './hold-watch.ts'
import { askOnce, identifyWhenPossible } from './identification.ts'
import { type JobRequest, JobRun } from './job-run.ts'
import { endOfUnfinished, type Journal } from './journal.ts'
import { describeTarget, type LinkTarget } from './link.ts'
import { keepLink, type LinkKeeper, targetOf } from './link-keeper.ts'
import { MachineView } from './machine-view.ts'
import { connectionOf, type Phase, runOf, type StopPurpose } from './phase.ts'
import { createPoller, type Poller } from './poller.ts'
import { answerText, busy, notIdle } from './refusals.ts'
import { resumeMachine } from './resume.ts'
import { runStop } from './stop-control.ts'
import { type GuardTimings, TIMINGS } from './timings.ts'

export interface GuardOptions {
  machineId: string
  settings: MachineSettings
  virtualPort?: string
  isRestart: boolean
  journal: Journal
  timings?: Partial<GuardTimings>
  /** Something in {@link Guard.state} changed. */
  onState: () => void
  onJobEnded: (end: JobEnd) => void
  onEvent: (event: GuardEvent) => void
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const now = () => new Date().toISOString()

export class Guard {
  readonly #options: GuardOptions
  readonly #journal: Journal
  readonly #timings: GuardTimings
  readonly #view: MachineView
  readonly #keeper: LinkKeeper
  #settings: MachineSettings
  #virtualPort: string | undefined
  #phase: Phase = { kind: 'connecting' }
  #identity: Identity | undefined
  #poller: Poller | undefined
  #hold: HoldWatch = { kind: 'none' }
  #banners: ControllerMessage[] = []
  /** Counts holds, stops and resumes: an older resume gives way. */
  #wish = 0
  #connectionsSoFar = 0
  /** Where it stood when a quiet link was lost: if it stands there again, nothing was lost. */
  #positionAtLoss: readonly number[] | undefined

  constructor(options: GuardOptions) {
    this.#options = options
    this.#journal = options.journal
    this.#timings = { ...TIMINGS, ...options.timings }
    this.#settings = options.settings
    this.#virtualPort = options.virtualPort
    this.#view = new MachineView(options.machineId, options.onState)
    this.#keeper = keepLink({
      target: () => targetOf(this.#settings.link, this.#virtualPort),
      timings: this.#timings,
      newConnection: () => this.#newConnection(),
      onOpened: (connection, target) => this.#opened(connection, target),
      onFailed: (message) => {
        this.#view.setLink(this.#connectionsSoFar > 0 ? 'lost' : 'connecting')
        this.#view.setNotice('link', message)
      },
    })
  }

  /** Closes the books on a job that died with the last guard, then opens the link or waits for a person. */
  start(): void {
    const { unfinished, isPositionTrusted, distrustText } = this.#journal.before
    if (unfinished) this.#tellEnd(endOfUnfinished(unfinished, isPositionTrusted), unfinished.start.programName)
    this.#setTrust(isPositionTrusted, distrustText)
    if (this.#options.isRestart && this.#resetsOnOpen()) this.#waitForPerson()
    else this.#keeper.open()
  }

  state(): MachineState {
    const run = runOf(this.#phase)
    return this.#view.snapshot({ job: run?.active(this.#phase.kind === 'stopping'), isStanding: this.isStanding })
  }

  /** Stands still by its last report, with nothing in the controller that could move it. */
  get isStanding(): boolean {
    const { state } = this.#view.status
    return this.#view.isReportedStanding && !(state === 'idle' && (connectionOf(this.#phase)?.outstandingCount ?? 0) > 0)
  }

  get hasJob(): boolean {
    return runOf(this.#phase) !== undefined
  }

  // --- what people and programs may ask for -------------------------------------------------------

  /** @throws OperationalError `link-down` */
  hold(by: string): { sentAt: string } {
    this.#connected().realtime('feedHold')
    const sentAt = now()
    this.#wish += 1
    this.#setHold({ kind: 'asked', reports: 0 })
    if (this.#phase.kind === 'job') {
      const { run } = this.#phase
      run.isPaused = true
      if (!run.hasStarted) run.abort.abort(beforeStart('A hold was asked for before the first line was sent'))
    }
    this.#poller?.now()
    this.#view.changed()
    this.#journal.append({ kind: 'request', what: 'hold', by })
    this.#journal.syncSoon()
    return { sentAt }
  }

  /**
   * Soft: `!`, seen standing, 0x18, banner, verdict. Hard: 0x18 at once. Answers when the first byte went out.
   * @throws OperationalError `link-down`
   */
  stop(by: string, isHard: boolean): { sentAt: string } {
    const connection = this.#connected()
    if (!isHard) connection.realtime('feedHold')
    this.#stop(connection, { kind: 'person', by, isHard })
    const sentAt = now()
    this.#journal.append({ kind: 'request', what: isHard ? 'hard stop' : 'stop', by })
    this.#journal.syncSoon()
    return { sentAt }
  }

  /** @throws UserError `not-held`, OperationalError `link-down`, `resume-failed` */
  async resume(by: string): Promise<void> {
    const connection = this.#connected()
    this.#wish += 1
    const wish = this.#wish
    this.#journal.append({ kind: 'request', what: 'resume', by })
    await resumeMachine({
      connection,
      status: () => this.#view.status,
      freshReport: () => this.#freshReport(),
      isCurrent: () => this.#wish === wish && this.#phase.kind !== 'stopping' && connection.isOpen,
      brakingMs: this.#brakingMs(),
      pollMs: this.#timings.pollWaitingMs,
    })
  }

  /** Leaves an alarm (`$X`), with a reset first where the alarm asks for one. Moves nothing. */
  async unlock(by: string): Promise<void> {
    this.#journal.append({ kind: 'request', what: 'unlock', by })
    await this.#leaveCriticalAlarm()
    await this.#work('unlocking', async (connection) => {
      const answer = await connection.request('$X')
      if (!answer.isOk) {
        const message = `The controller was not unlocked: ${this.#answerText(answer)}`
        throw new UserError({ code: 'controller-refused', message, status: 409 })
      }
      await this.#freshReport()
    })
  }

  /** Runs the homing cycle to its end. @throws UserError `machine-busy`, `machine-not-idle`, OperationalError `homing-failed` */
  async home(by: string): Promise<void> {
    this.#journal.append({ kind: 'request', what: 'home', by })
    await this.#leaveCriticalAlarm()
    await this.#work('homing', async (connection) => {
      await this.#freshReport()
      const { state } = this.#view.status
      if (state !== 'idle' && state !== 'alarm') throw notIdle(this.#view)
      const homing = connection.request('$H')
      this.#view.presumeState('home')
      const answer = await homing.catch((error) => {
        const { alarm } = this.#view
        const why = alarm && alarm.code > 0 ? `${alarm.facts.text}. ${alarm.facts.whatToDo}` : messageOf(error)
        throw new OperationalError({ code: 'homing-failed', message: `Homing did not come to its end: ${why}`, cause: error })
      })
      if (!answer.isOk) {
        this.#poller?.now()
        throw new OperationalError({ code: 'homing-failed', message: `The controller did not home: ${this.#answerText(answer)}` })
      }
      this.#setTrust(true, '')
      await this.#freshReport()
    })
  }

  /** Opens the port though that may reset the controller. */
  connect(by: string): void {
    this.#journal.append({ kind: 'request', what: 'connect', by })
    if (this.#phase.kind === 'waiting-for-person') this.#openAgain()
    else if (this.#phase.kind === 'connecting') this.#keeper.open()
  }

  /** @returns `ok` or the error in words, after what the controller said before it */
  async command(raw: string, by: string): Promise<{ answer: string }> {
    const command = readCommand(raw, this.#facts().maxLineLength)
    if (command.kind === 'home') await this.home(by)
    else if (command.kind === 'unlock') await this.unlock(by)
    else return { answer: await this.#work('command', (connection) => this.#send(connection, command, by)) }
    return { answer: 'ok' }
  }

  /**
   * Checks the program, takes the lease and begins to stream. Resolves when the first line may go.
   * @throws UserError `job-seen`, `machine-busy`, `machine-not-idle`, `position-not-trusted`, `program-missing`,
   * `program-changed`, `program-empty`, `line-refused`, `outside-envelope`, `stopped-before-start`
   */
  async startJob(request: JobRequest): Promise<{ totalLines: number }> {
    this.#mustBeNew(request.jobId)
    const connection = await this.#freeSoon()
    this.#mustBeNew(request.jobId)
    const run = new JobRun(request, connection, this.#journal)
    this.#phase = { kind: 'job', connection, run }
    this.#view.changed()
    let program: CheckedProgram | undefined
    try {
      program = await this.#check(run)
      await this.#writeDownStart(run, program)
    } catch (error) {
      await program?.file.close()
      if (this.#phase.kind === 'job' && this.#phase.run === run) this.#phase = { kind: 'ready', connection }
      this.#view.changed()
      // whatever broke because of it: that it was stopped is what counts
      throw run.abort.signal.aborted ? run.abort.signal.reason : error
    }
    this.#view.setNotice('job', undefined)
    run.stream(program, (error) => this.#failJob(run, `The program cannot be read on: ${messageOf(error)}`))
    this.#poller?.now()
    this.#view.changed()
    return { totalLines: program.totalLines }
  }

  async jobStatus(jobId: string): Promise<{ state: 'active' } | JobEnd | null> {
    if (runOf(this.#phase)?.request.jobId === jobId) return { state: 'active' }
    return (await this.#journal.jobEnd(jobId)) ?? null
  }

  requesterGone(jobId: string): void {
    const run = runOf(this.#phase)
    if (run?.request.jobId !== jobId) return
    this.#journal.append({ kind: 'request', what: `requester gone, policy ${run.request.whenRequesterGone}`, by: 'gateway' })
    if (run.request.whenRequesterGone === 'hold') this.hold('job policy, as its requester is gone')
  }

  /** @throws UserError `machine-busy`, `machine-not-idle` */
  async configure(settings: MachineSettings): Promise<void> {
    if (this.#phase.kind === 'stopping') throw busy(this.#phase)
    this.mustBeQuiet()
    const isSameLink = JSON.stringify(settings.link) === JSON.stringify(this.#settings.link)
    this.#settings = settings
    if (!isSameLink) await this.#reconnect()
    this.#view.changed()
  }

  /** A virtual controller came up again behind another port. */
  async virtualPortChanged(port: string): Promise<void> {
    if (port === this.#virtualPort) return
    this.#virtualPort = port
    if (this.#settings.link.kind === 'virtual' && !connectionOf(this.#phase)?.isOpen) await this.#reconnect()
  }

  /** The disk under the journal fails (or works again): a person must know, the machine goes on. */
  journalFailed(reason: string | undefined): void {
    this.#view.setNotice('journal', reason === undefined ? undefined : `The journal cannot be written (${reason}). Make room on the disk.`)
  }

  /** Nobody is there to watch: a machine that moves is held. */
  holdIfMoving(why: string): void {
    // a stop that is under way goes further than a hold
    if (this.#phase.kind === 'stopping' || !connectionOf(this.#phase)?.isOpen) return
    // between two moves of a program it stands too; once held, it needs no second hold
    if (this.isStanding && (this.#hold.kind === 'seen' || !runOf(this.#phase)?.hasStarted)) return
    this.hold(why)
  }

  /** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
  mustBeQuiet(): void {
    if (this.hasJob || this.#phase.kind === 'working') throw busy(this.#phase)
    if (connectionOf(this.#phase) && this.#view.status.state !== 'unknown' && !this.isStanding) throw notIdle(this.#view)
  }

  /** Holds a moving machine, waits until it stands (bounded), ends the job, lets go of the port. */
  async close(why: string): Promise<void> {
    if (this.#phase.kind === 'closed') return
    this.holdIfMoving(why)
    const giveUpAt = performance.now() + this.#brakingMs() + 1000
    // the last report may be older than the hold
    if (this.#hold.kind === 'asked') await Promise.race([this.#freshReport(), pause(1000)])
    const isMoving = () => connectionOf(this.#phase)?.isOpen && (this.#phase.kind === 'stopping' || !this.#view.isReportedStanding)
    while (isMoving() && performance.now() < giveUpAt) {
      if (this.#view.status.state === 'unknown' && !this.hasJob) break
      await pause(20)
    }
    const phase = this.#phase
    const run = runOf(phase)
    const hasStood = this.#view.isReportedStanding
    this.#phase = { kind: 'closed' }
    if (phase.kind === 'stopping') phase.control?.abandon()
    if (run) {
      const held = hasStood ? 'The machine stands in feed hold' : 'The machine was told to hold, but was not seen standing'
      await this.#endJob(run, 'interrupted', `${why} at line ${run.currentLine}. ${held} with the rest of its buffer; the spindle may be on.`)
    }
    this.#keeper.stop()
    this.#poller?.stop()
    await connectionOf(phase)?.close('The guard ends.')
    this.#journal.append({ kind: 'link', what: 'closed', text: why })
  }

  // --- the link -----------------------------------------------------------------------------------

  #resetsOnOpen(): boolean {
    return this.#settings.link.kind === 'serial' && this.#settings.link.resetsOnOpen
  }

  #waitForPerson(): void {
    this.#phase = { kind: 'waiting-for-person' }
    this.#view.setLink('waiting-for-person')
    this.#view.setNotice(
      'link',
      'Opening the port may reset the controller, and a machine that still moves would lose its position. Look at the machine, then choose Connect.',
    )
  }

  #openAgain(): void {
    this.#phase = { kind: 'connecting' }
    this.#view.setLink('connecting')
    this.#keeper.open()
  }

  async #reconnect(): Promise<void> {
    const connection = connectionOf(this.#phase)
    this.#keeper.stop()
    this.#poller?.stop()
    this.#identity = undefined
    this.#phase = { kind: 'connecting' }
    await connection?.close()
    this.#openAgain()
  }

  #newConnection(): Connection {
    const ifCurrent = (act: () => void) => {
      if (connectionOf(this.#phase) === connection) act()
    }
    const connection: Connection = new Connection({
      onMessage: (message) => ifCurrent(() => this.#onMessage(message)),
      onProgramAnswer: (line, answer) => ifCurrent(() => this.#onProgramAnswer(line, answer)),
      onBanner: (wasAsked) => ifCurrent(() => this.#onBanner(connection, wasAsked)),
      onStrayAnswer: (text) => this.#journal.append({ kind: 'received', text: `(stray) ${text}` }),
      onReceived: (line) => {
        if (line !== 'ok' && !line.startsWith('<')) this.#journal.append({ kind: 'received', text: line })
      },
      onSent: (text) => this.#journal.append({ kind: 'sent', text }),
      onRealtime: (name) => {
        if (name !== 'status') this.#journal.append({ kind: 'realtime', byte: name })
      },
      onLost: (reason) => ifCurrent(() => this.#onLost(connection, reason)),
    })
    return connection
  }

  #opened(connection: Connection, target: LinkTarget): void {
    this.#connectionsSoFar += 1
    this.#banners = []
    this.#setHold({ kind: 'none' })
    this.#phase = { kind: 'identifying', connection }
    this.#view.setNotice('link', undefined)
    this.#view.setLink('connected')
    this.#journal.append({ kind: 'link', what: 'open', text: describeTarget(target) })
    if (this.#connectionsSoFar > 1) this.#event('link-back', 'The controller is connected again. Nothing was sent to it.')
    this.#listen(connection).catch((error) => this.#view.setNotice('identify', messageOf(error)))
  }

  async #listen(connection: Connection): Promise<void> {
    if (this.#resetsOnOpen()) {
      // an Arduino's boot loader listens first; what it hears may keep it from starting Grbl
      const until = performance.now() + this.#timings.bootMs
      while (performance.now() < until && this.#banners.length === 0 && connection.isOpen) await pause(20)
    }
    if (connectionOf(this.#phase) !== connection) return
    this.#poller?.stop()
    this.#poller = createPoller({
      ask: () => {
        if (connection.isOpen) connection.realtime('status')
      },
      intervalMs: () => this.#pollInterval(),
      waitingIntervalMs: this.#timings.pollWaitingMs,
      silenceMs: () => this.#silenceLimit(connection),
      onSilence: () => connection.lost('the controller does not answer any more'),
    })
    this.#poller.now()
    // a stop may have been asked for meanwhile
    if (this.#phase.kind === 'identifying') this.#becomeReady(connection)
  }

  #onLost(connection: Connection, reason: string): void {
    const isQuiet = this.isStanding && connection.outstandingCount === 0
    const phase = this.#phase
    const run = runOf(phase)
    this.#poller?.stop()
    this.#journal.append({ kind: 'link', what: 'lost', text: reason })
    this.#positionAtLoss = isQuiet ? this.#view.status.machinePositionMm : undefined
    if (!isQuiet) this.#setTrust(false, 'The link was lost while the machine moved or had lines to run. Home it before anything else moves.')
    this.#phase = { kind: 'connecting' }
    this.#view.setLink('lost')
    this.#view.setNotice('link', `The link to the controller was lost: ${reason}. The guard tries to open it again and will send nothing by itself.`)
    if (run) {
      const text =
        `The link to the controller was lost (${reason}) at line ${run.currentLine}, with ${run.linesSent - run.linesAcknowledged} lines not acknowledged. ` +
        "The position is uncertain: what was in the controller's buffers runs out, and the spindle may be on. Look at the machine."
      this.#endJobSoon(run, 'interrupted', text)
    }
    this.#event('link-lost', `The link to the controller was lost: ${reason}.`)
    if (phase.kind === 'stopping') {
      phase.control?.abandon()
      phase.finished.resolve()
    }
    if (!isQuiet && this.#resetsOnOpen()) this.#waitForPerson()
    else this.#keeper.openLater()
  }

  // --- finding out who is there -------------------------------------------------------------------

  #becomeReady(connection: Connection): void {
    const phase: Phase = { kind: 'identifying', connection }
    this.#phase = phase
    this.#view.changed()
    identifyWhenPossible({
      connection,
      banners: this.#banners,
      timings: this.#timings,
      view: this.#view,
      freshReport: () => this.#freshReport(),
      isCurrent: () => this.#phase === phase && connection.isOpen,
    }).then(
      (found) => {
        if (!found) return
        this.#identity = found.identity
        this.#view.setFirmware(found.identity.facts.firmware)
        this.#view.setWorkOffset(found.memory.activeOffsetMm)
        this.#phase = { kind: 'ready', connection }
        this.#view.changed()
      },
      (error) => this.#view.setNotice('identify', messageOf(error)),
    )
  }

  // --- what the controller says -------------------------------------------------------------------

  #onMessage(message: ControllerMessage): void {
    switch (message.kind) {
      case 'status':
        this.#onReport(message.report)
        break
      case 'alarm':
        this.#onAlarm(message.code)
        break
      case 'banner':
        this.#banners.push(message)
        break
      case 'message':
        // grblHAL sends an empty one on resume
        if (message.text) this.#event('message', message.text)
        break
      default:
        break
    }
  }

  #onReport(report: StatusReport): void {
    const before = this.#view.status
    const isInches = this.#identity?.settings.isReportingInches ?? false
    this.#view.addReport(report, { isInches, dialect: this.#facts().dialect })
    const { status } = this.#view
    if (before.state !== status.state || before.subState !== status.subState) {
      const state = status.subState === undefined ? status.state : `${status.state}:${status.subState}`
      this.#journal.append({ kind: 'state', state, positionMm: status.machinePositionMm })
      if (before.state !== status.state) this.#event('state', stateText(status.state))
    }
    this.#compareWithBefore()
    const phase = this.#phase
    const run = phase.kind === 'job' && phase.run.hasStarted ? phase.run : undefined
    const watched = watchHold(this.#hold, report, run !== undefined)
    this.#setHold(watched.hold)
    if (phase.kind === 'stopping') phase.control?.step({ kind: 'report', report })
    else {
      if (watched.mustRepeat) connectionOf(phase)?.realtime('feedHold')
      if (run) this.#followHold(run)
      this.#watchAnswers()
    }
    this.#poller?.answered()
  }

  #setHold(hold: HoldWatch): void {
    this.#hold = hold
    connectionOf(this.#phase)?.keepBack(hold.kind !== 'none')
  }

  /** Feeding follows the machine: M0, a door or a button there hold it as well as we do. */
  #followHold(run: JobRun): void {
    const isPaused = this.#hold.kind !== 'none'
    if (run.isPaused === isPaused) return
    run.isPaused = isPaused
    this.#view.changed()
    run.feed()
  }

  /** A controller that is found locked, or stands elsewhere than when a quiet link was lost, is not the one that was left. */
  #compareWithBefore(): void {
    const { state, machinePositionMm } = this.#view.status
    if (state === 'alarm' && this.#view.isPositionTrusted && this.#phase.kind === 'identifying')
      this.#setTrust(false, 'The controller was found locked. Home it before anything else moves.')
    const before = this.#positionAtLoss
    this.#positionAtLoss = undefined
    if (before?.some((value, axis) => Math.abs(value - (machinePositionMm[axis] ?? 0)) > 0.01))
      this.#setTrust(false, 'The controller reports another position than before the link was lost. Home it before anything else moves.')
  }

  /** An idle controller that owes an answer for long has had it lost on the way. */
  #watchAnswers(): void {
    const connection = connectionOf(this.#phase)
    if (!connection || connection.outstandingCount === 0 || this.#view.status.state !== 'idle') return
    const limitMs = this.#timings.lostAnswerMs + connection.outstandingDwellS * 1000 * this.#slowness()
    if (performance.now() - connection.lastAnswerAt < limitMs) return
    const run = runOf(this.#phase)
    if (run) this.#failJob(run, 'The controller stands idle but has not answered every line: an answer was lost on the way, so what was run is uncertain.')
    else connection.forget()
  }

  #onAlarm(code: number): void {
    const facts = this.#view.setAlarm(code, this.#facts().dialect)
    if (facts.isPositionLost) this.#setTrust(false, `${facts.text}. Home before anything else moves.`)
    const phase = this.#phase
    switch (phase.kind) {
      case 'job':
        this.#phase = { kind: 'ready', connection: phase.connection }
        this.#endJobSoon(phase.run, 'failed', `${facts.text} (ALARM:${code}), at line ${phase.run.currentLine}. ${facts.whatToDo}`)
        break
      case 'stopping':
        phase.control?.step({ kind: 'alarm' })
        break
      case 'working':
      case 'identifying':
      case 'ready':
      case 'connecting':
      case 'waiting-for-person':
      case 'closed':
        break
      default:
        phase satisfies never
    }
    // a critical alarm answers nothing any more
    if (facts.isCritical && phase.kind !== 'stopping') connectionOf(phase)?.forget()
    this.#event('alarm', `${facts.text}. ${facts.whatToDo}`)
    this.#view.changed()
  }

  #onBanner(connection: Connection, wasAsked: boolean): void {
    const { alarm } = this.#view
    this.#view.forgetReports()
    this.#setHold({ kind: 'none' })
    const phase = this.#phase
    switch (phase.kind) {
      case 'stopping':
        phase.control?.step({ kind: 'banner' })
        break
      case 'identifying':
        // a board that resets when its port opens; on a first start nothing is known that it could have lost
        if (!wasAsked && (this.#connectionsSoFar > 1 || !this.#journal.before.isFirstStart)) this.#restarted()
        break
      case 'working':
      case 'ready':
      case 'job': {
        if (wasAsked) break
        // Grbl restarts itself after a homing cycle that failed (ALARM:6 to 10)
        const isHomingFailure = phase.kind === 'working' && phase.what === 'homing' && alarm !== undefined && alarm.code > 0
        if (!isHomingFailure) this.#restarted()
        // lines on the way at the restart would run with the modal state of a fresh controller: G0 in front of every word
        if (phase.kind === 'job' && phase.run.linesSent > 0) connection.reset()
        this.#becomeReady(connection)
        if (phase.kind === 'job') {
          const text = `The controller restarted by itself at line ${phase.run.currentLine}. Its position is not known any more. Look at the machine, then home it.`
          this.#endJobSoon(phase.run, 'interrupted', text)
        }
        break
      }
      case 'connecting':
      case 'waiting-for-person':
      case 'closed':
        break
      default:
        phase satisfies never
    }
  }

  #restarted(): void {
    this.#setTrust(false, 'The controller restarted. Home it before anything else moves.')
    this.#event('controller-restarted', 'The controller restarted without being asked to. Its position is not known any more.')
  }

  // --- commands -----------------------------------------------------------------------------------

  async #send(connection: Connection, command: Exclude<Command, { kind: 'home' | 'unlock' }>, by: string): Promise<string> {
    this.#journal.append({ kind: 'request', what: 'command', by, text: command.line.text })
    await this.#freshReport()
    const { state } = this.#view.status
    const isMotion = command.kind === 'jog' || command.kind === 'gcode'
    if (state !== 'idle' && (isMotion || state !== 'alarm')) throw notIdle(this.#view)
    const identity = this.#identified()
    if (isMotion) checkCommand(command, await this.#checkSetup(connection, identity))
    const answer = await connection.request(command.line.text)
    if (command.kind === 'setting' && answer.isOk) await this.#readSettingsAgain(connection)
    return [...answer.messages.flatMap(describeMessage), answer.isOk ? 'ok' : this.#answerText(answer)].join('\n')
  }

  async #readSettingsAgain(connection: Connection): Promise<void> {
    const phase = this.#phase
    const isCurrent = () => this.#phase === phase && connection.isOpen
    const found = await askOnce({ connection, banners: this.#banners, timings: this.#timings, isCurrent })
    if (found) this.#identity = found.identity
  }

  // --- the job ------------------------------------------------------------------------------------

  #mustBeNew(jobId: string): void {
    if (!this.#journal.hasSeen(jobId) && runOf(this.#phase)?.request.jobId !== jobId) return
    throw new UserError({ code: 'job-seen', message: `Job ${jobId} has been started before and is never run twice. Start a new job.`, status: 409 })
  }

  async #check(run: JobRun): Promise<CheckedProgram> {
    const { request, connection, abort } = run
    const identity = this.#identified()
    await this.#freshReport()
    this.#mustBeReady(run)
    const setup = await this.#checkSetup(connection, identity)
    const program = await checkProgram({ ...request, setup, maxLineLength: identity.facts.maxLineLength, signal: abort.signal })
    await this.#freshReport()
    try {
      this.#mustBeReady(run)
    } catch (error) {
      await program.file.close()
      throw error
    }
    run.totalLines = program.totalLines
    return program
  }

  async #writeDownStart(run: JobRun, { totalLines }: CheckedProgram): Promise<void> {
    const { jobId, programName, sha256, by } = run.request
    await this.#journal.startJob({ jobId, programName, sha256, by, totalLines, startedAt: run.startedAt })
    if (!run.abort.signal.aborted) return
    // its begin is written down, so its end must be too
    this.#tellEnd(run.end('stopped', 'The job was stopped before its first line was sent.', this.#view.isPositionTrusted), programName)
    run.abort.signal.throwIfAborted()
  }

  #mustBeReady(run: JobRun): void {
    run.abort.signal.throwIfAborted()
    if (this.#view.status.state !== 'idle') throw notIdle(this.#view)
    if (!this.#view.isPositionTrusted && this.#identity?.settings.hasHoming)
      throw new UserError({
        code: 'position-not-trusted',
        message: 'The position of the machine is not certain. Home it, then start the program.',
        status: 409,
      })
  }

  #onProgramAnswer(line: PreparedLine, answer: Answer): void {
    const phase = this.#phase
    if (phase.kind !== 'job' || !phase.run.hasStarted) return
    const { run } = phase
    if (!answer.isOk) {
      this.#failJob(run, `Line ${line.number} "${line.text}" was refused by the controller: ${this.#answerText(answer)}`)
      return
    }
    const isLast = run.acknowledge(line)
    this.#view.changed()
    if (!isLast) {
      run.feed()
      return
    }
    run.drain()
    this.#drain(run).catch((error) => {
      // a stop, an alarm or a lost link has ended the job already
      if (this.#phase.kind === 'job' && this.#phase.run === run) this.#failJob(run, messageOf(error))
    })
  }

  /** Acknowledged is not executed: a dwell is answered only when the planner is empty (grbl 1.1 interface.md). */
  async #drain(run: JobRun): Promise<void> {
    const isCurrent = () => this.#phase.kind === 'job' && this.#phase.run === run
    const answer = await run.connection.request('G4P0.01')
    if (!isCurrent()) return
    if (!answer.isOk) throw new OperationalError({ code: 'controller-refused', message: `The end of the program was refused: ${this.#answerText(answer)}` })
    for (;;) {
      await this.#freshReport()
      if (!isCurrent()) return
      if (this.#view.status.state === 'idle') break
      await pause(this.#timings.pollWaitingMs)
      if (!isCurrent()) return
    }
    this.#phase = { kind: 'ready', connection: run.connection }
    await this.#endJob(run, 'completed', `All ${run.totalLines} lines were run and the machine stands.`)
    this.#view.changed()
  }

  /** Holds, sees it standing, resets: what is in the controller's buffers is not to run. */
  #failJob(run: JobRun, text: string): void {
    if (this.#phase.kind !== 'job' || this.#phase.run !== run) return
    const { connection } = this.#phase
    if (!connection.isOpen) return
    connection.realtime('feedHold')
    this.#stop(connection, { kind: 'job-failed', text })
  }

  #endJobSoon(run: JobRun, state: JobEnd['state'], text: string): void {
    this.#endJob(run, state, text).catch((error) => this.#view.setNotice('job-file', messageOf(error)))
  }

  async #endJob(run: JobRun, state: JobEnd['state'], text: string): Promise<void> {
    const { hasStarted } = run
    const end = run.end(state, text, this.#view.isPositionTrusted)
    const closed = run.close(beforeStart(text.replace(/\.$/, '')))
    if (hasStarted) this.#tellEnd(end, run.request.programName)
    await closed
  }

  #tellEnd(end: JobEnd, programName: string): void {
    this.#journal.endJob(end)
    if (end.state === 'failed' || end.state === 'interrupted')
      this.#view.setNotice('job', `Program ${programName} ${end.state === 'failed' ? 'failed' : 'was interrupted'}. ${end.text}`)
    this.#options.onJobEnded(end)
  }

  // --- stop ---------------------------------------------------------------------------------------

  #stop(connection: Connection, purpose: StopPurpose): void {
    this.#wish += 1
    const before = this.#phase
    if (before.kind === 'stopping') {
      if (purpose.kind !== 'person') return
      if (before.purpose.kind === 'leave-alarm') before.purpose = purpose
      if (purpose.isHard) before.control?.step({ kind: 'hard' })
      return
    }
    const { status } = this.#view
    const run = runOf(before)
    if (run) run.isPaused = true
    // in any case a reset follows
    connection.discard()
    const phase: Extract<Phase, { kind: 'stopping' }> = { kind: 'stopping', connection, run, control: undefined, purpose, finished: Promise.withResolvers() }
    this.#phase = phase
    phase.control = runStop({
      connection,
      situation: {
        isHard: purpose.kind === 'leave-alarm' || (purpose.kind === 'person' && purpose.isHard),
        state: status.state,
        subState: status.subState,
        isLocked: this.#view.isLocked,
        unansweredPolls: this.#poller?.unanswered ?? 0,
        hasOutstandingLines: connection.outstandingCount > 0,
      },
      brakingMs: this.#brakingMs(),
      bannerMs: this.#timings.bannerMs,
      askStatus: () => this.#poller?.now(),
      onFinished: (result) => this.#stopped(phase, result),
    })
    run?.abort.abort(beforeStart('The machine was stopped before the first line was sent'))
    this.#view.changed()
  }

  #stopped(phase: Extract<Phase, { kind: 'stopping' }>, { hasAnswered, isPositionKept }: { hasAnswered: boolean; isPositionKept: boolean }): void {
    const { purpose, run, connection, finished } = phase
    this.#setHold({ kind: 'none' })
    let verdict = this.#view.isPositionTrusted ? 'The position was kept.' : 'The position was not certain before.'
    if (!hasAnswered) verdict = 'The controller did not answer the reset. If the machine moves, use its emergency stop; then check the link.'
    else if (!isPositionKept) verdict = 'The controller was reset before it was seen standing, so the position may be lost. Home it before anything else moves.'
    if (!isPositionKept) this.#setTrust(false, verdict)
    if (!hasAnswered) this.#event('message', verdict)
    if (this.#identity && hasAnswered) this.#phase = { kind: 'ready', connection }
    else this.#becomeReady(connection)
    if (run) {
      const place = `at line ${run.currentLine} of the file`
      if (purpose.kind === 'job-failed') this.#endJobSoon(run, 'failed', `${purpose.text} The machine was stopped ${place}. ${verdict}`)
      else this.#endJobSoon(run, 'stopped', `Stopped${purpose.kind === 'person' ? ` by ${purpose.by}` : ''} ${place}. ${verdict}`)
    }
    finished.resolve()
    this.#view.changed()
  }

  async #leaveCriticalAlarm(): Promise<void> {
    if (!this.#view.isLocked) return
    const connection = this.#connected()
    if (this.#phase.kind === 'job' || this.#phase.kind === 'working') throw busy(this.#phase)
    this.#stop(connection, { kind: 'leave-alarm' })
    if (this.#phase.kind === 'stopping') await this.#phase.finished.promise
    const giveUpAt = performance.now() + this.#timings.identifyMs * 2
    while (this.#phase.kind === 'identifying' && performance.now() < giveUpAt) await pause(20)
  }

  // --- small things -------------------------------------------------------------------------------

  #connected(): Connection {
    const connection = connectionOf(this.#phase)
    if (!connection?.isOpen) throw linkDown()
    return connection
  }

  /** As {@link Guard.#free}; waits a moment for a controller that is just being asked what it is. */
  async #freeSoon(): Promise<Connection> {
    const wish = this.#wish
    const giveUpAt = performance.now() + this.#timings.identifyMs
    const isQuiet = () => ['idle', 'alarm', 'unknown'].includes(this.#view.status.state)
    while (this.#phase.kind === 'identifying' && isQuiet() && performance.now() < giveUpAt) await pause(10)
    if (this.#wish !== wish) throw beforeStart('A hold or stop was asked for meanwhile')
    return this.#free()
  }

  /** The connection of a machine that nobody uses. */
  #free(): Connection {
    const phase = this.#phase
    switch (phase.kind) {
      case 'ready':
        if (!phase.connection.isOpen) throw linkDown()
        return phase.connection
      case 'identifying':
        throw notIdle(this.#view, 'The controller has not said what it is yet.')
      case 'working':
      case 'job':
      case 'stopping':
        throw busy(phase)
      case 'connecting':
      case 'waiting-for-person':
      case 'closed':
        throw linkDown()
      default:
        return phase satisfies never
    }
  }

  /** Gives the machine to one piece of work, and takes it back however that ends. */
  async #work<T>(what: 'command' | 'homing' | 'unlocking', act: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#freeSoon()
    const phase: Phase = { kind: 'working', connection, what }
    this.#phase = phase
    this.#view.changed()
    try {
      return await act(connection)
    } finally {
      if (this.#phase === phase) {
        this.#phase = { kind: 'ready', connection }
        this.#poller?.now()
        this.#view.changed()
      }
    }
  }

  async #checkSetup(connection: Connection, identity: Identity) {
    const memory = await readMemory(connection, identity)
    this.#view.setWorkOffset(memory.activeOffsetMm)
    return checkSetup({ memory, positionMm: this.#view.status.machinePositionMm, envelopeMm: this.#settings.envelopeMm, facts: identity.facts })
  }

  #freshReport(): Promise<void> {
    return this.#poller?.fresh() ?? Promise.resolve()
  }

  #facts() {
    return this.#identity?.facts ?? SMALLEST_CONTROLLER
  }

  #identified(): Identity {
    if (!this.#identity) throw notIdle(this.#view, 'The controller has not said what it is yet.')
    return this.#identity
  }

  #answerText(answer: Extract<Answer, { isOk: false }>): string {
    return answerText(answer.code, this.#facts().dialect)
  }

  /** A virtual machine in slow motion brakes longer. */
  #slowness(): number {
    const { link } = this.#settings
    return link.kind === 'virtual' ? Math.max(1, 1 / link.timeScale) : 1
  }

  #brakingMs(): number {
    return Math.min(60_000, (brakingTimeMs(this.#identity?.settings) + this.#timings.brakingMarginMs) * this.#slowness())
  }

  #pollInterval(): number {
    if (this.#phase.kind === 'stopping' || this.#hold.kind === 'asked') return this.#timings.pollWaitingMs
    const isStill = this.isStanding && this.#phase.kind !== 'job'
    return isStill ? this.#timings.pollIdleMs : this.#timings.pollMovingMs
  }

  #silenceLimit(connection: Connection): number | undefined {
    const phase = this.#phase
    // Grbl answers no `?` while it homes and after a critical alarm; in a stop the steps have their own limits
    if (this.#view.isLocked || this.#view.status.state === 'home' || connection.isAwaitingBanner) return undefined
    if (phase.kind === 'identifying' || phase.kind === 'stopping' || (phase.kind === 'working' && phase.what === 'homing')) return undefined
    return this.#timings.silenceMs
  }

  #setTrust(isTrusted: boolean, text: string): void {
    this.#view.setTrust(isTrusted, text)
    this.#journal.append({ kind: 'trust', isTrusted, text })
  }

  #event(kind: GuardEvent['kind'], text: string): void {
    this.#options.onEvent({ kind, text, at: now(), controller: this.#view.status.state })
  }
}

function beforeStart(why: string): UserError {
  return new UserError({ code: 'stopped-before-start', message: `Nothing was started: ${why}.`, status: 409 })
}
