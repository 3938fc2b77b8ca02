/** The routes of accounts: other people's, for whoever manages them, and one's own. */
import type { Request } from 'express'
import {
  addAccount,
  changeAccount,
  changeOwnPassword,
  changeOwnPin,
  endOtherSessions,
  endOwnSession,
  endSession,
  endSessions,
  getOwnAccount,
  listAccounts,
  listOwnSessions,
  listSessions,
  listTokensOf,
  lookAtPasswordLink,
  makePasswordLink,
  removeAccount,
  revokeTokenOf,
  usePasswordLink,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Accounts } from './accounts.ts'
import type { Caller } from './caller.ts'
import type { PasswordLinks } from './links.ts'
import type { Own } from './own.ts'
import type { Removal } from './remove.ts'
import { mustBePresent } from './routes.ts'
import type { Sessions } from './sessions.ts'
import type { Tokens } from './tokens.ts'

export function accountRoutes(parts: {
  accounts: Accounts
  sessions: Sessions
  links: PasswordLinks
  removal: Removal
  own: Own
  tokens: Tokens
  /** The token of the session that a request came with. */
  tokenOf: (request: Request) => string | undefined
  audit: Audit
}): RouteHandler[] {
  const { accounts, sessions, links, removal, own, tokens, tokenOf, audit } = parts
  const changeable = async (userId: string, by: Caller) => {
    const account = await accounts.get(userId)
    accounts.mustCover(by, account)
    return account
  }
  return [
    handle(listAccounts, () => accounts.list()),
    handle(addAccount, async ({ body, caller }) => {
      const account = await accounts.add(body, caller)
      audit.record({ caller, action: 'added an account', target: account.userName, detail: { role: account.role } })
      return account
    }),
    handle(changeAccount, async ({ params, body, caller }) => {
      const account = await accounts.change(params.userId, body, caller)
      // what changed, never the new password or PIN
      const { password, pin, badge, ...shown } = body
      audit.record({
        caller,
        action: 'changed an account',
        target: account.userName,
        detail: {
          ...shown,
          ...(password === undefined ? {} : { password: 'changed' }),
          ...(badge === undefined ? {} : { badge: 'removed' }),
          ...(pin === undefined ? {} : { pin: pin === null ? 'removed' : 'changed' }),
        },
      })
      return account
    }),
    handle(removeAccount, async ({ params, caller }) => {
      const { removed, userName } = await removal.remove(params.userId, caller)
      audit.record({ caller, action: 'account.remove', target: userName, detail: { removed } })
      return { removed }
    }),
    handle(listSessions, async ({ params, caller, request }) => {
      const { id } = await accounts.get(params.userId)
      return sessions.list(id, caller.userId === id ? tokenOf(request) : undefined)
    }),
    handle(endSession, async ({ params, caller }) => {
      const { userName } = await changeable(params.userId, caller)
      await sessions.end(params.userId, params.sessionId)
      audit.record({ caller, action: 'session.end', target: userName, detail: { ended: 1 } })
      return { ok: true as const }
    }),
    handle(endSessions, async ({ params, caller, request }) => {
      const { userName } = await changeable(params.userId, caller)
      // who ends their own stays here
      const ended = await accounts.endSessions(params.userId, caller.userId === params.userId ? tokenOf(request) : undefined)
      audit.record({ caller, action: 'session.end', target: userName, detail: { ended } })
      return { ended }
    }),
    handle(listTokensOf, async ({ params }) => {
      const { id, name } = await accounts.get(params.userId)
      return tokens.list({ userId: id, name })
    }),
    handle(revokeTokenOf, async ({ params, caller }) => {
      const { userName } = await changeable(params.userId, caller)
      await tokens.revokeOf(params.userId, params.tokenId)
      audit.record({ caller, action: 'revoked an API token', target: params.tokenId, detail: { of: userName } })
      return { ok: true as const }
    }),
    handle(makePasswordLink, async ({ params, caller }) => {
      const { path, endsAt } = await links.make(params.userId, caller)
      const { userName } = await accounts.get(params.userId)
      audit.record({ caller, action: 'password-link.make', target: userName, detail: { endsAt: endsAt.toISOString() } })
      return { path, endsAt: endsAt.toISOString() }
    }),
    handle(lookAtPasswordLink, async ({ body }) => {
      const { userName, name } = await links.lookAt(body.code)
      return { userName, name }
    }),
    handle(usePasswordLink, async ({ body, request }) => {
      const { userName } = await links.use(body.code, body.password)
      audit.record({ who: userName, via: 'link', action: 'password-link.use', target: userName, detail: { address: request.ip } })
      return { userName }
    }),

    handle(getOwnAccount, ({ caller }) => {
      mustBePresent(caller)
      return own.look(caller.userId)
    }),
    handle(changeOwnPassword, async ({ body, caller, request }) => {
      mustBePresent(caller)
      try {
        const ended = await own.changePassword(caller.userId, body, tokenOf(request))
        audit.record({ caller, action: 'changed own password', detail: { ended } })
        return { ended }
      } catch (error) {
        audit.record({ caller, action: 'password change refused' })
        throw error
      }
    }),
    handle(changeOwnPin, async ({ body, caller }) => {
      mustBePresent(caller)
      await own.changePin(caller.userId, body)
      audit.record({ caller, action: 'own-pin.change', target: caller.userName, detail: { pin: body.pin === null ? 'removed' : 'changed' } })
      return { ok: true as const }
    }),
    handle(listOwnSessions, ({ caller, request }) => {
      mustBePresent(caller)
      return sessions.list(caller.userId, tokenOf(request))
    }),
    handle(endOwnSession, async ({ params, caller }) => {
      mustBePresent(caller)
      await sessions.end(caller.userId, params.sessionId)
      audit.record({ caller, action: 'session.end', target: caller.userName, detail: { ended: 1 } })
      return { ok: true as const }
    }),
    handle(endOtherSessions, async ({ caller, request }) => {
      mustBePresent(caller)
      const ended = await accounts.endSessions(caller.userId, tokenOf(request))
      audit.record({ caller, action: 'session.end', target: caller.userName, detail: { ended } })
      return { ended }
    }),
  ]
}
