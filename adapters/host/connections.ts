/**
 * The running connections of the connector host. A failure stays with its connection: what one throws,
 * also out of a timer or an event, closes that one and tries it again after a while.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams, RpcPeer, RpcResult } from '../../base/rpc.ts'
import { checker } from '../../base/schema.ts'
import { type RunningConnector, type TagValue, type Told, toldOf } from '../contract.ts'
import type { hostAsks, hostRpc } from '../host-contract.ts'
import type { AnyConnector } from '../index.ts'
import { machineAt, type PortName } from '../ports/machines.ts'
import { createHostTags } from './tags.ts'

type Spec = RpcParams<typeof hostRpc, 'start'>

interface Entry {
  spec: Spec
  abort: AbortController
  running: Promise<RunningConnector>
  restart?: NodeJS.Timeout
  /** Starts that failed, or did not last, one after the other. */
  failures: number
  since: number
}

/** After the first failure, and at most: a broker may be away for hours. */
/** A connection that ran for so long is not one that fails at once again. */
const LASTED_MS = 60_000
const RESTART_MS = { first: 1000, most: 30_000 }
/** What a person has to put right may be put right at the other side, too. Seldom: too many wrong passwords lock an account. */
const REFUSED_RESTART_MS = 5 * 60_000

export interface HostConnections {
  start(spec: Spec): Promise<void>
  stop(connectionId: string): Promise<void>
  confirm(params: RpcParams<typeof hostRpc, 'confirm'>): Promise<{ reference: string }>
  check(params: RpcParams<typeof hostRpc, 'check'>): Promise<Told[]>
  /** The live values that are wanted of a connection: all of them, at each change. */
  watchTags(params: RpcParams<typeof hostRpc, 'watchTags'>): Promise<void>
  /** @throws UserError no-tags; OperationalError connection-off */
  browseTags(connectionId: string): Promise<TagValue[]>
  /** @throws UserError no-asking; OperationalError connection-off, or as the connector says */
  ask(connectionId: string): Promise<unknown>
  /** The first machine and connection that mean the same port. */
  sharedPort(params: RpcParams<typeof hostRpc, 'sharedPort'>): Promise<RpcResult<typeof hostRpc, 'sharedPort'>>
  /** Lets the other side of a removed connection forget it. */
  forget(spec: Spec): Promise<void>
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
  const tags = createHostTags({ log, send: (connectionId, values) => gateway()?.notify('tagValues', { connectionId, values }) })

  const connectorOf = (id: string): AnyConnector => {
    const found = connectors.find((connector) => connector.id === id)
    if (!found) throw new UserError({ code: 'connector-unknown', message: `There is no connector "${id}" in this version.`, status: 404 })
    return found
  }

