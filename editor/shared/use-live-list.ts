/** A list as the server has it: read again when a live topic says that something has changed. */
import { useEffect, useRef, useState } from 'react'
import { ApiError } from './api.ts'

export interface LiveList<Item> {
  list: Item[] | undefined
  error: ApiError | undefined
  isStale: boolean
  /** Reads now, e.g. after something was done. */
  refresh: () => void
}

/** @param live the topic, whose revision counts changes */
export function useLiveList<Item>(live: { value: { revision: number } | undefined; isStale: boolean }, readAll: () => Promise<Item[]>): LiveList<Item> {
  const [known, setKnown] = useState<{ list: Item[] | undefined; error: ApiError | undefined }>({ list: undefined, error: undefined })
  const [asked, ask] = useState(0)
  const reading = useRef(false)
  const again = useRef(false)
  const revision = live.value?.revision
  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` and `asked` say that there is something new
  useEffect(() => {
    const read = async (): Promise<void> => {
      // one at a time: a change a second must not become a heap of requests
      if (reading.current) {
        again.current = true
        return
      }
      reading.current = true
      try {
        do {
          again.current = false
          const list = await readAll()
          setKnown({ list, error: undefined })
        } while (again.current)
      } catch (error) {
        const problem = error instanceof ApiError ? error : new ApiError({ code: 'unknown', status: 0, message: String(error) })
        setKnown((before) => ({ ...before, error: problem }))
      } finally {
        reading.current = false
      }
    }
    void read()
  }, [revision, asked])
  return { ...known, isStale: live.isStale, refresh: () => ask((count) => count + 1) }
}
