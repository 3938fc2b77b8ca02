/** `cellwright user add|list`, `token create|list|revoke`. */
import { text as readAll } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { addAccount, createToken, listAccounts, listTokens, ROLE_NAMES, type Role, revokeToken } from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

/** Never an argument: those are in the shell's history and in every list of processes. */
async function newPassword(fromStdin: boolean | undefined): Promise<string | undefined> {
  if (!fromStdin) return process.env.CELLWRIGHT_NEW_PASSWORD || undefined
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, '')
  if (!password)
    throw new UserError({
      code: 'no-password',
      message: 'Nothing came on standard input. Pipe the password in, as in: pass show cellwright | cellwright user add …',
    })
  return password
}

export function addPeopleCommands(program: Command, { client, output }: Shell): void {
  const user = program.command('user').description('people who can sign in')
  user
    .command('add <userName>')
    .description('adds a person; the password is read from standard input or CELLWRIGHT_NEW_PASSWORD, so that it is in no shell history')
    .option('--name <name>', 'name as people say it (default: the user name)')
    .addOption(new Option('--role <role>', 'what they may do').choices(ROLE_NAMES).default('operator'))
    .option('--password-stdin', 'read the password from standard input')
    .option('--pin <pin>', '4 to 8 digits for the operator panel')
    .action(async (userName: string, options: { name?: string; role: Role; passwordStdin?: boolean; pin?: string }) => {
      const password = await newPassword(options.passwordStdin)
      if (!password && !options.pin)
        throw new UserError({
          code: 'no-password',
          message: 'Give the person a way in: --password-stdin or CELLWRIGHT_NEW_PASSWORD for a password, --pin for the operator panel.',
        })
      const { pin, role, name = userName } = options
      const account = await client().call(addAccount, { body: { userName, name, role, ...(password ? { password } : {}), ...(pin ? { pin } : {}) } })
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

  const token = program.command('token').description('API tokens')
  token
    .command('create <name>')
    .description('makes an API token and prints it, this once')
    .addOption(new Option('--role <role>', 'never wider than your own (default: your own)').choices(ROLE_NAMES))
    .option('--days <days>', 'days until it expires (default: never)', numberFrom({ min: 1, max: 3650, isWhole: true }))
    .action(async (name: string, { role, days }: { role?: Role; days?: number }) => {
      const made = await client().call(createToken, {
        body: { name, ...(role ? { role } : {}), ...(days === undefined ? {} : { expiresInDays: days }) },
      })
      output().result(made, made.token)
    })
  token
    .command('list')
    .description('lists your API tokens, never their text')
    .action(async () => {
      const tokens = await client().call(listTokens, {})
      output().table(
        tokens,
        { ID: (t) => t.id, NAME: (t) => t.name, ROLE: (t) => t.role, EXPIRES: (t) => t.expiresAt ?? 'never', 'LAST USED': (t) => t.lastUsedAt ?? 'never' },
        'No token yet.',
      )
    })
  token
    .command('revoke <id>')
    .description('revokes an API token at once')
    .action(async (tokenId: string) => {
      const answer = await client().call(revokeToken, { params: { tokenId } })
      output().result(answer, `${tokenId} is revoked.`)
    })
}
