/** The guard of a machine with a controller of the GRBL family. What may be done when is decided in the parts it is made of. */
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '../../../base/errors.ts'
import type { ActionResult, MachineAction } from '../action.ts'
import type { FirmwareSetting, TrafficLine } from '../controller-talk.ts'
import type { MachineSettings, MachineState } from '../machine.ts'
import type { ProgramReport, StartOptions, StartPlan } from '../program.ts'
import { act } from './actions/act.ts'
import { removeWritten } from './check-program.ts'
import { home, sendCommand, unlock } from './commands.ts'
import type { JobEnd } from './contract.ts'
import type { Controller } from './controller.ts'
import { GuardCore, type GuardOptions } from './core.ts'
import { backupFirmwareSettings, firmwareSettings, writeFirmwareSettings } from './firmware-settings.ts'
import { hold, holdIfMoving, resume, stop } from './hold-and-stop.ts'
import type { Asker } from './holders.ts'
import { watchInterlocks } from './interlock-watch.ts'
import { dryCheck } from './job/dry-check.ts'
import { type PlanRequest, planStart } from './job/plan-start.ts'
import { endJob, markBrokenOff, tellEnd } from './job-end.ts'
import { answerJob, jobStatus, requesterGone, resumeJob, startJob } from './job-life.ts'
import type { AnswerName, JobRequest } from './job-run.ts'
import { beatJog, endJog, type JogRequest, startJog } from './jog.ts'
import { endOfUnfinished } from './journal-records.ts'
import { beatLease, dropLease, leaseShown, mustBeQuiet, takeLease } from './lease.ts'
import { ownLimit, ownPause } from './own-timeout.ts'
import { connectionOf, runOf } from './phase.ts'
import { busy, heldBy } from './refusals.ts'
import { Session } from './session.ts'

export class Guard implements Controller {
  readonly #core: GuardCore
  readonly #session: Session
  readonly #isRestart: boolean

