/**
 * The running connections of the connector host. A failure stays with its connection: what one throws,
 * also out of a timer or an event, closes that one and tries it again after a while.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams, RpcPeer } from '../../base/rpc.ts'
import { checker } from '../../base/schema.ts'
import type { RunningConnector } from '../contract.ts'
import type { hostAsks, hostRpc } from '../host-contract.ts'
import type { AnyConnector } from '../index.ts'

type Spec = RpcParams<typeof hostRpc, 'start'>

interface Entry {
  spec: Spec
  abort: AbortController
  running: Promise<RunningConnector>
  restart?: NodeJS.Timeout
}

const RESTART_MS = 5000

export interface HostConnections {
  start(spec: Spec): Promise<void>
  stop(connectionId: string): Promise<void>
  confirm(params: RpcParams<typeof hostRpc, 'confirm'>): Promise<{ reference: string }>
  check(params: RpcParams<typeof hostRpc, 'check'>): Promise<void>
  /** Closes all, e.g. because the gateway went: it says anew what should run when it is back. */
  stopAll(): Promise<void>
  /** An error that no call returned: the connection it came from is closed and tried again later. */
  contain(error: unknown): void
}

export function createHostConnections(options: {
  connectors: readonly AnyConnector[]
  log: Logger
  gateway: () => RpcPeer<typeof hostAsks> | undefined
}): HostConnections {
  const { connectors, log, gateway } = options
  const entries = new Map<string, Entry>()
  const blame = new AsyncLocalStorage<string>()

  const connectorOf = (id: string): AnyConnector => {
    const found = connectors.find((connector) => connector.id === id)
    if (!found) throw new UserError({ code: 'connector-unknown', message: `There is no connector "${id}" in this version.`, status: 404 })
    return found
  }

  const begin = async (spec: Spec, abort: AbortController): Promise<RunningConnector> => {
    const { connectionId } = spec
    const connector = connectorOf(spec.connector)
    const settings = checker(connector.settings).parse(spec.settings, 'The settings')
    return blame.run(connectionId, () =>
      connector.start({
        settings,
        secrets: spec.secrets,
        context: {
          signal: abort.signal,
          async offer(items) {
            const peer = gateway()
            if (!peer || abort.signal.aborted)
              throw new OperationalError({ code: 'gateway-away', message: 'The gateway is away; what was found is offered again.' })
            return peer.call('offer', { connectionId, items }, { timeoutMs: 60_000 })
          },
          problem: (problem) => gateway()?.notify('problem', { connectionId, ...problem }),
          state: (state, text) => {
            if (!abort.signal.aborted) gateway()?.notify('state', { connectionId, state, ...(text === undefined ? {} : { text }) })
          },
        },
      }),
    )
  }

  const start = async (spec: Spec): Promise<void> => {
    await stop(spec.connectionId)
    const abort = new AbortController()
    const entry: Entry = { spec, abort, running: begin(spec, abort) }
    entries.set(spec.connectionId, entry)
    try {
      await entry.running
    } catch (error) {
      if (entries.get(spec.connectionId) === entry) {
        // the settings cannot be right, so trying again would not help
        if (error instanceof UserError) entries.delete(spec.connectionId)
        else tryAgain(entry, error)
      }
      throw error
    }
  }

  const tryAgain = (entry: Entry, error: unknown) => {
    const { connectionId } = entry.spec
    gateway()?.notify('state', { connectionId, state: 'failing', text: `${messageOf(error)} Tried again every ${RESTART_MS / 1000} s.` })
    entry.restart = setTimeout(() => {
      if (entries.get(connectionId) === entry) start(entry.spec).catch((next) => log.warn({ connectionId, err: next }, 'a connection could not be started'))
    }, RESTART_MS)
  }

  const stop = async (connectionId: string): Promise<void> => {
    const entry = entries.get(connectionId)
    if (!entry) return
    entries.delete(connectionId)
    clearTimeout(entry.restart)
    entry.abort.abort()
    const running = await entry.running.catch(() => undefined) // a failed start left nothing to close
    try {
      await running?.close()
    } catch (error) {
      log.error({ connectionId, err: error }, 'a connection did not close')
    }
  }

  return {
    start,
    stop,
    async confirm({ connectionId, confirmation }) {
      const entry = entries.get(connectionId)
      if (!entry) throw new OperationalError({ code: 'connection-off', message: 'The connection is not running. The confirmation is tried again.' })
      const running = await entry.running
      return blame.run(connectionId, () => running.confirm(confirmation, entry.abort.signal))
    },
    async check({ connector: id, settings, secrets }) {
      const connector = connectorOf(id)
      await connector.check(checker(connector.settings).parse(settings, 'The settings'), secrets)
    },
    async stopAll() {
      await Promise.all([...entries.keys()].map(stop))
    },
    contain(error) {
      const connectionId = blame.getStore()
      const entry = connectionId === undefined ? undefined : entries.get(connectionId)
      log.error({ connectionId, err: error }, 'an error that nobody caught')
      // one fault is dealt with once, however many errors it throws
      if (!entry || entry.abort.signal.aborted) return
      entry.abort.abort()
      entry.running.then((running) => running.close()).catch((next) => log.error({ connectionId, err: next }, 'a connection did not close'))
      tryAgain(entry, error)
    },
  }
}
