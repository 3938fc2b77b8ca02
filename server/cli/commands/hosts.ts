/** `cellwright hosts …`: the hosts that share the database, and which machine is wired to which. */
import type { Command } from 'commander'
import { forgetHost, type HostView, listHosts, moveMachineToHost } from '../../api/index.ts'
import type { Shell } from './shell.ts'

export function addHostCommands(program: Command, { client, output }: Shell): void {
  const hosts = program.command('hosts').description('the computers that share one database: life, version, machines')
  hosts
    .command('list')
    .description('every host that shares the database')
    .action(async () => {
      output().table(
        await client().call(listHosts, {}),
        {
          HOST: (host: HostView) => `${host.name}${host.isHere ? ' (this one)' : ''}`,
          STATE: (host) => `${host.state}${host.leads ? ', leads' : ''}`,
          SEEN: (host) => host.seenAt,
          VERSION: (host) => host.version,
          FLOWS: (host) => host.deployment,
          MACHINES: (host) => host.machines.map(({ id }) => id).join(', '),
          URL: (host) => host.url,
        },
        'No host has said that it lives.',
      )
    })
  hosts
    .command('move <machine> <host>')
    .description('binds a machine to another host; it must stand and have no job')
    .option('--i-have-looked', 'its host is silent: you have seen that it stands and that its cable is at the new host')
    .action(async (machineId: string, host: string, { iHaveLooked }: { iHaveLooked?: true }) => {
      const view = await client().call(moveMachineToHost, { params: { machineId }, body: { host, hasLooked: iHaveLooked === true } })
      output().result(view, `${view.name} is wired to ${host} now.`)
    })
  hosts
    .command('forget <host>')
    .description('takes a host that is gone and has no machine off the list')
    .action(async (name: string) => {
      output().result(await client().call(forgetHost, { params: { name } }), `${name} is forgotten.`)
    })
}