  constructor(options: GuardOptions) {
    this.#core = new GuardCore(options)
    this.#session = new Session(this.#core)
    this.#isRestart = options.isRestart
    watchInterlocks(this.#core)
    this.#core.remembered.onError = (error) => this.journalFailed(messageOf(error))
    this.#core.programs.onError = (error) => this.journalFailed(messageOf(error))
  }

  /** Closes the books on a job that died with the last guard, then opens the link or waits for a person. */
  start(): void {
    const { unfinished, isPositionTrusted, distrustText } = this.#core.journal.before
    if (unfinished) {
      markBrokenOff(this.#core, unfinished)
      tellEnd(this.#core, endOfUnfinished(unfinished, isPositionTrusted), unfinished.start.programName)
    }
    removeWritten(this.#core.journal.dir).catch((error) => this.#core.view.setNotice('job-file', messageOf(error)))
    this.#core.setTrust(isPositionTrusted, distrustText)
    this.#session.start(this.#isRestart)
  }

  state(): MachineState {
    const core = this.#core
    const { phase, view, isStanding } = core
    const lease = leaseShown(core)
    const interlocks = core.interlocks.state()
    return view.snapshot({
      job: runOf(phase)?.active({ isStopping: phase.kind === 'stopping', feedPercent: view.status.overridesPercent.feed }),
      isStanding,
      ...(lease ? { lease } : {}),
      ...(interlocks.length ? { interlocks } : {}),
      ...(core.tool === undefined ? {} : { tool: core.tool }),
      partsCount: core.remembered.partsCount,
      ...(core.programs.resumable ? { resumable: core.programs.resumable } : {}),
    })
  }

  /** @throws OperationalError `link-down` */
  hold(by: string): { sentAt: string } {
    return hold(this.#core, by)
  }

  /**
   * Soft: `!`, seen standing, 0x18, banner, verdict. Hard: 0x18 at once. Answers when the first byte went out.
   * @throws OperationalError `link-down`
   */
  stop(by: string, isHard: boolean): { sentAt: string } {
    return stop(this.#core, by, isHard)
  }

  /** @throws UserError `not-held`, OperationalError `link-down`, `resume-failed` */
  resume(by: string): Promise<void> {
    return resumeJob(this.#core, by) ?? resume(this.#core, by)
  }

  /** Leaves an alarm (`$X`), with a reset first where the alarm asks for one. Moves nothing. */
  unlock(by: string): Promise<void> {
    return unlock(this.#core, { by })
  }

  /** Runs the homing cycle to its end. @throws UserError `machine-busy`, `machine-not-idle`, OperationalError `homing-failed` */
  home(by: string): Promise<void> {
    this.#core.rate.take()
    return home(this.#core, { by })
  }

  /** Opens the port though that may reset the controller. */
  connect(by: string): void {
    this.#session.connect(by)
  }

  /** @returns `ok` or the error in words, after what the controller said before it */
  command(raw: string, by: string): Promise<{ answer: string }> {
    this.#core.rate.take()
    return sendCommand(this.#core, raw, { by })
  }

  /** One thing without a program; see {@link act}. */
  act(action: MachineAction, asker: Asker): Promise<ActionResult> {
    return act(this.#core, action, asker)
  }

  /** Moves for as long as the heartbeat comes; see {@link startJog}. */
  jogStart(request: JogRequest): Promise<{ token: number }> {
    return startJog(this.#core, request)
  }

  /** @throws UserError `lease-stale`: the jog has ended */
  jogBeat(token: number): void {
    beatJog(this.#core, token)
  }

  jogEnd(token: number): void {
    endJog(this.#core, token)
  }

  /** Keeps the machine for one holder. @throws UserError `machine-busy` */
  takeLease(request: { holder: string; ttlMs: number; by: string }): { token: number } {
    return takeLease(this.#core, request)
  }

  /** @throws UserError `lease-stale` */
  beatLease(token: number): void {
    beatLease(this.#core, token)
  }

  dropLease(token: number): void {
    dropLease(this.#core, token)
  }

  /** News of an interlock. @throws UserError `interlock-unknown` */
  setInterlock(id: string, isSafe: boolean): void {
    this.#core.interlocks.set(id, isSafe)
  }

  firmwareSettings(): Promise<FirmwareSetting[]> {
    return firmwareSettings(this.#core)
  }

  backupFirmwareSettings(by: string): Promise<void> {
    return backupFirmwareSettings(this.#core, by)
  }

  /** @throws UserError `machine-busy`, `machine-not-idle`, `setting-unknown`, `setting-refused` */
  writeFirmwareSettings(settings: readonly { number: number; value: string }[], by: string): Promise<FirmwareSetting[]> {
    return writeFirmwareSettings(this.#core, settings, { by })
  }

  /** The talk with the controller after line number `after`. */
  traffic(after: number): TrafficLine[] {
    return this.#core.traffic.since(after)
  }

  /** Somebody is connected who sees the state, or nobody. */
  setWatched(isWatched: boolean): void {
    this.#core.isWatched = isWatched
  }

  /** Checks the program, takes the lease and begins to stream; see {@link startJob}. Resolves when the first line may go. */
  startJob(request: JobRequest): Promise<{ totalLines: number }> {
    return startJob(this.#core, request)
  }

  /** The dry check; see {@link dryCheck}. */
  checkProgram(request: { path: string; sha256: string; options?: StartOptions }): Promise<ProgramReport> {
    return dryCheck(this.#core, request)
  }

  /** What a start in mid-program would do first; see {@link planStart}. */
  planStart(request: PlanRequest): Promise<StartPlan> {
    return planStart(this.#core, request)
  }

  /** A person's answer to what a job waits for. @throws UserError `nothing-to-answer`, `interlock-open`, `tool-not-measured` */
  answerJob(request: { jobId: string; answer: AnswerName; by: string }): Promise<void> {
    return answerJob(this.#core, request)
  }

  jobStatus(jobId: string): Promise<{ state: 'active' } | JobEnd | null> {
    return jobStatus(this.#core, jobId)
  }

  requesterGone(jobId: string): void {
    requesterGone(this.#core, jobId)
  }

  /** @throws UserError `machine-busy`, `machine-not-idle` */
  async configure(settings: MachineSettings): Promise<void> {
    const core = this.#core
    if (core.phase.kind === 'stopping') throw busy(core.phase)
    mustBeQuiet(core)
    if (core.held) throw heldBy(core.held.holder)
    const isSameLink = JSON.stringify(settings.link) === JSON.stringify(core.settings.link)
    core.settings = settings
    core.interlocks.configure(settings.guarding?.interlocks)
    if (!isSameLink) await this.#session.reconnect()
    core.view.changed()
  }

  /** A virtual controller came up behind this port; undefined: it is gone from the one it had. */
  virtualPortChanged(port: string | undefined): Promise<void> {
    return this.#session.virtualPortChanged(port)
  }

  /** The disk under the journal fails (or works again): a person must know, the machine goes on. */
  journalFailed(reason: string | undefined): void {
    this.#core.view.setNotice('journal', reason === undefined ? undefined : `The journal cannot be written (${reason}). Make room on the disk.`)
  }

  /** Nobody is there to watch: a machine that moves is held. */
  holdIfMoving(why: string): void {
    holdIfMoving(this.#core, why)
  }

  /** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
  mustBeQuiet(): void {
    mustBeQuiet(this.#core)
  }

  /** Holds a moving machine, waits until it stands (bounded), ends the job, lets go of the port. */
  async close(why: string): Promise<void> {
    const core = this.#core
    if (core.phase.kind === 'closed') return
    core.interlocks.close()
    if (core.held) dropLease(core, core.held.token)
    holdIfMoving(core, why)
    const limit = ownLimit(core.brakingMs() + 1000)
    // the last report may be older than the hold
    if (core.hold.kind === 'asked') await Promise.race([core.freshReport(), ownPause(1000)])
    const isMoving = () => connectionOf(core.phase)?.isOpen && (core.phase.kind === 'stopping' || !core.view.isReportedStanding)
    while (isMoving() && !limit.isOver) {
      if (core.view.status.state === 'unknown' && !core.hasJob) break
      await pause(20)
    }
    limit.end()
    const { phase } = core
    const run = runOf(phase)
    const hasStood = core.view.isReportedStanding
    core.phase = { kind: 'closed' }
    if (phase.kind === 'stopping') phase.control?.abandon()
    if (run) {
      const held = hasStood ? 'The machine stands in feed hold' : 'The machine was told to hold, but was not seen standing'
      await endJob(core, run, 'interrupted', `${why} at line ${run.currentLine}. ${held} with the rest of its buffer; the spindle may be on.`)
    }
    await this.#session.close(connectionOf(phase))
    core.journal.append({ kind: 'link', what: 'closed', text: why })
    // the process ends behind this
    await Promise.all([core.remembered.settled(), core.programs.settled()])
  }
}
