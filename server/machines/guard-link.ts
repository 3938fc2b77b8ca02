/** One machine's guard as the gateway reaches it: connects, says hello, and connects again for ever. */
import { createConnection, type Socket } from 'node:net'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { guardNotices, guardRpc, type JobEnd } from '../../nodes/motion/guard/contract.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'
import type { GuardEvent } from './contract.ts'

const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 1000
const HELLO_TIMEOUT_MS = 5000
/** Not reached for so long after the first try: no longer `starting`. */
const STARTING_MS = 10_000

export interface GuardLinkOptions {
  machineId: string
  socket: string
  token: string
  log: Logger
  /** State, or the connection itself, changed. */
  onChange(): void
  onConnection(isConnected: boolean): void
  onJobEnded(end: JobEnd): void
  onEvent(event: GuardEvent): void
}

export interface GuardLink {
  readonly status: 'running' | 'starting' | 'gone'
  /** Undefined while nobody is there to tell. */
  readonly state: MachineState | undefined
  /** @throws OperationalError `guard-gone` */
  peer(): RpcPeer<typeof guardRpc>
  /** @throws OperationalError `guard-gone` after the time */
  whenConnected(timeoutMs: number): Promise<RpcPeer<typeof guardRpc>>
  close(): void
}

export const guardGone = (machineId: string, cause?: unknown) =>
  new OperationalError({
    code: 'guard-gone',
    message: `The motion guard of "${machineId}" does not answer, so nothing was sent to the machine. It is started again by itself. If the machine must stop now, use its emergency stop.`,
    ...(cause === undefined ? {} : { cause }),
  })

/** Connects in the background; resolves nothing, never throws. */
export function openGuardLink(options: GuardLinkOptions): GuardLink {
  const { machineId, log } = options
  let peer: RpcPeer<typeof guardRpc> | undefined
  let state: MachineState | undefined
  let status: GuardLink['status'] = 'starting'
  let isClosed = false
  let retryMs = FIRST_RETRY_MS
  let timer: NodeJS.Timeout | undefined
  let opening: { close(): void } | undefined
  let lastTold = ''
  const waiting = new Set<(peer: RpcPeer<typeof guardRpc>) => void>()

  const startingTimer = setTimeout(() => {
    if (status !== 'starting') return
    status = 'gone'
    options.onChange()
  }, STARTING_MS)
  startingTimer.unref()

  const retry = () => {
    if (isClosed) return
    timer = setTimeout(connect, retryMs)
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
  }

  const greet = async (socket: Socket) => {
    const candidate = openRpc({
      socket,
      serves: guardNotices,
      handlers: {
        requests: {},
        notifications: {
          state: (next) => {
            if (peer !== candidate) return
            state = next
            options.onChange()
          },
          jobEnded: (end) => options.onJobEnded(end),
          event: (event) => options.onEvent(event),
        },
      },
      calls: guardRpc,
      onBug: (error, method) => log.error({ err: error, machineId, method }, 'the guard and the gateway do not understand each other'),
    })
    opening = candidate
    try {
      const hello = await candidate.call('hello', { token: options.token, as: 'gateway' }, { timeoutMs: HELLO_TIMEOUT_MS })
      if (isClosed) throw new Error('closed')
      if (hello.machineId !== machineId) throw new Error(`the guard at this socket has machine "${hello.machineId}"`)
      peer = candidate
      state = hello.state
      status = 'running'
      retryMs = FIRST_RETRY_MS
      lastTold = ''
      log.info({ machineId, guardPid: hello.pid }, 'guard connected')
    } catch (error) {
      candidate.close()
      throw error
    }
    for (const resolve of waiting) resolve(candidate)
    waiting.clear()
    options.onConnection(true)
    options.onChange()
    await candidate.closed
    peer = undefined
    state = undefined
    status = 'gone'
    if (isClosed) return
    log.warn({ machineId }, 'guard connection lost')
    options.onConnection(false)
    options.onChange()
  }

  const connect = () => {
    const socket = createConnection(options.socket)
    opening = { close: () => socket.destroy() }
    socket.once('error', onConnectError)
    socket.once('connect', () => {
      socket.off('error', onConnectError)
      greet(socket)
        .catch((error: unknown) => {
          // said once for each reason: this is tried every second
          if (!isClosed && messageOf(error) !== lastTold) log.warn({ err: error, machineId }, 'the guard does not let us in')
          lastTold = messageOf(error)
        })
        .finally(retry)
    })
  }
  // nobody listens there yet: the launcher starts the guard
  const onConnectError = () => retry()
  connect()

  return {
    get status() {
      return status
    },
    get state() {
      return state
    },
    peer() {
      if (!peer) throw guardGone(machineId)
      return peer
    },
    whenConnected(timeoutMs) {
      if (peer) return Promise.resolve(peer)
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(found)
          reject(guardGone(machineId))
        }, timeoutMs)
        const found = (connected: RpcPeer<typeof guardRpc>) => {
          clearTimeout(late)
          resolve(connected)
        }
        waiting.add(found)
      })
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      clearTimeout(startingTimer)
      opening?.close()
    },
  }
}
