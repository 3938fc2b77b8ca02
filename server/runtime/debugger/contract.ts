/** What the gateway may tell the debugger in the flow runtime, and what it tells back. */
import { type Static, Type } from 'typebox'
import { BreakpointPlace, DebuggerState, GoOn, MessageEdit, MessageView } from '../../api/debugger.ts'

const Id = Type.String({ maxLength: 500 })
const By = Type.String({ maxLength: 200 })

export const DebuggerOrder = Type.Union([
  Type.Object({
    do: Type.Literal('set-breakpoint'),
    at: BreakpointPlace,
    condition: Type.Optional(Type.String({ maxLength: 2000 })),
    isOn: Type.Boolean(),
    by: By,
  }),
  Type.Object({ do: Type.Literal('remove-breakpoint'), id: Id }),
  Type.Object({ do: Type.Literal('pause'), placeId: Id, isPaused: Type.Boolean(), by: By }),
  Type.Object({ do: Type.Literal('go-on'), id: Id, ...GoOn.properties }),
  Type.Object({ do: Type.Literal('go-on-all') }),
  Type.Object({ do: Type.Literal('drop'), id: Id }),
  Type.Object({ do: Type.Literal('end') }),
  Type.Object({ do: Type.Literal('beat') }),
])
export type DebuggerOrder = Static<typeof DebuggerOrder>

/** What a runtime that begins takes over from the one before it. */
export const DebuggerPlan = Type.Pick(DebuggerState, ['breakpoints', 'paused'])
export type DebuggerPlan = Static<typeof DebuggerPlan>

/** Reads a waiting message, after changing it where there are edits. */
const MessageOrder = Type.Object({ id: Id, edits: Type.Optional(Type.Array(MessageEdit, { maxItems: 100 })) })

export const debuggerRequests = {
  /** @throws UserError not-waiting, motion-not-confirmed, condition-invalid, never-held */
  debugger: { params: DebuggerOrder, result: DebuggerState },
  /** @throws UserError not-waiting, edit-not-possible */
  debuggerMessage: { params: MessageOrder, result: MessageView },
}
