/**
 * What a motion guard answers on its socket, and what it tells those who listen.
 *
 * Excluded on purpose: anything that would let a caller write raw bytes to the controller past the
 * guard's checks; HTTP; the database. The guard knows jobs only by the id it was given.
 */
import { type Static, Type } from 'typebox'
import { defineRpc } from '../../../base/rpc.ts'
import { MachineSettings, MachineState } from '../machine.ts'

const When = Type.String({ format: 'date-time' })

/** What the launcher passes to a guard. */
export const GuardInit = Type.Object({
  machineId: Type.String(),
  settings: MachineSettings,
  /** The port to open where the link is virtual: the pty the virtual controller printed, or `host:port`. */
  virtualPort: Type.Optional(Type.String()),
  /** Where to listen. */
  socket: Type.String(),
  /** Callers must say this first; it is made once per installation and kept in an owner-only file. */
  token: Type.String(),
  /** Directory of this machine's journal. */
  journalDir: Type.String(),
  orphanTimeoutS: Type.Integer(),
  /** This guard replaces one that died: a port whose opening resets the controller waits for a person. */
  isRestart: Type.Boolean(),
})
export type GuardInit = Static<typeof GuardInit>

/** What the launcher may tell a running guard as a note: a virtual controller that was started anew is behind another port. */
export const GuardNote = Type.Object({ kind: Type.Literal('virtual-port'), port: Type.String() })
export type GuardNote = Static<typeof GuardNote>

/** How a machine job ended. `interrupted`: link lost, controller restarted, or the guard itself was killed. */
export const JobEnd = Type.Object({
  jobId: Type.String(),
  state: Type.Enum(['completed', 'failed', 'stopped', 'interrupted']),
  /** Plain words: what happened, to which line, by whom. */
  text: Type.String(),
  linesSent: Type.Integer(),
  linesAcknowledged: Type.Integer(),
  totalLines: Type.Integer(),
  durationMs: Type.Number(),
  isPositionTrusted: Type.Boolean(),
  endedAt: When,
})
export type JobEnd = Static<typeof JobEnd>

/** A person or program on whose behalf something is asked, for the journal. */
const By = Type.String({ maxLength: 200 })
const Done = Type.Null()
/** When the byte was handed to the port. */
const Sent = Type.Object({ sentAt: When })

/** What a guard answers to. Every request but `hello` is refused before a good `hello`. */
export const guardRpc = defineRpc({
  requests: {
    hello: {
      params: Type.Object({ token: Type.String(), as: Type.Enum(['gateway', 'launcher']) }),
      result: Type.Object({ machineId: Type.String(), pid: Type.Integer(), state: MachineState }),
    },
    state: { params: Type.Object({}), result: MachineState },
    /**
     * Checks the file (hash, every line), takes the lease for the job and streams it.
     * Answers when streaming has begun; the end comes as `jobEnded`.
     * A `jobId` this guard or its journal has seen before is never run again: `job-seen`.
     * @throws UserError machine-not-idle, machine-busy, position-not-trusted (home first), program-missing, program-changed,
     * program-empty, line-refused (with line number), outside-envelope, stopped-before-start, job-seen
     */
    startJob: {
      params: Type.Object({
        jobId: Type.String(),
        programName: Type.String(),
        path: Type.String(),
        sha256: Type.String(),
        by: By,
        whenRequesterGone: Type.Enum(['finish', 'hold']),
      }),
      result: Type.Object({ totalLines: Type.Integer() }),
    },
    /** How a job stands or ended, from memory and journal; null for one never seen. For a gateway that comes back. */
    jobStatus: { params: Type.Object({ jobId: Type.String() }), result: Type.Union([Type.Object({ state: Type.Literal('active') }), JobEnd, Type.Null()]) },
    /** Feed hold. Written before anything else that waits. */
    hold: { params: Type.Object({ by: By }), result: Sent },
    /** Hold, seen standing, reset, banner, verdict on the position; `hard`: reset at once. Answers when the first byte is written. */
    stop: { params: Type.Object({ by: By, hard: Type.Boolean() }), result: Sent },
    /** @throws UserError not-held */
    resume: { params: Type.Object({ by: By }), result: Done },
    unlock: { params: Type.Object({ by: By }), result: Done },
    home: { params: Type.Object({ by: By }), result: Done },
    /** Opens the port though that may reset the controller. */
    connect: { params: Type.Object({ by: By }), result: Done },
    /** One line to an idle machine. @throws UserError machine-not-idle, line-refused; `answer` is `ok` or the error in words. */
    command: { params: Type.Object({ line: Type.String(), by: By }), result: Type.Object({ answer: Type.String() }) },
    /** The process that asked for the job is gone: what follows is the job's policy. */
    requesterGone: { params: Type.Object({ jobId: Type.String() }), result: Done },
    /** New settings, taken on when idle. @throws UserError machine-busy */
    configure: { params: Type.Object({ settings: MachineSettings }), result: Done },
    /** Ends the process: only for a machine that stands and has no job. @throws UserError machine-busy */
    end: { params: Type.Object({}), result: Done },
  },
  notifications: {},
})

/** What a guard tells everybody connected after `hello`. */
export const guardNotices = defineRpc({
  requests: {},
  notifications: {
    /** At every change, at most 10 a second. */
    state: MachineState,
    jobEnded: JobEnd,
    /** An alarm, a message of the controller, a lost link: for flows and the log. */
    event: Type.Object({
      kind: Type.Enum(['alarm', 'message', 'link-lost', 'link-back', 'controller-restarted', 'state']),
      text: Type.String(),
      at: When,
      controller: Type.Optional(Type.String()),
    }),
  },
})
