/** Tells one program of one event. */
import type { Kysely } from 'kysely'
import { messageOf, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import { eventInWords, type NotificationEvent, testWebhook } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Secrets } from '../../secrets/index.ts'
import type { Database } from '../../store/tables.ts'
import type { Outcome } from '../outbox.ts'
import { post } from '../reach.ts'
import type { Way } from '../sender.ts'
import { type KeptHook, readHook, readHooks, toOfHook } from './hooks.ts'
import { signed } from './sign.ts'

/** The specification asks for 15 to 30 seconds. */
const TIMEOUT_MS = 15_000

/** What is sent of an event. */
function bodyOf(event: NotificationEvent): string {
  const { id, type, severity, at, data } = event
  return JSON.stringify({ id, type, timestamp: at, severity, title: eventInWords(event, 'en').title, data })
}

export interface HookSending {
  way: Way
  /** Receivers that are paused: what is for them waits. */
  closed(): Promise<string[]>
  routes: RouteHandler[]
}

export function createHookSending(deps: {
  db: Kysely<Database>
  secrets: Pick<Secrets, 'open'>
  audit: Audit
  onChanged: () => void
  /** Only for tests. @defaultValue {@link TIMEOUT_MS} */
  timeoutMs?: (() => number) | undefined
}): HookSending {
  const { db, secrets, audit, onChanged, timeoutMs = () => TIMEOUT_MS } = deps

  const tell = async (hook: KeptHook, event: NotificationEvent, signal?: AbortSignal): Promise<Outcome> => {
    const { url, allowsPrivate, ca } = hook.settings
    const body = bodyOf(event)
    const old = hook.oldSecret !== null && hook.oldSecretUntil && hook.oldSecretUntil > new Date() ? [hook.oldSecret] : []
    const signature = signed({ id: event.id, at: Date.now(), body, secrets: [hook.secret, ...old].map((sealed) => secrets.open(sealed)) })
    try {
      const { status, retryAfterS } = await post({
        url,
        allowsPrivate,
        ca,
        timeoutMs: timeoutMs(),
        ...(signal ? { signal } : {}),
        headers: { 'content-type': 'application/json', 'user-agent': 'Cellwright-Webhook', ...signature },
        body,
      })
      if (status >= 200 && status < 300) return { what: 'sent', status }
      // the specification: the receiver wants nothing any more
      if (status === 410) return { what: 'dead', status, error: 'The receiver is gone (410): the webhook was paused.' }
      const error =
        status >= 300 && status < 400 ? `It answered ${status}: a redirect is not followed. Enter the address that it leads to.` : `It answered ${status}.`
      return { what: 'again', status, error, ...(retryAfterS === undefined ? {} : { waitS: retryAfterS }) }
    } catch (error) {
      // an address that may not be asked may be allowed by a person; until then there is no use in trying
      return error instanceof UserError ? { what: 'dead', error: error.message } : { what: 'again', error: messageOf(error) }
    }
  }

  return {
    way: {
      async send({ to, rows }, signal) {
        const [row] = rows
        const hook = (await readHooks(db)).find(({ id }) => toOfHook(id) === to)
        if (!row || !hook) return { what: 'dropped', error: 'The webhook was removed.' }
        const outcome = await tell(hook, row.event, signal)
        if (outcome.what === 'dead' && outcome.status === 410) {
          const settings = JSON.stringify({ ...hook.settings, isOn: false })
          await db.updateTable('webhook').set({ settings, isGone: true }).where('id', '=', hook.id).execute()
          audit.record({ who: 'Cellwright', via: 'system', action: 'webhook.pause', target: hook.id, detail: { name: hook.settings.name, why: '410 Gone' } })
          onChanged()
        }
        return outcome
      },
    },
    closed: async () => (await readHooks(db)).filter(({ settings }) => !settings.isOn).map(({ id }) => toOfHook(id)),
    routes: [
      handle(testWebhook, async ({ params: { webhookId }, caller }) => {
        const hook = await readHook(db, webhookId)
        const from = performance.now()
        const event: NotificationEvent = { id: newId('ntf'), type: 'test', severity: 'info', at: new Date().toISOString(), data: { by: caller.name } }
        const outcome = await tell(hook, event)
        audit.record({ caller, action: 'webhook.test', target: webhookId, detail: { name: hook.settings.name, isSent: outcome.what === 'sent' } })
        return {
          isSent: outcome.what === 'sent',
          ms: Math.round(performance.now() - from),
          ...('status' in outcome && outcome.status !== undefined ? { status: outcome.status } : {}),
          ...('error' in outcome ? { error: outcome.error } : {}),
        }
      }),
    ],
  }
}
