/**
 * What a motion guard answers on its socket, and what it tells those who listen.
 *
 * Excluded on purpose: anything that would let a caller write raw bytes to the controller past the
 * guard's checks; HTTP; the database. The guard knows jobs only by the id it was given.
 */
import { type Static, Type } from 'typebox'
import { defineRpc } from '../../../base/rpc.ts'
import { ActionResult, AxisValues, MachineAction } from '../action.ts'
import { FirmwareSetting, TrafficLine } from '../controller-talk.ts'
import { MachineSettings, MachineState } from '../machine.ts'
import { ProgramReport, StartOptions, StartPlan } from '../program.ts'

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

/** What the launcher may tell a running guard as a note: where the virtual controller is now; without `port` it is gone. */
export const GuardNote = Type.Object({ kind: Type.Literal('virtual-port'), port: Type.Optional(Type.String()) })
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
     * program-empty, line-refused (with line number), outside-envelope, keep-out and other findings of the check, stopped-before-start,
     * job-seen, lease-stale, interlock-open, wrong-tool, plan-stale (planId), machine-changed (since the check); OperationalError check-failed
     */
    startJob: {
      params: Type.Object({
        jobId: Type.String(),
        programName: Type.String(),
        path: Type.String(),
        sha256: Type.String(),
        by: By,
        whenRequesterGone: Type.Enum(['finish', 'hold']),
        options: Type.Optional(StartOptions),
        /** Runs under this lease; without one the machine must be free. */
        lease: Type.Optional(Type.Integer()),
      }),
      result: Type.Object({ totalLines: Type.Integer() }),
    },
    /**
     * The dry check: the whole program against the machine as it is now, in the guard's worker thread. Sends nothing that
     * moves; while a job runs it is done with the offsets last read. @throws UserError program-missing, program-changed
     */
    checkProgram: { params: Type.Object({ path: Type.String(), sha256: Type.String(), options: Type.Optional(StartOptions) }), result: ProgramReport },
    /**
     * What a start at a line would do before that line. @throws UserError machine-not-idle, position-not-trusted, line-not-found,
     * start-line-unsafe (`details.goodLines`), interlock-open, tool-not-measured (its length was cleared), and those of the check
     */
    planStart: {
      params: Type.Object({
        path: Type.String(),
        sha256: Type.String(),
        programName: Type.String(),
        fromLine: Type.Integer({ minimum: 1 }),
        blockDelete: Type.Optional(Type.Boolean()),
        by: By,
      }),
      result: StartPlan,
    },
    /** A person's answer to what a job waits for. @throws UserError nothing-to-answer, interlock-open, tool-not-measured */
    answerJob: {
      params: Type.Object({ jobId: Type.String(), answer: Type.Enum(['go-on', 'skip-line', 'stop', 'measure-tool']), by: By }),
      result: Done,
    },
    /**
     * One thing without a program. Takes the machine for as long as it lasts, or works under the lease named by `lease`.
     * @throws UserError machine-not-idle, machine-busy, lease-stale, interlock-open, outside-envelope, keep-out, line-refused,
     * position-not-trusted, too-many-commands, not-supported, no-tool-reference, stopped (by a hold or stop before its end);
     * OperationalError probe-failed, homing-failed, controller-refused, move-cut-short, override-failed
     */
    act: { params: Type.Object({ action: MachineAction, by: By, lease: Type.Optional(Type.Integer()) }), result: ActionResult },
    /**
     * Moves for as long as the heartbeat comes: `ttlMs` without one is a jog cancel. @throws as `act`
     */
    jogStart: {
      params: Type.Object({
        /** Direction as -1, 0 or 1 (or a fraction) of each axis. */
        direction: AxisValues,
        feedMmPerMin: Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
        ttlMs: Type.Integer({ minimum: 100, maximum: 1000, default: 400 }),
        by: By,
        lease: Type.Optional(Type.Integer()),
      }),
      result: Type.Object({ token: Type.Integer() }),
    },
    /** @throws UserError lease-stale: the jog has ended */
    jogBeat: { params: Type.Object({ token: Type.Integer() }), result: Done },
    /** Ends the jog; a token of an older one does nothing. */
    jogEnd: { params: Type.Object({ token: Type.Integer() }), result: Done },
    /** Keeps the machine for one holder between actions and programs. Every token is higher than all before. @throws UserError machine-busy */
    takeLease: {
      params: Type.Object({ holder: Type.String({ maxLength: 200 }), ttlMs: Type.Integer({ minimum: 500, maximum: 600_000 }), by: By }),
      result: Type.Object({ token: Type.Integer() }),
    },
    /** @throws UserError lease-stale */
    beatLease: { params: Type.Object({ token: Type.Integer() }), result: Done },
    dropLease: { params: Type.Object({ token: Type.Integer() }), result: Done },
    /** News of an interlock; holds until its time to live is over. @throws UserError interlock-unknown */
    setInterlock: { params: Type.Object({ id: Type.String(), isSafe: Type.Boolean(), by: By }), result: Done },
    /** Firmware settings with names and units, beside the backup; read again from an idle controller, else as last read. */
    firmwareSettings: { params: Type.Object({}), result: Type.Array(FirmwareSetting) },
    /** Keeps the settings as they are now as the ones to compare with. */
    backupFirmwareSettings: { params: Type.Object({ by: By }), result: Done },
    /** Writes settings, alone and one after the other. @throws UserError machine-not-idle, setting-unknown, setting-refused */
    writeFirmwareSettings: {
      params: Type.Object({
        settings: Type.Array(Type.Object({ number: Type.Integer({ minimum: 0 }), value: Type.String({ maxLength: 100 }) }), { maxItems: 300 }),
        by: By,
      }),
      result: Type.Array(FirmwareSetting),
    },
    /** The talk with the controller from `after` on, for the console: at most the last 1000 lines; status reports are left out. */
    traffic: { params: Type.Object({ after: Type.Integer({ minimum: 0 }) }), result: Type.Array(TrafficLine) },
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
      kind: Type.Enum([
        'alarm',
        'message',
        'link-lost',
        'link-back',
        'controller-restarted',
        'state',
        'tool-change',
        'program-waits',
        'interlock',
        'probe',
        'settings-drift',
      ]),
      text: Type.String(),
      at: When,
      controller: Type.Optional(Type.String()),
    }),
  },
})
