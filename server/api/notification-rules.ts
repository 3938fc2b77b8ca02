/** Who is told what: rules for everybody, and what each person sets for themselves. Browser-safe. */
import { type Static, Type } from 'typebox'
import { Severity, ToldTypeName } from './notifications.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }
const tag = 'notifications'

/** One address, no name with it, nothing that could be a second header. */
export const MailAddress = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@<>()\\[\\]",;:\\\\\\u0000-\\u001f\\u007f]+@[^\\s@<>()\\[\\]",;:\\\\\\u0000-\\u001f\\u007f]+$',
})
export const Language = Type.Enum(['en', 'de'])
export type Language = Static<typeof Language>
const Time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })

/** By the clock of the server. Over midnight where it ends before it begins; the day is that of the beginning. */
export const Hours = Type.Object({ days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7 }), from: Time, to: Time }, closed)
export type Hours = Static<typeof Hours>

const Id = Type.String({ minLength: 1, maxLength: 100 })
export const RuleSettings = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    isOn: Type.Boolean(),
    /** Empty: of every kind. */
    events: Type.Array(ToldTypeName, { maxItems: 100 }),
    atLeast: Severity,
    /** Empty: of every machine, and what is of none. */
    machines: Type.Array(Id, { maxItems: 200 }),
    /** Only what happens within; absent: always. */
    hours: Type.Optional(Hours),
    to: Type.Object(
      {
        people: Type.Array(Id, { maxItems: 200 }),
        /** Ours, and those that the shop has made. */
        roles: Type.Array(Id, { maxItems: 50 }),
        addresses: Type.Array(MailAddress, { maxItems: 50 }),
        webhooks: Type.Array(Id, { maxItems: 50 }),
        connections: Type.Array(Id, { maxItems: 50 }),
      },
      closed,
    ),
    /** Of mails to addresses; people choose their own. */
    language: Language,
    /** What comes within so many seconds goes as one message. */
    gatherS: Type.Integer({ minimum: 0, maximum: 3600 }),
    /** Only what stands on the panels and nobody has acknowledged for so many seconds; absent: at once. */
    unacknowledgedS: Type.Optional(Type.Integer({ minimum: 10, maximum: 86_400 })),
  },
  closed,
)
export type RuleSettings = Static<typeof RuleSettings>

export const NotificationRule = Type.Object({ id: Type.String(), settings: RuleSettings, by: Type.String(), at: When })
export type NotificationRule = Static<typeof NotificationRule>

/** The rules, whom they may name, and which ways there are. */
export const NotificationRules = Type.Object({
  rules: Type.Array(NotificationRule),
  /** Nothing goes to people before mail is set or somebody has allowed a browser to show messages. */
  ways: Type.Object({ mail: Type.Boolean(), pushDevices: Type.Integer(), webhooks: Type.Integer() }),
  choices: Type.Object({
    people: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), role: Type.String(), hasMail: Type.Boolean(), hasPush: Type.Boolean() })),
    roles: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    machines: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    webhooks: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    connections: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  }),
})
export type NotificationRules = Static<typeof NotificationRules>

const RuleParams = Type.Object({ ruleId: Id })
export const listNotificationRules = route({
  id: 'listNotificationRules',
  method: 'get',
  path: '/api/notifications/rules',
  access: 'system.view',
  tag,
  summary: 'Who is told what, and by which ways.',
  response: NotificationRules,
})
export const addNotificationRule = route({
  id: 'addNotificationRule',
  method: 'post',
  path: '/api/notifications/rules',
  access: 'system.manage',
  tag,
  summary: 'Adds a rule that says who is told what.',
  body: RuleSettings,
  response: NotificationRules,
  errors: ['rule-tells-nobody', 'rule-target-gone'],
})
export const changeNotificationRule = route({
  id: 'changeNotificationRule',
  method: 'put',
  path: '/api/notifications/rules/:ruleId',
  access: 'system.manage',
  tag,
  summary: 'Changes a rule, also switches it on and off.',
  params: RuleParams,
  body: RuleSettings,
  response: NotificationRules,
  errors: ['rule-not-found', 'rule-tells-nobody', 'rule-target-gone'],
})
export const removeNotificationRule = route({
  id: 'removeNotificationRule',
  method: 'delete',
  path: '/api/notifications/rules/:ruleId',
  access: 'system.manage',
  tag,
  summary: 'Removes a rule.',
  params: RuleParams,
  response: NotificationRules,
  errors: ['rule-not-found'],
})

