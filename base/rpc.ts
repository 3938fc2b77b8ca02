/**
 * Typed JSON-RPC over a socket between our processes. A contract names requests and notifications with
 * a TypeBox schema for each side; both ends check what arrives.
 *
 * Excluded: reconnecting (the owner of the connection decides), and streaming of bulk data.
 */
import type { Socket } from 'node:net'
import type { Static, TSchema } from 'typebox'
import {
  createMessageConnection,
  ErrorCodes,
  type Message,
  type MessageConnection,
  NotificationType,
  RequestType,
  ResponseError,
  SocketMessageWriter,
  StreamMessageReader,
} from 'vscode-jsonrpc/node'
import { type ErrorMessage, fromErrorMessage, OperationalError, toErrorMessage } from './errors.ts'
import { parseJsonInSlices, stringifyInSlices } from './json-slices.ts'
import { checkerOf } from './schema.ts'

/** What one side of a connection answers to. */
export interface RpcContract {
  requests: Record<string, { params: TSchema; result: TSchema }>
  notifications: Record<string, TSchema>
}

type RequestName<C extends RpcContract> = keyof C['requests'] & string
type NotificationName<C extends RpcContract> = keyof C['notifications'] & string
export type RpcParams<C extends RpcContract, K extends RequestName<C>> = Static<C['requests'][K]['params']>
export type RpcResult<C extends RpcContract, K extends RequestName<C>> = Static<C['requests'][K]['result']>
export type RpcNotice<C extends RpcContract, K extends NotificationName<C>> = Static<C['notifications'][K]>

/** How a side answers its own contract. */
export type RpcHandlers<C extends RpcContract> = {
  requests: { [K in RequestName<C>]: (params: RpcParams<C, K>) => RpcResult<C, K> | Promise<RpcResult<C, K>> }
  notifications: { [K in NotificationName<C>]: (params: RpcNotice<C, K>) => void }
}

/** How a side calls the other's contract. */
export interface RpcPeer<C extends RpcContract> {
  /**
   * @throws UserError, OperationalError as the other side threw them; OperationalError
   * `connection-lost` when the socket ends first, `timed-out` after `timeoutMs` (none by default).
   */
  call<K extends RequestName<C>>(method: K, params: RpcParams<C, K>, options?: { timeoutMs?: number }): Promise<RpcResult<C, K>>
  notify<K extends NotificationName<C>>(method: K, params: RpcNotice<C, K>): void
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>
  close(): void
  /** Closes after everything notified so far has gone out. */
  closeWhenSent(): Promise<void>
}

/** Declares a contract; identity, for its types. */
export function defineRpc<const C extends RpcContract>(contract: C): C {
  return contract
}

const RPC_ERROR = -32001

/** Large messages (flows) are read and written in steps, small ones at once; the library keeps their order. */
const inSlices = {
  contentTypeDecoder: {
    name: 'application/json',
    decode: async (bytes: Uint8Array) => (await parseJsonInSlices(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) as Message,
  },
  contentTypeEncoder: { name: 'application/json', encode: stringifyInSlices },
}

/**
 * Opens both directions over a connected socket.
 *
 * @param options.serves the contract this side answers
 * @param options.handlers its answers
 * @param options.calls the contract of the other side
 * @param options.onBug told of errors that are bugs (their stack does not cross)
 */
export function openRpc<Serves extends RpcContract, Calls extends RpcContract>(options: {
  socket: Socket
  serves: Serves
  handlers: RpcHandlers<Serves>
  calls: Calls
  onBug?: (error: unknown, method: string) => void
}): RpcPeer<Calls> {
  const { socket, serves, handlers, calls, onBug } = options
  socket.setNoDelay(true)
  const connection: MessageConnection = createMessageConnection(new StreamMessageReader(socket, inSlices), new SocketMessageWriter(socket, inSlices))
  let isClosed = false
  let finish: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    finish = resolve
  })
  const close = () => {
    if (isClosed) return
    isClosed = true
    connection.dispose()
    socket.destroy()
    finish()
  }
  connection.onClose(close)
  connection.onError(close)
  socket.on('error', close)

  for (const [method, { params, result }] of Object.entries(serves.requests)) {
    const type = new RequestType<unknown, unknown, ErrorMessage>(method)
    connection.onRequest(type, async (raw) => {
      try {
        const input = checkerOf(params).parse(raw, `${method} request`)
        const handler = handlers.requests[method as RequestName<Serves>] as (params: unknown) => unknown
        const output = (await handler(input)) ?? null
        const problems = checkerOf(result).is(output) ? [] : checkerOf(result).errors(output)
        if (problems.length) throw new Error(`${method} answered against its contract: ${JSON.stringify(problems.slice(0, 3))}`)
        return output
      } catch (error) {
        const message = toErrorMessage(error)
        if (message.kind === 'bug') onBug?.(error, method)
        return new ResponseError(RPC_ERROR, message.message, message)
      }
    })
  }
  for (const [method, schema] of Object.entries(serves.notifications)) {
    connection.onNotification(new NotificationType<unknown>(method), (raw) => {
      try {
        const handler = handlers.notifications[method as NotificationName<Serves>] as (params: unknown) => void
        handler(checkerOf(schema).parse(raw, `${method} notification`))
      } catch (error) {
        onBug?.(error, method)
      }
    })
  }
  connection.listen()

  let lastNotice: Promise<void> = Promise.resolve()
  const lost = (method: string) => new OperationalError({ code: 'connection-lost', message: `The other process went away during ${method}.` })
  return {
    closed,
    close,
    async call(method, params, { timeoutMs } = {}) {
      if (isClosed) throw lost(method)
      let timer: NodeJS.Timeout | undefined
      const answer = connection.sendRequest(new RequestType<unknown, unknown, ErrorMessage>(method), params)
      const timeout =
        timeoutMs === undefined
          ? undefined
          : new Promise<never>((_, reject) => {
              timer = setTimeout(
                () => reject(new OperationalError({ code: 'timed-out', message: `${method} was not answered within ${timeoutMs} ms.` })),
                timeoutMs,
              )
            })
      try {
        const race = [answer, closed.then(() => Promise.reject(lost(method)))]
        if (timeout) race.push(timeout)
        const result = await Promise.race(race)
        const schema = calls.requests[method]?.result
        if (schema && !checkerOf(schema).is(result))
          throw new Error(`${method} was answered against its contract: ${JSON.stringify(checkerOf(schema).errors(result).slice(0, 3))}`)
        return result as never
      } catch (error) {
        if (error instanceof ResponseError && error.data) throw fromErrorMessage(error.data as ErrorMessage)
        // the library's own word for a connection that was closed with the answer still out
        if (error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected) throw lost(method)
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
    notify(method, params) {
      if (isClosed) return
      lastNotice = connection.sendNotification(new NotificationType<unknown>(method), params).catch(close)
    },
    async closeWhenSent() {
      await Promise.race([lastNotice, closed])
      close()
    },
  }
}
