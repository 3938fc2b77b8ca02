/** Which live values of each connection are wanted, and their way to the gateway: the newest of each, ten times a second at most. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RunningConnector, TagValue } from '../contract.ts'

/** Ten values a second of each tag are as many as conditions get of a machine. */
const GATHER_MS = 100

export interface HostTags {
  /** All that is wanted of a connection; stays so when it is closed and begun again. */
  want(connectionId: string, tags: readonly string[], running: RunningConnector | undefined): Promise<void>
  /** A connection has begun. */
  began(connectionId: string, running: RunningConnector): void
  /** It has ended, or failed: nobody can say how its values are. */
  ended(connectionId: string): void
  /** The gateway went; it says anew what it wants. */
  forget(): void
}

export function createHostTags(options: { log: Logger; send: (connectionId: string, values: TagValue[]) => void }): HostTags {
  const { log, send } = options
  interface Watched {
    tags: ReadonlySet<string>
    last: Map<string, TagValue>
    /** Not sent yet. */
    fresh: Map<string, TagValue>
    timer?: NodeJS.Timeout | undefined
    /** Of which watching what is told is: an earlier one is over. */
    turn: number
  }
  const connections = new Map<string, Watched>()
  const never = (tag: string): TagValue => ({ tag, value: null, quality: 'bad', at: null })

  const tell = (id: string, one: Watched, value: TagValue) => {
    if (!one.tags.has(value.tag)) return
    one.last.set(value.tag, value)
    one.fresh.set(value.tag, value)
    one.timer ??= setTimeout(() => {
      one.timer = undefined
      const values = [...one.fresh.values()]
      one.fresh.clear()
      if (connections.get(id) === one && values.length) send(id, values)
    }, GATHER_MS)
  }
  const watch = async (id: string, one: Watched, running: RunningConnector) => {
    one.turn += 1
    const { turn } = one
    try {
      await running.tags?.watch([...one.tags], (value) => {
        if (one.turn === turn && connections.get(id) === one) tell(id, one, value)
      })
    } catch (error) {
      log.info({ connectionId: id, reason: messageOf(error) }, 'live values cannot be watched just now')
    }
  }

  return {
    async want(id, tags, running) {
      const before = connections.get(id)
      if (!tags.length) {
        clearTimeout(before?.timer)
        connections.delete(id)
        await running?.tags?.watch([], () => {})
        return
      }
      const one: Watched = before ?? { tags: new Set(), last: new Map(), fresh: new Map(), turn: 0 }
      one.tags = new Set(tags)
      connections.set(id, one)
      for (const tag of [...one.last.keys()]) if (!one.tags.has(tag)) one.last.delete(tag)
      // whoever asks wants to know how things are, also of what was watched before
      for (const tag of one.tags) tell(id, one, one.last.get(tag) ?? never(tag))
      if (running) await watch(id, one, running)
    },
    began(id, running) {
      const one = connections.get(id)
      if (one) void watch(id, one, running)
    },
    ended(id) {
      const one = connections.get(id)
      if (!one) return
      one.turn += 1
      for (const tag of one.tags) tell(id, one, { ...(one.last.get(tag) ?? never(tag)), quality: 'bad' })
    },
    forget() {
      for (const { timer } of connections.values()) clearTimeout(timer)
      connections.clear()
    },
  }
}
