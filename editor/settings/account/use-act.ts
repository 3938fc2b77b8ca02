/** One thing at a time that may fail: what is being done, and why it failed. */
import { notifications } from '@mantine/notifications'
import { useState } from 'react'

export interface Act {
  /** What is being done. */
  busy: string | undefined
  problem: string | undefined
  /** @param work answers with what is then said */
  act: (what: string, work: () => Promise<string | undefined>) => Promise<void>
}

export function useAct(): Act {
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<string>()
  return {
    busy,
    problem,
    async act(what, work) {
      setBusy(what)
      setProblem(undefined)
      try {
        const said = await work()
        if (said !== undefined) notifications.show({ message: said })
      } catch (failed) {
        setProblem((failed as Error).message)
      } finally {
        setBusy(undefined)
      }
    },
  }
}
