/**
 * RPC between the gateway and the flow runtime. The runtime is not trusted: it requests, the gateway
 * decides. It never gets a secret, the database or a guard's socket.
 */
import { Type } from 'typebox'
import { defineRpc } from '../../base/rpc.ts'
import { ActionResult, MachineAction } from '../../nodes/motion/action.ts'
import { MachineId, MachineState } from '../../nodes/motion/machine.ts'
import { ProgramReport, ProgramTransform, StartOptions, TransformReport } from '../../nodes/motion/program.ts'
import { Activity, ActivityLook, ContextScope, ContextValue, PassedMessage } from '../api/activity.ts'
import { DebuggerState } from '../api/debugger.ts'
import { FlowNode, NodeStatus, NodeType } from '../api/flows.ts'
import { Program } from '../api/machines.ts'
import { JobPlan, JobState, PanelButton, WorkOrder } from '../api/work.ts'
import { connectionAsks, connectionRequests } from '../connections/runtime-contract.ts'
import { jobsRequests } from '../jobs/runtime-contract.ts'
import { orchestrationRequests, stepNotices, stepRequests } from '../orchestration/runtime-contract.ts'
import { paletteRequests } from '../palette/runtime-contract.ts'
import { panelAsks, panelNotices } from '../panel/runtime-contract.ts'
import { documentAsks } from '../quality/documents/runtime-contract.ts'
import { inspectionAsks } from '../quality/inspection/runtime-contract.ts'
import { samplingAsks } from '../quality/lots/runtime-contract.ts'
import { qualityAsks } from '../quality/runtime-contract.ts'
import { studyAsks } from '../quality/studies/runtime-contract.ts'
import { shadowAsks, shadowNotices, shadowRequests } from '../rehearsal/runtime-contract.ts'
import { runRequests } from '../runs/runtime-contract.ts'
import { triggerAsks, triggerNotices, triggerOrders, triggerRequests } from '../triggers/runtime-contract.ts'
import { DebuggerPlan, debuggerRequests } from './debugger/contract.ts'

const Flows = Type.Array(FlowNode)
const Nothing = Type.Object({})
const Done = Type.Null()
const closed = { additionalProperties: false }
const NodeId = Type.String({ maxLength: 100 })
/** Who asks, and for which run. */
const Asked = { nodeId: NodeId, runId: Type.Optional(Type.String({ maxLength: 100 })) }
const ProgramName = Type.String({ minLength: 1, maxLength: 200, description: 'Id or name' })
/** The flow job in whose flow it is asked for: cancelled with it while it has not begun. */
const ParentJob = Type.Optional(Type.String({ maxLength: 100 }))
/** An `ArrivingContext` (server/flows/contract.ts). */
const ArrivingContextValue = Type.Object({
  scope: Type.Enum(['global', 'flow', 'node']),
  flow: Type.Optional(NodeId),
  node: Type.Optional(Type.String({ maxLength: 300 })),
  key: Type.String({ maxLength: 100 }),
  value: Type.Unknown(),
})
/** Token of a lease that flows hold. */
const Lease = Type.Optional(Type.Integer({ minimum: 0 }))

/** What the launcher passes to the runtime over its pipe. */
export const RuntimeInit = Type.Object({
  /** Node-RED's user directory. */
  userDir: Type.String(),
  /** The gateway's socket for processes, and what to say there first. */
  gatewaySocket: Type.String(),
  gatewayToken: Type.String(),
  /** Where the runtime's own HTTP server listens (only the gateway calls it). */
  httpSocket: Type.String(),
  /** Flows stay stopped: the runtime crashed three times in a minute. */
  isSafeMode: Type.Boolean(),
  /** A shadow for a rehearsal: see `shadow.ts`. */
  isShadow: Type.Optional(Type.Boolean()),
})

