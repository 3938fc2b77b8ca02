/** `cellwright sign-in list|test`: the providers through which people sign in. */
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { getSignInSettings, testSignInProvider } from '../../api/index.ts'
import type { Shell } from './shell.ts'

const SIGNS = { ok: 'ok     ', warning: 'look at', problem: 'PROBLEM' } as const

export function addSignInCommands(program: Command, { client, output }: Shell): void {
  const signIn = program.command('sign-in').description('signing in through the company: OpenID Connect and LDAP')
  signIn
    .command('list')
    .description('the providers, and who waits to be let in')
    .action(async () => {
      const found = await client().call(getSignInSettings, {})
      output().result(
        found,
        [
          ...(found.providers.length
            ? found.providers.map(({ id, kind, name, isOn, people }) => `${id}  ${kind}  ${isOn ? 'on ' : 'off'}  ${name}, ${people} people`)
            : ['There is no provider.']),
          found.passwords === 'administrators' ? 'Passwords of Cellwright are for administrators.' : 'Everybody may sign in with a password of Cellwright.',
          ...found.waiting.map(({ name, userName, providerId }) => `Waits: ${name} (${userName}) of ${providerId}`),
        ].join('\n'),
      )
    })
  signIn
    .command('test <provider>')
    .description('asks a provider as it is kept, and tells what was found')
    .option('--person <userName>', 'which role somebody in the directory would get')
    .action(async (providerId: string, { person }: { person?: string }) => {
      const api = client()
      const provider = (await api.call(getSignInSettings, {})).providers.find(({ id, name }) => id === providerId || name === providerId)
      if (!provider) throw new UserError({ code: 'provider-not-found', message: `There is no provider "${providerId}". "cellwright sign-in list" shows them.` })
      const { kind, settings, id } = provider
      const found = await api.call(
        testSignInProvider,
        { body: { kind, settings: { ...settings }, providerId: id, ...(person === undefined ? {} : { person }) } },
        { timeoutMs: 300_000 },
      )
      output().result(found, found.findings.map(({ level, text }) => `${SIGNS[level]}  ${text}`).join('\n'))
      if (!found.isUsable) process.exitCode = 1
    })
}
