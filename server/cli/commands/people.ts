/** `cellwright user add`, `user list`, `token create`. */
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { addAccount, createToken, listAccounts, ROLE_NAMES, type Role } from '../../api/index.ts'
import type { Shell } from './shell.ts'

function role(text: string): Role {
  const found = ROLE_NAMES.find((name) => name === text)
  if (!found) throw new UserError({ code: 'role-unknown', message: `There is no role "${text}". Roles are: ${ROLE_NAMES.join(', ')}.` })
  return found
}

export function addPeopleCommands(program: Command, { client, output }: Shell): void {
  const user = program.command('user').description('people who can sign in')
  user
    .command('add <userName>')
    .description('adds a person; the password is read from CELLWRIGHT_NEW_PASSWORD, so that it is in no shell history')
    .option('--name <name>', 'name as people say it (default: the user name)')
    .option('--role <role>', ROLE_NAMES.join(', '), 'operator')
    .option('--pin <pin>', '4 to 8 digits for the operator panel')
    .action(async (userName: string, options: { name?: string; role: string; pin?: string }) => {
      const password = process.env.CELLWRIGHT_NEW_PASSWORD
      if (!password && !options.pin)
        throw new UserError({ code: 'no-password', message: 'Give the person a way in: set CELLWRIGHT_NEW_PASSWORD, or pass --pin for the operator panel.' })
      const account = await client().call(addAccount, {
        body: {
          userName,
          name: options.name ?? userName,
          role: role(options.role),
          ...(password ? { password } : {}),
          ...(options.pin ? { pin: options.pin } : {}),
        },
      })
      output().result(account, `${account.name} (${account.userName}) was added as ${account.role}.`)
    })
  user
    .command('list')
    .description('lists people')
    .action(async () => {
      const accounts = await client().call(listAccounts, {})
      output().table(
        accounts,
        {
          USER: (a) => a.userName,
          NAME: (a) => a.name,
          ROLE: (a) => a.role,
          PIN: (a) => (a.hasPin ? 'yes' : 'no'),
          STATE: (a) => (a.isDisabled ? 'disabled' : 'active'),
        },
        'Nobody yet.',
      )
    })
  program
    .command('token')
    .description('API tokens')
    .command('create <name>')
    .description('makes an API token and prints it, this once')
    .option('--role <role>', 'never wider than your own (default: your own)')
    .option('--days <days>', 'days until it expires', (text) => Number.parseInt(text, 10))
    .action(async (name: string, options: { role?: string; days?: number }) => {
      const made = await client().call(createToken, {
        body: { name, ...(options.role ? { role: role(options.role) } : {}), ...(options.days ? { expiresInDays: options.days } : {}) },
      })
      output().result(made, made.token)
    })
}
