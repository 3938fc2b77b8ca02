/** One job on the machine: feeds checked lines as the controller takes them, and counts. Knows nothing of how it is stopped. */

import type { Static } from 'typebox'
import { UserError } from '../../../base/errors.ts'
import type { TimelineData } from '../gcode/estimate/index.ts'
import type { PreparedLine } from '../grbl/index.ts'
import type { ActiveJob } from '../machine.ts'
import type { StartOptions } from '../program.ts'
import type { TailBase, TailOrder } from './check/contract.ts'
import type { Connection } from './connection.ts'
import type { JobEnd } from './contract.ts'
import { placeOf } from './flat-lines.ts'
import { type Interruption, LineQueue, type RunLine } from './job/line-queue.ts'
import { type LineMark, MotionProof } from './job/motion-proof.ts'
import type { StopRules } from './job/program-stops.ts'
import { TimeLeft } from './job/time-left.ts'
import type { Journal } from './journal.ts'
import type { LinePlace } from './program-lines.ts'
import { type FlatProgram, ProgramSource } from './program-source.ts'

export interface JobRequest {
  jobId: string
  programName: string
  path: string
  sha256: string
  by: string
  whenRequesterGone: 'finish' | 'hold'
  options?: StartOptions
  /** Runs under this lease. */
  lease?: number
}

/** What a job waits for a person to say. */
export type Question = NonNullable<Static<typeof ActiveJob>['waitingFor']>
export type AnswerName = Question['answers'][number]

/** A person's answer, taken or sent back with the reason. */
export interface GivenAnswer {
  answer: AnswerName
  by: string
  accept(): void
  refuse(error: unknown): void
}

/** What became of the lines behind one that was refused. */
export interface LinesBehind {
  ran: number
  refused: PreparedLine[]
}

interface Asking {
  question: Question
  given: PromiseWithResolvers<GivenAnswer>
  isAnswered: boolean
}

export type JobStage =
  /** Nothing was sent; the file is being looked at. */
  | { kind: 'checking' }
  | { kind: 'streaming'; source: ProgramSource }
  /** The program is interrupted: on its way to a question (`asking` not there yet), asking, or on its way back. */
  | { kind: 'interrupted'; source: ProgramSource; asking: Asking | undefined; isReturning: boolean }
  /** Every line was acknowledged; the controller runs its planner out. */
  | { kind: 'draining' }
  | { kind: 'ended' }

export interface JobRunListeners {
  onInterruption: (step: Interruption) => void
  /** Every line was acknowledged. */
  onDone: () => void
  onError: (error: unknown) => void
}

/** What the check found out for the run. */
export interface RunPlan {
  program: FlatProgram
  /** Without one no remaining time is told. */
  timeline?: TimelineData
  /** Lines of the program before the first one sent: it is started in its middle. */
  linesBefore: number
  /** Source line of the first one sent. */
  fromLine: number
  plannerBlocks: number
  maxLineLength: number
  rules: StopRules
  selectedTool: number
  /** Something is done before the first line: the job begins interrupted. */
  beginsInterrupted: boolean
  /** The machine at the first line, as it was checked. */
  base: TailBase
}

export interface JobRunOptions {
  request: JobRequest
  connection: Connection
  journal: Journal
  /** Fencing token of the job's lease. */
  token: number
}

export class JobRun {
  readonly request: JobRequest
  readonly connection: Connection
  readonly token: number
  readonly #journal: Journal
  readonly #startedAt = new Date()
  readonly #startedMs = performance.now()
  /** Ends the check. */
  readonly abort = new AbortController()
  stage: JobStage = { kind: 'checking' }
  /** Nothing more is fed: a hold was asked for or seen. */
  #isPaused = false
  totalLines = 0
  linesSent = 0
  linesAcknowledged = 0
  currentLine = 0
  /** Since a line was refused: what became of those behind it. */
  behind: LinesBehind | undefined
  /** Sent and not answered, parts of lines included. */
  unanswered = 0
  #plan: RunPlan | undefined
  #listeners: JobRunListeners | undefined
  #timeLeft: TimeLeft | undefined
  #proof: MotionProof | undefined
  #queue: LineQueue | undefined
  /** What the last check began with, and the lines of the file that the controller has refused since. */
  #base: TailBase | undefined
  #leftOut: readonly number[] = []
  #notedMs = 0
  #notedLine = 0

