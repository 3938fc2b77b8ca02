/** What the flow runtime asks of quality; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'
import { CapabilityView, EntryResult } from '../api/quality/index.ts'
import { offsetCorrectionAsks } from './offset-corrections/runtime-contract.ts'

const closed = { additionalProperties: false }
const Text = (maxLength: number) => Type.Optional(Type.String({ minLength: 1, maxLength }))

/** A characteristic that the node gives with its value. */
const Inline = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120 }),
    unit: Type.String({ maxLength: 20 }),
    decimals: Type.Integer({ minimum: 0, maximum: 9 }),
    nominal: Type.Number(),
    /** The limits themselves. */
    lower: Type.Number(),
    upper: Type.Number(),
  },
  closed,
)

export const qualityAsks = {
  /** Keeps what was measured. The same entry id is one entry: it may be asked again when the answer was lost. */
  enterMeasurement: {
    params: Type.Object(
      {
        entryId: Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' }),
        of: Type.Union([Type.Object({ characteristicId: Type.String({ minLength: 1, maxLength: 64 }) }, closed), Type.Object({ inline: Inline }, closed)]),
        values: Type.Array(Type.Number(), { minItems: 1, maxItems: 100 }),
        size: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        unit: Type.Optional(Type.String({ maxLength: 20 })),
        at: Type.Optional(Type.String({ format: 'date-time' })),
        source: Type.Optional(Type.Enum(['flow', 'gauge'])),
        serial: Text(120),
        lot: Text(120),
        machineId: Text(64),
        program: Text(200),
        tool: Text(120),
        workOrder: Text(120),
        gaugeId: Text(64),
        by: Text(120),
        nodeId: Type.String({ maxLength: 100 }),
        runId: Text(100),
      },
      closed,
    ),
    result: Type.Object({ result: EntryResult, name: Type.String(), unit: Type.String(), nominal: Limit(), lower: Limit(), upper: Limit() }),
  },
  /** Those that are on the list, for forms of the stock editor. */
  characteristics: { params: Type.Object({}), result: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })) },
  /** Capability of the newest points of a characteristic. */
  capabilityNow: {
    params: Type.Object(
      {
        characteristicId: Type.String({ minLength: 1, maxLength: 64 }),
        last: Type.Integer({ minimum: 1, maximum: 100_000 }),
        lot: Text(120),
        nodeId: Type.String({ maxLength: 100 }),
        runId: Text(100),
      },
      closed,
    ),
    result: Type.Object({ name: Type.String(), capability: CapabilityView }),
  },
  ...offsetCorrectionAsks,
}

function Limit() {
  return Type.Union([Type.Number(), Type.Null()])
}
