/** Serial ports that are machines' and those that connections open: never the same. The connector host looks, since it knows the ports. */
import type { Kysely } from 'kysely'
import type { hostRpc } from '../../adapters/host-contract.ts'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams } from '../../base/rpc.ts'
import type { MachineLink } from '../../nodes/motion/machine.ts'
import type { MachineRegistry } from '../machines/index.ts'
import type { Database } from '../store/index.ts'
import type { HostLink } from './host-link.ts'

const LOOK_MS = 30_000

type MachinePort = RpcParams<typeof hostRpc, 'machinePorts'>['machines'][number]
type Wired = { id: string; name: string; link: MachineLink }

export interface MachinePorts {
  /** Says to a host that has come which ports are machines': before anything is started there. */
  tell(): Promise<void>
  /** @throws UserError port-of-machine when a connection with these settings would open the port of a machine */
  requireFree(connection: { name: string; connector: string; settings: Record<string, unknown> }): Promise<void>
  /** @throws UserError port-of-connection when a connection that is switched on has the port of this machine */
  requireFreeFor(machine: Wired): Promise<void>
}

/** @param deps.machines those of every host; the ports of this one count */
export function createPortsOfMachines(deps: {
  db: Kysely<Database>
  log: Logger
  link: () => Pick<HostLink, 'peer'>
  isHostThere: () => boolean
  machines: Pick<MachineRegistry, 'list' | 'onChange' | 'onRemoved'>
}): MachinePorts {
  const { db, log, link, isHostThere, machines } = deps
  const ports = () => machines.list().flatMap((machine) => (machine.host ? [] : portOf(machine)))
  let told = ''

  const tell = async (): Promise<void> => {
    const now = ports()
    told = JSON.stringify(now)
    await link().peer().call('machinePorts', { machines: now }, { timeoutMs: LOOK_MS })
  }
  const tellNews = () => {
    // told of every state: most of it changes no port
    if (!isHostThere() || JSON.stringify(ports()) === told) return
    tell().catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'the connector host could not be told which ports are machines'))
  }
  machines.onChange(tellNews)
  machines.onRemoved(tellNews)

  return {
    tell,
    async requireFree({ name, connector, settings }) {
      // without a host nothing is opened; the host looks again in the moment before it opens
      if (!isHostThere()) return
      const { shared } = await link()
        .peer()
        .call('sharedPort', { machines: ports(), connections: [{ name, connector, settings }] }, { timeoutMs: LOOK_MS })
      if (!shared) return
      const { where, machine, machineId } = shared
      throw new UserError({
        code: 'port-of-machine',
        status: 409,
        message: `${where} is the port of the machine "${machine}": no connection opens it, since that may reset a controller that is at work. Enter the port of the gauge; where adapters are alike, with its serial number.`,
        details: { blanks: { where, machine, machineId } },
      })
    },
    async requireFreeFor(machine) {
      const [port] = portOf(machine)
      // a host that is away holds no port; when it is back it opens none that is a machine's by then
      if (!port || !isHostThere()) return
      const rows = await db.selectFrom('connection').select(['name', 'connector', 'settings']).where('isEnabled', '=', true).execute()
      const connections = rows.map(({ name, connector, settings }) => ({ name, connector, settings: settings as Record<string, unknown> }))
      const { shared } = await link()
        .peer()
        .call('sharedPort', { machines: [port], connections }, { timeoutMs: LOOK_MS })
      if (!shared) return
      const { where, connection } = shared
      throw new UserError({
        code: 'port-of-connection',
        status: 409,
        message: `The connection "${connection}" has this port (${where}). Switch it off or give it its own port first; then bind the machine to it.`,
        details: { blanks: { where, connection, machine: machine.name }, errors: [{ path: '/link/path', message: 'is used by a connection' }] },
      })
    },
  }
}

/** None for a link that is no serial port. */
function portOf({ id, name, link }: Wired): MachinePort[] {
  if (link.kind !== 'serial') return []
  const { path, adapter } = link
  return [{ machineId: id, name, path, ...(adapter ? { adapter } : {}) }]
}
