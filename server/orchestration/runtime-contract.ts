/** RPC about steps, spread into `server/runtime/contract.ts`. README.md of this folder says what a step promises. */
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { StepAsk } from '../api/steps.ts'

/** Largest message and notes of a step, in bytes. */
export const MESSAGE_LIMIT = 256 * 1024
export const DATA_LIMIT = 1024 * 1024

/** @throws UserError `step-too-big` */
export function bounded(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text
  throw new UserError({
    code: 'step-too-big',
    status: 413,
    message: `What this step has to keep is larger than ${MESSAGE_LIMIT / 1024} kB for the message or ${DATA_LIMIT / 1024} kB for its results. Keep large data in a file or a program and send its name.`,
  })
}

const Id = Type.String({ minLength: 1, maxLength: 100 })
const Json = (most: number) => Type.String({ maxLength: most })
const Words = Type.String({ maxLength: 1000 })
/** Epoch ms. */
const Time = Type.Integer()
const Kind = Type.Enum(['time', 'event', 'person', 'lock', 'scope'])
const closed = { additionalProperties: false }

/** Why a step is to be looked at. */
export const Wake = Type.Union([
  Type.Object({ kind: Type.Literal('due') }),
  /** The runtime that gave something of it out is gone. */
  Type.Object({ kind: Type.Literal('restart') }),
  Type.Object({
    kind: Type.Literal('answer'),
    id: Type.String(),
    choice: Type.String(),
    values: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    by: Type.String(),
    at: Time,
    comment: Type.Optional(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('event'), name: Type.String(), key: Type.Optional(Type.String()), payload: Type.Optional(Type.Unknown()), at: Time }),
  /** It has the resource now, until then at most. */
  Type.Object({ kind: Type.Literal('granted'), token: Type.Integer(), until: Type.Optional(Time) }),
])
export type Wake = Static<typeof Wake>

/** A step as the runtime knows it. `message` and `data` are JSON. */
export const WireStep = Type.Object({
  id: Id,
  runId: Id,
  nodeId: Id,
  kind: Kind,
  parentId: Type.Optional(Id),
  message: Json(MESSAGE_LIMIT),
  data: Json(DATA_LIMIT),
  text: Type.String(),
  key: Type.Optional(Type.String()),
  dueAt: Type.Optional(Time),
  isOut: Type.Boolean(),
  life: Type.String(),
  /** Of what an earlier life of the runtime gave out: the parts that are not lost, since they wait in a step inside, or did. */
  kept: Type.Optional(Type.Array(Type.Integer())),
  revision: Type.Integer(),
  wake: Type.Optional(Wake),
  createdAt: Time,
})
export type WireStep = Static<typeof WireStep>

/** What a turn changes; what is left out stays. */
export const StepChange = Type.Object(
  {
    kind: Type.Optional(Kind),
    message: Type.Optional(Json(MESSAGE_LIMIT)),
    data: Type.Optional(Json(DATA_LIMIT)),
    text: Type.Optional(Words),
    /** Null: nothing. */
    dueAt: Type.Optional(Type.Union([Time, Type.Null()])),
    isElapsed: Type.Optional(Type.Boolean()),
    isOut: Type.Optional(Type.Boolean()),
    ask: Type.Optional(Type.Union([StepAsk, Type.Null()])),
    end: Type.Optional(Type.Object({ outcome: Type.Enum(['done', 'timed-out', 'failed', 'cancelled']), text: Words }, closed)),
  },
  closed,
)
export type StepChange = Static<typeof StepChange>

/** What the runtime asks of the gateway. */
export const orchestrationRequests = {
  /** Stores a step; the same id is one step. A `lock` with a key begins to wait for that resource. @throws UserError step-too-big */
  openStep: {
    params: Type.Object(
      {
        id: Id,
        runId: Id,
        nodeId: Id,
        nodeType: Id,
        nodeName: Type.Optional(Type.String({ maxLength: 200 })),
        kind: Kind,
        parentId: Type.Optional(Id),
        part: Type.Optional(Type.Integer()),
        message: Json(MESSAGE_LIMIT),
        data: Json(DATA_LIMIT),
        text: Words,
        key: Type.Optional(Type.String({ maxLength: 320 })),
        /** Of a lock: how long it is lent, in ms; for ever when absent. */
        dueAt: Type.Optional(Time),
        isElapsed: Type.Optional(Type.Boolean()),
        isOut: Type.Boolean(),
        ask: Type.Optional(StepAsk),
        life: Id,
      },
      closed,
    ),
    result: WireStep,
  },
  /** Null: there is none, or it has ended. */
  readStep: { params: Type.Object({ id: Id }, closed), result: Type.Union([WireStep, Type.Null()]) },
  /**
   * Stores a turn; null when it ended the step. The same turn twice is one.
   * @throws UserError step-changed (look again), step-ended, step-too-big
   */
  saveStep: {
    params: Type.Object(
      {
        id: Id,
        revision: Type.Integer(),
        turn: Id,
        life: Id,
        /** The wake of this revision was taken. */
        isWakeTaken: Type.Boolean(),
        /** It ends the step and sends then: the run is held until `stepSent`. */
        isSending: Type.Boolean(),
        change: StepChange,
      },
      closed,
    ),
    result: Type.Union([WireStep, Type.Null()]),
  },
  /** What a step that ended had to send is sent. */
  stepSent: { params: Type.Object({ runId: Id }, closed), result: Type.Null() },
  /** The flows run: open steps of these nodes may be woken. Answers with what waits there, for their status. */
  stepsReady: {
    params: Type.Object({ life: Id, nodeIds: Type.Array(Id, { maxItems: 50_000 }) }, closed),
    result: Type.Array(Type.Object({ id: Id, nodeId: Id, text: Type.String(), since: Time, dueAt: Type.Optional(Time) })),
  },
  /** When the next message may pass a rate that all gates of the name share. */
  rateSlot: {
    params: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 320 }),
        count: Type.Integer({ minimum: 1, maximum: 1000 }),
        periodMs: Type.Integer({ minimum: 1 }),
        /** Asked again since the answer was lost: the same slot. */
        id: Id,
        /** Later than that from now, no slot is taken. */
        withinMs: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      closed,
    ),
    result: Type.Object({ at: Type.Optional(Time) }),
  },
  /** Wakes every step that waits for the event. */
  raiseEvent: {
    params: Type.Object(
      { id: Id, name: Type.String({ minLength: 1, maxLength: 100 }), key: Type.Optional(Type.String({ maxLength: 200 })), payload: Type.Unknown() },
      closed,
    ),
    result: Type.Object({ woken: Type.Integer() }),
  },
  /** Whether anything that acts on a machine can be reached from a node. */
  motionBehind: { params: Type.Object({ nodeId: Id }, closed), result: Type.Object({ isMotion: Type.Boolean() }) },
  /** The active runs that are meant, the asking one among them only with `run`. */
  runsToStop: {
    params: Type.Object({ what: Type.Enum(['run', 'flow', 'all']), nodeId: Id, runId: Type.Optional(Id) }, closed),
    result: Type.Object({ runIds: Type.Array(Type.String()) }),
  },
  /**
   * Ends runs as failed (but for the asking one), ends what they wait for, and cancels their waiting jobs. Machines are not
   * touched. Asked when the runtime has halted their messages.
   */
  stopRuns: {
    params: Type.Object({ runIds: Type.Array(Id, { maxItems: 5000 }), runId: Type.Optional(Id), reason: Words }, closed),
    result: Type.Object({ steps: Type.Integer(), jobs: Type.Integer() }),
  },
}

/** What the gateway asks of the runtime. */
export const stepRequests = {
  /** Looks at a step. Answered when the node has taken its turn. @throws UserError node-not-running */
  wakeStep: { params: Type.Object({ step: WireStep, cause: Wake }), result: Type.Null() },
}
export const stepNotices = {
  /** Ended without the node: by a person, or because the step around it ended. */
  stepEnded: Type.Object({ id: Id, nodeId: Id, runId: Id, text: Type.String() }),
}
