/** What the rehearsal's host and the shadow runtime say to each other beside what every runtime and its gateway say. */
import { Type } from 'typebox'

const Id = Type.String({ maxLength: 500 })

/** Answered by a shadow runtime alone. */
export const shadowRequests = {
  /** Gives a message to a node; without one the node is triggered as by its button in the editor. @throws UserError node-not-found */
  shadowGive: { params: Type.Object({ nodeId: Id, message: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }), result: Type.Null() },
  /** Has a node send a message as if it had done its work. @throws UserError node-not-found */
  shadowSend: {
    params: Type.Object({ nodeId: Id, output: Type.Integer({ minimum: 0 }), message: Type.Record(Type.String(), Type.Unknown()) }),
    result: Type.Null(),
  },
  /** Sets the clock of the flows; answers how it stands, in ms since it began. */
  shadowClock: {
    params: Type.Object({ rate: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 })), jumpToMs: Type.Optional(Type.Number({ minimum: 0 })) }),
    /** `epochMs`: what a flow takes for now. */
    result: Type.Object({ nowMs: Type.Number(), epochMs: Type.Number(), nextDueMs: Type.Optional(Type.Number()) }),
  },
}

/** What a shadow runtime asks. */
export const shadowAsks = {
  /** A node would act on the outside world. `message`: what it gets back, set in its message; null: nothing. */
  outsideCall: {
    params: Type.Object({ nodeId: Id, message: Type.Unknown() }),
    result: Type.Object({
      message: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
      output: Type.Optional(Type.Integer()),
      error: Type.Optional(Type.String()),
    }),
  },
}

export const shadowNotices = {
  /** Messages that went over wires. */
  shadowSent: Type.Array(Type.Object({ atMs: Type.Number(), from: Id, port: Type.Integer(), to: Id, message: Type.Unknown() })),
  /** Errors that no catch node took, and warnings of nodes. */
  shadowError: Type.Object({ atMs: Type.Number(), nodeId: Id, text: Type.String() }),
}
