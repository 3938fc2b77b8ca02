/** Who is signed in, asked once a page. */
import { useEffect, useState } from 'react'
import type { Capability } from '../../server/api/access.ts'
import { getMe, type Me } from '../../server/api/people.ts'
import { type ApiError, call, post } from './api.ts'

let asked: Promise<Me> | undefined
const watchers = new Set<() => void>()

/** The caller's account; a stranger is led to the sign-in page. @throws ApiError */
function me(): Promise<Me> {
  asked ??= call(getMe).catch((error: unknown) => {
    asked = undefined
    throw error
  })
  return asked
}

export function useMe(): { me: Me | undefined; error: ApiError | undefined } {
  const [known, setKnown] = useState<{ me: Me | undefined; error: ApiError | undefined }>({ me: undefined, error: undefined })
  useEffect(() => {
    let isGone = false
    const ask = () => {
      me().then(
        (found) => isGone || setKnown({ me: found, error: undefined }),
        (error: ApiError) => isGone || setKnown({ me: undefined, error }),
      )
    }
    ask()
    watchers.add(ask)
    return () => {
      isGone = true
      watchers.delete(ask)
    }
  }, [])
  return known
}

/** Somebody else is signed in on this page now, or nobody: asks again. */
export function askAgainWhoIsHere(): void {
  asked = undefined
  for (const watcher of watchers) watcher()
}

/** Whether a person may do something; false while unknown. The server checks again, always. */
export function may(person: Me | undefined, capability: Capability): boolean {
  return person?.capabilities.includes(capability) ?? false
}

/** Ends the session and shows the sign-in page. @throws ApiError */
export async function signOut(): Promise<void> {
  const answer = (await post('/api/auth/sign-out', {})) as { url?: string } | undefined
  // who came through a provider signs out there, too, and comes back
  location.assign(answer?.url ?? '/sign-in')
}