/** What the runtime answers to. */
export const runtimeRpc = defineRpc({
  requests: {
    /**
     * Sets flows through Node-RED (which saves through `saveFlows`) and waits until they run.
     * @throws UserError version-mismatch, OperationalError deploy-failed (with what Node-RED said)
     */
    deploy: {
      params: Type.Object({
        flows: Flows,
        credentials: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        rev: Type.Optional(Type.String()),
        kind: Type.Enum(['full', 'nodes', 'flows', 'reload']),
        by: Type.String(),
        /** The gateway's ticket for this deploy; the runtime hands it back with `saveFlows`. */
        ticket: Type.Optional(Type.String()),
        /** Puts a version back: `credentials` is then the whole set. */
        isRestore: Type.Optional(Type.Boolean()),
        /** Values that an import brought, put there before the flows start; where there is one already, it stays. */
        context: Type.Optional(Type.Array(ArrivingContextValue)),
      }),
      result: Type.Object({ rev: Type.String() }),
    },
    getFlows: { params: Nothing, result: Type.Object({ flows: Flows, rev: Type.String() }) },
    nodeTypes: { params: Nothing, result: Type.Array(NodeType) },
    /** What the flows do, as far as it is looked at and changed since the reader knew `after` in `epoch`. Asking is what keeps watching on. */
    activity: {
      params: Type.Object({ epoch: Type.Optional(Type.String()), after: Type.Optional(Type.Integer()), look: ActivityLook }),
      result: Type.Object({ upTo: Type.Integer(), activity: Activity }),
    },
    /** The last message that was copied of a wire, an output or an input. */
    passedMessage: {
      params: Type.Object({ from: Type.Optional(NodeId), port: Type.Optional(Type.Integer()), to: Type.Optional(NodeId) }),
      result: Type.Object({ message: Type.Optional(PassedMessage), since: Type.String() }),
    },
    /** What stands in a context. */
    contextValue: {
      params: Type.Object({ scope: ContextScope, place: Type.Optional(NodeId), key: Type.String(), store: Type.Optional(Type.String()) }),
      result: ContextValue,
    },
    ...debuggerRequests,
    ...runRequests,
    ...shadowRequests,
    ...stepRequests,
    ...triggerRequests,
    ...connectionRequests,
    ...paletteRequests,
    /** Releases a button's waiting message (or a new one) into the flow. */
    press: {
      params: Type.Object({
        nodeId: Type.String(),
        pressId: Type.String(),
        waitingId: Type.Optional(Type.String()),
        values: Type.Record(Type.String(), Type.Unknown()),
        by: Type.String(),
        runId: Type.String(),
      }),
      result: Done,
    },
    /** How a watched machine is; the next one follows when this was answered, and is then the latest. Null: its guard is away. */
    machineState: { params: Type.Object({ machineId: Type.String(), state: Type.Union([MachineState, Type.Null()]) }), result: Done },
    /** Hands a flow job to the `cw-job-in` that has its name. @throws UserError no-job-in */
    runJob: { params: Type.Object({ jobId: Type.String(), name: Type.String(), payload: Type.Unknown(), runId: Type.String() }), result: Done },
  },
  notifications: {
    ...stepNotices,
    ...triggerOrders,
    /** Whether nodes that begin by themselves begin in this runtime: of several hosts with the same flows one leads. */
    lead: Type.Object({ leads: Type.Boolean() }),
    /** To the node that waits for it. */
    jobEnded: Type.Object({ jobId: Type.String(), state: JobState, outcome: Type.Optional(Type.Unknown()), reason: Type.Optional(Type.String()) }),
    jobProgress: Type.Object({ jobId: Type.String(), done: Type.Integer(), total: Type.Integer() }),
    machineEvent: Type.Object({
      machineId: Type.String(),
      kind: Type.String(),
      text: Type.String(),
      at: Type.String(),
      controller: Type.Optional(Type.String()),
      state: Type.Optional(Type.Unknown()),
    }),
    /** A work order for the `cw-work-orders` nodes of a connection; answered with `workOrderTaken`. */
    workOrder: Type.Object({ id: Type.String(), connectionId: Type.String(), order: WorkOrder, source: Type.String() }),
  },
})

