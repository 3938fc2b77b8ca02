/** Webhooks as rows, and what a person does with them. */
import { X509Certificate } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { checker } from '../../../base/schema.ts'
import { addWebhook, changeWebhook, listWebhooks, removeWebhook, rotateWebhookSecret, type Webhook, WebhookSettings } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Secrets } from '../../secrets/index.ts'
import { json } from '../../store/index.ts'
import type { Database } from '../../store/tables.ts'
import { checkAddress } from '../reach.ts'
import { newSecret } from './sign.ts'

/** Time to bring the new secret to the receiver. */
const BOTH_MS = 86_400_000

type HookRow = Selectable<Database['webhook']>
export interface KeptHook extends Omit<HookRow, 'settings'> {
  settings: WebhookSettings
}

const stored = checker(WebhookSettings)
const from = (row: HookRow): KeptHook[] => (stored.is(row.settings) ? [{ ...row, settings: row.settings }] : [])

export const readHooks = async (db: Kysely<Database>): Promise<KeptHook[]> =>
  (await db.selectFrom('webhook').selectAll().orderBy('at').orderBy('id').execute()).flatMap(from)

/** @throws UserError `webhook-not-found` */
export async function readHook(db: Kysely<Database>, id: string): Promise<KeptHook> {
  const row = await db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst()
  const [hook] = row ? from(row) : []
  if (!hook) throw new UserError({ code: 'webhook-not-found', status: 404, message: 'There is no such webhook any more. Load the page again.' })
  return hook
}

export const toOfHook = (id: string): string => `hook:${id}`

/** @throws UserError `webhook-ca` */
export function checkCa(ca: string, code: 'webhook-ca' | 'mail-ca'): void {
  if (!ca) return
  try {
    new X509Certificate(ca)
  } catch (cause) {
    throw new UserError({
      code,
      status: 422,
      message: 'This is no certificate in PEM form ("-----BEGIN CERTIFICATE-----"). Give that of the authority, not its key.',
      cause,
    })
  }
}

export function createHooks(deps: { db: Kysely<Database>; secrets: Pick<Secrets, 'seal' | 'open'>; audit: Audit; onChanged: () => void }): {
  routes: RouteHandler[]
} {
  const { db, secrets, audit, onChanged } = deps

  const views = async (hooks: readonly KeptHook[]): Promise<Webhook[]> => {
    if (!hooks.length) return []
    const receivers = hooks.map(({ id }) => toOfHook(id))
    const counts = await db
      .selectFrom('notificationDelivery')
      .select(['to', 'state', sql<number>`count(*)::int`.as('count')])
      .where('channel', '=', 'webhook')
      .where('to', 'in', receivers)
      .where('state', 'in', ['waiting', 'dead'])
      .groupBy(['to', 'state'])
      .execute()
    const { rows: newest } = await sql<{ to: string; state: string; status: number | null; error: string | null; at: Date }>`
      select distinct on ("to") "to", state, status, error, coalesce("endedAt", "createdAt") as at from "notificationDelivery"
      where channel = 'webhook' and "to" = any(${receivers}) and attempts > 0 order by "to", "createdAt" desc, id desc`.execute(db)
    return hooks.map(({ id, settings, by, at, isGone, oldSecretUntil }) => {
      const to = toOfHook(id)
      const count = (state: string) => counts.find((one) => one.to === to && one.state === state)?.count ?? 0
      const last = newest.find((one) => one.to === to)
      return {
        id,
        ...settings,
        by,
        at: at.toISOString(),
        isGone,
        ...(oldSecretUntil && oldSecretUntil > new Date() ? { oldSecretUntil: oldSecretUntil.toISOString() } : {}),
        waiting: count('waiting'),
        dead: count('dead'),
        ...(last
          ? {
              last: {
                at: last.at.toISOString(),
                isSent: last.state === 'sent',
                ...(last.status === null ? {} : { status: last.status }),
                ...(last.error === null ? {} : { error: last.error }),
              },
            }
          : {}),
      }
    })
  }
  const view = async (id: string): Promise<Webhook> => {
    const [found] = await views([await readHook(db, id)])
    if (!found) throw new Error('a webhook that was read has a view')
    return found
  }
  const check = ({ url, allowsPrivate, ca }: WebhookSettings): void => {
    checkAddress(url, allowsPrivate)
    checkCa(ca, 'webhook-ca')
  }
  /** What of it stands in the audit log: an address may hold a key behind its `?`. */
  const told = ({ url, ca, ...settings }: WebhookSettings) => ({ ...settings, url: url.replace(/[?#].*$/, ''), ...(ca ? { ca: 'given' } : {}) })

  return {
    routes: [
      handle(listWebhooks, async () => views(await readHooks(db))),
      handle(addWebhook, async ({ body, caller }) => {
        check(body)
        const secret = newSecret()
        const id = newId('hok')
        await db
          .insertInto('webhook')
          .values({ id, settings: json(body), secret: secrets.seal(secret), by: caller.name })
          .execute()
        audit.record({ caller, action: 'webhook.add', target: id, detail: told(body) })
        onChanged()
        return { webhook: await view(id), secret }
      }),
      handle(changeWebhook, async ({ params: { webhookId }, body, caller }) => {
        const before = await readHook(db, webhookId)
        check(body)
        await db
          .updateTable('webhook')
          .set({ settings: json(body), by: caller.name, at: before.at, isGone: body.isOn ? false : before.isGone })
          .where('id', '=', webhookId)
          .execute()
        const action = before.settings.isOn === body.isOn ? 'webhook.change' : body.isOn ? 'webhook.resume' : 'webhook.pause'
        audit.record({ caller, action, target: webhookId, detail: { ...told(body), before: told(before.settings) } })
        onChanged()
        return view(webhookId)
      }),
      handle(removeWebhook, async ({ params: { webhookId }, caller }) => {
        const { settings } = await readHook(db, webhookId)
        await db.transaction().execute(async (tx) => {
          await tx.deleteFrom('webhook').where('id', '=', webhookId).execute()
          await tx.deleteFrom('notificationDelivery').where('channel', '=', 'webhook').where('to', '=', toOfHook(webhookId)).execute()
        })
        audit.record({ caller, action: 'webhook.remove', target: webhookId, detail: told(settings) })
        onChanged()
        return null
      }),
      handle(rotateWebhookSecret, async ({ params: { webhookId }, caller }) => {
        const { secret: before } = await readHook(db, webhookId)
        const secret = newSecret()
        await db
          .updateTable('webhook')
          .set({ secret: secrets.seal(secret), oldSecret: before, oldSecretUntil: new Date(Date.now() + BOTH_MS) })
          .where('id', '=', webhookId)
          .execute()
        audit.record({ caller, action: 'webhook.secret', target: webhookId })
        onChanged()
        return { webhook: await view(webhookId), secret }
      }),
    ],
  }
}
