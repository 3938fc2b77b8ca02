/**
 * What our nodes may ask of the product: `RED.settings.cellwright` in the flow runtime. A stock Node-RED has
 * no such property; nodes then say so in their status and do nothing.
 *
 * Every promise rejects with a UserError or OperationalError whose message is fit for a person (base/errors.ts).
 * Excluded: secrets, the database, a guard's socket - the runtime has none of them.
 */

import type { JobPlan, JobServices } from './jobs/services.ts'
import type { ActionResult, MachineAction } from './motion/action.ts'
import type { MachineState } from './motion/machine.ts'
import type { ProgramReport, ProgramTransform, StartOptions, TransformReport } from './motion/program.ts'
import type { PanelField } from './operator/fields.ts'
import type { PanelServices } from './operator/services.ts'
import type { StepServices } from './orchestration/services.ts'
import type { InspectionServices } from './quality/inspection-services.ts'
import type { NonconformanceServices } from './quality/nonconformance-services.ts'
import type { SamplingServices, StudyServices } from './quality/sampling-services.ts'
import type { QualityServices } from './quality/services.ts'
import type { TriggerServices } from './triggers/services.ts'

/** How a job ended. */
export interface JobEnd {
  jobId: string
  state: 'completed' | 'failed' | 'stopped' | 'interrupted' | 'cancelled'
  outcome?: unknown
  /** Plain words, when it did not complete. */
  reason?: string
}

/** What happened at a machine. */
export interface MachineEvent {
  machineId: string
  kind: string
  text: string
  /** ISO time. */
  at: string
  /** The controller's own words, where there are some. */
  controller?: string
  state?: unknown
}

/** A live value of a connection: a topic of a broker, later a node of a controller. */
export interface TagNow {
  tag: string
  /** JSON: the last one that was heard; null before the first. */
  value: unknown
  /** `bad`: nobody can say just now how it is. */
  quality: 'good' | 'bad'
  /** Epoch ms when the other side said so; null where nobody knows (a message that a broker had kept). */
  at: number | null
}

/** Whose a machine is meanwhile: what a flow holds. Put on messages as `msg.lease`. */
export interface HeldMachine {
  machineId: string
  token: number
}

/** What a running program waits for a person to say. */
type JobAnswer = 'go-on' | 'skip-line' | 'stop' | 'measure-tool'

/** A work order as it is delivered to `cw-work-orders`. */
export interface DeliveredWorkOrder {
  /** For `workOrderTaken`. */
  id: string
  connectionId: string
  order: Record<string, unknown>
  /** Where it came from: a file name, a record. */
  source: string
}

/** How a button looks on the operator panel. */
export interface ButtonFace {
  label: string
  /** What will happen when it is pressed, in words. */
  says: string
  color: 'normal' | 'blue'
  machineId?: string
  asks: PanelField[]
  /** @defaultValue button */
  kind?: 'button' | 'form'
  /** The right that a press takes. @defaultValue panel.press */
  who?: 'panel.press' | 'machines.operate' | 'flows.deploy'
  /** How the machine must be, beyond reachable and without alarm. */
  needs?: 'standing' | 'idle'
  isEnabled: boolean
  /** Why it cannot be pressed. */
  reason?: string
  /** The waiting messages the next press may release, oldest first. */
  waiting: { id: string; text: string }[]
}

/** A press, already checked by the gateway: who may press, and each `pressId` once. */
export interface ButtonPress {
  pressId: string
  /** Which waiting message to release; the oldest when absent. */
  waitingId?: string
  values: Record<string, unknown>
  /** The person's name. */
  by: string
  /** The run that the press opened; it is the current run while the callback runs. */
  runId: string
}

/** A flow job for a `cw-job-in`. */
export interface FlowJob {
  jobId: string
  name: string
  payload: unknown
  /** Is the current run while the callback runs. */
  runId: string
}

