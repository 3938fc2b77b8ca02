/** The hosts over the API. */
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { forgetHost, type HostView, listHosts, moveMachineToHost } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { MachineRegistry } from '../machines/index.ts'
import type { Database } from '../store/index.ts'
import type { Host } from './contract.ts'
import type { HostRegistry } from './registry.ts'

export function hostRoutes(deps: {
  db: Kysely<Database>
  hosts: HostRegistry
  machines: Pick<MachineRegistry, 'list' | 'move'>
  /** The number of the newest deployment. */
  newest: () => Promise<number | undefined>
  audit: Audit
}): RouteHandler[] {
  const { db, hosts, machines, newest, audit } = deps
  const machinesOf = (name: string) =>
    machines
      .list()
      .filter(({ host }) => (host?.name ?? hosts.name) === name)
      .map(({ id, name: called }) => ({ id, name: called }))
  const shown = (host: Host, number: number | undefined): HostView => ({
    name: host.name,
    isHere: host.name === hosts.name,
    state: host.state,
    ...(host.version === undefined ? {} : { version: host.version }),
    ...(host.url === undefined ? {} : { url: host.url }),
    ...(host.startedAt === undefined ? {} : { startedAt: host.startedAt.toISOString() }),
    seenAt: host.seenAt.toISOString(),
    leads: host.name === hosts.leader,
    clockOffMs: Math.round(host.clockOffMs),
    deployment: deploymentOf(host, number),
    machines: machinesOf(host.name),
  })
  const deploymentOf = ({ deployment, state }: Host, number: number | undefined): HostView['deployment'] => {
    // nothing was ever deployed
    if (number === undefined) return 'current'
    if (deployment === undefined || state !== 'living') return 'none'
    return deployment < number ? 'older' : 'current'
  }
  return [
    handle(listHosts, async () => {
      const number = await newest()
      return hosts.list().map((host) => shown(host, number))
    }),
    handle(moveMachineToHost, async ({ params: { machineId }, body: { host, hasLooked }, caller }) => {
      const view = await machines.move({ machineId, to: host, hasLooked })
      audit.record({ caller, action: 'moved a machine to a host', target: machineId, detail: { host, hasLooked } })
      return view
    }),
    handle(forgetHost, async ({ params: { name }, caller }) => {
      const host = hosts.find(name)
      if (!host) throw new UserError({ code: 'host-unknown', status: 404, message: `No host "${name}" shares this database.` })
      if (host.state === 'living' || name === hosts.name)
        throw new UserError({ code: 'host-lives', status: 409, message: `Host "${name}" lives. Stop it first.` })
      const left = machinesOf(name)
      if (left.length)
        throw new UserError({
          code: 'host-has-machines',
          status: 409,
          message: `${left.map((machine) => machine.name).join(', ')} ${left.length === 1 ? 'is' : 'are'} wired to host "${name}". Move or remove ${left.length === 1 ? 'it' : 'them'} first.`,
        })
      await db.deleteFrom('jobHost').where('name', '=', name).execute()
      await hosts.beat()
      audit.record({ caller, action: 'forgot a host', target: name })
      return { ok: true as const }
    }),
  ]
}
