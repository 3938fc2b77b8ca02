/** Tags of connections in a rehearsal: nobody is connected, so each is what a step says it is. */
import { UserError } from '../../../base/errors.ts'
import type { RpcPeer } from '../../../base/rpc.ts'
import type { TagNow } from '../../../nodes/services.ts'
import type { runtimeRpc } from '../../runtime/contract.ts'
import { ANSWER_MS } from './patience.ts'

export class Tags {
  readonly #peer: () => RpcPeer<typeof runtimeRpc>
  /** By connection, then tag. */
  readonly #known = new Map<string, Map<string, TagNow>>()
  #watched = new Map<string, ReadonlySet<string>>()

  constructor(peer: () => RpcPeer<typeof runtimeRpc>) {
    this.#peer = peer
  }

  /** The whole list; whoever begins to watch hears what is known. */
  watch(watched: readonly { connectionId: string; tags: readonly string[] }[]): null {
    const before = this.#watched
    this.#watched = new Map(watched.map(({ connectionId, tags }) => [connectionId, new Set(tags)]))
    for (const { connectionId, tags } of watched) {
      const values = tags.flatMap((tag) => (before.get(connectionId)?.has(tag) ? [] : (this.#known.get(connectionId)?.get(tag) ?? [])))
      // after the answer
      if (values.length) setImmediate(() => void this.#tell(connectionId, values).catch(() => {}))
    }
    return null
  }

  /** @throws UserError nobody-listens */
  async say(connectionId: string, now: TagNow): Promise<void> {
    if (!this.#watched.get(connectionId)?.has(now.tag))
      throw new UserError({ code: 'nobody-listens', message: `No flow that takes part looks at the tag "${now.tag}" of this connection.` })
    this.#known.set(connectionId, (this.#known.get(connectionId) ?? new Map()).set(now.tag, now))
    await this.#tell(connectionId, [now])
  }

  #tell(connectionId: string, values: TagNow[]): Promise<unknown> {
    return this.#peer().call('tagValues', { connectionId, values }, { timeoutMs: ANSWER_MS })
  }
}
