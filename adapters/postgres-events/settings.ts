/** What a connection to a database is set to. */
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import type { When } from '../contract.ts'
import { tlsSettings } from '../tls.ts'

const NAME = '[A-Za-z_][A-Za-z0-9_$]{0,62}'
const BY_NOTIFY: When = { field: 'how', is: ['notify'] }
const BY_POLL: When = { field: 'how', is: ['poll'] }

/** While TLS is switched on. */
export const WITH_TLS: When = { field: 'tls', is: ['true'] }

export const Settings = Type.Object(
  {
    host: Type.String({ title: 'Host', minLength: 1, maxLength: 300, default: 'localhost', description: 'Or the folder of its Unix socket.' }),
    port: Type.Integer({ title: 'Port', minimum: 1, maximum: 65_535, default: 5432 }),
    database: Type.String({ title: 'Database', minLength: 1, maxLength: 100 }),
    user: Type.String({ title: 'User', minLength: 1, maxLength: 100, description: 'One that may only read is enough.' }),
    tls: Type.Boolean({ title: 'TLS', default: false, description: 'Encrypts the line and checks who is at its other end.' }),
    ...tlsSettings(WITH_TLS),
    how: Type.Enum(['notify', 'poll'], {
      title: 'How',
      default: 'notify',
      labels: { notify: 'by notifications: at once, lost while the connection is down', poll: 'by reading a table: every few seconds, nothing is lost' },
    }),
    channels: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' }), {
        title: 'Channels',
        maxItems: 50,
        placeholder: 'orders',
        description: 'As in NOTIFY: a trigger on a table calls pg_notify(channel, text).',
        when: BY_NOTIFY,
      }),
    ),
    table: Type.Optional(
      Type.String({
        title: 'Table or view',
        pattern: `^(${NAME}\\.)?${NAME}$`,
        maxLength: 130,
        placeholder: 'public.orders',
        description: 'With its schema where it is not on the search path.',
        when: BY_POLL,
      }),
    ),
    cursorColumn: Type.Optional(
      Type.String({
        title: 'Cursor column',
        pattern: `^${NAME}$`,
        placeholder: 'id',
        description: 'Grows with every new row, such as a serial number; or with every change too, such as a time of the last change. It should have an index.',
        when: BY_POLL,
      }),
    ),
    keyColumn: Type.Optional(
      Type.String({
        title: 'Key column',
        pattern: `^${NAME}$`,
        placeholder: 'id',
        description: 'Tells rows with the same cursor apart. Empty: the cursor does.',
        when: BY_POLL,
      }),
    ),
    everySeconds: Type.Optional(Type.Number({ title: 'Read every', unit: 's', minimum: 0.2, maximum: 3600, default: 5, when: BY_POLL })),
    lateSeconds: Type.Optional(
      Type.Number({
        title: 'Rows may come late by',
        unit: 's',
        minimum: 0,
        maximum: 3600,
        default: 60,
        description: 'A transaction that took its number early may be committed after later ones: how long it may take at most.',
        when: BY_POLL,
      }),
    ),
    beginsWith: Type.Optional(
      Type.Enum(['new', 'all'], {
        title: 'At the first time',
        default: 'new',
        labels: { new: 'only rows that come from now on', all: 'every row that is there' },
        when: BY_POLL,
      }),
    ),
  },
  { additionalProperties: false },
)
export type Settings = Static<typeof Settings>

/** What a way of listening needs, since a form leaves out what belongs to the other. @throws UserError channels-missing, table-missing */
export function requireWhole({ how, channels, table, cursorColumn }: Settings): void {
  if (how === 'notify' && !channels?.length)
    throw new UserError({
      code: 'channels-missing',
      message: 'Enter at least one channel to listen to.',
      details: { errors: [{ path: '/channels', message: 'is missing' }] },
    })
  if (how !== 'poll' || (table && cursorColumn)) return
  const path = table ? '/cursorColumn' : '/table'
  throw new UserError({
    code: 'table-missing',
    message: 'Enter the table to read, and the column by which new rows are known.',
    details: { errors: [{ path, message: 'is missing' }] },
  })
}
