/** Something that is fetched for what is chosen: anew when `key` is another one; the last one that was asked for counts. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from './api.ts'

export interface Loaded<T> {
  value: T | undefined
  error: string | undefined
  refresh: () => void
}

/**
 * Nothing is fetched while `key` is undefined. What was there before stays until the new one has come; when it does not come, only if `key` is the same.
 * @param news changes whenever the same thing is to be fetched anew: a form that is open on it is not lost when that fails once
 */
export function useLoad<T>(key: string | undefined, load: () => Promise<T>, news?: string | number): Loaded<T> {
  const [state, setState] = useState<{ key: string | undefined; value: T | undefined; error: string | undefined }>({
    key: undefined,
    value: undefined,
    error: undefined,
  })
  const [asked, ask] = useState(0)
  const latest = useRef(load)
  latest.current = load
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` and `news` say that it is wanted once more
  useEffect(() => {
    if (key === undefined) return
    let isGone = false
    latest.current().then(
      (value) => isGone || setState({ key, value, error: undefined }),
      (error: unknown) => {
        if (isGone) return
        if (!(error instanceof ApiError)) throw error
        setState((before) => ({ key, value: before.key === key ? before.value : undefined, error: error.message }))
      },
    )
    return () => {
      isGone = true
    }
  }, [key, asked, news])
  const refresh = useCallback(() => ask((count) => count + 1), [])
  return { value: key === undefined ? undefined : state.value, error: state.error, refresh }
}