  constructor({ request, connection, journal, token }: JobRunOptions) {
    this.request = request
    this.connection = connection
    this.#journal = journal
    this.token = token
  }

  get startedAt(): string {
    return this.#startedAt.toISOString()
  }

  /** Lines went out, so the job has an end to tell of. */
  get hasStarted(): boolean {
    return this.stage.kind === 'streaming' || this.stage.kind === 'interrupted' || this.stage.kind === 'draining'
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
    this.#clock()
  }

  /** A person is asked, and may put the machine right meanwhile. */
  get isAsking(): boolean {
    return this.stage.kind === 'interrupted' && this.stage.asking !== undefined && !this.stage.asking.isAnswered
  }

  get question(): Question | undefined {
    return this.stage.kind === 'interrupted' ? this.stage.asking?.question : undefined
  }

  get blockDelete(): boolean {
    return this.request.options?.blockDelete === true
  }

  /** Begins to send. */
  stream(plan: RunPlan, listeners: JobRunListeners): void {
    const { program, timeline } = plan
    this.#plan = plan
    this.#base = plan.base
    this.#listeners = listeners
    this.totalLines = program.totalLines
    this.#proof = new MotionProof(plan.plannerBlocks)
    if (timeline) this.#timeLeft = new TimeLeft(timeline, plan.linesBefore)
    const source = new ProgramSource(program, { onReadable: () => this.feed(), onError: listeners.onError })
    this.#queue = new LineQueue(source, plan)
    this.stage = plan.beginsInterrupted ? { kind: 'interrupted', source, asking: undefined, isReturning: true } : { kind: 'streaming', source }
    this.#clock()
    source.read()
  }

  readonly #feed = () => this.feed()