/** Ends a subscription or a registration; more than once is harmless. */
export type Remove = () => void

export interface CellwrightServices {
  /** Steps that outlive processes. */
  readonly steps: StepServices
  /**
   * Whether the gateway answers just now. While it is away, what would move a machine rejects with `gateway-away`, and so
   * does what is only read; what may be told late and twice (a confirmation, a measurement, a flow job with a key, that an
   * order was taken) waits until it is back. Subscriptions stay and are renewed.
   */
  readonly isConnected: boolean
  onConnection(listener: (isConnected: boolean) => void): Remove

  /** How far jobs are, and control of queues. */
  readonly jobs: JobServices
  /** What starts flows. */
  readonly triggers: TriggerServices
  /** Messages, values and charts on the operator panel. */
  readonly panel: PanelServices
  /** Measurements and what is reckoned from them. */
  readonly quality: QualityServices
  readonly sampling: SamplingServices
  readonly studies: StudyServices
  readonly nonconformances: NonconformanceServices
  readonly inspections: InspectionServices

  machines(): Promise<{ id: string; name: string; isVirtual: boolean }[]>
  programs(): Promise<{ id: string; name: string }[]>
  connections(): Promise<{ id: string; name: string; connector: string }[]>

  // Requests take their run from the calling context; pass `runId` (usually `msg._run`) where that context is lost.

  /**
   * Queues a program for a machine; the same key is one job. Holds the run open until the job ended.
   * The end comes through {@link onJobEnded}, also when it came before the listener.
   */
  runProgram(request: {
    machineId: string
    program: string
    key: string
    nodeId: string
    runId?: string
    options?: Omit<StartOptions, 'planId'>
    /** Runs under what {@link holdMachine} gave. */
    lease?: number
    /** The flow job that the message belongs to. */
    parentJob?: string
  }): Promise<{ jobId: string }>
  /**
   * One thing of a machine without a program: jog, home, probe, offsets, overrides, spindle, coolant. Resolves when it is done.
   * `lease`: works under what {@link holdMachine} gave.
   */
  actOnMachine(request: { machineId: string; action: MachineAction; lease?: number; nodeId: string; runId?: string }): Promise<ActionResult>
  /**
   * Keeps a machine from all others until it is given back, the run ends, or this process is gone; kept alive by this
   * process meanwhile. `onLost` is told once when it was taken away. Rejects with `machine-busy` while somebody else has it.
   */
  holdMachine(
    request: { machineId: string; holder: string; ttlMs: number; nodeId: string; runId?: string },
    onLost: (why: string) => void,
  ): Promise<HeldMachine>
  /** Gives it back; harmless when it is over. */
  releaseMachine(held: HeldMachine): Promise<void>
  /** News of an interlock; holds until the time to live in the machine's settings is over. Rejects while the gateway is away. */
  setInterlock(request: { machineId: string; id: string; isSafe: boolean; nodeId: string }): Promise<void>
  /** Answers what a running program waits for. */
  answerMachineJob(request: { machineId: string; jobId: string; answer: JobAnswer; nodeId: string; runId?: string }): Promise<void>
  /** Checks a program (name or id) against a machine as it is now; nothing moves. */
  checkProgram(request: { machineId: string; program: string; nodeId: string; runId?: string }): Promise<ProgramReport>
  /** Makes a new program of that name from another. */
  transformProgram(request: { program: string; name: string; transform: ProgramTransform; nodeId: string; runId?: string }): Promise<{
    program: { id: string; name: string; revision: number; lines: number }
    report: TransformReport
  }>
  /** How a machine is; undefined while its guard is away. */
  machineState(machineId: string): Promise<MachineState | undefined>
  /** The same at every change, at most ten times a second, and once soon after this call. Undefined too while the gateway is away. */
  onMachineState(machineId: string, listener: (state: MachineState | undefined) => void): Remove
  /** A live value soon after this call and at every change, at most ten times a second. `bad` while the gateway or the connection is away. */
  onTag(of: { connectionId: string; tag: string }, listener: (now: TagNow) => void): Remove
  /**
   * Asks a connection for what its other side has now, and waits for it: a reading of a gauge. Rejects as the connection says:
   * `no-answer`, `no-request`, `connection-off`, what was refused by its code.
   */
  askConnection(request: { connectionId: string; nodeId: string; runId?: string }): Promise<unknown>
  /** hold, stop, resume, home, unlock, or one G-code line. */
  commandMachine(request: {
    machineId: string
    command: 'hold' | 'stop' | 'resume' | 'home' | 'unlock' | 'line'
    line?: string
    nodeId: string
    runId?: string
  }): Promise<{ answer: string }>
  /** Queues a flow job for the `cw-job-in` of that name. */
  enqueue(request: {
    name: string
    payload: unknown
    key?: string
    plan?: JobPlan
    nodeId: string
    runId?: string
    /** The flow job that the message belongs to. */
    parentJob?: string
  }): Promise<{ jobId: string }>
  /** A flow job reached its `cw-job-out`, or failed on the way. */
  finishJob(request: {
    jobId: string
    state: 'completed' | 'failed'
    outcome?: unknown
    reason?: string /** No node took the error. */
    isUncaught?: boolean
  }): Promise<void>
  /** The flow has taken the order: it is not delivered again. */
  workOrderTaken(request: { id: string; runId: string }): Promise<void>
  /** Writes a confirmation to the outbox; the same key is written once. */
  confirm(request: {
    connectionId: string
    workOrder: string
    key: string
    body: Record<string, unknown>
    nodeId: string
    runId?: string
  }): Promise<{ id: string; reference?: string }>