/** What a person sets for themselves. */
export const MySettings = Type.Object(
  {
    /** Where mails go; empty: none. */
    address: Type.Union([Type.Literal(''), MailAddress]),
    language: Language,
    byMail: Type.Boolean(),
    byPush: Type.Boolean(),
    /** Told besides what rules say. */
    more: Type.Array(ToldTypeName, { maxItems: 100 }),
    /** Not told, whatever rules say. */
    muted: Type.Array(ToldTypeName, { maxItems: 100 }),
    /** Held back until they end; alarms come all the same unless they are held back as well. */
    quiet: Type.Optional(Type.Object({ from: Time, to: Time, alarmsToo: Type.Boolean() }, closed)),
  },
  closed,
)
export type MySettings = Static<typeof MySettings>

export const PushDevice = Type.Object({ id: Type.String(), name: Type.String(), at: When, isThis: Type.Boolean() })
export const MyNotifications = Type.Object({
  settings: MySettings,
  devices: Type.Array(PushDevice),
  /** Whether the installation can send mails at all. */
  hasMail: Type.Boolean(),
  /** For `PushManager.subscribe`: the public half of this installation's key, base64url. */
  pushKey: Type.String(),
  /** What I may hear of. */
  mayHear: Type.Array(ToldTypeName),
  /** What rules tell me, by the name of the rule. */
  fromRules: Type.Array(Type.Object({ rule: Type.String(), events: Type.Array(ToldTypeName) })),
})
export type MyNotifications = Static<typeof MyNotifications>

/** Tells this browser from others of the same person; kept by the page. */
const ThisDevice = Type.Object({ device: Type.Optional(Type.String({ maxLength: 100 })) }, closed)
export const getMyNotifications = route({
  id: 'getMyNotifications',
  method: 'get',
  path: '/api/notifications/mine',
  access: 'session',
  tag,
  summary: 'What I am told, and how.',
  query: ThisDevice,
  response: MyNotifications,
})
export const setMyNotifications = route({
  id: 'setMyNotifications',
  method: 'put',
  path: '/api/notifications/mine',
  access: 'session',
  tag,
  summary: 'Says what I want to be told, and how.',
  body: MySettings,
  response: MyNotifications,
  errors: ['nobody-signed-in'],
})
/** As `PushSubscription.toJSON()` tells it (W3C Push API), with a name for the device. */
export const addPushDevice = route({
  id: 'addPushDevice',
  method: 'post',
  path: '/api/notifications/mine/devices',
  access: 'session',
  tag,
  summary: 'This browser shows messages from now on.',
  body: Type.Object(
    {
      endpoint: Type.String({ minLength: 10, maxLength: 2000, pattern: '^https://[!-~]+$' }),
      keys: Type.Object({ p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87,88}=?$' }), auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}={0,2}$' }) }, closed),
      name: Type.String({ minLength: 1, maxLength: 80 }),
    },
    closed,
  ),
  response: MyNotifications,
  errors: ['nobody-signed-in', 'too-many-devices', 'push-address'],
})
export const removePushDevice = route({
  id: 'removePushDevice',
  method: 'delete',
  path: '/api/notifications/mine/devices/:deviceId',
  access: 'session',
  tag,
  summary: 'A browser of mine shows no messages any more.',
  params: Type.Object({ deviceId: Id }),
  response: MyNotifications,
})
export const testMyNotifications = route({
  id: 'testMyNotifications',
  method: 'post',
  path: '/api/notifications/mine/test',
  access: 'session',
  tag,
  summary: 'Sends me a message by each of my ways, now, and tells how that went.',
  response: Type.Object({ ways: Type.Array(Type.Object({ way: Type.String(), isSent: Type.Boolean(), error: Type.Optional(Type.String()) })) }),
  errors: ['nobody-signed-in', 'no-way'],
})
