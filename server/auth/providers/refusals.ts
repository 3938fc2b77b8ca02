/** Why somebody is not signed in through a provider: what they are told. What only an administrator should know goes into the audit log. */
import { OperationalError, UserError } from '../../../base/errors.ts'

/** For the audit log; never for the person who signs in. */
export interface Told {
  reason?: string
  userName?: string
}
const withReason = <E extends Error>(error: E, told: Told): E & { told?: Told } => Object.assign(error, { told })
export const toldOf = (error: unknown): Told => (error as { told?: Told }).told ?? {}

/** A library's error as one line: what it says and what the errors behind it say. What is no error behind it is left out, as it may hold tokens. */
export function lineOf(error: unknown): string {
  if (typeof error === 'string') return error.slice(0, 300)
  const said: string[] = []
  for (let at = error; at instanceof Error && said.length < 4; at = at.cause) {
    const { code } = at as { code?: unknown }
    said.push(`${typeof code === 'string' || typeof code === 'number' ? `${code}: ` : ''}${at.message}`)
  }
  return (said.join('; ') || String(error)).slice(0, 300)
}

export const noProvider = () =>
  new UserError({ code: 'provider-not-found', status: 404, message: 'This way of signing in is not there any more. Reload the page and choose another.' })
export const away = (name: string, cause: unknown) =>
  withReason(
    new OperationalError({
      code: 'provider-away',
      message: `${name} cannot be reached at the moment. Try again in a minute; if it lasts, tell an administrator, who can always sign in with a password.`,
    }),
    { reason: lineOf(cause) },
  )
/** What this server was given does not fit the provider. */
export const misset = (name: string, reason: string) =>
  withReason(
    new UserError({
      code: 'provider-misset',
      status: 503,
      message: `${name} and this server do not understand each other. An administrator has to look at the settings of this sign-in; the audit log says more.`,
    }),
    { reason },
  )
export const wrong = (told: Told = {}) =>
  withReason(
    new UserError({
      code: 'sign-in-wrong',
      status: 401,
      message: 'Name and password do not belong together. Check both; capital letters count in the password.',
    }),
    told,
  )
export const refusedThere = (name: string, told: Told) =>
  withReason(
    new UserError({
      code: 'provider-refused',
      status: 403,
      message: `${name} did not let you in: it was broken off there, or your account there is locked, expired, or needs a new password. Put that right there, then try again.`,
    }),
    told,
  )
export const stale = (told: Told = {}) =>
  withReason(
    new UserError({
      code: 'sign-in-stale',
      status: 400,
      message: 'This sign-in is over: it took too long, was used already, or began in another browser. Begin again.',
    }),
    told,
  )
export const unproven = (told: Told) =>
  withReason(
    new UserError({
      code: 'sign-in-unproven',
      status: 403,
      message: 'What came back from the provider did not prove who you are, so nobody was signed in. Begin again; if it happens again, tell an administrator.',
    }),
    told,
  )
export const claimsMissing = (told: Told) =>
  withReason(
    new UserError({
      code: 'claims-missing',
      status: 403,
      message:
        'The provider did not say enough about you: your user name or your groups are missing. An administrator has to look at the settings of this sign-in.',
    }),
    told,
  )
export const noRole = (told: Told) =>
  withReason(
    new UserError({
      code: 'no-role',
      status: 403,
      message: 'You are known, but none of your groups has a role here. Ask an administrator to be put into one of them.',
    }),
    told,
  )
export const nameTaken = (told: Told) =>
  withReason(
    new UserError({
      code: 'name-taken',
      status: 409,
      message:
        'Your user name belongs to somebody here already. If that is you, sign in with your password now, and both become one; else ask an administrator.',
    }),
    told,
  )
export const notLetIn = (told: Told) =>
  withReason(
    new UserError({ code: 'not-let-in', status: 403, message: 'You are known, but nobody has let you in here yet. An administrator sees that you wait.' }),
    told,
  )
export const disabled = (told: Told) =>
  withReason(new UserError({ code: 'account-disabled', status: 403, message: 'This account is switched off. Ask an administrator.' }), told)
