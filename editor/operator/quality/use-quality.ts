/** What was measured today, read every few seconds while somebody shows it: measurements tell nothing live. */
import { useSyncExternalStore } from 'react'
import { listQualitySince, type QualityOfDay } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'

const LOOK_EVERY_MS = 10_000

let known: readonly QualityOfDay[] | undefined
let timer: ReturnType<typeof setInterval> | undefined
const watchers = new Set<() => void>()

const midnight = () => new Date(new Date().setHours(0, 0, 0, 0)).toISOString()

const look = () =>
  call(listQualitySince, { query: { from: midnight() } }).then(
    (found) => {
      // the same news draws nothing anew
      if (JSON.stringify(found) === JSON.stringify(known)) return
      known = found
      for (const watcher of watchers) watcher()
    },
    // the banner tells of a lost line; the next look is soon
    () => undefined,
  )

const watch = (watcher: () => void) => {
  watchers.add(watcher)
  if (timer === undefined) {
    void look()
    timer = setInterval(look, LOOK_EVERY_MS)
  }
  return () => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
const nothing = () => () => undefined

/** @returns undefined while it is not known, or not for this person's eyes */
export function useQuality(): readonly QualityOfDay[] | undefined {
  const { me } = useMe()
  const mayLook = may(me, 'runs.view')
  return useSyncExternalStore(mayLook ? watch : nothing, () => (mayLook ? known : undefined))
}
