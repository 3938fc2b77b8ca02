/**
 * What is shown when the server cannot be reached: one page that says so, and nothing else. No page, no state of a machine and no answer of the API is ever kept:
 * what is shown comes from the server now, or is not shown. So no version of us is ever mixed with another, and a sign-out leaves nothing behind.
 */
import type { WorkerScope } from './scope.ts'

/** The page and what it needs, with the names of this build: put in by build/pages.ts. */
declare const OFFLINE_FILES: readonly string[]

const PAGE = '/offline.html'
/** Of this build: another has another one. */
const cacheName = () => `offline ${OFFLINE_FILES.join(' ')}`

export function serveOffline(scope: WorkerScope): void {
  scope.addEventListener('install', (event) => {
    const keep = async () => {
      const cache = await caches.open(cacheName())
      // not what the browser still has of the build before
      await cache.addAll(OFFLINE_FILES.map((file) => new Request(file, { cache: 'reload' })))
      await scope.skipWaiting()
    }
    event.waitUntil(keep())
  })

  scope.addEventListener('activate', (event) => {
    const begin = async () => {
      for (const name of await caches.keys()) if (name.startsWith('offline ') && name !== cacheName()) await caches.delete(name)
      // pages are asked for while this worker still starts
      await scope.registration.navigationPreload?.enable()
      await scope.clients.claim()
    }
    event.waitUntil(begin())
  })

  scope.addEventListener('fetch', (event) => {
    const { request } = event
    const url = new URL(request.url)
    if (url.origin !== location.origin || request.method !== 'GET') return
    if (request.mode === 'navigate') {
      const page = async () => {
        try {
          return (await event.preloadResponse) ?? (await fetch(request))
        } catch (error) {
          const kept = await caches.match(PAGE)
          if (!kept) throw error
          return kept
        }
      }
      event.respondWith(page())
      return
    }
    // what the offline page itself is made of
    if (!OFFLINE_FILES.includes(url.pathname)) return
    const file = async () => (await caches.match(url.pathname)) ?? (await fetch(request))
    event.respondWith(file())
  })
}
