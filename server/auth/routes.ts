/** The routes of set-up, sign-in with a PIN, accounts and tokens. */
import type { Request, Response } from 'express'
import { UserError } from '../../base/errors.ts'
import {
  createOwner,
  createToken,
  getMe,
  getSetup,
  listPinPeople,
  listTokens,
  lockSession,
  type Me,
  pairBadge,
  revokeToken,
  signInWithBadge,
  signInWithPin,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { notSignedIn } from '../http/problem.ts'
import type { Accounts } from './accounts.ts'
import type { Badges } from './badges.ts'
import type { Caller } from './caller.ts'
import type { Pins } from './pin.ts'
import type { Setup } from './setup.ts'
import type { Tokens } from './tokens.ts'

export const toMe = ({ userId, userName, name, role, ownRole, capabilities, via, isLocked }: Caller): Me => ({
  userId,
  userName,
  name,
  role,
  ...(ownRole ? { ownRole } : {}),
  capabilities: [...capabilities],
  via,
  ...(isLocked ? { isLocked } : {}),
})
/** What belongs to a person who is there, and to no program. */
export const mustBePresent = ({ via, isLocked }: Caller) => {
  if (via !== 'session') throw new UserError({ code: 'not-with-token', status: 403, message: 'This is for people who are signed in, not for API tokens.' })
  if (isLocked) throw notSignedIn()
}

export function authRoutes(parts: {
  accounts: Accounts
  tokens: Tokens
  pins: Pins
  setup: Setup
  badges: Badges
  /** Opens a session of the short kind, in place of the one the request came with where that was locked. */
  openPinSession: (userId: string, request: Request, response: Response) => Promise<Caller | undefined>
  lock: (request: Request) => Promise<void>
  renew: (request: Request, response: Response) => Promise<void>
  audit: Audit
}): RouteHandler[] {
  const { accounts, tokens, pins, badges, setup, openPinSession, lock, renew, audit } = parts
  return [
    handle(getSetup, async () => ({ isNeeded: await setup.isNeeded() })),
    handle(createOwner, async ({ body }) => {
      await setup.createOwner(body)
      audit.record({ who: body.userName, via: 'setup', action: 'made the first account' })
      return { ok: true as const }
    }),
    handle(getMe, async ({ caller, request, response }) => {
      await renew(request, response)
      return toMe(caller)
    }),
    handle(listPinPeople, () => accounts.withPin()),
    handle(signInWithPin, async ({ body, request, response }) => {
      try {
        await pins.check(body.userId, body.pin)
      } catch (error) {
        audit.record({ who: body.userId.slice(0, 40), via: 'pin', action: 'PIN refused', detail: { address: request.ip } })
        throw error
      }
      const caller = await openPinSession(body.userId, request, response)
      // switched off between the check and now
      if (!caller) throw notSignedIn()
      audit.record({ caller, action: 'signed in with a PIN', detail: { address: request.ip } })
      return toMe(caller)
    }),
    handle(signInWithBadge, async ({ body, request, response }) => {
      const userId = await badges.ownerOf(body.code).catch((error: unknown) => {
        audit.record({ who: 'unknown badge', via: 'badge', action: 'badge refused', detail: { address: request.ip } })
        throw error
      })
      const caller = await openPinSession(userId, request, response)
      if (!caller) throw notSignedIn()
      audit.record({ caller, action: 'signed in with a badge', detail: { address: request.ip } })
      return toMe(caller)
    }),
    handle(pairBadge, async ({ body, caller }) => {
      mustBePresent(caller)
      await badges.pair(caller.userId, body.code)
      audit.record({ caller, action: body.code === null ? 'took the badge away' : 'paired a badge', target: caller.userName })
      return { ok: true as const }
    }),
    handle(lockSession, async ({ caller, request }) => {
      if (caller.isLocked) return { ok: true as const }
      mustBePresent(caller)
      await lock(request)
      audit.record({ caller, action: 'left the panel' })
      return { ok: true as const }
    }),
    handle(listTokens, ({ caller }) => tokens.list(caller)),
    handle(createToken, async ({ body, caller }) => {
      const made = await tokens.create(caller, body)
      audit.record({ caller, action: 'made an API token', target: made.info.id, detail: { name: made.info.name, role: made.info.role } })
      return made
    }),
    handle(revokeToken, async ({ params, caller }) => {
      await tokens.revoke(caller, params.tokenId, async (userId) => accounts.mustCover(caller, await accounts.get(userId)))
      audit.record({ caller, action: 'revoked an API token', target: params.tokenId })
      return { ok: true as const }
    }),
  ]
}
