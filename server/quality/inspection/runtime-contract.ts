/** What flows ask of inspections; spread into server/runtime/contract.ts. */
import { type Static, Type } from 'typebox'
import { INSPECTION_STATES } from '../../api/quality/inspection/routes.ts'

const closed = { additionalProperties: false }

/** How an inspection is, as a node that waits for it needs it. */
export const InspectionNow = Type.Object({
  id: Type.String(),
  number: Type.String(),
  state: Type.Enum([...INSPECTION_STATES]),
  /** Results that conform, that do not, and how many there are to be. */
  conforming: Type.Integer(),
  nonconforming: Type.Integer(),
  needed: Type.Integer(),
  /** Who decided, when, and why. */
  by: Type.Optional(Type.String()),
  at: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})
export type InspectionNow = Static<typeof InspectionNow>

export const inspectionAsks = {
  /** Begins an inspection by the newest revision of a part's plan; the same key of the same node is one. */
  startInspection: {
    params: Type.Object(
      {
        nodeId: Type.String({ maxLength: 100 }),
        runId: Type.Optional(Type.String({ maxLength: 100 })),
        key: Type.String({ minLength: 1, maxLength: 200 }),
        part: Type.String({ minLength: 1, maxLength: 120 }),
        partRevision: Type.Optional(Type.String({ maxLength: 40 })),
        isFirstArticle: Type.Boolean(),
        serials: Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 1000 }),
        lot: Type.Optional(Type.String({ maxLength: 120 })),
        quantity: Type.Integer({ minimum: 1, maximum: 1000 }),
        workOrder: Type.Optional(Type.String({ maxLength: 120 })),
      },
      closed,
    ),
    result: InspectionNow,
  },
  inspectionNow: { params: Type.Object({ id: Type.String({ maxLength: 64 }) }, closed), result: InspectionNow },
}

/** The event that wakes whoever waits for an inspection; its key is the inspection's id. Kept in line with `nodes/quality/inspection.node.ts`. */
export const INSPECTION_EVENT = 'quality-inspection'
