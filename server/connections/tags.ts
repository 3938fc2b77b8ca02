/**
 * Live values of connections on their way to the flows that watch them, and to people who look. The newest counts: a runtime that is
 * busy gets the latest when it is ready for it. Only the host that holds the connections has them; to the flows of the others they
 * are unknown, so that what follows from a value happens once.
 */
import type { TagValue } from '../../adapters/contract.ts'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers, RpcParams } from '../../base/rpc.ts'
import type { BrowsedTag } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { HostLink } from './host-link.ts'

/** A runtime that does not answer for so long is told again what is known then. */
const ANSWER_MS = 10_000
const RETRY_MS = 500
const ASK_MS = 15_000
/** Somebody who looks asks again sooner than that. */
const LOOK_MS = 20_000

type Watch = RpcParams<typeof gatewayRpc, 'watchTags'>['watched']

export interface Tags {
  requests: Pick<RpcHandlers<typeof gatewayRpc>['requests'], 'watchTags'>
  /** What the connector host told. */
  told(params: { connectionId: string; values: readonly TagValue[] }): void
  /** Connections have begun here. */
  begun(): void
  /** Nobody here can say how values are. */
  ended(): void
  /** How these are, as far as it is known; they are watched for a while, so that the next look knows more. */
  look(connectionId: string, tags: readonly string[]): TagValue[]
  /** What can be watched. @throws UserError no-tags; OperationalError connection-off, connection-elsewhere */
  browse(connectionId: string, options: { withValues: boolean }): Promise<BrowsedTag[]>
  close(): void
}

export function createTags(deps: {
  log: Logger
  hosts: Pick<Hosts, 'leads' | 'leader'>
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
  link: () => Pick<HostLink, 'peer' | 'awaited'>
}): Tags {
  const { log, hosts, runtime, link } = deps
  /** By connection: what flows watch. */
  let watched = new Map<string, ReadonlySet<string>>()
  /** By connection and tag: looked at until then (epoch ms). */
  const looked = new Map<string, Map<string, number>>()
  const last = new Map<string, Map<string, TagValue>>()
  /** What the host was told to watch. */
  const asked = new Map<string, string>()
  /** Not sent to the runtime yet. */
  const due = new Map<string, Map<string, TagValue>>()
  const sending = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const unknown = (tag: string): TagValue => ({ tag, value: null, quality: 'bad', at: null })
  const wanted = (id: string): string[] => [...new Set([...(watched.get(id) ?? []), ...(looked.get(id)?.keys() ?? [])])].sort()
  const ask = (id: string) => {
    const tags = wanted(id)
    const text = tags.join('\n')
    if (!hosts.leads || asked.get(id) === text) return
    if (text) asked.set(id, text)
    else asked.delete(id)
    Promise.resolve()
      .then(() => link().peer().call('watchTags', { connectionId: id, tags }, { timeoutMs: ASK_MS }))
      .catch((error) => {
        // away: it is asked when it has begun
        if (asked.get(id) === text) asked.delete(id)
        log.debug({ connectionId: id, reason: messageOf(error) }, 'live values could not be asked for')
      })
  }
  const send = async (id: string): Promise<void> => {
    if (sending.has(id)) return
    sending.add(id)
    try {
      for (let values = due.get(id); values?.size; values = due.get(id)) {
        due.delete(id)
        await runtime.peer().call('tagValues', { connectionId: id, values: [...values.values()] }, { timeoutMs: ANSWER_MS })
      }
    } catch (error) {
      // one that is away asks again when it is back; what came while one hung is known by nobody else
      if (due.get(id)?.size) setTimeout(() => void send(id), RETRY_MS).unref()
      log.debug({ connectionId: id, reason: messageOf(error) }, 'live values did not reach the flows')
    } finally {
      sending.delete(id)
    }
  }
  const tell = (id: string, values: Iterable<TagValue>) => {
    const of = watched.get(id)
    if (!of) return
    const waiting = due.get(id) ?? new Map<string, TagValue>()
    for (const value of values) if (of.has(value.tag)) waiting.set(value.tag, value)
    if (!waiting.size) return
    due.set(id, waiting)
    void send(id)
  }
  const nobodyKnows = () => {
    asked.clear()
    for (const [id, values] of last) {
      for (const [tag, value] of values) values.set(tag, { ...value, quality: 'bad' })
      tell(id, values.values())
    }
  }
  const forgetLooks = () => {
    timer = undefined
    const now = Date.now()
    for (const [id, tags] of looked) {
      for (const [tag, until] of tags) if (until < now) tags.delete(tag)
      if (!tags.size) looked.delete(id)
      else timer ??= setTimeout(forgetLooks, LOOK_MS)
      ask(id)
    }
  }
  runtime.onConnection((isConnected) => {
    if (isConnected) return
    const before = watched
    watched = new Map()
    due.clear()
    for (const id of before.keys()) ask(id)
  })

  return {
    requests: {
      watchTags({ watched: list }: { watched: Watch }) {
        const before = watched
        watched = new Map(list.map(({ connectionId, tags }) => [connectionId, new Set(tags)]))
        for (const id of new Set([...before.keys(), ...watched.keys()])) ask(id)
        // also to those watched before: a node that begins to listen wants to know how things are
        setImmediate(() => {
          for (const [id, tags] of watched)
            tell(
              id,
              [...tags].map((tag) => last.get(id)?.get(tag) ?? unknown(tag)),
            )
        })
        return null
      },
    },
    told({ connectionId: id, values }) {
      const known = last.get(id) ?? new Map<string, TagValue>()
      const tags = new Set(wanted(id))
      for (const value of values) if (tags.has(value.tag)) known.set(value.tag, value)
      for (const tag of known.keys()) if (!tags.has(tag)) known.delete(tag)
      if (known.size) last.set(id, known)
      else last.delete(id)
      tell(id, values)
    },
    begun() {
      asked.clear()
      for (const id of new Set([...watched.keys(), ...looked.keys()])) ask(id)
    },
    ended: nobodyKnows,
    look(id, tags) {
      const of = looked.get(id) ?? new Map<string, number>()
      for (const tag of tags) of.set(tag, Date.now() + LOOK_MS)
      if (of.size) looked.set(id, of)
      timer ??= setTimeout(forgetLooks, LOOK_MS)
      ask(id)
      return tags.map((tag) => last.get(id)?.get(tag) ?? unknown(tag))
    },
    async browse(id, { withValues }) {
      if (!hosts.leads)
        throw new OperationalError({
          code: 'connection-elsewhere',
          message: `Host "${hosts.leader ?? '?'}" holds the connections; look there for live values, or write the tag by hand.`,
          details: { blanks: { host: hosts.leader ?? '?' } },
        })
      const found = await (await link().awaited()).call('browseTags', { connectionId: id }, { timeoutMs: ASK_MS })
      return found.map(({ tag, value, quality, at }) => ({
        tag,
        quality,
        ...(at === null ? {} : { at: new Date(at).toISOString() }),
        ...(withValues ? { value } : {}),
      }))
    },
    close: () => clearTimeout(timer),
  }
}