  /** Called once, in the run that asked for the job; when the job has already ended, soon after this call. */
  onJobEnded(jobId: string, listener: (end: JobEnd) => void): Remove
  onJobProgress(jobId: string, listener: (progress: { done: number; total: number }) => void): Remove
  /** Events of one machine; each call opens no run by itself: what the node sends does. */
  onMachineEvent(machineId: string, listener: (event: MachineEvent) => void): Remove
  /**
   * Waiting and coming work orders of a connection. An order is delivered again after a reconnect until it is taken:
   * call `newRun`, send inside `withRun`, then `workOrderTaken`.
   */
  subscribeWorkOrders(request: { connectionId: string; nodeId: string }, listener: (order: DeliveredWorkOrder) => void): Remove

  /** Puts a button on the operator panel. `onPress` throws a UserError to refuse (`button-disabled`, `value-missing`). */
  registerButton(request: { nodeId: string; face: ButtonFace; onPress: (press: ButtonPress) => void | Promise<void> }): {
    update(face: ButtonFace): void
    remove: Remove
  }
  /** Takes the flow jobs of a name. @throws UserError `job-in-taken` when another node has the name */
  registerJobIn(request: { nodeId: string; name: string; onJob: (job: FlowJob) => void | Promise<void> }): Remove

  /** The run of the calling context. */
  currentRun(): string | undefined
  /** Opens a run with this node as its trigger, for nodes that need its id before they send. */
  newRun(nodeId: string): string
  /** Calls `fn` inside a run: what is sent or asked there, also later on from its timers and promises, belongs to it. */
  withRun<T>(runId: string, fn: () => T): T
  /** Keeps a run open (a message waits in a queue of the node, a timer is set) until released. */
  holdRun(runId: string): Remove
  /** Ends a run now, for explicit end nodes. */
  endRun(runId: string, outcome: { state: 'completed' | 'failed'; text?: string }): void
}

/** The services, or undefined in a stock Node-RED. `red` is what Node-RED hands to a node module. */
export function cellwrightServices(red: { settings: object }): CellwrightServices | undefined {
  return (red.settings as { cellwright?: CellwrightServices }).cellwright
}
