/** What a person sets for themselves, and the browsers that show their messages. */
import type { Kysely } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import {
  addPushDevice,
  type EventType,
  getMyNotifications,
  type MyNotifications,
  type NotificationEvent,
  removePushDevice,
  setMyNotifications,
  TOLD_TYPES,
  testMyNotifications,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import type { Batch, Outcome } from './outbox.ts'
import { mayHear, noSettings, readPeople } from './people.ts'
import type { Devices } from './push/devices.ts'
import { readRules } from './rules.ts'
import type { Way } from './sender.ts'

export function createMine(deps: {
  db: Kysely<Database>
  audit: Audit
  devices: Devices
  pushKey: () => string
  hasMail: () => Promise<boolean>
  ways: Record<'mail' | 'push', Way>
  onChanged: () => void
}): { routes: RouteHandler[] } {
  const { db, audit, devices, pushKey, hasMail, ways, onChanged } = deps

  /** @throws UserError `nobody-signed-in` */
  const personOf = async ({ userId, via, isLocked }: Caller) => {
    const person = via === 'session' && !isLocked ? (await readPeople(db)).get(userId) : undefined
    if (!person)
      throw new UserError({
        code: 'nobody-signed-in',
        status: 409,
        message: 'This is for a person who is signed in: not for a panel, a program or the command line.',
      })
    return person
  }

  const shown = async (caller: Caller, device?: string): Promise<MyNotifications> => {
    const person = (await readPeople(db)).get(caller.userId)
    const own = person && !caller.isLocked ? person : undefined
    const heard = own ? TOLD_TYPES.filter((type) => mayHear(own, type)) : []
    const rules = own ? await readRules(db) : []
    return {
      settings: own?.settings ?? noSettings(),
      devices: own ? (await devices.of(own.id)).map(({ id, name, at }) => ({ id, name, at: at.toISOString(), isThis: id === device })) : [],
      hasMail: await hasMail(),
      pushKey: pushKey(),
      mayHear: heard,
      fromRules: rules
        .filter(({ settings: { isOn, to } }) => own && isOn && (to.people.includes(own.id) || to.roles.includes(own.role)))
        .map(({ settings: { name, events } }) => ({
          rule: name,
          events: (events.length ? (events as EventType[]) : heard).filter((type) => heard.includes(type as never)) as never,
        })),
    }
  }

  return {
    routes: [
      handle(getMyNotifications, ({ caller, query: { device } }) => shown(caller, device)),
      handle(setMyNotifications, async ({ body, caller }) => {
        const { id, settings } = await personOf(caller)
        const values = { settings: json(body), at: new Date() }
        await db
          .insertInto('notificationPreference')
          .values({ userId: id, ...values })
          .onConflict((conflict) => conflict.column('userId').doUpdateSet(values))
          .execute()
        audit.record({
          caller,
          action: 'notifications.mine',
          target: id,
          detail: { ...body, ...(settings.address === body.address ? {} : { before: settings.address }) },
        })
        onChanged()
        return shown(caller)
      }),
      handle(addPushDevice, async ({ body: { name, ...subscription }, caller }) => {
        const { id } = await personOf(caller)
        const device = await devices.add(id, { name, subscription })
        audit.record({ caller, action: 'notifications.device-add', target: id, detail: { name } })
        onChanged()
        return shown(caller, device)
      }),
      handle(removePushDevice, async ({ params: { deviceId }, caller }) => {
        const { id } = await personOf(caller)
        await devices.remove(id, deviceId)
        audit.record({ caller, action: 'notifications.device-remove', target: id })
        onChanged()
        return shown(caller)
      }),
      handle(testMyNotifications, async ({ caller }) => {
        const { id, name, settings, hasPush } = await personOf(caller)
        const wanted = [
          ...(settings.byMail && settings.address && (await hasMail()) ? (['mail'] as const) : []),
          ...(settings.byPush && hasPush ? (['push'] as const) : []),
        ]
        if (!wanted.length)
          throw new UserError({ code: 'no-way', status: 409, message: 'Nothing can reach you yet. Give a mail address, or let this browser show messages.' })
        const event: NotificationEvent = { id: newId('ntf'), type: 'test', severity: 'info', at: new Date().toISOString(), data: { by: name } }
        const batch = (channel: 'mail' | 'push'): Batch => ({
          channel,
          to: `person:${id}`,
          messageId: event.id,
          language: settings.language,
          attempts: 1,
          rows: [{ id: event.id, afterS: 0, panelKey: null, event }],
        })
        const outcomes = await Promise.all(wanted.map(async (way) => ({ way, outcome: await ways[way].send(batch(way), AbortSignal.timeout(60_000)) })))
        const said = ({ way, outcome }: { way: string; outcome: Outcome }) => ({
          way,
          isSent: outcome.what === 'sent',
          ...('error' in outcome ? { error: outcome.error } : {}),
        })
        return { ways: outcomes.map(said) }
      }),
    ],
  }
}
