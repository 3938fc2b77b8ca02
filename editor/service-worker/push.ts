/** Messages while no page is open. The worker keeps nothing of what it is told, and opens pages of this server only. */
import type { PushEvent, WorkerScope } from './scope.ts'

/** What the server sends (server/notifications/push/send.ts). */
interface Told {
  title: string
  body?: string
  /** A message with the same one takes the place of the one before. */
  tag?: string
  lang?: string
  url?: string
  isAlarm?: boolean
}

function told(event: PushEvent): Told {
  try {
    return event.data?.json() as Told
  } catch {
    // browsers take the right to push away from who shows nothing
    return { title: 'Cellwright' }
  }
}

export function showMessages(scope: WorkerScope): void {
  scope.addEventListener('push', (event) => {
    const { title, body = '', tag = '', lang = '', url, isAlarm } = told(event) ?? { title: 'Cellwright' }
    // an alarm stays until somebody has seen it
    event.waitUntil(scope.registration.showNotification(title, { body, tag, lang, data: { url }, requireInteraction: isAlarm === true }))
  })

  scope.addEventListener('notificationclick', (event) => {
    event.notification.close()
    const url = new URL((event.notification.data as { url?: string } | null)?.url ?? '/', scope.location.origin)
    if (url.origin !== scope.location.origin) return
    const show = async () => {
      const all = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
      const open = all.find((client) => new URL(client.url).pathname === url.pathname)
      await (open ? open.focus() : scope.clients.openWindow(url.href))
    }
    event.waitUntil(show())
  })

  // the browser has taken another address: the server is told, as the person who is signed in
  scope.addEventListener('pushsubscriptionchange', (event) => {
    const options = event.oldSubscription?.options
    if (!options) return
    const renew = async () => {
      const subscription = event.newSubscription ?? (await scope.registration.pushManager.subscribe(options as PushSubscriptionOptionsInit))
      const { endpoint, keys } = subscription.toJSON()
      await fetch('/api/notifications/mine/devices', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-cellwright': '1' },
        body: JSON.stringify({ endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth }, name: 'Browser' }),
      })
    }
    event.waitUntil(renew())
  })
}
