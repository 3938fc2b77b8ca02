/** Inspection plans: what of a part is inspected, by the balloons of its drawing, and what papers belong to it. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }
const Short = (maxLength = 120) => Type.String({ maxLength })

/** How many parts of an inspection a balloon is looked at: the first one, so many, or all. */
export const BalloonSampling = Type.Union([
  Type.Object({ kind: Type.Enum(['one', 'all']) }, closed),
  Type.Object({ kind: Type.Literal('count'), count: Type.Integer({ minimum: 1, maximum: 1000 }) }, closed),
])

export const Balloon = Type.Object(
  {
    /** As on the ballooned drawing; AS9102 form 3 field 5. */
    number: Type.String({ minLength: 1, maxLength: 20 }),
    /** Sheet and zone: field 6. */
    place: Type.Optional(Short()),
    /** Critical item, key characteristic, flight safety: field 7. */
    designator: Type.Optional(Short(40)),
    /** `measured`: a value of a characteristic. `attribute`: a person says whether it conforms. */
    kind: Type.Enum(['measured', 'attribute']),
    /** Field 8. Of a measured one it may be left out: nominal and tolerance say it. */
    requirement: Type.Optional(Short(500)),
    characteristicId: Type.Optional(Short(64)),
    sampling: BalloonSampling,
    /** How to look at it, for whoever does. */
    instruction: Type.Optional(Short(1000)),
    /** Field 10: tooling made for this check, or the range of the gauge that an attribute is judged with. */
    tooling: Type.Optional(Short(200)),
  },
  closed,
)
export type Balloon = Static<typeof Balloon>

/** A row of form 2: a material, a special process, a functional test. */
export const ProductRow = Type.Object(
  {
    kind: Type.Enum(['material', 'process', 'test']),
    /** Field 5; of a test what is tested. */
    name: Type.String({ minLength: 1, maxLength: 200 }),
    /** Fields 6 to 10. */
    specification: Type.Optional(Short(200)),
    code: Type.Optional(Short(80)),
    supplier: Type.Optional(Short(200)),
    customerApproval: Type.Optional(Type.Enum(['yes', 'no', 'not-required'])),
    certificate: Type.Optional(Short(200)),
    /** Fields 11 and 12. */
    testProcedure: Type.Optional(Short(200)),
    acceptanceReport: Type.Optional(Short(200)),
    /** Field 13. */
    comments: Type.Optional(Short(500)),
  },
  closed,
)
export type ProductRow = Static<typeof ProductRow>

export const InspectionPlanDefinition = Type.Object(
  {
    part: Type.String({ minLength: 1, maxLength: 120 }),
    partName: Type.String({ minLength: 1, maxLength: 200 }),
    partRevision: Type.Optional(Short(40)),
    drawing: Type.Optional(Short()),
    drawingRevision: Type.Optional(Short(40)),
    /** With the three forms of AS9102; without, a plain inspection. */
    isFirstArticle: Type.Boolean({ default: true }),
    /** Whoever verifies it may not be who accepts it. */
    needsSecondPerson: Type.Boolean({ default: true }),
    balloons: Type.Array(Balloon, { minItems: 1, maxItems: 500 }),
    /** What form 2 begins with. */
    product: Type.Array(ProductRow, { maxItems: 100, default: [] }),
    /** No inspection of it begins any more. */
    isRetired: Type.Boolean({ default: false }),
  },
  closed,
)
export type InspectionPlanDefinition = Static<typeof InspectionPlanDefinition>