  /** Sends what fits. */
  feed(): void {
    const queue = this.#queue
    if (!queue || this.stage.kind !== 'streaming' || this.#isPaused) return
    const lines: [number, string][] = []
    let sent = 0
    this.connection.fill(
      () => queue.next(),
      () => {
        const line = queue.next()
        if (line) lines.push([line.number, line.text])
        if (queue.take()) sent += 1
        this.unanswered += 1
      },
    )
    this.linesSent += sent
    if (lines.length > 0) this.#journal.append({ kind: 'program', jobId: this.request.jobId, lines, sent: this.linesSent })
    if (queue.refusal !== undefined) this.#listeners?.onError(queue.refusal)
    else this.#takeStep(queue)
  }

  /** A line was answered with ok: the next ones go out, or the program is through. */
  acknowledge(line: RunLine): void {
    this.unanswered -= 1
    this.#proof?.acknowledged(line)
    this.currentLine = line.number
    if (!line.isPart) this.#countDone(line.number)
    if (this.behind) this.behind.ran += 1
    this.#goOnAfterAnswer()
  }

  /** A line was refused, and counts as dealt with: it will not be sent again. */
  passOver(line: RunLine): void {
    this.unanswered -= 1
    this.currentLine = line.number
    if (!line.isPart) this.#countDone(line.number)
  }

  /** A line was refused because of one before it: not counted, since it may be sent again. */
  refusedBehind(line: RunLine): void {
    this.unanswered -= 1
    if (!line.isPart) this.linesSent -= 1
    this.behind?.refused.push(line)
  }

  /** Before everything else, when the program goes on. */
  sendAgain(line: PreparedLine): void {
    this.#queue?.sendAgain(line)
  }

  /** Counts the line whose interruption is over. */
  interruptionDone(step: Interruption): void {
    if (!step.isLast) return
    this.linesSent += 1
    this.currentLine = step.kind === 'stop' ? step.number : step.line.number
    this.#countDone(this.currentLine)
  }

  /** The planner was seen empty: everything sent so far is done. */
  seenEmpty(): void {
    this.#proof?.allDone()
  }

  /** Nothing more is fed until {@link goOn}. */
  interrupt(): void {
    if (this.stage.kind !== 'streaming') return
    this.stage = { kind: 'interrupted', source: this.stage.source, asking: undefined, isReturning: false }
    this.#clock()
  }

  /** Asks; resolves with the next answer, and is rejected when the job ends. Only while interrupted. */
  async ask(question: Question): Promise<GivenAnswer> {
    const { stage } = this
    if (stage.kind !== 'interrupted') throw new Error('only an interrupted job asks')
    const asking: Asking = { question, given: Promise.withResolvers(), isAnswered: false }
    this.stage = { ...stage, asking, isReturning: false }
    return await asking.given.promise
  }

  /** An answer is being carried out: the question is not shown any more. */
  returning(): void {
    if (this.stage.kind === 'interrupted') this.stage = { ...this.stage, asking: undefined, isReturning: true }
  }

  /**
   * Gives an answer; resolves when it was taken.
   * @throws UserError `nothing-to-answer`, and whatever stands against the answer
   */
  answer(answer: AnswerName, by: string): Promise<void> {
    const asking = this.stage.kind === 'interrupted' ? this.stage.asking : undefined
    if (!asking || asking.isAnswered) throw nothingToAnswer('It waits for no answer now.')
    if (!asking.question.answers.includes(answer))
      throw nothingToAnswer(`"${answer}" is no answer to this: ${asking.question.text} It takes: ${asking.question.answers.join(', ')}.`)
    asking.isAnswered = true
    return new Promise((resolve, reject) => asking.given.resolve({ answer, by, accept: resolve, refuse: reject }))
  }

  /** Feeds on. @param motionWord motion mode the next move needs */
  goOn(motionWord = ''): void {
    if (this.stage.kind !== 'interrupted') return
    this.#queue?.needMotionWord(motionWord)
    this.stage = { kind: 'streaming', source: this.stage.source }
    this.#clock()
    this.#goOnAfterAnswer()
  }

  /** What is still to come of the program; undefined behind its last line. */
  async rest(): Promise<{ path: string; form: FlatProgram['form']; checksums: Uint32Array; from: LinePlace; count: number } | undefined> {
    const { stage } = this
    if ((stage.kind !== 'streaming' && stage.kind !== 'interrupted') || !this.#plan || stage.source.isAtEnd) return undefined
    const { path, form, checksums } = this.#plan.program
    const line = await stage.source.next()
    return { path, form, checksums, from: placeOf(line), count: stage.source.left }
  }

  /** The rest was checked anew, from how the machine stands now. */
  checkedFrom(base: TailBase): void {
    this.#base = base
    this.#leftOut = []
  }

  /** The check of the program without a line that the controller refused. */
  orderWithout(fileLine: number): TailOrder | undefined {
    const base = this.#base
    if (!base) return undefined
    const { modal, positionMm } = base.model
    const expected = { modal: { ...modal }, positionMm: Array.from(positionMm) }
    return { kind: 'tail', ...base, leftOut: [...this.#leftOut, fileLine], lines: [], expected }
  }

  /** It was found good without this line. */
  leaveOut(fileLine: number): void {
    this.#leftOut = [...this.#leftOut, fileLine]
  }

  /** The motion mode of the program, where the way back to it was gone in another and no move was sent since; else empty. */
  get motionOwed(): string {
    return this.#queue?.motionOwed ?? ''
  }

  /** Where a later start could go on: the first line whose motion is not proven done; none where that is the program's first. */
  markToGoOn(): LineMark | undefined {
    const mark = this.#firstOpen()
    return mark && this.#hasProven ? mark : undefined
  }

  /** {@link markToGoOn}, when it is another one than was written down last, and that is some time ago. */
  progressToNote(nowMs: number, everyMs: number): LineMark | undefined {
    if (nowMs - this.#notedMs < everyMs) return undefined
    const mark = this.markToGoOn()
    if (!mark || mark.number === this.#notedLine) return undefined
    this.#notedMs = nowMs
    this.#notedLine = mark.number
    return mark
  }

  /** @param reason why a check that still runs is given up */
  async close(reason: Error): Promise<void> {
    const { stage } = this
    this.stage = { kind: 'ended' }
    this.abort.abort(reason)
    if (stage.kind === 'interrupted') stage.asking?.given.reject(reason)
    if (stage.kind === 'streaming' || stage.kind === 'interrupted') await stage.source.close()
  }

  /** All lines are through; the file is not needed any more. */
  drain(): void {
    if (this.stage.kind !== 'streaming') return
    const { source } = this.stage
    this.stage = { kind: 'draining' }
    // read-only: a failed close loses nothing
    source.close().catch(() => {})
  }

  active(options: { isStopping: boolean; feedPercent: number }): Static<typeof ActiveJob> {
    const { question } = this
    const remainingS = this.stage.kind === 'checking' ? undefined : this.#timeLeft?.remainingS(options.feedPercent)
    return {
      jobId: this.request.jobId,
      programName: this.request.programName,
      phase: options.isStopping ? 'stopping' : this.#shownPhase(),
      ...(question ? { waitingFor: question } : {}),
      ...(remainingS === undefined ? {} : { remainingS: Math.round(remainingS) }),
      ...(this.#plan ? { fromLine: this.#plan.fromLine } : {}),
      totalLines: this.totalLines,
      linesSent: this.linesSent,
      linesAcknowledged: this.linesAcknowledged,
      currentLine: this.currentLine,
      startedAt: this.startedAt,
    }
  }

  end(state: JobEnd['state'], text: string, isPositionTrusted: boolean): JobEnd {
    return {
      jobId: this.request.jobId,
      state,
      text,
      linesSent: this.linesSent,
      linesAcknowledged: this.linesAcknowledged,
      totalLines: this.totalLines,
      durationMs: Math.round(performance.now() - this.#startedMs),
      isPositionTrusted,
      endedAt: new Date().toISOString(),
    }
  }

  /** Corrects the time that is left by the pace of the part done. */
  paceAt(feedPercent: number): void {
    if (this.stage.kind === 'streaming' && !this.#isPaused)
      this.#timeLeft?.acknowledged((this.#plan?.linesBefore ?? 0) + this.linesAcknowledged, performance.now(), feedPercent)
  }

  get #hasProven(): boolean {
    return this.#proof?.hasProven ?? false
  }

  #firstOpen(): LineMark | undefined {
    const open = this.#proof?.firstOpen()
    if (open) return open
    const next = this.stage.kind === 'streaming' || this.stage.kind === 'interrupted' ? this.#queue?.first() : undefined
    return next ? { number: next.number, text: next.text } : undefined
  }

  #clock(): void {
    if (this.stage.kind === 'streaming' && !this.#isPaused) this.#timeLeft?.resumed(performance.now())
    else this.#timeLeft?.paused()
  }

  #shownPhase(): Static<typeof ActiveJob>['phase'] {
    const { stage } = this
    switch (stage.kind) {
      case 'interrupted':
        if (stage.asking) return 'waiting'
        if (this.#isPaused) return 'holding'
        return stage.isReturning ? 'streaming' : 'draining'
      case 'streaming':
      case 'draining':
        return this.#isPaused ? 'holding' : stage.kind
      case 'checking':
        return 'checking'
      case 'ended':
        return 'draining'
      default:
        return stage satisfies never
    }
  }

  /** What stands next and is not to be sent: taken when everything before it is answered. */
  #takeStep(queue: LineQueue): void {
    const step = queue.nextStep()
    if (step?.kind === 'nothing') {
      queue.take()
      this.linesSent += 1
      this.#countDone(step.number)
      this.#goOnAfterAnswer()
    } else if (step && this.unanswered === 0) {
      const { note } = queue
      queue.take()
      this.interrupt()
      this.#listeners?.onInterruption({ ...step, note })
    }
  }

  get #isDone(): boolean {
    return this.linesAcknowledged === this.totalLines
  }

  #countDone(number: number): void {
    this.linesAcknowledged += 1
    this.#journal.append({ kind: 'acknowledged', jobId: this.request.jobId, line: number, acknowledged: this.linesAcknowledged })
  }

  #goOnAfterAnswer(): void {
    if (this.stage.kind !== 'streaming') return
    if (this.#isDone) this.#listeners?.onDone()
    else if (!this.connection.whenRead(this.#feed)) this.feed()
  }
}

export function nothingToAnswer(why: string): UserError {
  return new UserError({ code: 'nothing-to-answer', message: `The answer was not taken. ${why}`, status: 409 })
}
