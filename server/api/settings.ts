/** What a shop sets for all its pages and hosts, and how this server is on the network. Browser-safe. */
import { type Static, type TSchema, Type } from 'typebox'
import type { Capability } from './access.ts'
import { AllowedModule } from './palette.ts'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'settings'

export interface SettingFacts {
  schema: TSchema
  /** Counts while nobody has set anything else. */
  usual: unknown
  /** To see it; absent: everybody who is signed in. */
  sees?: Capability
  changes: Capability
}

/** Every setting of the shop. A new one needs a line here, its words in the catalogues `shop` and `history`, and somebody who follows it. */
export const SHOP_SETTINGS = {
  /** Of pages whose browser has chosen none; `browser`: as the browser is set. */
  language: { schema: Type.Enum(['browser', 'en', 'de']), usual: 'browser', changes: 'system.manage' },
  /** In which pages show times: an IANA name; empty: the one of each computer. */
  timeZone: { schema: Type.String({ maxLength: 60 }), usual: '', changes: 'system.manage' },
  /** Of lengths and feeds of machines, where people read and type them. Programs, files, flows and the API keep millimetres. */
  units: { schema: Type.Enum(['mm', 'inch']), usual: 'mm', changes: 'system.manage' },
  /** Where a week is shown; `locale`: as the region of each browser has it. */
  firstDayOfWeek: { schema: Type.Enum(['locale', 'monday', 'sunday', 'saturday']), usual: 'locale', changes: 'system.manage' },
  /** Palette modules that may be installed besides ours and those of CELLWRIGHT_PALETTE. */
  allowedModules: { schema: Type.Array(AllowedModule, { maxItems: 200 }), usual: [], sees: 'flows.view', changes: 'system.manage' },
  /** How many days jobs that have ended are kept; null: what CELLWRIGHT_JOB_DAYS says. */
  jobDays: { schema: Type.Union([Type.Integer({ minimum: 1, maximum: 3650 }), Type.Null()]), usual: null, sees: 'system.view', changes: 'system.manage' },
} as const satisfies Record<string, SettingFacts>

export type ShopSetting = keyof typeof SHOP_SETTINGS
export type ShopValue<K extends ShopSetting> = Static<(typeof SHOP_SETTINGS)[K]['schema']>
export const SHOP_SETTING_NAMES = Object.keys(SHOP_SETTINGS) as ShopSetting[]

export const SettingView = Type.Object({
  name: Type.Unsafe<ShopSetting>({ type: 'string', enum: SHOP_SETTING_NAMES }),
  value: Type.Unknown(),
  isUsual: Type.Boolean(),
  by: Type.Optional(Type.String()),
  at: Type.Optional(When),
})
export type SettingView = Static<typeof SettingView>

export const listSettings = route({
  id: 'listSettings',
  method: 'get',
  path: '/api/settings',
  access: 'session',
  tag,
  summary: 'What the shop has set, of what one may see.',
  response: Type.Array(SettingView),
})
export const changeSetting = route({
  id: 'changeSetting',
  method: 'put',
  path: '/api/settings/:name',
  access: 'system.manage',
  tag,
  summary: 'Changes a setting of the shop; without a value it is as the product brings it. It counts at once, on all hosts.',
  params: Type.Object({ name: Type.Unsafe<ShopSetting>({ type: 'string', enum: SHOP_SETTING_NAMES }) }),
  body: Type.Object({ value: Type.Optional(Type.Unknown()), ...ReasonField }, { additionalProperties: false }),
  response: SettingView,
  errors: ['setting-value-invalid'],
})

export const NetworkFacts = Type.Object({
  /** Where people reach it. */
  url: Type.String(),
  /** The address it listens on. */
  host: Type.String(),
  port: Type.Integer(),
  /** Of this computer, in the network. */
  addresses: Type.Array(Type.String()),
  /** Other computers get through. */
  isOpen: Type.Boolean(),
  /** `own`: an authority of its own; `given`: a certificate of the shop; `proxy`: one in front speaks HTTPS; `none`: in the clear, on this computer alone. */
  certificate: Type.Enum(['own', 'given', 'proxy', 'none']),
  names: Type.Array(Type.String()),
  endsAt: Type.Optional(When),
  /** Why a newer certificate is not shown. */
  trouble: Type.Optional(Type.String()),
  /** Names under which it answers besides its addresses. */
  allowedHosts: Type.Array(Type.String()),
  trustedProxies: Type.Array(Type.String()),
  /** What says so: environment variables and whether each is set on this host. */
  variables: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.Optional(Type.String()) /** What counts without it, where something does. */,
      usual: Type.Optional(Type.String()),
      meaning: Type.String(),
    }),
  ),
})
export type NetworkFacts = Static<typeof NetworkFacts>
export const getNetwork = route({
  id: 'getNetwork',
  method: 'get',
  path: '/api/network',
  access: 'system.view',
  tag,
  summary: 'How this host is on the network: addresses, certificate, proxies, and the variables that decide it.',
  response: NetworkFacts,
})
