/** What a guard is doing with its machine. Exactly one of these, always. */
import type { Connection } from './connection.ts'
import type { JobRun } from './job-run.ts'
import type { StopControl } from './stop-control.ts'

/** Why a controller is being reset, and what follows. */
export type StopPurpose =
  | { kind: 'person'; by: string; isHard: boolean }
  /** The job cannot go on. */
  | { kind: 'job-failed'; text: string }
  /** A critical alarm answers nothing but a reset. */
  | { kind: 'leave-alarm' }

/** One piece of work without a program. */
export interface Work {
  what: WorkKind
  /** On whose behalf. */
  by: string
  /** Its own fencing token. */
  token: number
  /** The held lease it works under. */
  under: number | undefined
}
/** `reading`: the guard itself looks something up, for a moment. */
export type WorkKind = 'command' | 'homing' | 'unlocking' | 'moving' | 'jogging' | 'probing' | 'setting' | 'reading'

/** What may set a machine going. */
export const MOVES: Record<WorkKind, boolean> = {
  command: true,
  homing: true,
  moving: true,
  jogging: true,
  probing: true,
  unlocking: false,
  setting: false,
  reading: false,
}

export type Phase =
  /** Opening the port may reset a controller that moves: a person decides. */
  | { kind: 'waiting-for-person' }
  /** No connection: opening, or waiting for the next try. */
  | { kind: 'connecting' }
  /** Connected; what it is and what it does is being found out. Hold and stop work. */
  | { kind: 'identifying'; connection: Connection }
  | { kind: 'ready'; connection: Connection }
  /** One command, homing cycle, jog, … has the machine. */
  | ({ kind: 'working'; connection: Connection } & Work)
  /** A job has the machine (its lease). */
  | {
      kind: 'job'
      connection: Connection
      run: JobRun
      /** While the program waits for a person, who touches off a tool or clears the work. */
      aside?: Work
    }
  | {
      kind: 'stopping'
      connection: Connection
      run: JobRun | undefined
      control: StopControl | undefined
      purpose: StopPurpose
      finished: PromiseWithResolvers<void>
    }
  | { kind: 'closed' }

/** The connection of a phase that has one. */
export function connectionOf(phase: Phase): Connection | undefined {
  switch (phase.kind) {
    case 'identifying':
    case 'ready':
    case 'working':
    case 'job':
    case 'stopping':
      return phase.connection
    case 'waiting-for-person':
    case 'connecting':
    case 'closed':
      return undefined
    default:
      return phase satisfies never
  }
}

/** The piece of work that has the machine, by itself or while a program waits. */
export function workOf(phase: Phase): Work | undefined {
  return phase.kind === 'working' ? phase : phase.kind === 'job' ? phase.aside : undefined
}

/** The job that has the machine. */
export function runOf(phase: Phase): JobRun | undefined {
  return phase.kind === 'job' || phase.kind === 'stopping' ? phase.run : undefined
}
