/**
 * What follows from something that is stored already: it must not be lost with a database that goes away between the two, since
 * whoever asks again finds nothing left to do. Tried until it is done; a gateway that ends looks for itself at its next start.
 */
import type { Logger } from '../../base/log.ts'

export interface FollowUps {
  /** Resolves when it was tried once; what fails is tried again behind that. @param work may be done twice */
  do(work: () => Promise<void>): Promise<void>
  close(): void
}

const PAUSE_MS = 1000

export function createFollowUps({ log, pauseMs = PAUSE_MS }: { log: Logger; pauseMs?: number }): FollowUps {
  const waiting = new Set<NodeJS.Timeout>()
  let isClosed = false
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (isClosed) return
      log.warn({ err: error }, 'what follows from steps that have ended could not be done; it is tried again')
      const timer = setTimeout(() => {
        waiting.delete(timer)
        void attempt(work)
      }, pauseMs)
      timer.unref()
      waiting.add(timer)
    }
  }
  return {
    do: attempt,
    close() {
      isClosed = true
      for (const timer of waiting) clearTimeout(timer)
    },
  }
}
