/**
 * The piece of JSON-RPC 2.0 that the launcher needs to speak with a guard, without packages: calls, with
 * the framing of vscode-jsonrpc (`Content-Length: N`, an empty line, N bytes of JSON; language server
 * protocol, base protocol). Notifications of the other side are read and left alone.
 */
import type { Socket } from 'node:net'

export interface RpcCalls {
  /** @throws Error with the other side's message and its `code`, when it refuses, is late, or goes away */
  call(method: string, params: unknown, timeoutMs: number): Promise<unknown>
}

const HEADER_END = '\r\n\r\n'
/** A guard's messages are small. */
const LONGEST = 4 * 1024 * 1024

/** Splits what arrives into messages. @throws Error for what is not such a message */
export function readFrames(onMessage: (message: unknown) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
    for (;;) {
      const end = rest.indexOf(HEADER_END)
      if (end < 0) {
        if (rest.length > 4096) throw new Error('no header')
        return
      }
      const length = Number(/(?:^|\r\n)Content-Length: *(\d+)/i.exec(rest.toString('latin1', 0, end))?.[1])
      if (!(length >= 0 && length <= LONGEST)) throw new Error('no usable length')
      const from = end + HEADER_END.length
      if (rest.length < from + length) return
      const body = rest.toString('utf8', from, from + length)
      rest = rest.subarray(from + length)
      onMessage(JSON.parse(body))
    }
  }
}

export function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}${HEADER_END}`), body])
}

/** Calls over a connected socket, which is closed when the other side talks nonsense. */
export function callsOver(socket: Socket): RpcCalls {
  const waiting = new Map<number, (answer: { result?: unknown; error?: { message?: string; data?: { code?: string } } }) => void>()
  let lastId = 0
  const read = readFrames((message) => {
    const { id, ...answer } = message as { id?: unknown; result?: unknown; error?: { message?: string; data?: { code?: string } } }
    if (typeof id !== 'number') return
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch (error) {
      socket.destroy(error as Error)
    }
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    for (const [id, answer] of waiting) {
      waiting.delete(id)
      answer({ error: { message: 'The guard went away.' } })
    }
  })
  return {
    call: (method, params, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('The guard went away.'))
        lastId += 1
        const id = lastId
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(new Error(`The guard did not answer ${method} within ${timeoutMs / 1000} s.`))
        }, timeoutMs)
        waiting.set(id, ({ result, error }) => {
          clearTimeout(timer)
          if (error) reject(Object.assign(new Error(error.message ?? 'refused'), { code: error.data?.code }))
          else resolve(result)
        })
        socket.write(frame({ jsonrpc: '2.0', id, method, params }))
      }),
  }
}
