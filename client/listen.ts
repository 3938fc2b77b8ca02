/** What happens, as it happens: the WebSocket at `/api/live`. */
import type { Connection } from './connect.ts'
import { Refusal } from './connect.ts'
import type { Topics } from './generated/types.gen.ts'

export type TopicName = keyof Topics

export interface LiveOptions<Name extends TopicName> {
  /** All of it: at the beginning, and anew whenever changes were missed. */
  onSnapshot(data: Topics[Name]['snapshot']): void
  onChange(data: Topics[Name]['change']): void
  /** The line is gone; what was told is not current until the next snapshot. It is tried again by itself. */
  onLost?(): void
  /** The server does not tell it to this token: nothing more comes. */
  onRefused?(refusal: Refusal): void
}

/** Between two tries: doubled each time, with chance in it so that many do not come back at once. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

type Message = { type: 'snapshot' | 'change'; data: never } | { type: 'refused' | 'error'; code: string; message: string } | { type: 'pong' }

/** A socket with the token's header; browsers have their session instead, and take no headers. */
function open({ url, token }: Connection['cellwright']): WebSocket {
  const address = `${url.replace(/^http/, 'ws')}/api/live`
  if (token === undefined) return new WebSocket(address)
  const Socket = WebSocket as unknown as new (url: string, options: { headers: Record<string, string> }) => WebSocket
  return new Socket(address, { headers: { authorization: `Bearer ${token}` } })
}

/**
 * Listens to a topic until it is told not to.
 * @returns ends it
 */
export function listen<Name extends TopicName>(connection: Connection, topic: Name, options: LiveOptions<Name>): () => void {
  let isEnded = false
  let pause = FIRST_PAUSE_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  let socket: WebSocket | undefined
  const take = (message: Message) => {
    if (message.type === 'snapshot') {
      pause = FIRST_PAUSE_MS
      options.onSnapshot(message.data)
    } else if (message.type === 'change') options.onChange(message.data)
    else if (message.type === 'refused' || message.type === 'error') {
      end()
      options.onRefused?.(new Refusal({ code: message.code, status: 403, message: message.message }))
    }
  }
  const begin = () => {
    const line = open(connection.cellwright)
    socket = line
    line.addEventListener('open', () => line.send(JSON.stringify({ type: 'subscribe', topics: [topic] })))
    line.addEventListener('message', ({ data }) => {
      if (!isEnded) take(JSON.parse(String(data)) as Message)
    })
    // an error is followed by a close, but not in every browser that fails to open
    line.addEventListener('error', () => line.close())
    line.addEventListener('close', () => {
      if (isEnded) return
      options.onLost?.()
      timer = setTimeout(begin, pause * (0.5 + Math.random() / 2))
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    })
  }
  function end() {
    isEnded = true
    clearTimeout(timer)
    socket?.close()
  }
  begin()
  return end
}
