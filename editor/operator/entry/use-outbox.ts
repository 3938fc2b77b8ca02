/** What waits to be stored, for views; and whoever keeps sending it as long as the panel is open. */
import { useEffect, useSyncExternalStore } from 'react'
import { useLine } from '../../shared/live.ts'
import { outbox, type Waiting } from './outbox.ts'

export const useWaiting = (): readonly Waiting[] => useSyncExternalStore(outbox.subscribe, outbox.waiting)

/** @param name who is signed in at this panel */
export function useSending(name: string | undefined): void {
  const { state } = useLine()
  const isThere = state !== 'lost'
  useEffect(() => {
    outbox.isFor(name)
    if (isThere && name !== undefined) outbox.send()
  }, [isThere, name])
  const waits = useWaiting().some(({ refusal }) => refusal === undefined)
  useEffect(() => {
    if (!waits) return
    // the browser asks before it closes the page; what waits is kept all the same
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [waits])
}
