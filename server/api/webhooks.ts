/**
 * Webhooks out: every event of the catalogue as a signed POST to other programs, after the Standard Webhooks specification
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { EventTypeName, Severity, ToldTypeName } from './notifications.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'webhooks'
const WebhookParams = Type.Object({ webhookId: Type.String({ minLength: 1, maxLength: 100 }) })

const fields = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  url: Type.String({ minLength: 8, maxLength: 1000, pattern: '^https?://[!-~]+$' }),
  isOn: Type.Boolean(),
  /** Empty: all of the catalogue, also those of later versions. */
  events: Type.Array(ToldTypeName, { maxItems: 100 }),
  /** It may lie in a private network, and there without encryption. Without this only public addresses by https are asked. */
  allowsPrivate: Type.Boolean(),
  /** Certificate (PEM) of an authority of the shop's own; empty: those that the computer trusts. */
  ca: Type.String({ maxLength: 20_000 }),
}
export const WebhookSettings = Type.Object(fields, closed)
export type WebhookSettings = Static<typeof WebhookSettings>

export const Webhook = Type.Object({
  id: Type.String(),
  ...fields,
  by: Type.String(),
  at: When,
  /** Until when the secret before this one signs as well. */
  oldSecretUntil: Type.Optional(When),
  /** It was switched off by its receiver (410 Gone). */
  isGone: Type.Boolean(),
  waiting: Type.Integer(),
  dead: Type.Integer(),
  last: Type.Optional(Type.Object({ at: When, isSent: Type.Boolean(), status: Type.Optional(Type.Integer()), error: Type.Optional(Type.String()) })),
})
export type Webhook = Static<typeof Webhook>

/** The secret is told once, when it is made. */
const WithSecret = Type.Object({ webhook: Webhook, secret: Type.String() })

/** What a receiver is sent. */
export const WebhookBody = Type.Object({
  /** Also in the header `webhook-id`: the same at every try, so that a receiver that gets it twice takes it once. */
  id: Type.String(),
  type: EventTypeName,
  /** When it happened. */
  timestamp: When,
  severity: Severity,
  /** For people, in English. */
  title: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
})

export const listWebhooks = route({
  id: 'listWebhooks',
  method: 'get',
  path: '/api/webhooks',
  access: 'system.view',
  tag,
  summary: 'The programs that are told of events, and how that goes. Their secrets are never told.',
  response: Type.Array(Webhook),
})
export const addWebhook = route({
  id: 'addWebhook',
  method: 'post',
  path: '/api/webhooks',
  access: 'system.manage',
  tag,
  summary: 'Tells another program of events from now on. The answer has the secret that verifies them, this once.',
  body: WebhookSettings,
  response: WithSecret,
  errors: ['webhook-address', 'webhook-private', 'webhook-plain', 'webhook-ca'],
})
export const changeWebhook = route({
  id: 'changeWebhook',
  method: 'put',
  path: '/api/webhooks/:webhookId',
  access: 'system.manage',
  tag,
  summary: 'Changes a webhook, also pauses and resumes it: what happens meanwhile waits.',
  params: WebhookParams,
  body: WebhookSettings,
  response: Webhook,
  errors: ['webhook-not-found', 'webhook-address', 'webhook-private', 'webhook-plain', 'webhook-ca'],
})
export const removeWebhook = route({
  id: 'removeWebhook',
  method: 'delete',
  path: '/api/webhooks/:webhookId',
  access: 'system.manage',
  tag,
  summary: 'Tells that program nothing any more, and forgets what waited for it.',
  params: WebhookParams,
  response: Type.Null(),
  errors: ['webhook-not-found'],
})
export const rotateWebhookSecret = route({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: '/api/webhooks/:webhookId/secret',
  access: 'system.manage',
  tag,
  summary: 'Makes a new secret. For a day every message is signed with both, so that the receiver can be changed in between.',
  params: WebhookParams,
  response: WithSecret,
  errors: ['webhook-not-found'],
})
export const testWebhook = route({
  id: 'testWebhook',
  method: 'post',
  path: '/api/webhooks/:webhookId/test',
  access: 'system.manage',
  tag,
  summary: 'Sends one message of the type `test`, now and once, and tells what was answered.',
  params: WebhookParams,
  response: Type.Object({ isSent: Type.Boolean(), status: Type.Optional(Type.Integer()), error: Type.Optional(Type.String()), ms: Type.Integer() }),
  errors: ['webhook-not-found'],
})
export const sendAllAgain = route({
  id: 'sendAllAgain',
  method: 'post',
  path: '/api/webhooks/:webhookId/again',
  access: 'system.manage',
  tag,
  summary: 'Sends once more everything that was given up for this webhook.',
  params: WebhookParams,
  response: Type.Object({ count: Type.Integer() }),
  errors: ['webhook-not-found'],
})
