/** What flows ask of nonconformance reports; spread into server/runtime/contract.ts. */
import { type Static, Type } from 'typebox'
import { DispositionRow, NcrContent } from '../../api/quality/documents/content.ts'

const closed = { additionalProperties: false }

/** How a report is, as a node that waits for it needs it. */
export const NonconformanceNow = Type.Object({
  id: Type.String(),
  number: Type.String(),
  state: Type.String(),
  /** `disposed`: somebody has approved what becomes of the parts. */
  outcome: Type.Enum(['waits', 'disposed', 'withdrawn']),
  dispositions: Type.Array(DispositionRow),
  /** Who decided, when, and why. */
  by: Type.Optional(Type.String()),
  at: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})
export type NonconformanceNow = Static<typeof NonconformanceNow>

export const documentAsks = {
  /** Opens a nonconformance report; the same key of the same node is one, whatever else is said of it. */
  openNonconformance: {
    params: Type.Object(
      {
        nodeId: Type.String({ maxLength: 100 }),
        runId: Type.Optional(Type.String({ maxLength: 100 })),
        key: Type.String({ minLength: 1, maxLength: 200 }),
        content: Type.Partial(NcrContent),
      },
      closed,
    ),
    result: NonconformanceNow,
  },
  nonconformanceNow: { params: Type.Object({ id: Type.String({ maxLength: 64 }) }, closed), result: NonconformanceNow },
}

/** The event that wakes whoever waits for a report; its key is the report's id. Kept in line with `nodes/quality/nonconformance.node.ts`. */
export const NONCONFORMANCE_EVENT = 'quality-document'
