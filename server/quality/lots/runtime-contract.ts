/** What flows ask of sampling; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'
import { LOT_STATES } from '../../api/quality/lots.ts'

const closed = { additionalProperties: false }
const Asked = { nodeId: Type.String({ maxLength: 100 }), runId: Type.Optional(Type.String({ maxLength: 100 })) }
const EntryId = Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' })
const PlanId = Type.String({ minLength: 1, maxLength: 64 })
const Number_ = Type.String({ minLength: 1, maxLength: 80 })

const LotNow = Type.Object({
  lotId: Type.String(),
  lot: Type.String(),
  plan: Type.String(),
  size: Type.Integer(),
  state: Type.Enum([...LOT_STATES]),
  sample: Type.Integer(),
  isWholeLot: Type.Boolean(),
  accept: Type.Integer(),
  reject: Type.Integer(),
  severity: Type.Enum(['normal', 'tightened', 'reduced']),
  codeLetter: Type.String(),
  nonconforming: Type.Optional(Type.Integer()),
  /** How the next lot is inspected; with a result. */
  nextSeverity: Type.Optional(Type.Enum(['normal', 'tightened', 'reduced', 'discontinued'])),
  switchReason: Type.Optional(Type.String()),
  /** Who judged or withdrew it. */
  by: Type.Optional(Type.String()),
  /** Why it was withdrawn. */
  reason: Type.Optional(Type.String()),
})

/** Raised with the id of a lot when it was judged or withdrawn. */
export const LOT_EVENT = 'quality-lot'

/** What the runtime asks of the gateway. */
export const samplingAsks = {
  /** Takes a lot up; the same lot of the same size once more, while it is open, is the same lot. @throws the codes of the route `beginLot` */
  beginLot: {
    params: Type.Object(
      {
        ...Asked,
        planId: PlanId,
        entryId: EntryId,
        number: Number_,
        size: Type.Integer({ minimum: 2, maximum: 100_000_000 }),
        isResubmission: Type.Boolean(),
        workOrder: Type.Optional(Type.String({ maxLength: 120 })),
      },
      closed,
    ),
    result: LotNow,
  },
  /** @throws UserError lot-not-found */
  lotNow: { params: Type.Object({ lotId: Type.String({ minLength: 1, maxLength: 64 }) }, closed), result: LotNow },
  /** Judges the open lot of this number. @throws the codes of the route `judgeLot` */
  judgeLot: {
    params: Type.Object(
      {
        ...Asked,
        planId: PlanId,
        entryId: EntryId,
        number: Number_,
        nonconforming: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
        by: Type.Optional(Type.String({ maxLength: 120 })),
      },
      closed,
    ),
    result: LotNow,
  },
}