  const portOf = (id: string, settings: unknown): PortName | undefined => {
    const connector = connectors.find((one) => one.id === id)
    try {
      return connector?.port?.(checker(connector.settings).parse(settings, 'The settings'))
    } catch {
      // settings of an earlier version that are not valid any more: nothing is started with them
      return undefined
    }
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
          async events(events, mark) {
            const peer = gateway()
            if (!peer || abort.signal.aborted) throw new OperationalError({ code: 'gateway-away', message: 'The gateway is away; the events are told again.' })
            await peer.call('events', { connectionId, events: [...events], ...(mark ? { mark } : {}) }, { timeoutMs: 60_000 })
          },
          async marks() {
            const peer = gateway()
            if (!peer) throw new OperationalError({ code: 'gateway-away', message: 'The gateway is away; it is asked again.' })
            return peer.call('marks', { connectionId }, { timeoutMs: 30_000 })
          },
          problem: (problem) => gateway()?.notify('problem', { connectionId, ...problem }),
          state: (state, why) => {
            if (!abort.signal.aborted) gateway()?.notify('state', { connectionId, state, ...(why === undefined ? {} : { why }) })
          },
        },
      }),
    )
  }

  const start = async (spec: Spec, failures = 0): Promise<void> => {
    await stop(spec.connectionId)
    const abort = new AbortController()
    const entry: Entry = { spec, abort, running: begin(spec, abort), failures, since: performance.now() }
    entries.set(spec.connectionId, entry)
    try {
      const running = await entry.running
      if (entries.get(spec.connectionId) === entry) blame.run(spec.connectionId, () => tags.began(spec.connectionId, running))
    } catch (error) {
      if (entries.get(spec.connectionId) === entry) tryAgain(entry, error)
      throw error
    }
    if (failures > 0) gateway()?.notify('state', { connectionId: spec.connectionId, state: 'running' })
  }

  const tryAgain = (entry: Entry, error: unknown) => {
    const { connectionId } = entry.spec
    tags.ended(connectionId)
    if (performance.now() - entry.since > LASTED_MS) entry.failures = 0
    const waitMs = error instanceof UserError ? REFUSED_RESTART_MS : Math.min(RESTART_MS.first * 2 ** entry.failures, RESTART_MS.most)
    gateway()?.notify('state', { connectionId, state: 'failing', why: toldOf(error), retryAt: Date.now() + waitMs })
    entry.restart = setTimeout(() => {
      if (entries.get(connectionId) === entry)
        start(entry.spec, entry.failures + 1).catch((next) => log.warn({ connectionId, err: next }, 'a connection could not be started'))
    }, waitMs)
  }

  const stop = async (connectionId: string): Promise<void> => {
    const entry = entries.get(connectionId)
    if (!entry) return
    entries.delete(connectionId)
    tags.ended(connectionId)
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
    async confirm({ connectionId, confirmation, notice }) {
      const entry = entries.get(connectionId)
      if (!entry) throw new OperationalError({ code: 'connection-off', message: 'The connection is not running. It is tried again.' })
      const running = await entry.running.catch((error: unknown) => {
        const why = toldOf(error).text
        throw new OperationalError({ code: 'connection-off', message: `The connection is not running: ${why} It is tried again.`, cause: error })
      })
      return blame.run(connectionId, () => {
        if (confirmation) return running.confirm(confirmation, entry.abort.signal)
        if (notice && running.notify) return running.notify(notice, entry.abort.signal)
        throw new UserError({ code: 'no-notices', message: 'This connection brings no messages to people. Choose another one for what nobody acknowledges.' })
      })
    },
    async check({ connector: id, settings, secrets }) {
      const connector = connectorOf(id)
      return connector.check(checker(connector.settings).parse(settings, 'The settings'), secrets)
    },
    async forget({ connector: id, settings, secrets }) {
      const connector = connectorOf(id)
      await connector.forget?.(checker(connector.settings).parse(settings, 'The settings'), secrets)
    },
    async watchTags({ connectionId, tags: wanted }) {
      // one that fails, or has not begun, watches them when it is well again
      const running = await entries.get(connectionId)?.running.catch(() => undefined)
      await blame.run(connectionId, () => tags.want(connectionId, wanted, running))
    },
    async browseTags(connectionId) {
      const entry = entries.get(connectionId)
      const running = await entry?.running.catch(() => undefined) // why is shown with the connection
      if (!entry || !running) throw new OperationalError({ code: 'connection-off', message: 'The connection is not running just now. Its page says why.' })
      const { tags: live } = running
      if (!live) throw new UserError({ code: 'no-tags', message: 'This kind of connection has no live values. Choose another connection.' })
      return blame.run(connectionId, () => live.browse(entry.abort.signal))
    },
    async ask(connectionId) {
      const entry = entries.get(connectionId)
      const running = await entry?.running.catch(() => undefined) // why is shown with the connection
      if (!entry || !running) throw new OperationalError({ code: 'connection-off', message: 'The connection is not running just now. Its page says why.' })
      if (!running.ask) throw new UserError({ code: 'no-asking', message: 'This kind of connection cannot be asked for something. Choose a gauge.' })
      const { ask } = running
      return blame.run(connectionId, () => ask(entry.abort.signal))
    },
    async sharedPort({ machines, connections }) {
      for (const { name, connector: id, settings } of connections) {
        const port = portOf(id, settings)
        const machine = port && (await machineAt(port, machines))
        if (!machine) continue
        const { path, adapter } = port
        const where = path ?? [adapter?.vendorId, adapter?.productId, adapter?.serialNumber].filter(Boolean).join(':')
        return { shared: { machineId: machine.machineId, machine: machine.name, connection: name, where } }
      }
      return {}
    },
    async stopAll() {
      tags.forget()
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
