/** What a person asked for and the server does: that it is being done, and why it was not. */
import { useState } from 'react'
import { ApiError } from './api.ts'

interface DoingState<What> {
  /** What was begun last and is not done yet. */
  busy: What | undefined
  /** Why the last one could not be done, or what {@link Doing.say} said; nothing from the next try on. */
  error: unknown
}

interface Deeds<What> {
  /**
   * Does it. What throws becomes the `error`; nothing is thrown on, and nothing is told to a page that is no longer there.
   * @param what tells several apart that may be done at the same time; the same one twice is done once. @defaultValue there is only one
   */
  run: (work: () => Promise<unknown>, what?: What) => Promise<void>
  /** What is wrong although nothing was asked for yet; undefined: nothing is wrong any more. */
  say: (problem: string | undefined) => void
}

export interface Doing<What extends string> extends DoingState<What>, Deeds<What> {
  isBusy: boolean
  /** The `error` in words. */
  problem: string | undefined
}

/**
 * The part of {@link useDoing} that does not need a page.
 * @param tell how it is from now on
 */
export function createDoing<What extends string>(tell: (change: (before: DoingState<What>) => DoingState<What>) => void): Deeds<What> {
  const begun = new Set<What | undefined>()
  return {
    async run(work, what) {
      // two presses come before the page shows the first one
      if (begun.has(what)) return
      begun.add(what)
      tell(() => ({ busy: what ?? ('it' as What), error: undefined }))
      try {
        await work()
      } catch (error) {
        // no refusal, but a fault of the page or its browser: a developer wants its stack
        if (!(error instanceof ApiError)) reportError(error)
        tell((before) => ({ ...before, error }))
      } finally {
        begun.delete(what)
        tell((before) => (before.busy === (what ?? 'it') ? { ...before, busy: undefined } : before))
      }
    },
    say(problem) {
      tell((before) => ({ ...before, error: problem }))
    },
  }
}

/**
 * For buttons that ask the server for something: shows that it is done, and what was refused, and does not do it twice at once.
 * @param words of an error. @defaultValue its message
 */
export function useDoing<What extends string>(words: (error: unknown) => string = messageOf): Doing<What> {
  const [state, setState] = useState<DoingState<What>>({ busy: undefined, error: undefined })
  const [deeds] = useState(() => createDoing<What>(setState))
  const { busy, error } = state
  return {
    ...state,
    ...deeds,
    isBusy: busy !== undefined,
    problem: error === undefined ? undefined : typeof error === 'string' ? error : words(error),
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
