/** A long list, a part at a time: read anew from its beginning when `key` is another one or something has changed. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '../shared/api.ts'

export interface Pages<T> {
  list: readonly T[] | undefined
  error: string | undefined
  hasMore: boolean
  more: () => void
  refresh: () => void
}

/** @param load a part behind `last`, or the first one; shorter than `size` at the end */
export function usePages<T>(key: string, size: number, load: (last: T | undefined) => Promise<readonly T[]>): Pages<T> {
  const [state, setState] = useState<{ list: readonly T[] | undefined; error: string | undefined; hasMore: boolean }>({
    list: undefined,
    error: undefined,
    hasMore: false,
  })
  const [asked, ask] = useState(0)
  const latest = useRef(load)
  latest.current = load
  /** Counts questions: what answers an older one is too late. */
  const turn = useRef(0)
  const read = useCallback(
    async (before: readonly T[]) => {
      turn.current += 1
      const mine = turn.current
      try {
        const found = await latest.current(before.at(-1))
        if (mine === turn.current) setState({ list: [...before, ...found], error: undefined, hasMore: found.length >= size })
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        if (mine === turn.current) setState((now) => ({ ...now, error: error.message }))
      }
    },
    [size],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `asked` say that it is wanted anew
  useEffect(() => {
    void read([])
  }, [read, key, asked])
  return { ...state, more: () => void read(state.list ?? []), refresh: useCallback(() => ask((count) => count + 1), []) }
}
