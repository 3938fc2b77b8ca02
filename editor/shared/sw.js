/**
 * The one service worker of the pages, at /sw.js: it shows messages while no page is open. It keeps nothing of what it is told, and
 * opens pages of this server only.
 */
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

const told = (event) => {
  try {
    return event.data.json()
  } catch {
    // browsers take the right to push away from who shows nothing
    return { title: 'Cellwright' }
  }
}

self.addEventListener('push', (event) => {
  const { title, body, tag, url, isAlarm, lang } = told(event)
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      tag,
      lang,
      data: { url },
      // an alarm stays until somebody has seen it
      requireInteraction: isAlarm === true,
    }),
  )
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.url ?? '/', self.location.origin)
  if (url.origin !== self.location.origin) return
  const show = async () => {
    const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
    const open = all.find((client) => new URL(client.url).pathname === url.pathname)
    await (open ? open.focus() : self.clients.openWindow(url.href))
  }
  event.waitUntil(show())
})

/** The browser has taken another address: the server is told, as the person who is signed in. */
self.addEventListener('pushsubscriptionchange', (event) => {
  const options = event.oldSubscription?.options
  if (!options) return
  const renew = async () => {
    const subscription = event.newSubscription ?? (await self.registration.pushManager.subscribe(options))
    const { endpoint, keys } = subscription.toJSON()
    await fetch('/api/notifications/mine/devices', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cellwright': '1' },
      body: JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth }, name: 'Browser' }),
    })
  }
  event.waitUntil(renew())
})
