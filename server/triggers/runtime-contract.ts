/** What gateway and flow runtime say to each other of triggers; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'
import { MISSED, OVERLAP, TRIGGER_KINDS } from '../../nodes/triggers/services.ts'
import { Schedule } from '../../nodes/triggers/time/schedule.ts'

const closed = { additionalProperties: false }
const NodeId = Type.String({ minLength: 1, maxLength: 200 })
const Id = Type.String({ minLength: 1, maxLength: 64 })
const Time = Type.String({ maxLength: 40 })

const FormField = Type.Object(
  {
    key: Type.String({ maxLength: 40 }),
    label: Type.String({ maxLength: 60 }),
    kind: Type.Enum(['text', 'number', 'yes-no', 'date', 'choice']),
    unit: Type.Optional(Type.String({ maxLength: 20 })),
    isRequired: Type.Boolean(),
    choices: Type.Optional(Type.Array(Type.String({ maxLength: 500 }), { maxItems: 200 })),
  },
  closed,
)

const Words = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 })
const EventSource = Type.Union([
  Type.Object({ source: Type.Literal('machine-event'), machineId: Type.String({ maxLength: 100 }), kinds: Words }, closed),
  Type.Object({ source: Type.Literal('program-done'), machineId: Type.String({ maxLength: 100 }), ends: Words }, closed),
  Type.Object(
    { source: Type.Literal('connection'), connectionId: Type.String({ maxLength: 100 }), subject: Type.Optional(Type.String({ maxLength: 200 })) },
    closed,
  ),
  Type.Object({ source: Type.Literal('quality'), characteristicId: Id, rules: Words }, closed),
  Type.Object({ source: Type.Literal('quality-lot'), planId: Id }, closed),
  Type.Object({ source: Type.Literal('quality-study'), studyId: Id }, closed),
])

/** A trigger of the running flows. */
export const TriggerFace = Type.Object(
  {
    nodeId: NodeId,
    kind: Type.Enum([...TRIGGER_KINDS]),
    name: Type.String({ maxLength: 500 }),
    about: Type.Optional(Type.String({ maxLength: 1000 })),
    schedule: Type.Optional(Schedule),
    missed: Type.Optional(Type.Enum([...MISSED])),
    lateMs: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400_000 })),
    overlap: Type.Optional(Type.Enum([...OVERLAP])),
    fields: Type.Optional(Type.Array(FormField, { maxItems: 20 })),
    on: Type.Optional(EventSource),
    watches: Type.Optional(
      Type.Object({ connectionId: Type.String({ maxLength: 100 }), tags: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 100 }) }, closed),
    ),
    coolDownMs: Type.Optional(Type.Number({ minimum: 0 })),
  },
  closed,
)

/** What the runtime answers to. */
export const triggerRequests = {
  /**
   * Hands a firing to its node. The node sends after the gateway has said `triggerBegins`: so a firing that is handed
   * over twice (a connection broke in between) is one.
   * @throws UserError trigger-gone
   */
  fireTrigger: {
    params: Type.Object(
      {
        nodeId: NodeId,
        firingId: Id,
        runId: Id,
        dueAt: Time,
        isLate: Type.Boolean(),
        by: Type.Optional(Type.String({ maxLength: 200 })),
        values: Type.Record(Type.String(), Type.Unknown()),
      },
      closed,
    ),
    result: Type.Object({ hasBegun: Type.Boolean() }, closed),
  },
}

/** What the runtime is told. */
export const triggerOrders = {
  /** Which triggers are switched off: all of them, at each change. */
  triggersOff: Type.Array(NodeId),
}

/** What the runtime asks of the gateway. */
export const triggerAsks = {
  /** May this firing be sent now? Yes at most once for a firing. */
  triggerBegins: { params: Type.Object({ firingId: Id }, closed), result: Type.Object({ begins: Type.Boolean(), at: Time }, closed) },
}

/** What the runtime tells the gateway. */
export const triggerNotices = {
  /** The triggers of the running flows: the whole list, when the flows have started and at each change. */
  triggers: Type.Array(TriggerFace, { maxItems: 20_000 }),
  /** A trigger fired by itself (an event, a condition): its run is on its way. */
  triggerFired: Type.Object({ nodeId: NodeId, runId: Id, at: Time, text: Type.String({ maxLength: 1000 }) }, closed),
}
