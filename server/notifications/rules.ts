/** Rules that say who is told what: rows, their versions, and the routes of their page. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { checker } from '../../base/schema.ts'
import {
  addNotificationRule,
  changeNotificationRule,
  isEventType,
  listNotificationRules,
  type NotificationRules,
  ROLE_NAMES,
  RuleSettings,
  removeNotificationRule,
} from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'
import type { KeptVersions } from '../versions/contract.ts'
import type { Db } from './events.ts'
import { readPeople } from './people.ts'
import { readHooks } from './webhooks/hooks.ts'

const SUBJECT = 'notification-rules'
const PATIENCE_MS = 700

export interface KeptRule {
  id: string
  settings: RuleSettings
  by: string
  at: Date
}

const stored = checker(RuleSettings)
const content = checker(Type.Object({ rules: Type.Array(Type.Object({ id: Type.String(), settings: RuleSettings })) }))

/** In the order in which they were made; kinds of events that this version does not know are left out. */
export async function readRules(db: Db): Promise<KeptRule[]> {
  const rows = await db.selectFrom('notificationRule').selectAll().orderBy('at').orderBy('id').execute()
  return rows.flatMap(({ settings, ...row }) => {
    const given = settings as RuleSettings
    const events = given.events.filter((type) => isEventType(type))
    // "of every kind" is another rule than one of a kind that is gone
    if (given.events.length && !events.length) return []
    const known = { ...given, events }
    return stored.is(known) ? [{ ...row, settings: known }] : []
  })
}

export interface RuleDeps {
  db: Kysely<Database>
  audit: Audit
  versions: Pick<KeptVersions, 'keep' | 'own'>
  machines: { list(): { id: string; name: string }[] }
  notices: { takers(): Promise<{ connectionId: string; name: string }[]> }
  hasMail: () => Promise<boolean>
  onChanged: () => void
}

export function createRules({ db, audit, versions, machines, notices, hasMail, onChanged }: RuleDeps): { routes: RouteHandler[] } {
  /** While the process that holds connections is away, none can be chosen anew; nobody waits for it. */
  const takersSoon = async () => {
    const patience = new AbortController()
    try {
      return await Promise.race([notices.takers().catch(() => []), wait(PATIENCE_MS, [], { signal: patience.signal, ref: false })])
    } finally {
      patience.abort()
    }
  }
  const shown = async (): Promise<NotificationRules> => {
    const [rules, people, hooks, takers, isMailSet, devices, made] = await Promise.all([
      readRules(db),
      readPeople(db),
      readHooks(db),
      takersSoon(),
      hasMail(),
      db.selectFrom('pushDevice').select('id').execute(),
      db.selectFrom('role').select(['id', 'name']).orderBy('name').execute(),
    ])
    return {
      rules: rules.map(({ id, settings, by, at }) => ({ id, settings, by, at: at.toISOString() })),
      ways: { mail: isMailSet, pushDevices: devices.length, webhooks: hooks.length },
      choices: {
        people: [...people.values()]
          .map(({ id, name, role, settings, hasPush }) => ({
            id,
            name,
            role,
            hasMail: settings.byMail && settings.address !== '',
            hasPush: hasPush && settings.byPush,
          }))
          .sort((a, b) => a.name.localeCompare(b.name)),
        roles: [...ROLE_NAMES.map((id) => ({ id, name: id })), ...made],
        machines: machines.list().map(({ id, name }) => ({ id, name })),
        webhooks: hooks.map(({ id, settings }) => ({ id, name: settings.name })),
        connections: takers.map(({ connectionId, name }) => ({ id: connectionId, name })),
      },
    }
  }

  /** @throws UserError `rule-tells-nobody`, `rule-target-gone` */
  const check = async ({ to }: RuleSettings, before: RuleSettings | undefined) => {
    if (Object.values(to).every((list) => list.length === 0))
      throw new UserError({
        code: 'rule-tells-nobody',
        status: 422,
        message: 'This rule tells nobody. Choose people, a role, a mail address, a webhook or a connection.',
      })
    const { choices } = await shown()
    const gone = (['people', 'roles', 'webhooks', 'connections'] as const).flatMap((kind) =>
      // what was in it already may stay: somebody was disabled, a connection is switched off just now
      to[kind].filter((id) => !before?.to[kind].includes(id) && !choices[kind].some((one) => one.id === id)),
    )
    if (gone.length)
      throw new UserError({
        code: 'rule-target-gone',
        status: 422,
        message: 'Somebody or something that this rule names is not there any more. Load the page again.',
      })
  }

  const change = async (
    how: (tx: Db) => Promise<unknown>,
    { caller, ...kept }: { caller: Caller; reason?: string | undefined; restoredFrom?: string },
  ): Promise<NotificationRules> => {
    await db.transaction().execute(async (tx) => {
      await how(tx)
      const rules = (await readRules(tx)).map(({ id, settings }) => ({ id, settings }))
      await versions.keep(tx, { kind: 'setting', subject: SUBJECT, title: 'Rules for notifications', content: { rules }, author: caller, ...kept })
    })
    onChanged()
    return shown()
  }
  const notFound = () => new UserError({ code: 'rule-not-found', status: 404, message: 'There is no such rule any more. Load the page again.' })
  const ruleOf = async (ruleId: string): Promise<KeptRule> => {
    const rule = (await readRules(db)).find(({ id }) => id === ruleId)
    if (!rule) throw notFound()
    return rule
  }

  versions.own(
    { kind: 'setting', subject: SUBJECT },
    {
      sees: 'system.view',
      changes: 'system.manage',
      async restore({ caller, version, reason }) {
        const { rules } = content.parse(version.content, 'The kept version')
        await change(
          async (tx) => {
            await tx.deleteFrom('notificationRule').execute()
            for (const { id, settings } of rules)
              await tx
                .insertInto('notificationRule')
                .values({ id, settings: json(settings), by: caller.name })
                .execute()
          },
          { caller, reason, restoredFrom: version.id },
        )
        audit.record({ caller, action: 'notification-rule.change', target: 'all', detail: { rules: rules.map(({ settings }) => settings.name) } })
      },
    },
  )

  return {
    routes: [
      handle(listNotificationRules, shown),
      handle(addNotificationRule, async ({ body, caller }) => {
        await check(body, undefined)
        const id = newId('rul')
        const rules = await change(
          (tx) =>
            tx
              .insertInto('notificationRule')
              .values({ id, settings: json(body), by: caller.name })
              .execute(),
          { caller },
        )
        audit.record({ caller, action: 'notification-rule.add', target: id, detail: body })
        return rules
      }),
      handle(changeNotificationRule, async ({ params: { ruleId }, body, caller }) => {
        const before = await ruleOf(ruleId)
        await check(body, before.settings)
        const rules = await change(
          (tx) =>
            tx
              .updateTable('notificationRule')
              .set({ settings: json(body), by: caller.name })
              .where('id', '=', ruleId)
              .execute(),
          { caller },
        )
        audit.record({ caller, action: 'notification-rule.change', target: ruleId, detail: { ...body, before: before.settings } })
        return rules
      }),
      handle(removeNotificationRule, async ({ params: { ruleId }, caller }) => {
        const before = await ruleOf(ruleId)
        const rules = await change((tx) => tx.deleteFrom('notificationRule').where('id', '=', ruleId).execute(), { caller })
        audit.record({ caller, action: 'notification-rule.remove', target: ruleId, detail: before.settings })
        return rules
      }),
    ],
  }
}
