/** Live values of connections for the nodes that watch them. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import type { CellwrightServices, TagNow } from '../../nodes/services.ts'
import type { runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'

const GATHER_MS = 20

export function createTagServices({ link, log }: { link: GatewayLink; log: Logger }): {
  services: Pick<CellwrightServices, 'onTag'>
  requests: Pick<RpcHandlers<typeof runtimeRpc>['requests'], 'tagValues'>
} {
  /** By connection and tag. */
  const watchers = new Map<string, Map<string, Set<(now: TagNow) => void>>>()
  let isWatchDue = false

  const tell = (connectionId: string, now: TagNow) => {
    for (const listener of [...(watchers.get(connectionId)?.get(now.tag) ?? [])]) {
      try {
        listener(now)
      } catch (error) {
        log.error({ err: error }, 'a node failed on a live value')
      }
    }
  }
  /** Several nodes start at once; the gateway gets one list. */
  const watch = () => {
    if (isWatchDue) return
    isWatchDue = true
    setTimeout(() => {
      isWatchDue = false
      if (!link.isConnected) return
      link
        .call('watchTags', { watched: [...watchers].map(([connectionId, tags]) => ({ connectionId, tags: [...tags.keys()] })) })
        .catch((error) => log.warn({ reason: messageOf(error) }, 'live values could not be asked for'))
    }, GATHER_MS)
  }
  link.onConnection((isConnected) => {
    if (isConnected) {
      if (watchers.size) watch()
      return
    }
    for (const [connectionId, tags] of watchers) for (const tag of tags.keys()) tell(connectionId, { tag, value: null, quality: 'bad', at: null })
  })

  return {
    services: {
      onTag({ connectionId, tag }, listener) {
        const tags = watchers.get(connectionId) ?? new Map<string, Set<(now: TagNow) => void>>()
        const set = tags.get(tag) ?? new Set()
        watchers.set(connectionId, tags.set(tag, set))
        set.add(listener)
        watch()
        return () => {
          if (!set.delete(listener) || set.size || tags.get(tag) !== set) return
          tags.delete(tag)
          if (!tags.size && watchers.get(connectionId) === tags) watchers.delete(connectionId)
          watch()
        }
      },
    },
    requests: {
      tagValues({ connectionId, values }) {
        for (const now of values) tell(connectionId, now)
        return null
      },
    },
  }
}
