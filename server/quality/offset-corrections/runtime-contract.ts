/** What flows ask about corrections of offsets; spread into server/quality/runtime-contract.ts. Millimetres. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const Id = Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' })
const asker = { nodeId: Type.String({ maxLength: 100 }), runId: Type.Optional(Text(100)) }

/** Which offset. A tool stands for one that cannot be set by itself: the work offset is moved for it. */
export const CorrectedOffset = Type.Object(
  {
    machineId: Text(64),
    workOffset: Type.Enum(['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']),
    axis: Type.Enum(['X', 'Y', 'Z']),
    tool: Type.Optional(Text(60)),
  },
  closed,
)
export type CorrectedOffset = Static<typeof CorrectedOffset>

const Plan = Type.Object(
  {
    last: Type.Integer({ minimum: 2, maximum: 1000 }),
    least: Type.Integer({ minimum: 2, maximum: 1000 }),
    estimator: Type.Enum(['mean', 'median']),
    confidence: Type.Number({ minimum: 0.5, maximum: 0.999 }),
    gain: Type.Number({ minimum: -100, maximum: 100 }),
    share: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    deadBandMm: Type.Number({ minimum: 0, maximum: 100 }),
    largestStepMm: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    largestSumMm: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    beyondStep: Type.Enum(['stop', 'limit']),
  },
  closed,
)

const Drift = Type.Object({ valueMm: Type.Number(), lowerMm: Type.Number(), upperMm: Type.Number(), points: Type.Integer() })
const MaybeMm = Type.Union([Type.Number(), Type.Null()])

export const CorrectionAnswer = Type.Object({
  /** Of the characteristic. */
  name: Type.String(),
  verdict: Type.Enum(['propose', 'nothing', 'beyond']),
  /**
   * Why it is not proposed. `open`: an earlier proposal has no answer yet. `not-seen`: the last one was told as set, and the machine does not
   * show it.
   */
  why: Type.Optional(Type.Enum(['too-few', 'noise', 'dead-band', 'too-small', 'open', 'not-seen', 'step', 'sum'])),
  drift: Type.Optional(Drift),
  /** Points that count, where they are too few. */
  points: Type.Optional(Type.Integer()),
  /** What was moved in all since the last reset; of a proposal with it. */
  sumMm: Type.Number(),
  /** What would be needed beyond the limits. */
  wantedMm: Type.Optional(Type.Number()),
  proposalId: Type.Optional(Type.String()),
  byMm: Type.Optional(Type.Number()),
  /** Null: the machine does not tell its offsets. */
  fromMm: Type.Optional(MaybeMm),
  toMm: Type.Optional(MaybeMm),
  /** Cut down to the largest step. */
  isLimited: Type.Optional(Type.Boolean()),
  /** Of the proposal that is open, or was told as set. */
  since: Type.Optional(Type.String({ format: 'date-time' })),
})
export type CorrectionAnswer = Static<typeof CorrectionAnswer>

export const offsetCorrectionAsks = {
  /**
   * Weighs the drift of a characteristic and keeps a proposal where there is something to correct. The same id asked again is one proposal.
   * @throws UserError characteristic-not-found, characteristic-not-length
   */
  proposeCorrection: {
    params: Type.Object(
      {
        ...asker,
        proposalId: Id,
        characteristicId: Text(64),
        offset: CorrectedOffset,
        plan: Plan,
        /** Only points that were measured of parts of the machine. */
        isOfMachine: Type.Boolean(),
        /** Parts that were made before a correction and are measured after it. */
        late: Type.Integer({ minimum: 0, maximum: 1000 }),
        /** A proposal without an answer holds back others for so long. */
        openForS: Type.Number({ minimum: 1, maximum: 31_536_000 }),
        /** Where the offset is now, as the machine says; null where it does not. */
        nowMm: MaybeMm,
      },
      closed,
    ),
    result: CorrectionAnswer,
  },
  /**
   * What became of a proposal. The same again is said once.
   * @throws UserError correction-unknown, correction-settled
   */
  settleCorrection: {
    params: Type.Object({ ...asker, proposalId: Id, outcome: Type.Enum(['applied', 'refused']), by: Type.Optional(Text(120)) }, closed),
    result: Type.Object({ name: Type.String(), byMm: Type.Number(), isRepeat: Type.Boolean() }),
  },
  /** Another tool, another insert: what was moved counts anew, and points from before no more. */
  resetCorrections: {
    params: Type.Object({ ...asker, resetId: Id, characteristicId: Text(64), offset: CorrectedOffset, by: Type.Optional(Text(120)) }, closed),
    result: Type.Object({ name: Type.String() }),
  },
}
