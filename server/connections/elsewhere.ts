/** Connections of several hosts: one host holds them all, the others ask it. */
import { type Static, Type } from 'typebox'
import { hostRpc } from '../../adapters/host-contract.ts'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams, RpcResult } from '../../base/rpc.ts'
import { checker } from '../../base/schema.ts'
import { Told } from '../api/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { States } from './states.ts'

const CHANGED = 'connection-changed'
const STATES = 'connection-states'
const CONFIRM = 'connection-confirm'
const STATES_MS = 1500
const CONFIRM_MS = 60_000

const changedBody = checker(Type.Object({ connectionId: Type.String() }))
const confirmBody = checker(hostRpc.requests.confirm.params)
const confirmResult = checker(hostRpc.requests.confirm.result)
const StatesBody = Type.Array(
  Type.Object({
    id: Type.String(),
    state: Type.Enum(['starting', 'running', 'failing', 'off']),
    since: Type.String(),
    why: Type.Optional(Told),
    retryAt: Type.Optional(Type.String()),
  }),
)
const statesBody = checker(StatesBody)

type Confirm = RpcParams<typeof hostRpc, 'confirm'>
type Confirmed = RpcResult<typeof hostRpc, 'confirm'>

export interface Elsewhere {
  /** Tells the other hosts that a connection was added, changed or removed here. */
  changed(connectionId: string): void
  /** How the connections are, of the host that holds them; nothing when it does not answer. */
  states(): Promise<ReadonlyMap<string, Static<typeof StatesBody>[number]>>
  /** @throws what the host that holds the connections says; OperationalError connection-elsewhere when there is none */
  confirm(request: Confirm): Promise<Confirmed>
}

export function createElsewhere(deps: {
  hosts: Hosts
  log: Logger
  own: States
  /** A connection was changed at another host. */
  onChanged: (connectionId: string) => Promise<void>
  confirmHere: (request: Confirm) => Promise<Confirmed>
}): Elsewhere {
  const { hosts, log, own, onChanged, confirmHere } = deps
  hosts.bus.on(CHANGED, (body) => {
    const { connectionId } = changedBody.parse(body, 'What another host told')
    onChanged(connectionId).catch((error) =>
      log.warn({ connectionId, reason: messageOf(error) }, 'a connection that was changed elsewhere could not be taken up'),
    )
  })
  hosts.bus.answer(STATES, () =>
    own.all().map(([id, { state, since, why, retryAt }]) => ({
      id,
      state,
      since: since.toISOString(),
      ...(why ? { why } : {}),
      ...(retryAt ? { retryAt: retryAt.toISOString() } : {}),
    })),
  )
  hosts.bus.answer(CONFIRM, (body) => confirmHere(confirmBody.parse(body, 'A confirmation from another host')))
  return {
    changed: (connectionId) => hosts.bus.tell(CHANGED, { connectionId }),
    async states() {
      if (hosts.leads || hosts.leader === undefined) return new Map()
      try {
        const body = await hosts.bus.ask(hosts.leader, STATES, {}, { timeoutMs: STATES_MS })
        return new Map(statesBody.parse(body, 'The states of another host').map((one) => [one.id, one]))
      } catch (error) {
        log.debug({ host: hosts.leader, reason: messageOf(error) }, 'the host that holds the connections does not say how they are')
        return new Map()
      }
    },
    async confirm(request) {
      if (hosts.leader === undefined)
        throw new OperationalError({ code: 'connection-elsewhere', message: 'No host holds the connections just now. The confirmation is tried again.' })
      return confirmResult.parse(await hosts.bus.ask(hosts.leader, CONFIRM, request, { timeoutMs: CONFIRM_MS }), 'The answer of another host')
    },
  }
}
