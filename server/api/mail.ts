/** How mails leave the house. Browser-safe. */
import { type Static, Type } from 'typebox'
import { MailAddress } from './notification-rules.ts'
import { route } from './route.ts'

const closed = { additionalProperties: false }
const tag = 'notifications'

/** `starttls`: begins in the clear and is refused without encryption. `tls`: encrypted from the first byte. */
export const MAIL_SECURITY = ['starttls', 'tls', 'none'] as const
const fields = {
  isOn: Type.Boolean(),
  host: Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:_-]+$' }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  security: Type.Enum([...MAIL_SECURITY]),
  /** Empty: the server asks for none. */
  userName: Type.String({ maxLength: 200 }),
  /** The sender that receivers see. */
  from: MailAddress,
  fromName: Type.String({ maxLength: 80, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  /** Certificate (PEM) of an authority of the shop's own; empty: those that the computer trusts. */
  ca: Type.String({ maxLength: 20_000 }),
}
export const MailSettings = Type.Object({ ...fields, hasPassword: Type.Boolean() })
export type MailSettings = Static<typeof MailSettings>

export const getMail = route({
  id: 'getMail',
  method: 'get',
  path: '/api/mail',
  access: 'system.view',
  tag,
  summary: 'The mail server that notifications leave by; absent while nobody has set one. The password is never told.',
  response: Type.Object({ settings: Type.Optional(MailSettings) }),
})
const Change = Type.Object(
  {
    ...fields,
    /** Empty: forgotten. Left out: as it is, for the same server and name. */
    password: Type.Optional(Type.String({ maxLength: 1000, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })),
  },
  closed,
)
export type MailChange = Static<typeof Change>
export const setMail = route({
  id: 'setMail',
  method: 'put',
  path: '/api/mail',
  access: 'system.manage',
  tag,
  summary: 'Says by which mail server notifications leave.',
  body: Change,
  response: Type.Object({ settings: Type.Optional(MailSettings) }),
  errors: ['mail-password-in-clear', 'mail-password-again', 'mail-ca'],
})
export const testMail = route({
  id: 'testMail',
  method: 'post',
  path: '/api/mail/test',
  access: 'system.manage',
  tag,
  summary: 'Sends a mail with the settings that are given, without keeping them, and tells what the server said.',
  body: Type.Object({ settings: Change, to: MailAddress, language: Type.Optional(Type.Enum(['en', 'de'])) }, closed),
  response: Type.Object({
    isSent: Type.Boolean(),
    /** The mail server's own words. */
    answer: Type.Optional(Type.String()),
    /** How far it came, where it was not sent. */
    failedAt: Type.Optional(Type.Enum(['reach', 'tls', 'password', 'sender', 'receiver', 'message', 'settings'])),
  }),
  errors: ['mail-password-in-clear', 'mail-password-again', 'mail-ca'],
})
