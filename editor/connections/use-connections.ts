import { type Connection, listConnections } from '../../server/api/connections.ts'
import { call } from '../shared/api.ts'
import { useLive } from '../shared/live.ts'
import { type LiveList, useLiveList } from '../shared/use-live-list.ts'

export type Known = LiveList<Connection>

export function useConnections(): Known {
  return useLiveList(
    useLive('connections', (_before, change) => change),
    () => call(listConnections),
  )
}
