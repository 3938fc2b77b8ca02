/** What gateway and flow runtime say to each other of connections' live values; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'

const closed = { additionalProperties: false }
const ConnectionId = Type.String({ minLength: 1, maxLength: 100 })
const Tag = Type.String({ minLength: 1, maxLength: 500 })

/** As the connector told it (adapters/contract.ts). */
const TagNow = Type.Object({ tag: Tag, value: Type.Unknown(), quality: Type.Enum(['good', 'bad']), at: Type.Union([Type.Number(), Type.Null()]) }, closed)

/** What the runtime asks of the gateway. */
export const connectionAsks = {
  /** The tags whose values are to follow as `tagValues`: the whole list at each change. */
  watchTags: {
    params: Type.Object(
      { watched: Type.Array(Type.Object({ connectionId: ConnectionId, tags: Type.Array(Tag, { maxItems: 2000 }) }, closed), { maxItems: 200 }) },
      closed,
    ),
    result: Type.Null(),
  },
  /** Asks a connection for what its other side has now: a reading of a gauge. */
  askConnection: {
    params: Type.Object({ connectionId: ConnectionId, nodeId: Type.String({ maxLength: 100 }), runId: Type.Optional(Type.String({ maxLength: 64 })) }, closed),
    result: Type.Unknown(),
  },
}

/** What the runtime answers to. */
export const connectionRequests = {
  /** Live values that changed: the newest of each. The next ones follow when this was answered. */
  tagValues: {
    params: Type.Object({ connectionId: ConnectionId, values: Type.Array(TagNow, { maxItems: 2000 }) }, closed),
    result: Type.Null(),
  },
}
