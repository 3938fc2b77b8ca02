/** One thing at a time that the server is asked for, with what it refuses. */
import { useState } from 'react'
import { ApiError } from '../../shared/api.ts'

export function useDoing(): { isBusy: boolean; refusal: string | undefined; run: (work: () => Promise<void>) => Promise<void> } {
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const run = async (work: () => Promise<void>) => {
    setBusy(true)
    setRefusal(undefined)
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, refusal, run }
}

/** An id for an entry: the same one again is the same entry. */
export const newEntryId = (): string => `ent-${crypto.randomUUID()}`
