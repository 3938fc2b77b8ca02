/** React's view of who else is in the designer. */
import { useSyncExternalStore } from 'react'
import type { Present } from '../../../server/api/together.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useHost } from '../host/use-host.ts'
import { PresenceClient } from './presence-client.ts'

const clients = new WeakMap<DesignerHost, PresenceClient>()

/** The one of this page. */
export function presenceOf(host: DesignerHost): PresenceClient {
  const known = clients.get(host)
  if (known) return known
  const made = new PresenceClient(host)
  clients.set(host, made)
  return made
}

/** Everybody else, other windows of this person too. */
export function usePeople(): readonly Present[] {
  const presence = presenceOf(useHost())
  return useSyncExternalStore(presence.watch, () => presence.people)
}
