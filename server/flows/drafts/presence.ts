/** Who has the designer open, in memory only: it is news, not history. A window that is not heard of is gone. */
import { PRESENCE_GONE_MS, type Present } from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'

type Told = Omit<Present, 'client' | 'name' | 'userId' | 'since'>

export interface Presence {
  list(): Present[]
  tell(client: string, caller: Pick<Caller, 'name' | 'userId'>, told: Told): void
  /** Only one's own. */
  leave(client: string, userId: string): void
  close(): void
}

/** Many changes are told together: a selection drawn with the pointer changes often. */
const GATHER_MS = 150
const MOST_WINDOWS = 200
const MOST_WINDOWS_EACH = 20

interface Known extends Present {
  heardAt: number
}

/** @param publish everybody who is there, after each change */
export function createPresence({ publish, goneAfterMs = PRESENCE_GONE_MS }: { publish: (present: Present[]) => void; goneAfterMs?: number }): Presence {
  const windows = new Map<string, Known>()
  let gathering: NodeJS.Timeout | undefined
  const list = () => [...windows.values()].map(({ heardAt: _, ...present }) => present)
  const changed = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      publish(list())
    }, GATHER_MS)
  }
  const look = setInterval(() => {
    const limit = performance.now() - goneAfterMs
    for (const [client, { heardAt }] of windows) {
      if (heardAt > limit) continue
      windows.delete(client)
      changed()
    }
  }, goneAfterMs / 10)
  look.unref()

  return {
    list,
    tell(client, { name, userId }, told) {
      const known = windows.get(client)
      // the id of a window is no secret: nobody speaks for somebody else's
      if (known && known.userId !== userId) return
      if (!known && (windows.size >= MOST_WINDOWS || [...windows.values()].filter((one) => one.userId === userId).length >= MOST_WINDOWS_EACH)) return
      windows.set(client, { client, name, userId, since: known?.since ?? new Date().toISOString(), ...told, heardAt: performance.now() })
      const isNews = !known || JSON.stringify({ ...told }) !== JSON.stringify(toldOf(known))
      if (isNews) changed()
    },
    leave(client, userId) {
      if (windows.get(client)?.userId !== userId) return
      windows.delete(client)
      changed()
    },
    close() {
      clearInterval(look)
      clearTimeout(gathering)
    },
  }
}

function toldOf({ client: _1, name: _2, userId: _3, since: _4, heardAt: _5, ...told }: Known): Told {
  return told
}
