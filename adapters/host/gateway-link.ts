/** The host's connection to the gateway: made, lost and made again. */
import { connect, type Socket } from 'node:net'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { hostAsks, hostRpc } from '../host-contract.ts'
import { type AnyConnector, CONNECTORS } from '../index.ts'
import { machinePorts } from '../ports/machines.ts'
import { createHostConnections } from './connections.ts'

const RETRY_MS = 500

export interface GatewayLink {
  /** Deals with an error that nobody caught; it is logged in any case. */
  contain(error: unknown): void
  close(): Promise<void>
}

/** Serves the gateway at `socket` for as long as the process lives; resolves at once. */
export function serveGateway(options: { socket: string; token: string; log: Logger; connectors?: readonly AnyConnector[] }): GatewayLink {
  const { socket: path, token, log, connectors = CONNECTORS } = options
  let peer: RpcPeer<typeof hostAsks> | undefined
  let isClosing = false
  let wake: () => void = () => {}
  const connections = createHostConnections({ connectors, log, gateway: () => peer })

  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(path)
      socket.once('connect', () => {
        socket.removeListener('error', reject)
        resolve(socket)
      })
      socket.once('error', reject)
    })

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const serve = async (): Promise<void> => {
    const socket = await open()
    const next = openRpc({
      socket,
      serves: hostRpc,
      calls: hostAsks,
      onBug: (error, method) => log.error({ err: error, method }, 'a request failed in an unexpected way'),
      handlers: {
        requests: {
          connectors: () =>
            connectors.map(({ id, label, summary, use, promises, shapes, tags, notices, settings, secrets, secretsAreFor, distinctBy }) => ({
              id,
              label,
              summary,
              use,
              promises: [...promises],
              ...(shapes && { shapes }),
              ...(tags && { tags }),
              ...(notices && { notices }),
              settings,
              secrets: secrets.map(sent),
              secretsAreFor: [...secretsAreFor],
              distinctBy: [...distinctBy],
            })),
          check: (params) => connections.check(params),
          forget: async (spec) => {
            await connections.forget(spec)
            return null
          },
          start: async (spec) => {
            await connections.start(spec)
            return null
          },
          stop: async ({ connectionId }) => {
            await connections.stop(connectionId)
            return null
          },
          confirm: (params) => connections.confirm(params),
          watchTags: async (params) => {
            await connections.watchTags(params)
            return null
          },
          browseTags: ({ connectionId }) => connections.browseTags(connectionId),
          async machinePorts({ machines }) {
            machinePorts.tell(machines)
            return null
          },
          sharedPort: (params) => connections.sharedPort(params),
          ask: ({ connectionId }) => connections.ask(connectionId),
        },
        notifications: {},
      },
    })
    peer = next
    try {
      await next.call('hello', { token }, { timeoutMs: 10_000 })
      await next.closed
    } finally {
      next.close()
      peer = undefined
      machinePorts.forget()
      await connections.stopAll()
    }
  }

  const living = (async () => {
    let said = ''
    while (!isClosing) {
      try {
        await serve()
        said = ''
      } catch (error) {
        const text = messageOf(error)
        if (text !== said) log.info({ reason: text }, 'the gateway is not there; tried again until it is')
        said = text
      }
      if (!isClosing) await pause()
    }
  })()

  return {
    contain: (error) => connections.contain(error),
    async close() {
      isClosing = true
      wake()
      peer?.close()
      await living
    },
  }
}

/** As the contract has it. */
function sent({ when, ...secret }: AnyConnector['secrets'][number]) {
  if (!when) return secret
  const { field, is, starts } = when
  return { ...secret, when: { field, ...(is ? { is: [...is] } : {}), ...(starts ? { starts: [...starts] } : {}) } }
}

/** Keeps the process alive when a connection throws out of a timer or an event: that connection alone is restarted. */
export function containFaults(link: GatewayLink): void {
  process.on('uncaughtException', (error) => link.contain(error))
  process.on('unhandledRejection', (error) => link.contain(error))
}
