/** The gateway's socket for the flow runtime: one runtime at a time, which says the token first. */

import { timingSafeEqual } from 'node:crypto'
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { openRpc, type RpcHandlers, type RpcPeer } from '../../base/rpc.ts'
import { gatewayRpc, runtimeRpc } from '../runtime/contract.ts'

type GatewayHandlers = RpcHandlers<typeof gatewayRpc>

/** Answers that a part of the gateway brings. */
export interface RpcPart {
  requests?: Partial<GatewayHandlers['requests']>
  notifications?: Partial<GatewayHandlers['notifications']>
}

export interface RuntimeLink {
  readonly isConnected: boolean
  /** @throws OperationalError runtime-away */
  peer(): RpcPeer<typeof runtimeRpc>
  /** The peer, as soon as there is one: just after a start the runtime is still on its way. @throws OperationalError runtime-away after the time */
  arrival(timeoutMs: number): Promise<RpcPeer<typeof runtimeRpc>>
  onConnection(listener: (isConnected: boolean) => void): void
  listen(): Promise<void>
  close(): Promise<void>
}

const HELLO_MS = 10_000

export function createRuntimeLink(options: {
  path: string
  token: string
  /** Asked when the runtime begins. */
  allowedModules: () => readonly string[]
  /** Looked up at each call: parts may be added until the runtime connects. */
  find: (group: 'requests' | 'notifications', name: string) => ((params: never) => unknown) | undefined
  log: Logger
}): RuntimeLink {
  const { path, token, allowedModules, find, log } = options
  const listeners: ((isConnected: boolean) => void)[] = []
  const sockets = new Set<Socket>()
  let current: RpcPeer<typeof runtimeRpc> | undefined

  const tell = (isConnected: boolean) => {
    for (const listener of listeners) listener(isConnected)
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    let isWelcome = false
    let isGone = false
    const impatience = setTimeout(() => socket.destroy(), HELLO_MS)
    const peer: RpcPeer<typeof runtimeRpc> = openRpc({
      socket,
      serves: gatewayRpc,
      calls: runtimeRpc,
      onBug: (error, method) => log.error({ err: error, method }, 'request of the runtime failed'),
      handlers: {
        notifications: answers(gatewayRpc.notifications, (name, params) => {
          if (isWelcome) find('notifications', name)?.(params)
        }),
        requests: {
          ...answers(gatewayRpc.requests, (name, params) => {
            if (!isWelcome) throw new UserError({ code: 'hello-first', status: 401, message: 'Say hello first.' })
            const handler = find('requests', name)
            if (!handler) throw new UserError({ code: 'not-supported', status: 501, message: `Nothing in this gateway answers "${name}".` })
            return handler(params)
          }),
          hello({ token: given }: { token: string }) {
            if (!isSame(given, token)) throw new UserError({ code: 'wrong-token', status: 401, message: 'This is not the flow runtime of this instance.' })
            clearTimeout(impatience)
            isWelcome = true
            const earlier = current
            // a new runtime while the old connection lingers: the new one counts
            if (earlier) earlier.close()
            // after the answer is on its way: what listeners send must not come before it
            setImmediate(() => {
              if (isGone) return
              current = peer
              tell(true)
            })
            return { allowedModules: [...allowedModules()] }
          },
        },
      } as GatewayHandlers,
    })
    peer.closed.then(() => {
      isGone = true
      clearTimeout(impatience)
      if (current !== peer) return
      current = undefined
      tell(false)
    })
  })

  const peerNow = () => {
    if (!current)
      throw new OperationalError({
        code: 'runtime-away',
        message: 'The flow runtime is not running just now. It is started again by itself; try again in a few seconds.',
      })
    return current
  }
  const awaited = new Set<() => void>()
  listeners.push((isConnected) => {
    if (isConnected) for (const arrive of awaited) arrive()
  })

  return {
    get isConnected() {
      return current !== undefined
    },
    peer: peerNow,
    async arrival(timeoutMs) {
      if (!current) {
        await new Promise<void>((resolve) => {
          const arrive = () => {
            clearTimeout(timer)
            awaited.delete(arrive)
            resolve()
          }
          const timer = setTimeout(arrive, timeoutMs)
          awaited.add(arrive)
        })
      }
      return peerNow()
    },
    onConnection(listener) {
      listeners.push(listener)
    },
    async listen() {
      if (process.platform !== 'win32') await rm(path, { force: true })
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, resolve)
      })
      if (process.platform !== 'win32') await chmod(path, 0o600)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** One function a name of the contract, all leading to `answer`. */
function answers(contract: object, answer: (name: string, params: never) => unknown): Record<string, (params: never) => unknown> {
  return Object.fromEntries(Object.keys(contract).map((name) => [name, (params: never) => answer(name, params)]))
}
