/** RPC between the gateway and the connector host process. */
import { Type } from 'typebox'
import { defineRpc } from '../base/rpc.ts'

/** What the launcher passes to the host. */
export const HostInit = Type.Object({ gatewaySocket: Type.String(), gatewayToken: Type.String() })

const Strings = Type.Record(Type.String(), Type.String())
const ConnectionSpec = Type.Object({
  connectionId: Type.String(),
  connector: Type.String(),
  settings: Type.Record(Type.String(), Type.Unknown()),
  secrets: Strings,
})

/** What the host answers to. */
export const hostRpc = defineRpc({
  requests: {
    connectors: {
      params: Type.Object({}),
      result: Type.Array(
        Type.Object({ id: Type.String(), label: Type.String(), summary: Type.String(), settings: Type.Unknown(), secrets: Type.Array(Type.String()) }),
      ),
    },
    check: { params: Type.Object({ connector: Type.String(), settings: Type.Record(Type.String(), Type.Unknown()), secrets: Strings }), result: Type.Null() },
    start: { params: ConnectionSpec, result: Type.Null() },
    stop: { params: Type.Object({ connectionId: Type.String() }), result: Type.Null() },
    confirm: {
      params: Type.Object({
        connectionId: Type.String(),
        confirmation: Type.Object({ key: Type.String(), workOrder: Type.String(), body: Type.Record(Type.String(), Type.Unknown()) }),
      }),
      result: Type.Object({ reference: Type.String() }),
    },
  },
  notifications: {},
})

/** What the host asks of and tells the gateway. */
export const hostAsks = defineRpc({
  requests: {
    hello: { params: Type.Object({ token: Type.String() }), result: Type.Null() },
    offer: {
      params: Type.Object({
        connectionId: Type.String(),
        items: Type.Array(Type.Object({ kind: Type.Literal('workOrder'), key: Type.String(), source: Type.String(), payload: Type.Unknown() })),
      }),
      result: Type.Object({ taken: Type.Integer(), known: Type.Integer() }),
    },
  },
  notifications: {
    problem: Type.Object({ connectionId: Type.String(), source: Type.String(), reason: Type.String() }),
    state: Type.Object({ connectionId: Type.String(), state: Type.Enum(['running', 'failing']), text: Type.Optional(Type.String()) }),
  },
})
