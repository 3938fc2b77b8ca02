/** The guard of one machine: its face to the socket. What may be done when is decided in the parts it is made of. */
import { setTimeout as pause } from 'node:timers/promises'
import type { MachineSettings, MachineState } from '../machine.ts'
import { home, sendCommand, unlock } from './commands.ts'
import type { JobEnd } from './contract.ts'
import { GuardCore, type GuardOptions } from './core.ts'
import { hold, holdIfMoving, resume, stop } from './hold-and-stop.ts'
import { endJob, tellEnd } from './job-end.ts'
import { jobStatus, requesterGone, startJob } from './job-life.ts'
import type { JobRequest } from './job-run.ts'
import { endOfUnfinished } from './journal.ts'
import { mustBeQuiet } from './lease.ts'
import { connectionOf, runOf } from './phase.ts'
import { busy } from './refusals.ts'
import { Session } from './session.ts'

export class Guard {
  readonly #core: GuardCore
  readonly #session: Session
  readonly #isRestart: boolean

  constructor(options: GuardOptions) {
    this.#core = new GuardCore(options)
    this.#session = new Session(this.#core)
    this.#isRestart = options.isRestart
  }

  /** Closes the books on a job that died with the last guard, then opens the link or waits for a person. */
  start(): void {
    const { unfinished, isPositionTrusted, distrustText } = this.#core.journal.before
    if (unfinished) tellEnd(this.#core, endOfUnfinished(unfinished, isPositionTrusted), unfinished.start.programName)
    this.#core.setTrust(isPositionTrusted, distrustText)
    this.#session.start(this.#isRestart)
  }

  state(): MachineState {
    const { phase, view, isStanding } = this.#core
    return view.snapshot({ job: runOf(phase)?.active(phase.kind === 'stopping'), isStanding })
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
    return resume(this.#core, by)
  }

  /** Leaves an alarm (`$X`), with a reset first where the alarm asks for one. Moves nothing. */
  unlock(by: string): Promise<void> {
    return unlock(this.#core, by)
  }

  /** Runs the homing cycle to its end. @throws UserError `machine-busy`, `machine-not-idle`, OperationalError `homing-failed` */
  home(by: string): Promise<void> {
    return home(this.#core, by)
  }

  /** Opens the port though that may reset the controller. */
  connect(by: string): void {
    this.#session.connect(by)
  }

  /** @returns `ok` or the error in words, after what the controller said before it */
  command(raw: string, by: string): Promise<{ answer: string }> {
    return sendCommand(this.#core, raw, by)
  }

  /** Checks the program, takes the lease and begins to stream; see {@link startJob}. Resolves when the first line may go. */
  startJob(request: JobRequest): Promise<{ totalLines: number }> {
    return startJob(this.#core, request)
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
    const isSameLink = JSON.stringify(settings.link) === JSON.stringify(core.settings.link)
    core.settings = settings
    if (!isSameLink) await this.#session.reconnect()
    core.view.changed()
  }

  /** A virtual controller came up again behind another port. */
  virtualPortChanged(port: string): Promise<void> {
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
    holdIfMoving(core, why)
    const giveUpAt = performance.now() + core.brakingMs() + 1000
    // the last report may be older than the hold
    if (core.hold.kind === 'asked') await Promise.race([core.freshReport(), pause(1000)])
    const isMoving = () => connectionOf(core.phase)?.isOpen && (core.phase.kind === 'stopping' || !core.view.isReportedStanding)
    while (isMoving() && performance.now() < giveUpAt) {
      if (core.view.status.state === 'unknown' && !core.hasJob) break
      await pause(20)
    }
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
  }
}
