/** What stands behind `#` in the address: which thing a page shows, so that it can be linked and the browser's back works. */
import { useSyncExternalStore } from 'react'

const watch = (changed: () => void) => {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}

/** The part behind `#`, and how to go to another one. */
export function useHash(): [string, (hash: string) => void] {
  const hash = useSyncExternalStore(watch, () => location.hash.slice(1))
  return [
    hash,
    (to) => {
      location.hash = to
    },
  ]
}
