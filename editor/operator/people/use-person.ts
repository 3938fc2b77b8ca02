/** Who is at this panel, and the ways one comes and goes without the page being left: STOP and HOLD stay where they are. */
import { useEffect, useRef } from 'react'
import { lockSession } from '../../../server/api/panel.ts'
import { type Me, signInWithBadge } from '../../../server/api/people.ts'
import { call, stayWhenSignedOut } from '../../shared/api.ts'
import { askAgainWhoIsHere } from '../../shared/me.ts'
import { useBadgeCode } from '../../sign-in/pin-sign-in.tsx'

export interface PersonAtPanel {
  /** Signs the person out; what needs nobody stays. */
  leave(): Promise<void>
  signedIn(): void
}

/** @param onProblem a badge that nobody has, a server that does not answer */
export function usePerson(me: Me | undefined, onProblem: (message: string) => void): PersonAtPanel {
  const comes = useRef<Promise<unknown>>(undefined)
  const leave = async () => {
    await call(lockSession, {})
    askAgainWhoIsHere()
  }
  const signedIn = () => askAgainWhoIsHere()
  useBadgeCode((code) => {
    const work = async () => {
      // the one before leaves first: nothing of theirs stays open
      if (me && !me.isLocked) await call(lockSession, {})
      await call(signInWithBadge, { body: { code } })
    }
    comes.current = work()
      .catch((error: Error) => onProblem(error.message))
      .finally(() => {
        comes.current = undefined
        askAgainWhoIsHere()
      })
  })
  useEffect(
    () =>
      stayWhenSignedOut(async () => {
        // a session ends when the next person comes: their own is under way
        if (comes.current) return void (await comes.current)
        for (let look = 0; look < LOOKS; look += 1) {
          await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
          // by badge: it began after this session had ended
          if (comes.current) return void (await comes.current)
          const answer = await fetch('/api/me', { credentials: 'same-origin', headers: { 'x-cellwright': '1' } })
          if (answer.status !== 401) return
        }
        location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`)
        await new Promise(() => {})
      }),
    [],
  )
  return { leave, signedIn }
}

/** The answer that brings the next session comes a moment after the last one ended; over a slow line a long one. */
const SETTLE_MS = 400
const LOOKS = 8
