/** The settings of the git mirror, and what is known of its last push: one row. */
import type { Kysely, Transaction } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { addressIn } from '../../base/judged-address.ts'
import type { BodyOf, MirrorSettings, setMirror } from '../api/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { type Database, json } from '../store/index.ts'
import { isOnOwnNetwork } from './plain-http.ts'

export interface MirrorRow {
  isOn: boolean
  remote: string | undefined
  branch: string
  userName: string | undefined
  /** Sealed. */
  token: string | undefined
  allowsPlainHttp: boolean
  pushed: { commit: string; at: Date } | undefined
  error: MirrorProblem | undefined
}
interface MirrorProblem {
  code: string
  message: string
  /** ISO. */
  at: string
  attempts: number
}

const NONE: MirrorRow = {
  isOn: false,
  remote: undefined,
  branch: 'main',
  userName: undefined,
  token: undefined,
  allowsPlainHttp: false,
  pushed: undefined,
  error: undefined,
}

export async function readMirror(db: Kysely<Database>): Promise<MirrorRow> {
  const row = await db.selectFrom('mirror').selectAll().executeTakeFirst()
  if (!row) return NONE
  return {
    isOn: row.isOn,
    remote: row.remote ?? undefined,
    branch: row.branch,
    userName: row.userName ?? undefined,
    token: row.token ?? undefined,
    allowsPlainHttp: row.allowsPlainHttp,
    pushed: row.pushedCommit !== null && row.pushedAt !== null ? { commit: row.pushedCommit, at: row.pushedAt } : undefined,
    error: (row.error as MirrorProblem | null) ?? undefined,
  }
}

/** How the last try came out. */
export async function noteOutcome(db: Kysely<Database>, outcome: Pick<MirrorRow, 'pushed' | 'error'>): Promise<void> {
  await db
    .updateTable('mirror')
    .set({
      pushedCommit: outcome.pushed?.commit ?? null,
      pushedAt: outcome.pushed?.at ?? null,
      error: outcome.error ? json(outcome.error) : null,
    })
    .execute()
}

/**
 * The row after a change. Another address or branch begins anew: nothing was pushed there yet.
 * @throws UserError mirror-remote, mirror-plain-http, mirror-branch
 */
export function changed(before: MirrorRow, body: BodyOf<typeof setMirror>, secrets: Pick<Secrets, 'seal'>): MirrorRow {
  const remote = body.remote === undefined ? before.remote : checkedRemote(body.remote.trim())
  const branch = body.branch ?? before.branch
  if (/\.\.|\/\/|\/$|\.$|\.lock$|@\{/.test(branch))
    throw new UserError({ code: 'mirror-branch', status: 422, message: `"${branch}" is no name of a branch. It looks like main or shop/flows.` })
  const isSame = remote === before.remote && branch === before.branch
  // a token is for one place: it does not go to another by itself
  const isSameHost = remote !== undefined && before.remote !== undefined && new URL(remote).origin === new URL(before.remote).origin
  // so is the word that it may go unencrypted
  const mayBePlain = body.allowsPlainHttp ?? (isSameHost && before.allowsPlainHttp)
  const isPlain = remote !== undefined && isPlainHttp(new URL(remote))
  if (isPlain && !mayBePlain)
    throw new UserError({
      code: 'mirror-plain-http',
      status: 422,
      message:
        'Over http:// flows and token go unencrypted: whoever listens on that network can read them. Use https://, or say that it may be so; it then goes to addresses of your own network only.',
    })
  const token = body.token === undefined ? (isSameHost ? before.token : undefined) : body.token === '' ? undefined : secrets.seal(body.token)
  return {
    isOn: body.isOn,
    remote,
    branch,
    userName: body.userName === undefined ? before.userName : body.userName.trim() || undefined,
    token,
    allowsPlainHttp: isPlain && mayBePlain,
    pushed: isSame ? before.pushed : undefined,
    error: undefined,
  }
}

export async function writeMirror(db: Kysely<Database> | Transaction<Database>, row: MirrorRow, by: string): Promise<void> {
  const values = {
    isOn: row.isOn,
    remote: row.remote ?? null,
    branch: row.branch,
    userName: row.userName ?? null,
    token: row.token ?? null,
    allowsPlainHttp: row.allowsPlainHttp,
    pushedCommit: row.pushed?.commit ?? null,
    pushedAt: row.pushed?.at ?? null,
    error: null,
    by,
    at: new Date(),
  }
  await db
    .insertInto('mirror')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

export const settingsOf = ({ isOn, remote, branch, userName, token, allowsPlainHttp }: MirrorRow): MirrorSettings => ({
  isOn,
  ...(remote === undefined ? {} : { remote }),
  branch,
  ...(userName === undefined ? {} : { userName }),
  ...(allowsPlainHttp ? { allowsPlainHttp } : {}),
  hasToken: token !== undefined,
})

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Unencrypted, and over a network. */
const isPlainHttp = ({ protocol, hostname }: URL) => protocol === 'http:' && !LOOPBACK.has(hostname)

/** @throws UserError mirror-remote */
function checkedRemote(text: string): string | undefined {
  if (text === '') return undefined
  const bad = (reason: string) => new UserError({ code: 'mirror-remote', status: 422, message: `The address of the repository ${reason}` })
  const url = URL.parse(text)
  if (!url) throw bad('is none. It looks like https://git.example.com/shop/flows.git.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('must begin with https://.')
  // a token in clear text is everybody's on the way; what a name stands for is looked at each time
  const address = addressIn(url.hostname)
  if (url.protocol === 'http:' && address !== undefined && !isOnOwnNetwork(address)) throw bad('must begin with https://: it is not on your own network.')
  if (url.username || url.password) throw bad('holds a password. Leave it out, and enter it as the token: there it is kept sealed.')
  if (url.search || url.hash) throw bad('must not have a part behind ? or #.')
  return url.href
}
