/** React's view of the session with the server. */
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { FlowSession } from './deploy/session.ts'

export const SessionContext = createContext<FlowSession | undefined>(undefined)

export function useSession(): FlowSession {
  const session = useContext(SessionContext)
  if (!session) throw new Error('There is no session around this component')
  useSyncExternalStore(session.watch, () => session.version)
  return session
}
