import { useEffect, useState } from 'react'
import { listTriggers, type TriggerView } from '../../server/api/triggers.ts'
import { call } from '../shared/api.ts'
import { useLive } from '../shared/live.ts'
import { type LiveList, useLiveList } from '../shared/use-live-list.ts'

export type Known = LiveList<TriggerView>

export function useTriggers(): Known {
  return useLiveList(
    useLive('triggers', (_before, change) => change),
    () => call(listTriggers),
  )
}

/** The time, once a second while the page is seen. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(Date.now())
    }, 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
