/** Does what a person asked for and says so when it did not work. */
import { notifications } from '@mantine/notifications'
import { useCallback } from 'react'
import { useJobsText } from './use-jobs-text.ts'

export function useAct(): <T>(work: () => Promise<T>, done?: string) => Promise<T | undefined> {
  const text = useJobsText()
  return useCallback(
    async (work, done) => {
      try {
        const result = await work()
        if (done !== undefined) notifications.show({ message: done })
        return result
      } catch (error) {
        notifications.show({ color: 'red', title: text.failed, message: (error as Error).message })
        return undefined
      }
    },
    [text],
  )
}
