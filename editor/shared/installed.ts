/**
 * What a page owes to being installed on a device, and to a server that is updated while it is open: the service worker, and the word that a newer version of us is there.
 * An open page and its parts are of one version; a part that is asked for later may be of a build that is gone.
 */

/** The first load of a page has the line to itself. */
const AFTER_MS = 3_000

/** Where there is a secure line (browsers have no service workers elsewhere): shows a page of our own while the server is away. */
export function keepServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !isSecureContext) return
  const register = () =>
    setTimeout(() => {
      navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch((error: unknown) => {
        // a certificate that was taken past a warning; storage that is forbidden
        console.info('service worker:', error instanceof Error ? error.message : error)
      })
    }, AFTER_MS)
  if (document.readyState === 'complete') register()
  else addEventListener('load', register, { once: true })
}

/** The script a page begins with, which names its build. */
const entryOf = (of: Document): string | undefined => of.querySelector('script[type="module"][src]')?.getAttribute('src') ?? undefined

/** Whether the server has this page in another build than the one that is open; false while it cannot be asked. */
async function isOutdated(): Promise<boolean> {
  const mine = entryOf(document)
  if (mine === undefined) return false
  try {
    const answer = await fetch(location.pathname, {
      headers: { accept: 'text/html' },
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    if (!answer.ok || !(answer.headers.get('content-type') ?? '').includes('text/html')) return false
    const theirs = entryOf(new DOMParser().parseFromString(await answer.text(), 'text/html'))
    return theirs !== undefined && theirs !== mine
  } catch {
    return false
  }
}

/**
 * Calls back once when the server has another build of this page: looked at when the line was lost and is back, and when a part of the page could not be loaded.
 * @param watchLine tells when the line is back; returns what ends it
 */
export function watchForUpdate(onUpdate: () => void, watchLine: (onBack: () => void) => () => void): () => void {
  let isOver = false
  let looking = false
  const look = async () => {
    if (isOver || looking) return
    looking = true
    const found = await isOutdated()
    looking = false
    if (!found || isOver) return
    isOver = true
    onUpdate()
  }
  const onPart = () => void look()
  addEventListener('vite:preloadError', onPart)
  const end = watchLine(() => void look())
  return () => {
    isOver = true
    removeEventListener('vite:preloadError', onPart)
    end()
  }
}
