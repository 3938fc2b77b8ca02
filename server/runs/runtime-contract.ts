/** RPC for the run history beside the traces, spread into `server/runtime/contract.ts`. */
import { Type } from 'typebox'

const Id = Type.String({ minLength: 1, maxLength: 100 })
const closed = { additionalProperties: false }

export const runRequests = {
  /**
   * Hands messages to nodes of the running flows, in a run that the gateway has opened.
   * @throws UserError node-gone
   */
  replay: {
    params: Type.Object(
      {
        runId: Id,
        /** The node that counts as having begun the run. */
        triggerId: Id,
        deliveries: Type.Array(Type.Object({ nodeId: Id, msg: Type.Record(Type.String(), Type.Unknown()) }, closed), { minItems: 1, maxItems: 200 }),
      },
      closed,
    ),
    result: Type.Null(),
  },
  /**
   * Keeps messages of these runs, and those that carry these jobs, from reaching another node, for good; nothing more is asked
   * for the runs. What a node does just now it brings to its end. Answers with the jobs whose end a node waits for.
   */
  halt: {
    params: Type.Object(
      { runIds: Type.Array(Id, { maxItems: 1000 }), jobIds: Type.Array(Id, { maxItems: 1000 }), reason: Type.String({ maxLength: 1000 }) },
      closed,
    ),
    result: Type.Object({ awaited: Type.Array(Type.String()) }),
  },
}
