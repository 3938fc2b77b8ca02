/**
 * What the guard's socket asks of a controller, whatever protocol it speaks: `guard.ts` (the GRBL family) and
 * `linuxcnc/controller.ts` are two that have nothing in common below this line. Another one (Marlin, a vendor's link) is a
 * third class that answers to this.
 *
 * Promised by all: `hold` and `stop` write their byte or line before they return; nothing moves because a link came back; a job
 * id is never run twice; what a controller cannot do is refused with `not-supported` and a sentence, never left out silently.
 *
 * Excluded on purpose: the socket, the token, callers (`server.ts`); how a line looks; raw bytes past the checks.
 */

import type { RpcParams } from '../../../base/rpc.ts'
import type { ActionResult, MachineAction } from '../action.ts'
import type { FirmwareSetting, TrafficLine } from '../controller-talk.ts'
import type { MachineSettings, MachineState } from '../machine.ts'
import type { ProgramReport, StartPlan } from '../program.ts'
import type { guardRpc, JobEnd } from './contract.ts'
import type { Asker } from './holders.ts'

type Request<K extends keyof (typeof guardRpc)['requests']> = RpcParams<typeof guardRpc, K>

export interface Controller {
  /** Closes the books on a job that died with the last guard, then opens the link or waits for a person. */
  start(): void
  /** Holds a moving machine, waits until it stands (bounded), ends the job, lets go of the link. */
  close(why: string): Promise<void>

  state(): MachineState
  hold(by: string): { sentAt: string }
  /** @param isHard the quickest way there is, whatever it costs (the position) */
  stop(by: string, isHard: boolean): { sentAt: string }
  resume(by: string): Promise<void>
  unlock(by: string): Promise<void>
  home(by: string): Promise<void>
  connect(by: string): void
  command(raw: string, by: string): Promise<{ answer: string }>
  act(action: MachineAction, asker: Asker): Promise<ActionResult>

  jogStart(request: Request<'jogStart'>): Promise<{ token: number }>
  jogBeat(token: number): void
  jogEnd(token: number): void

  takeLease(request: Request<'takeLease'>): { token: number }
  beatLease(token: number): void
  dropLease(token: number): void
  setInterlock(id: string, isSafe: boolean): void

  startJob(request: Request<'startJob'>): Promise<{ totalLines: number }>
  checkProgram(request: Request<'checkProgram'>): Promise<ProgramReport>
  planStart(request: Request<'planStart'>): Promise<StartPlan>
  answerJob(request: Request<'answerJob'>): Promise<void>
  jobStatus(jobId: string): Promise<{ state: 'active' } | JobEnd | null>
  requesterGone(jobId: string): void

  firmwareSettings(): Promise<FirmwareSetting[]>
  backupFirmwareSettings(by: string): Promise<void>
  writeFirmwareSettings(settings: Request<'writeFirmwareSettings'>['settings'], by: string): Promise<FirmwareSetting[]>
  traffic(after: number): TrafficLine[]

  configure(settings: MachineSettings): Promise<void>
  /** @throws UserError `machine-busy`, `machine-not-idle` unless the machine stands without a job */
  mustBeQuiet(): void
  /** Nobody is there to watch: a machine that moves is held. */
  holdIfMoving(why: string): void
  /** Somebody is connected who sees the state. */
  setWatched(isWatched: boolean): void
  /** The disk under the journal fails (or works again): a person must know, the machine goes on. */
  journalFailed(reason: string | undefined): void
  /** A virtual controller came up behind this port; undefined: it is gone from the one it had. */
  virtualPortChanged(port: string | undefined): Promise<void>
}
