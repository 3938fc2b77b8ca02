/** The guard of a machine that LinuxCNC runs, over linuxcncrsh: the second controller behind the guard's socket. */
import { setTimeout as pause } from 'node:timers/promises'
import { UserError } from '../../../../base/errors.ts'
import type { RpcParams } from '../../../../base/rpc.ts'
import type { ActionResult, MachineAction } from '../../action.ts'
import type { FirmwareSetting, TrafficLine } from '../../controller-talk.ts'
import type { MachineSettings, MachineState } from '../../machine.ts'
import type { ProgramReport, StartPlan } from '../../program.ts'
import type { guardRpc, JobEnd } from '../contract.ts'
import type { Controller } from '../controller.ts'
import type { GuardOptions } from '../core.ts'
import type { Asker } from '../holders.ts'
import type { JobRequest } from '../job-run.ts'
import type { JogRequest } from '../jog.ts'
import { heldBy, notSupported } from '../refusals.ts'
import { LinuxcncCore } from './core.ts'
import { endRun } from './job-end.ts'
import { checkProgram, closeBooks, isHeldWithoutRequester, jobStatus, startJob } from './jobs.ts'
import { act, home, jogBeat, jogEnd, jogStart, sendCommand, unlock } from './orders.ts'
import { LinuxcncSession } from './session.ts'
import { hold, holdIfMoving, resume, stop, watchInterlocks } from './stopping.ts'
import { beatLease, dropLease, mustBeQuiet, takeLease } from './work.ts'

const NO_SETTINGS = "LinuxCNC keeps its settings in its INI file, which linuxcncrsh cannot change or list. Edit it on LinuxCNC's computer."

export class LinuxcncController implements Controller {
  readonly #core: LinuxcncCore
  readonly #session: LinuxcncSession
  readonly #fresh = () => this.#session.fresh()

  constructor(options: GuardOptions) {
    this.#core = new LinuxcncCore(options)
    this.#session = new LinuxcncSession(this.#core)
    watchInterlocks(this.#core)
  }

  start(): void {
    closeBooks(this.#core)
    this.#session.start()
  }

  state(): MachineState {
    return this.#core.snapshot()
  }

  hold(by: string): { sentAt: string } {
    const sent = hold(this.#core, by)
    this.#session.lookSoon()
    return sent
  }

  stop(by: string, isHard: boolean): { sentAt: string } {
    const sent = stop(this.#core, by, isHard)
    this.#session.lookSoon()
    return sent
  }

  resume(by: string): Promise<void> {
    return resume(this.#core, by, this.#fresh)
  }

  unlock(by: string): Promise<void> {
    return unlock(this.#core, { by }, this.#fresh)
  }

  home(by: string): Promise<void> {
    return home(this.#core, { by }, this.#fresh)
  }

  connect(by: string): void {
    this.#session.connect(by)
  }

  command(raw: string, by: string): Promise<{ answer: string }> {
    this.#core.rate.take()
    return sendCommand(this.#core, raw, { by }, this.#fresh)
  }

  act(action: MachineAction, asker: Asker): Promise<ActionResult> {
    return act(this.#core, action, asker, this.#fresh)
  }

  jogStart(request: JogRequest): Promise<{ token: number }> {
    return jogStart(this.#core, request, this.#fresh)
  }

  jogBeat(token: number): void {
    jogBeat(this.#core, token)
  }

  jogEnd(token: number): void {
    jogEnd(this.#core, token)
  }

  takeLease(request: { holder: string; ttlMs: number; by: string }): { token: number } {
    return takeLease(this.#core, request)
  }

  beatLease(token: number): void {
    beatLease(this.#core, token)
  }

  dropLease(token: number): void {
    dropLease(this.#core, token)
  }

  setInterlock(id: string, isSafe: boolean): void {
    this.#core.interlocks.set(id, isSafe)
  }

  startJob(request: JobRequest): Promise<{ totalLines: number }> {
    return startJob(this.#core, request, this.#fresh)
  }

  checkProgram(request: RpcParams<typeof guardRpc, 'checkProgram'>): Promise<ProgramReport> {
    return checkProgram(this.#core, request)
  }

  async planStart(): Promise<StartPlan> {
    throw notSupported('LinuxCNC starts in mid-program itself, at its own screen (Run from line). It is not planned here.')
  }

  async answerJob(): Promise<void> {
    throw new UserError({
      code: 'nothing-to-answer',
      message: 'A program on LinuxCNC asks nothing here: a stop or a tool change in it is a pause. Resume goes on.',
      status: 409,
    })
  }

  jobStatus(jobId: string): Promise<{ state: 'active' } | JobEnd | null> {
    return jobStatus(this.#core, jobId)
  }

  requesterGone(jobId: string): void {
    if (isHeldWithoutRequester(this.#core, jobId)) this.hold('job policy, as its requester is gone')
  }

  async firmwareSettings(): Promise<FirmwareSetting[]> {
    return []
  }

  async backupFirmwareSettings(): Promise<void> {
    throw notSupported(NO_SETTINGS)
  }

  async writeFirmwareSettings(): Promise<FirmwareSetting[]> {
    throw notSupported(NO_SETTINGS)
  }

  traffic(after: number): TrafficLine[] {
    return this.#core.traffic.since(after)
  }

  setWatched(isWatched: boolean): void {
    this.#core.isWatched = isWatched
  }

  async configure(settings: MachineSettings): Promise<void> {
    const core = this.#core
    mustBeQuiet(core)
    if (core.held) throw heldBy(core.held.holder)
    const isSameLink = JSON.stringify([settings.link, settings.linuxcnc]) === JSON.stringify([core.settings.link, core.settings.linuxcnc])
    core.settings = settings
    core.interlocks.configure(settings.guarding?.interlocks)
    if (!isSameLink) await this.#session.reconnect()
    core.changed()
  }

  mustBeQuiet(): void {
    mustBeQuiet(this.#core)
  }

  holdIfMoving(why: string): void {
    holdIfMoving(this.#core, why)
  }

  journalFailed(reason: string | undefined): void {
    this.#core.setNotice('journal', reason === undefined ? undefined : `The journal cannot be written (${reason}). Make room on the disk.`)
  }

  async virtualPortChanged(): Promise<void> {
    // a virtual controller speaks GRBL: there is none behind this guard
  }

  async close(why: string): Promise<void> {
    const core = this.#core
    if (core.phase.kind === 'closed') return
    core.interlocks.close()
    if (core.held) dropLease(core, core.held.token)
    core.jog?.end()
    holdIfMoving(core, why)
    const giveUpAt = performance.now() + core.brakingMs + 1000
    const isMoving = () => core.talk?.isOpen && core.looks > 0 && (core.phase.kind === 'stopping' || !core.isStanding)
    while (isMoving() && performance.now() < giveUpAt) await pause(20)
    const { run } = core
    const hasStood = core.isStanding
    await this.#session.close()
    core.phase = { kind: 'closed' }
    if (run?.hasStarted) {
      const held = hasStood ? 'The machine stands in pause' : 'The machine was told to pause, but was not seen standing'
      endRun(core, run, 'interrupted', `${why} at line ${run.currentLine}. ${held}, with the rest of the program in LinuxCNC; the spindle may be on.`)
    } else run?.abort.abort(new Error(why))
    core.journal.append({ kind: 'link', what: 'closed', text: why })
    // the process ends behind this
    await core.remembered.settled()
  }
}
