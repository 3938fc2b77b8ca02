/** `cellwright user add|list|link|sessions|sign-out|remove`, `role list`, `token create|list|revoke`. */
import { text as readAll } from 'node:stream/consumers'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../../../base/errors.ts'
import {
  type Account,
  addAccount,
  createToken,
  endSessions,
  getNetwork,
  listAccounts,
  listRoles,
  listSessions,
  listTokens,
  makePasswordLink,
  ROLE_NAMES,
  removeAccount,
  revokeToken,
} from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

/** A role of ours, or the id of one of the shop. */
function roleFrom(text: string): string {
  if ((ROLE_NAMES as string[]).includes(text) || /^rol_[a-z0-9]+$/.test(text)) return text
  throw new InvalidArgumentError(`Allowed are ${ROLE_NAMES.join(', ')}, and the ids that "cellwright role list" shows.`)
}

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
    .addOption(
      new Option('--role <role>', `what they may do: ${ROLE_NAMES.join(', ')}, or the id of a role of the shop`).argParser(roleFrom).default('operator'),
    )
    .option('--password-stdin', 'read the password from standard input')
    .option('--pin <pin>', '4 to 8 digits for the operator panel')
    .action(async (userName: string, options: { name?: string; role: string; passwordStdin?: boolean; pin?: string }) => {
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
          SESSIONS: (a) => a.sessions,
          'LAST SIGN-IN': (a) => a.lastSignInAt ?? 'never',
        },
        'Nobody yet.',
      )
    })

  const find = async (userName: string): Promise<Account> => {
    const account = (await client().call(listAccounts, {})).find((one) => one.userName.toLowerCase() === userName.toLowerCase())
    if (!account)
      throw new UserError({ code: 'account-not-found', status: 404, message: `There is no account "${userName}": cellwright user list shows them.` })
    return account
  }
  user
    .command('link <userName>')
    .description('prints a link by which the person chooses a password, this once; the password they had counts no more')
    .action(async (userName: string) => {
      const { id } = await find(userName)
      const { path, endsAt } = await client().call(makePasswordLink, { params: { userId: id } })
      // as people reach it, not as this computer does
      const network = await client().call(getNetwork, {})
      const url = `${network.url.replace(/\/$/, '')}${path}`
      output().result({ url, endsAt }, url)
    })
  user
    .command('sessions <userName>')
    .description('where a person is signed in')
    .action(async (userName: string) => {
      const { id } = await find(userName)
      output().table(
        await client().call(listSessions, { params: { userId: id } }),
        {
          BROWSER: (s) => s.agent ?? '(not seen yet)',
          ADDRESS: (s) => s.address ?? '',
          BY: (s) => s.method,
          SINCE: (s) => s.since,
          'LAST SEEN': (s) => s.lastSeenAt ?? '',
        },
        `${userName} is signed in nowhere.`,
      )
    })
  user
    .command('sign-out <userName>')
    .description('ends all sessions of a person, at once')
    .action(async (userName: string) => {
      const { id } = await find(userName)
      const answer = await client().call(endSessions, { params: { userId: id } })
      output().result(answer, `${userName}: ${answer.ended} ended.`)
    })
  user
    .command('remove <userName>')
    .description('removes a person: wholly who has done nothing yet, else everything about them but what they have done')
    .action(async (userName: string) => {
      const { id } = await find(userName)
      const answer = await client().call(removeAccount, { params: { userId: id } })
      output().result(
        answer,
        answer.removed === 'wholly' ? `${userName} is removed.` : `${userName} is removed; the audit log keeps the name of what was done.`,
      )
    })

  program
    .command('role')
    .description('what people may do')
    .command('list')
    .description('the roles there are, ours and those of the shop')
    .action(async () => {
      output().table(
        await client().call(listRoles, {}),
        { ID: (r) => r.id, NAME: (r) => r.name, 'BASED ON': (r) => (r.isOurs ? '' : r.basedOn), MAY: (r) => r.capabilities.join(' ') },
        'No role.',
      )
    })

  const token = program.command('token').description('API tokens')
  token
    .command('create <name>')
    .description('makes an API token and prints it, this once')
    .addOption(new Option('--role <role>', 'never wider than your own (default: your own)').argParser(roleFrom))
    .option('--days <days>', 'days until it expires (default: never)', numberFrom({ min: 1, max: 3650, isWhole: true }))
    .action(async (name: string, { role, days }: { role?: string; days?: number }) => {
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
