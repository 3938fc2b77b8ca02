/** The first account: with the one-time code that only the URL printed at start holds, or from `CELLWRIGHT_OWNER`. */
import { timingSafeEqual } from 'node:crypto'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { createOwner } from '../api/index.ts'
import type { Accounts } from './accounts.ts'
import { sha256 } from './memory.ts'

// declared with a body, which the general type of a route does not say
const ownerBody = checker(createOwner.body as NonNullable<typeof createOwner.body>)
type OwnerFacts = { userName: string; name: string; password: string }

export interface Setup {
  isNeeded(): Promise<boolean>
  /** Works while there is no account. The same at every start until then, so that a restart leaves the printed URL valid. */
  readonly code: string
  /** @throws UserError `setup-done` (409), `setup-code-wrong` (403) */
  createOwner(request: OwnerFacts & { code: string }): Promise<{ userId: string }>
  /** Makes the account that `CELLWRIGHT_OWNER` names, where there is none yet. @throws UserError `owner-setting-invalid` */
  fromSetting(setting: string): Promise<void>
}

export function createSetup(options: { accounts: Accounts; code: string }): Setup {
  const { accounts, code } = options
  /** Requests take turns: of two with the right code only one makes an account. */
  let turn: Promise<unknown> = Promise.resolve()
  const create = (owner: OwnerFacts): Promise<{ userId: string }> => {
    const work = turn.then(async () => {
      if ((await accounts.count()) > 0)
        throw new UserError({ code: 'setup-done', status: 409, message: 'The first account exists already. Sign in, or ask an administrator for an account.' })
      const { id } = await accounts.add({ ...owner, role: 'admin' })
      return { userId: id }
    })
    turn = work.catch(() => {})
    return work
  }
  return {
    code,
    isNeeded: async () => (await accounts.count()) === 0,
    async createOwner({ code: given, ...owner }) {
      // equal lengths for the comparison
      if (!timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(code)))) {
        if ((await accounts.count()) > 0) return create(owner)
        throw new UserError({
          code: 'setup-code-wrong',
          status: 403,
          message: 'The code is not right. Use the whole address that was printed when the server started.',
        })
      }
      return create(owner)
    },
    async fromSetting(setting) {
      if ((await accounts.count()) > 0) return
      const at = setting.indexOf(':')
      const userName = setting.slice(0, at)
      const owner = { userName, name: userName, password: setting.slice(at + 1) }
      const problems = ownerBody.errors({ ...owner, code: '' })
      if (at < 0 || problems.length)
        throw new UserError({
          code: 'owner-setting-invalid',
          message: 'CELLWRIGHT_OWNER must be name:password, the name 2 to 40 letters, digits, dots or dashes, the password at least 8 characters.',
        })
      await create(owner)
    },
  }
}
