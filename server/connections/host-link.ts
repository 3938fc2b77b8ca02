/** The gateway's end of the connector host's socket: lets the host in with its token, and knows whether it is there. */
import { timingSafeEqual } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { hostAsks, hostRpc } from '../../adapters/host-contract.ts'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { openRpc, type RpcHandlers, type RpcPeer } from '../../base/rpc.ts'

const HELLO_MS = 5000
/** It is away for about a second when it starts with the product, and when it is started again: no reason to refuse a person. */
const PATIENCE_MS = 10_000

export interface HostLink {
  /** @throws OperationalError connector-host-away */
  peer(): RpcPeer<typeof hostRpc>
  /**
   * For what a person asked for: waits while it may be on its way, at most ten seconds from when it went (or from the start).
   * @throws OperationalError connector-host-away
   */
  awaited(): Promise<RpcPeer<typeof hostRpc>>
  close(): Promise<void>
}

type Asks = RpcHandlers<typeof hostAsks>

export async function listenForHost(options: {
  socket: string
  token: string
  log: Logger
  offer: Asks['requests']['offer']
  events: Asks['requests']['events']
  marks: Asks['requests']['marks']
  notifications: Asks['notifications']
  onHost: (isThere: boolean) => void
  patienceMs?: number
}): Promise<HostLink> {
  const { socket: path, token, log, offer, events, marks, notifications, onHost, patienceMs = PATIENCE_MS } = options
  let host: RpcPeer<typeof hostRpc> | undefined
  let awaySince = performance.now()
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of waiting) each()
    waiting.clear()
  }
  const sockets = new Set<Socket>()

  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    let isIn = false
    const inside = () => {
      if (!isIn) throw new UserError({ code: 'hello-first', message: 'Say hello with the token first.', status: 401 })
    }
    const timer = setTimeout(() => {
      if (!isIn) peer.close()
    }, HELLO_MS)
    const peer = openRpc({
      socket,
      serves: hostAsks,
      calls: hostRpc,
      onBug: (error, method) => log.error({ err: error, method }, 'a request of the connector host failed in an unexpected way'),
      handlers: {
        requests: {
          hello({ token: given }) {
            const [a, b] = [Buffer.from(given), Buffer.from(token)]
            if (a.length !== b.length || !timingSafeEqual(a, b)) {
              // after the answer is on its way
              setTimeout(() => peer.close(), 100).unref()
              throw new UserError({ code: 'wrong-token', message: 'This is not the token of this installation.', status: 401 })
            }
            isIn = true
            clearTimeout(timer)
            host?.close()
            host = peer
            // after the answer, so that the host knows it is in before it is asked
            setImmediate(() => {
              onHost(true)
              wake()
            })
            return null
          },
          offer(params) {
            inside()
            return offer(params)
          },
          events(params) {
            inside()
            return events(params)
          },
          marks(params) {
            inside()
            return marks(params)
          },
        },
        notifications: {
          problem(params) {
            inside()
            notifications.problem(params)
          },
          state(params) {
            inside()
            notifications.state(params)
          },
          tagValues(params) {
            inside()
            notifications.tagValues(params)
          },
        },
      },
    })
    void peer.closed.then(() => {
      clearTimeout(timer)
      if (host !== peer) return
      host = undefined
      awaySince = performance.now()
      onHost(false)
    })
  }

  // a socket file that an earlier life left behind
  if (process.platform !== 'win32') await rm(path, { force: true })
  const server = createServer(accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })

  const peer = () => {
    if (!host)
      throw new OperationalError({
        code: 'connector-host-away',
        message: 'The process that holds connections to outside systems is not running just now. It is restarted by itself; try again in a moment.',
      })
    return host
  }
  return {
    peer,
    async awaited() {
      const left = awaySince + patienceMs - performance.now()
      if (host || left <= 0) return peer()
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        waiting.add(resolve)
        timer = setTimeout(() => {
          waiting.delete(resolve)
          resolve()
        }, left)
      })
      clearTimeout(timer)
      return peer()
    },
    async close() {
      wake()
      host?.close()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
