/**
 * The runtime's connection to the gateway: opened again for ever while the gateway is away (it restarts; flows go
 * on running), with a measure of how far behind it is.
 */
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { openRpc, type RpcHandlers, type RpcNotice, type RpcParams, type RpcPeer, type RpcResult } from '../../base/rpc.ts'
import { gatewayRpc, runtimeRpc } from './contract.ts'

type Gateway = typeof gatewayRpc
type Method = keyof Gateway['requests'] & string
type Notice = keyof Gateway['notifications'] & string

export interface GatewayLink {
  readonly isConnected: boolean
  /** @throws OperationalError `gateway-away` at once while it is away, and what the gateway answers */
  call<K extends Method>(method: K, params: RpcParams<Gateway, K>): Promise<RpcResult<Gateway, K>>
  /** Waits for the gateway, and tries again while the gateway or its database is away, or the database's disk is full. */
  callPatiently<K extends Method>(method: K, params: RpcParams<Gateway, K>): Promise<RpcResult<Gateway, K>>
  /** Lost while the gateway is away. */
  notify<K extends Notice>(method: K, params: RpcNotice<Gateway, K>): void
  /** False while it is away or more than a megabyte behind. */
  hasRoom(): boolean
  /** Told at each change, and at once when connected already. */
  onConnection(listener: (isConnected: boolean) => void): () => void
  close(): void
}

const BEHIND_LIMIT_BYTES = 1_000_000
const LONGEST_PAUSE_MS = 2000
/** A gateway that was restarted is found soon: until then the history takes runs for broken off. */
const LONGEST_RECONNECT_MS = 300
/** Troubles that end without this side: gateway or database are away, or the database has no room just now. */
const PASSING = new Set(['gateway-away', 'connection-lost', 'timed-out', 'store-away', 'store-slow', 'store-full'])

/** What the gateway said at the first hello. */
export interface Welcome {
  allowedModules: string[]
}

/** Resolves with the first connection. */
export async function connectToGateway(options: {
  path: string
  token: string
  handlers: RpcHandlers<typeof runtimeRpc>
  log: Logger
}): Promise<{ link: GatewayLink; welcome: Welcome }> {
  const { path, token, handlers, log } = options
  const listeners = new Set<(isConnected: boolean) => void>()
  let peer: RpcPeer<Gateway> | undefined
  let socket: Socket | undefined
  let isClosed = false
  let isFirst: (welcome: Welcome) => void
  const first = new Promise<Welcome>((resolve) => {
    isFirst = resolve
  })
  const away = () =>
    new OperationalError({ code: 'gateway-away', message: 'The gateway does not answer just now. Nothing was sent; try again when it is back.' })

  async function connectOnce(): Promise<void> {
    const attempt = createConnection(path)
    await new Promise<void>((resolve, reject) => {
      attempt.once('connect', resolve)
      attempt.once('error', reject)
    })
    const opened = openRpc({
      socket: attempt,
      serves: runtimeRpc,
      handlers,
      calls: gatewayRpc,
      onBug: (error, method) => log.error({ err: error, method }, 'request of the gateway failed'),
    })
    try {
      const welcome = await opened.call('hello', { token }, { timeoutMs: 10_000 })
      isFirst(welcome)
    } catch (error) {
      opened.close()
      throw error
    }
    socket = attempt
    peer = opened
    for (const listener of listeners) listener(true)
    await opened.closed
    peer = undefined
    socket = undefined
    if (!isClosed) for (const listener of listeners) listener(false)
  }

  async function stayConnected(): Promise<void> {
    let pauseMs = 50
    while (!isClosed) {
      const startedAt = Date.now()
      try {
        await connectOnce()
        log.info('the gateway went away')
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'no connection to the gateway')
      }
      pauseMs = Date.now() - startedAt > 5000 ? 50 : Math.min(pauseMs * 2, LONGEST_RECONNECT_MS)
      if (!isClosed) await sleep(pauseMs)
    }
  }
  stayConnected().catch((error) => log.error({ err: error }, 'connection to the gateway given up'))

  const link: GatewayLink = {
    get isConnected() {
      return peer !== undefined
    },
    async call(method, params) {
      if (!peer) throw away()
      return peer.call(method, params)
    },
    async callPatiently(method, params) {
      for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        try {
          if (!peer) throw away()
          return await peer.call(method, params)
        } catch (error) {
          if (isClosed || !(error instanceof OperationalError) || !PASSING.has(error.code)) throw error
          log.warn({ method, reason: error.message }, 'the gateway could not answer; trying again')
          await sleep(pauseMs)
        }
      }
    },
    notify(method, params) {
      peer?.notify(method, params)
    },
    hasRoom: () => socket !== undefined && socket.writableLength < BEHIND_LIMIT_BYTES,
    onConnection(listener) {
      listeners.add(listener)
      if (peer) listener(true)
      return () => listeners.delete(listener)
    },
    close() {
      isClosed = true
      peer?.close()
    },
  }
  return { link, welcome: await first }
}
