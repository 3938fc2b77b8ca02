/** Decides who is to have an event: rows of deliveries, in one transaction with the note that it was decided. */
import type { Kysely } from 'kysely'
import { newId } from '../../base/ids.ts'
import { type Channel, isEventType, type Language, type RuleSettings } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { type EventRow, machineOf } from './events.ts'
import { matches } from './match.ts'
import { mayHear, type Person, readPeople } from './people.ts'
import { type KeptRule, readRules } from './rules.ts'
import { type KeptHook, readHooks } from './webhooks/hooks.ts'

const AT_ONCE = 200
/** A statement takes 65535 values at most. */
const ROWS_AT_ONCE = 1000
/** What a person sets for themselves. */
const OWN_GATHER_S = 20
/** Nobody is told of last week's alarm. Programs get everything. */
const OLD_MS = 86_400_000

interface Planned {
  channel: Channel
  to: string
  afterS: number
  language: Language
  ruleId?: string
  gatherS: number
}

interface Everybody {
  rules: readonly KeptRule[]
  hooks: readonly KeptHook[]
  people: ReadonlyMap<string, Person>
  hasMail: boolean
}

/** Each receiver once by each way, the soonest. */
function planOf(event: EventRow, { rules, hooks, people, hasMail }: Everybody, now: Date): Planned[] {
  const { type, severity, data, at, panelKey } = event
  if (!isEventType(type)) return []
  const planned = new Map<string, Planned>()
  const add = (plan: Planned) => {
    const key = `${plan.channel} ${plan.to} ${plan.afterS}`
    const before = planned.get(key)
    if (!before || plan.gatherS < before.gatherS) planned.set(key, plan)
  }
  const hook = (id: string, ruleId?: string) =>
    add({ channel: 'webhook', to: `hook:${id}`, afterS: 0, language: 'en', gatherS: 0, ...(ruleId ? { ruleId } : {}) })
  const person = (one: Person, { gatherS, afterS, ruleId }: { gatherS: number; afterS: number; ruleId?: string }) => {
    const { settings, hasPush } = one
    if (!mayHear(one, type)) return
    const common = { to: `person:${one.id}`, language: settings.language, gatherS, afterS, ...(ruleId ? { ruleId } : {}) }
    if (hasMail && settings.byMail && settings.address) add({ ...common, channel: 'mail' })
    if (hasPush && settings.byPush) add({ ...common, channel: 'push' })
  }
  for (const { id, settings } of hooks) if (settings.events.length === 0 || (settings.events as string[]).includes(type)) hook(id)
  if (now.getTime() - at.getTime() > OLD_MS) return [...planned.values()]

  const byRule = (id: string, rule: RuleSettings) => {
    const { to, gatherS, language, unacknowledgedS } = rule
    // what nobody can acknowledge is not waited for
    if (unacknowledgedS !== undefined && panelKey === null) return
    const when = { gatherS, afterS: unacknowledgedS ?? 0, ruleId: id }
    for (const one of people.values()) {
      if (!to.people.includes(one.id) && !to.roles.includes(one.role)) continue
      if (!one.settings.muted.some((muted) => muted === type)) person(one, when)
    }
    if (hasMail) for (const address of to.addresses) add({ channel: 'mail', to: `address:${address}`, language, ...when })
    for (const connectionId of to.connections) add({ channel: 'connection', to: `connection:${connectionId}`, language, ...when })
    for (const hookId of to.webhooks) if (hooks.some(({ id: known }) => known === hookId)) hook(hookId, id)
  }
  for (const { id, settings } of rules) if (matches(settings, { type, severity, machineId: machineOf(data), at })) byRule(id, settings)
  for (const one of people.values())
    if (one.settings.more.some((more) => more === type) && !one.settings.muted.some((muted) => muted === type))
      person(one, { gatherS: OWN_GATHER_S, afterS: 0 })
  return [...planned.values()]
}

/**
 * Decides for every event that nobody has decided for. One host does it; what two did at the same time is one all the same.
 * @returns how many there were
 */
export async function routeEvents(db: Kysely<Database>, deps: { hasMail: () => Promise<boolean> }): Promise<number> {
  let count = 0
  for (;;) {
    const events = await db.selectFrom('notificationEvent').selectAll().where('routedAt', 'is', null).orderBy('n').limit(AT_ONCE).execute()
    if (!events.length) return count
    const everybody = { rules: await readRules(db), hooks: await readHooks(db), people: await readPeople(db), hasMail: await deps.hasMail() }
    const now = new Date()
    await db.transaction().execute(async (tx) => {
      const rows = events.flatMap((event) =>
        planOf(event, everybody, now).map(({ channel, to, afterS, language, ruleId, gatherS }) => ({
          id: newId('dlv'),
          eventId: event.id,
          channel,
          to,
          afterS,
          language,
          ruleId: ruleId ?? null,
          nextAt: new Date(now.getTime() + Math.max(gatherS * 1000, afterS * 1000 - (now.getTime() - event.at.getTime()))),
        })),
      )
      for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
        await tx
          .insertInto('notificationDelivery')
          .values(rows.slice(from, from + ROWS_AT_ONCE))
          .onConflict((conflict) => conflict.columns(['eventId', 'channel', 'to', 'afterS']).doNothing())
          .execute()
      await tx
        .updateTable('notificationEvent')
        .set({ routedAt: now })
        .where(
          'id',
          'in',
          events.map(({ id }) => id),
        )
        .execute()
    })
    count += events.length
    if (events.length < AT_ONCE) return count
  }
}
