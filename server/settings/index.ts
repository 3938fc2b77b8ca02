/** What a shop sets for all its pages and hosts (server/api/settings.ts). Kept in memory: parts ask at any time. Each change is a version. */
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { isZone } from '../../nodes/triggers/time/zone.ts'
import {
  changeSetting,
  listSettings,
  type SettingFacts,
  type SettingView,
  SHOP_SETTING_NAMES,
  SHOP_SETTINGS,
  type ShopSetting,
  type ShopValue,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import { json, type Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'

export interface ShopSettings {
  /** What counts now. */
  get<K extends ShopSetting>(name: K): ShopValue<K>
  /** Told after each change, here or on another host. */
  onChange(listener: () => void): void
  readonly routes: readonly RouteHandler[]
}

export interface ShopSettingsDeps {
  store: Store
  live: LiveHub
  audit: Audit
  log: Logger
  /** @defaultValue the only one */
  hosts?: Pick<Hosts, 'bus' | 'list' | 'onBeat'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
}

interface Kept {
  value: unknown
  by: string
  at: Date
}

const FACTS: Record<ShopSetting, SettingFacts> = SHOP_SETTINGS
const CHECKS = new Map(SHOP_SETTING_NAMES.map((name) => [name, checker(FACTS[name].schema)]))
const SUBJECT = (name: ShopSetting) => `shop.${name}`
const content = checker(Type.Object({ value: Type.Optional(Type.Unknown()) }))

const isGood = (name: ShopSetting, value: unknown): boolean =>
  (CHECKS.get(name)?.is(value) ?? false) && (name !== 'timeZone' || value === '' || isZone(String(value)))

export async function createShopSettings({ store, live, audit, log, hosts = aloneHost(), versions }: ShopSettingsDeps): Promise<ShopSettings> {
  const { db } = store
  const listeners: (() => void)[] = []
  let kept = new Map<ShopSetting, Kept>()
  let revision = Date.now()

  /** Counted with each time that it was read: a look that began before and ends after it is of the past. */
  let reads = 0
  const rowsNow = async () => {
    const rows = await db.selectFrom('setting').selectAll().orderBy('key').execute()
    // what another version has set, and this one does not know or take, is left alone
    const known = rows.flatMap(({ key, value, by, at }) => {
      const name = SHOP_SETTING_NAMES.find((one) => one === key)
      return name && isGood(name, value) ? [[name, { value, by, at }] as const] : []
    })
    return new Map(known)
  }
  const read = async () => {
    kept = await rowsNow()
    reads += 1
  }
  /** News of other hosts may get lost: the rows tell it a few seconds later. */
  const look = async () => {
    const before = reads
    const now = await rowsNow()
    if (before !== reads || JSON.stringify([...now]) === JSON.stringify([...kept])) return
    kept = now
    reads += 1
    show()
  }
  const show = () => {
    // another host counts as well: a moment is told apart everywhere
    revision = Math.max(revision + 1, Date.now())
    live.publish('settings', { revision })
    for (const listener of listeners) listener()
  }
  await read()
  live.provide('settings', () => ({ revision }))
  hosts.bus.on('settings', () => void read().then(show, (error: unknown) => log.warn({ err: error }, 'the settings of the shop could not be read again')))
  hosts.onBeat(() => {
    if (hosts.list().length > 1) look().catch((error: unknown) => log.debug({ err: error }, 'the settings of the shop could not be looked at'))
  })

  const valueNow = (name: ShopSetting): unknown => kept.get(name)?.value ?? FACTS[name].usual
  const view = (name: ShopSetting): SettingView => {
    const own = kept.get(name)
    return { name, value: valueNow(name), isUsual: !own, ...(own ? { by: own.by, at: own.at.toISOString() } : {}) }
  }

  /** @param value undefined: as the product brings it */
  const change = async (name: ShopSetting, value: unknown, by: Caller, also: { reason?: string | undefined; restoredFrom?: string } = {}) => {
    if (value !== undefined && !isGood(name, value))
      throw new UserError({
        code: 'setting-value-invalid',
        message: `${JSON.stringify(value)} is nothing that "${name}" can be. Choose one of what the page offers.`,
        details: { name, problems: CHECKS.get(name)?.errors(value) },
      })
    const before = valueNow(name)
    await db.transaction().execute(async (tx) => {
      if (value === undefined) await tx.deleteFrom('setting').where('key', '=', name).execute()
      else {
        const values = { value: json(value), by: by.name, at: new Date() }
        await tx
          .insertInto('setting')
          .values({ key: name, ...values })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
          .execute()
      }
      await versions.keep(tx, {
        kind: 'setting',
        subject: SUBJECT(name),
        title: `Setting of the shop: ${name}`,
        content: value === undefined ? {} : { value },
        before: { content: kept.has(name) ? { value: before } : {}, author: kept.get(name)?.by ?? by.name },
        author: by,
        ...also,
      })
    })
    await read()
    show()
    hosts.bus.tell('settings', {})
    audit.record({ caller: by, action: 'setting.change', target: name, detail: { value: valueNow(name), before } })
    return view(name)
  }
  for (const name of SHOP_SETTING_NAMES) {
    versions.own(
      { kind: 'setting', subject: SUBJECT(name) },
      {
        sees: FACTS[name].sees ?? 'system.view',
        changes: FACTS[name].changes,
        async restore({ caller, version, reason }) {
          await change(name, content.parse(version.content, 'The kept version').value, caller, { reason, restoredFrom: version.id })
        },
      },
    )
  }

  return {
    get: <K extends ShopSetting>(name: K) => valueNow(name) as ShopValue<K>,
    onChange: (listener) => void listeners.push(listener),
    routes: [
      handle(listSettings, ({ caller }) =>
        SHOP_SETTING_NAMES.filter((name) => {
          const { sees } = FACTS[name]
          return sees === undefined || caller.capabilities.has(sees)
        }).map(view),
      ),
      handle(changeSetting, ({ params, body, caller }) => change(params.name, body.value, caller, { reason: body.reason })),
    ],
  }
}