/** What the runtime asks of the gateway. */
export const gatewayRpc = defineRpc({
  requests: {
    /** First message; the answer lists the palette modules (with `*`) that may be installed and loaded. */
    hello: { params: Type.Object({ token: Type.String() }), result: Type.Object({ allowedModules: Type.Array(Type.String()) }) },
    /** Breakpoints and pauses of the runtime before this one: asked before the flows start. */
    debuggerPlan: { params: Nothing, result: DebuggerPlan },
    /** A document of Node-RED's storage; null where there is none yet. */
    load: { params: Type.Object({ what: Type.Enum(['flows', 'credentials', 'settings', 'sessions']) }), result: Type.Unknown() },
    /**
     * Saves flows as a version, and the credentials with them when they changed. The gateway checks the fence again
     * for whom the ticket (of a deploy, or of a person in the stock editor) stands for.
     * @throws UserError node-type-not-allowed, ticket-missing
     */
    saveFlows: {
      params: Type.Object({
        flows: Flows,
        credentials: Type.Optional(Type.Unknown()),
        by: Type.Optional(Type.String()),
        ticket: Type.Optional(Type.String()),
        kind: Type.Optional(Type.String()),
      }),
      result: Done,
    },
    save: { params: Type.Object({ what: Type.Enum(['credentials', 'settings', 'sessions']), data: Type.Unknown() }), result: Done },
    loadLibrary: { params: Type.Object({ type: Type.String(), path: Type.String() }), result: Type.Unknown() },
    saveLibrary: { params: Type.Object({ type: Type.String(), path: Type.String(), meta: Type.Unknown(), body: Type.String() }), result: Done },
    /** Whom a scoped token (put there by the proxy) stands for, and what they may do in Node-RED's own terms. */
    whois: {
      params: Type.Object({ token: Type.String() }),
      result: Type.Union([Type.Object({ username: Type.String(), permissions: Type.Array(Type.String()) }), Type.Null()]),
    },
    machines: { params: Nothing, result: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), isVirtual: Type.Boolean() })) },
    programs: { params: Nothing, result: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })) },
    connections: { params: Nothing, result: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), connector: Type.String() })) },
    /**
     * Queues a program for a machine. The same key is one job. The end comes as `jobEnded`.
     * @throws UserError job-not-found for a repeat whose first try had queued nothing
     */
    runProgram: {
      params: Type.Object({
        /** Asked again, since the answer was lost: names the job of that key, and queues none. */
        isRepeat: Type.Optional(Type.Boolean()),
        machineId: Type.String(),
        program: Type.String({ description: 'Id or name' }),
        key: Type.String(),
        /** A plan of a start in mid-program is for a person to agree to. */
        options: Type.Optional(Type.Omit(StartOptions, ['planId'], { additionalProperties: false })),
        lease: Lease,
        runId: Type.Optional(Type.String()),
        nodeId: Type.String(),
        parentJob: ParentJob,
      }),
      result: Type.Object({ jobId: Type.String() }),
    },
    /** hold, stop, resume, home, unlock, or one G-code line, as the node's deployer may. */
    commandMachine: {
      params: Type.Object({
        machineId: Type.String(),
        command: Type.Enum(['hold', 'stop', 'resume', 'home', 'unlock', 'line']),
        line: Type.Optional(Type.String()),
        runId: Type.Optional(Type.String()),
        nodeId: Type.String(),
      }),
      result: Type.Object({ answer: Type.String() }),
    },
    /**
     * One thing without a program (`nodes/motion/action.ts`), perhaps under a lease that flows hold.
     * @throws what the guard throws; UserError not-for-flows, lease-stale, too-many-requests
     */
    actOnMachine: { params: Type.Object({ ...Asked, machineId: MachineId, action: MachineAction, lease: Lease }, closed), result: ActionResult },
    /** Keeps a machine for a flow until it is given back, its run ends, or the beats stay away. @throws UserError machine-busy */
    takeLease: {
      params: Type.Object(
        { ...Asked, machineId: MachineId, holder: Type.String({ minLength: 1, maxLength: 100 }), ttlMs: Type.Integer({ minimum: 500, maximum: 60_000 }) },
        closed,
      ),
      result: Type.Object({ token: Type.Integer() }),
    },
    /** @throws UserError lease-stale */
    beatLease: { params: Type.Object({ machineId: MachineId, token: Type.Integer() }, closed), result: Done },
    dropLease: { params: Type.Object({ machineId: MachineId, token: Type.Integer() }, closed), result: Done },
    /** @throws UserError interlock-unknown */
    setInterlock: {
      params: Type.Object({ machineId: MachineId, id: Type.String({ minLength: 1, maxLength: 40 }), isSafe: Type.Boolean(), nodeId: NodeId }, closed),
      result: Done,
    },
    /** What a running program waits for is answered by a flow. @throws UserError nothing-to-answer, interlock-open, tool-not-measured */
    answerMachineJob: {
      params: Type.Object(
        { ...Asked, machineId: MachineId, jobId: Type.String({ maxLength: 100 }), answer: Type.Enum(['go-on', 'skip-line', 'stop', 'measure-tool']) },
        closed,
      ),
      result: Done,
    },
    /** @throws UserError program-not-found, too-many-requests */
    checkProgram: { params: Type.Object({ ...Asked, machineId: MachineId, program: ProgramName }, closed), result: ProgramReport },
    /** @throws UserError program-not-found, transform-failed, transform-busy */
    transformProgram: {
      params: Type.Object({ ...Asked, program: ProgramName, name: Type.String({ minLength: 1, maxLength: 200 }), transform: ProgramTransform }, closed),
      result: Type.Object({ program: Program, report: TransformReport }),
    },
    /** Null: its guard is away. */
    machineState: { params: Type.Object({ machineId: MachineId }, closed), result: Type.Union([MachineState, Type.Null()]) },
    /** The machines whose state is to follow as `machineState`: the whole list at each change. */
    watchMachines: { params: Type.Object({ machineIds: Type.Array(MachineId, { maxItems: 200 }) }, closed), result: Done },
    /** Queues a flow job for the `cw-job-in` of that name. */
    enqueue: {
      params: Type.Object({
        name: Type.String(),
        payload: Type.Unknown(),
        key: Type.Optional(Type.String()),
        plan: Type.Optional(JobPlan),
        runId: Type.Optional(Type.String()),
        nodeId: Type.String(),
        parentJob: ParentJob,
      }),
      result: Type.Object({ jobId: Type.String() }),
    },
    ...jobsRequests,
    /** How a job is: asked after a connection was lost, when `jobEnded` may have been missed. */
    jobState: {
      params: Type.Object({ jobId: Type.String() }),
      result: Type.Object({ state: JobState, outcome: Type.Optional(Type.Unknown()), reason: Type.Optional(Type.String()) }),
    },
    /** A flow job reached its `cw-job-out` (or failed on the way). */
    finishJob: {
      params: Type.Object({
        jobId: Type.String(),
        state: Type.Enum(['completed', 'failed']),
        outcome: Type.Optional(Type.Unknown()),
        reason: Type.Optional(Type.String()),
        /** It failed by an error that no node took. */
        isUncaught: Type.Optional(Type.Boolean()),
      }),
      result: Done,
    },
    ...qualityAsks,
    /** A `cw-work-orders` node listens to a connection: waiting orders follow as `workOrder`. */
    subscribeWorkOrders: { params: Type.Object({ connectionId: Type.String(), nodeId: Type.String() }), result: Done },
    /** The flow has taken the order: it is not delivered again. */
    workOrderTaken: { params: Type.Object({ id: Type.String(), runId: Type.String() }), result: Done },
    /** Writes a confirmation to the outbox; the same key is written once. */
    confirm: {
      params: Type.Object({
        connectionId: Type.String(),
        workOrder: Type.String(),
        key: Type.String(),
        body: Type.Record(Type.String(), Type.Unknown()),
        runId: Type.Optional(Type.String()),
        nodeId: Type.String(),
      }),
      result: Type.Object({ id: Type.String(), reference: Type.Optional(Type.String()) }),
    },
    ...orchestrationRequests,
    ...triggerAsks,
    ...connectionAsks,
    ...panelAsks,
    ...samplingAsks,
    ...studyAsks,
    ...documentAsks,
    ...inspectionAsks,
    ...shadowAsks,
    /** May this palette module be installed? */
    mayInstall: {
      params: Type.Object({ module: Type.String(), version: Type.Optional(Type.String()) }),
      result: Type.Object({ allowed: Type.Boolean(), reason: Type.Optional(Type.String()) }),
    },
  },
  notifications: {
    /** `lifecycle`: Node-RED's flows:started, flows:stopped, or why they could not start. */
    lifecycle: Type.Object({
      flows: Type.Enum(['running', 'stopped', 'safe', 'failed']),
      text: Type.Optional(Type.String()),
      rev: Type.Optional(Type.String()),
    }),
    nodeStatus: Type.Array(NodeStatus),
    debuggerState: DebuggerState,
    ...triggerNotices,
    ...panelNotices,
    ...shadowNotices,
    debug: Type.Array(Type.Unknown()),
    /** The buttons of all running `cw-button` nodes: the whole list at each change. */
    panel: Type.Array(Type.Omit(PanelButton, ['lastPress'])),
    /** Run history: a batch of traces, base64 of the compact form that `server/runs/trace.ts` defines. */
    trace: Type.Object({ batch: Type.String(), /** Hops that had to be dropped since the last batch. */ dropped: Type.Integer() }),
    log: Type.Object({ level: Type.Enum(['error', 'warn', 'info']), text: Type.String(), nodeId: Type.Optional(Type.String()) }),
    audit: Type.Object({ event: Type.String(), by: Type.Optional(Type.String()), detail: Type.Optional(Type.Unknown()) }),
  },
})
