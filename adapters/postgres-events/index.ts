/** Tells of changes in a PostgreSQL database: by its notifications, or by reading a table again and again. */
import { Type } from 'typebox'
import { defineConnector } from '../contract.ts'
import { clientKey } from '../tls.ts'
import { listenTo } from './listen.ts'
import { lookAt } from './look.ts'
import { pollTable } from './poll.ts'
import { requireWhole, Settings, WITH_TLS } from './settings.ts'

export const postgresEvents = defineConnector({
  id: 'postgres-events',
  label: 'PostgreSQL',
  summary: 'Tells flows of changes in a PostgreSQL database: by its notifications, or by reading a table.',
  use: 'For an ERP, MES or measuring database on PostgreSQL. Either a trigger in the database calls pg_notify, and each call starts a flow; or a table is read every few seconds, and each new or changed row starts one. Set an “event trigger” to this connection.',
  promises: [
    'Reading a table: no row is lost while this server is away. How far it was read is kept here in the same transaction as what it starts, and each row (by its key and its cursor) is told of once.',
    'Reading a table finds a row that is committed late only within “Rows may come late by”; a row that is changed twice between two looks is told of once, as it is then; deleted rows and rows without a cursor value are not told of.',
    'Notifications come in their order, each once, as long as the connection stands; in a burst the database keeps them until they are stored here.',
    'Notifications while the connection is down are lost: PostgreSQL keeps none for those who are away. Read a table where nothing may be lost.',
  ],
  shapes: {
    event: Type.Object({
      subject: Type.String({ examples: ['orders'] }),
      text: Type.String({ examples: ['notification on orders'] }),
      payload: Type.Object({ channel: Type.String({ examples: ['orders'] }), message: Type.Unknown({ examples: [{ operation: 'INSERT', id: 1001 }] }) }),
    }),
  },
  settings: Settings,
  secrets: [{ name: 'password', title: 'Password', after: 'user' }, clientKey(WITH_TLS)],
  secretsAreFor: ['host', 'port', 'user', 'tls', 'ca'],
  distinctBy: [],
  async check(settings, secrets) {
    requireWhole(settings)
    return lookAt(settings, secrets)
  },
  async start({ settings, secrets, context }) {
    requireWhole(settings)
    return settings.how === 'poll' ? pollTable(settings, secrets, context) : listenTo(settings, secrets, context)
  },
})
