/** Which connections there are, and that the connector host of the host that leads holds them. */
import type { Kysely } from 'kysely'
import type { hostRpc } from '../../adapters/host-contract.ts'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams, RpcResult } from '../../base/rpc.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { Database } from '../store/index.ts'
import type { HostLink } from './host-link.ts'
import type { MachinePorts } from './machine-ports.ts'
import { toldOf } from './refusals.ts'
import { CHECK_MS, type ConnectionSettings } from './settings.ts'
import type { States } from './states.ts'
import type { ConnectionRow } from './view.ts'

const START_MS = 30_000
const CONFIRM_MS = 60_000
const AGAIN_MS = 1000

type Confirm = RpcParams<typeof hostRpc, 'confirm'>

export interface Holding {
  readonly isHostThere: boolean
  /** @throws OperationalError connector-host-away */
  requireHost(): Promise<void>
  /** One that there is, whether or not it runs. */
  note(row: ConnectionRow): void
  gone(connectionId: string): void
  isKnown(connectionId: string): boolean
  nameOf(connectionId: string): string | undefined
  isOfKind(connectionId: string, connector: string): boolean
  /** Those that are switched on. */
  ofKind(connector: string): { connectionId: string; name: string }[]
  /** @throws OperationalError connection-off, connection-elsewhere */
  requireHeld(connectionId: string): void
  /** Starts it, or starts it anew; how that went is in its state. */
  begin(row: ConnectionRow): Promise<void>
  stop(connectionId: string): Promise<void>
  /** The connector host came or went. */
  hostIs(isThere: boolean): void
  /** Another host holds them from now on, or this one does. */
  leads(leads: boolean): void
  confirmHere(request: Confirm): Promise<RpcResult<typeof hostRpc, 'confirm'>>
  /** One that was removed: best effort, a broker that is away keeps what it keeps. */
  letForget(row: ConnectionRow): void
}

export function createHolding(deps: {
  db: Kysely<Database>
  log: Logger
  hosts: Pick<Hosts, 'leads'>
  states: States
  settings: Pick<ConnectionSettings, 'of' | 'refresh'>
  ports: Pick<MachinePorts, 'tell'>
  link: () => Pick<HostLink, 'peer' | 'awaited'>
  /** All that are to run have been begun. */
  onBegun: () => void
  /** Nothing is held here any more. */
  onEnd: () => void
}): Holding {
  const { db, log, hosts, states, settings, ports, link, onBegun, onEnd } = deps
  const known = new Map<string, { name: string; connector: string; isEnabled: boolean }>()
  let isHostThere = false
  /** What somebody began or ended since the host is there: what was read before that is not done over it. */
  const done = new Set<string>()
  const specOf = (row: ConnectionRow) => ({ connectionId: row.id, connector: row.connector, ...settings.of(row) })

  const begin = async (row: ConnectionRow): Promise<void> => {
    known.set(row.id, row)
    if (!hosts.leads) return
    states.set(row.id, 'starting')
    try {
      await link().peer().call('start', specOf(row), { timeoutMs: START_MS })
      if (states.get(row.id)?.state === 'starting') states.set(row.id, 'running')
    } catch (error) {
      // the host has said it itself, with when it tries again
      if (states.get(row.id)?.state !== 'failing') states.set(row.id, 'failing', { why: toldOf(error) })
      log.warn({ connectionId: row.id, reason: messageOf(error) }, 'a connection could not be started')
    }
  }
  const beginAll = async (): Promise<void> => {
    await settings.refresh()
    await ports.tell()
    const rows = (await db.selectFrom('connection').selectAll().execute()).filter(({ id }) => !done.has(id))
    for (const row of rows) known.set(row.id, row)
    await Promise.all(rows.filter((row) => row.isEnabled).map(begin))
    onBegun()
  }
  const came = async (): Promise<void> => {
    while (isHostThere) {
      try {
        return await beginAll()
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'connections could not be started; tried again')
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }
  /** What comes in twice is one, but events may be told twice. */
  const endAll = async (): Promise<void> => {
    onEnd()
    states.clear()
    if (!isHostThere) return
    for (const connectionId of known.keys()) await link().peer().call('stop', { connectionId }, { timeoutMs: START_MS })
  }

  return {
    get isHostThere() {
      return isHostThere
    },
    requireHost: async () => void (await link().awaited()),
    note: (row) => void known.set(row.id, row),
    gone(id) {
      done.add(id)
      known.delete(id)
    },
    isKnown: (id) => known.has(id),
    nameOf: (id) => known.get(id)?.name,
    isOfKind: (id, connector) => known.get(id)?.connector === connector,
    ofKind: (kind) => [...known].flatMap(([connectionId, { name, connector, isEnabled }]) => (connector === kind && isEnabled ? [{ connectionId, name }] : [])),
    requireHeld(id) {
      if (!known.get(id)?.isEnabled) throw new OperationalError({ code: 'connection-off', message: 'This connection was removed or switched off.' })
      if (!hosts.leads) throw new OperationalError({ code: 'connection-elsewhere', message: 'Another host holds this connection now.' })
    },
    begin(row) {
      done.add(row.id)
      return begin(row)
    },
    async stop(connectionId) {
      done.add(connectionId)
      states.delete(connectionId)
      // a host that is away has nothing to stop, and will not be told to start it
      if (!isHostThere) return
      await link()
        .peer()
        .call('stop', { connectionId }, { timeoutMs: START_MS })
        .catch((error) => log.warn({ connectionId, reason: messageOf(error) }, 'a connection could not be stopped'))
    },
    hostIs(isThere) {
      isHostThere = isThere
      done.clear()
      states.clear()
      if (isThere) void came()
      else onEnd()
    },
    leads(leads) {
      if (!leads) endAll().catch((error) => log.warn({ reason: messageOf(error) }, 'connections that another host holds now could not be ended here'))
      else if (isHostThere) {
        done.clear()
        void came()
      }
    },
    confirmHere: (request) => link().peer().call('confirm', request, { timeoutMs: CONFIRM_MS }),
    letForget(row) {
      Promise.resolve()
        .then(() => link().peer().call('forget', specOf(row), { timeoutMs: CHECK_MS }))
        .catch((error) => log.info({ connectionId: row.id, reason: messageOf(error) }, 'the other side of a removed connection could not be told'))
    },
  }
}
