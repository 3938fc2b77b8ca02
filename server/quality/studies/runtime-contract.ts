/** What flows ask of gauge studies; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'

const closed = { additionalProperties: false }

/** What the runtime asks of the gateway. */
export const studyAsks = {
  /**
   * Puts a reading of a gauge at the next place of a study: of this appraiser, or of whoever is next. The same entry again is one reading.
   * @throws the codes of the route `addStudyReading`
   */
  addStudyReading: {
    params: Type.Object(
      {
        nodeId: Type.String({ maxLength: 100 }),
        runId: Type.Optional(Type.String({ maxLength: 100 })),
        studyId: Type.String({ minLength: 1, maxLength: 64 }),
        entryId: Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' }),
        value: Type.Number(),
        unit: Type.Optional(Type.String({ maxLength: 20 })),
        appraiser: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
      },
      closed,
    ),
    result: Type.Object({
      part: Type.String(),
      appraiser: Type.String(),
      trial: Type.Integer(),
      value: Type.Number(),
      readings: Type.Integer(),
      of: Type.Integer(),
    }),
  },
}
