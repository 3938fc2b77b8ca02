/** A gate for messages: a node of Node-RED asks a server of the test, which answers when the gate is opened. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Gate {
  /** What an `http request` node asks for. */
  url: string
  shut(): void
  /** Lets through what waits, and what comes until it is shut. */
  open(): void
  /** How many messages are in front of it. */
  readonly waiting: number
  close(): void
}

export async function startGate(): Promise<Gate> {
  const waiting = new Set<ServerResponse>()
  let isOpen = false
  const server = createServer((_request, response) => {
    if (isOpen) return void response.end()
    waiting.add(response)
    // let through, or its runtime has died
    response.once('close', () => waiting.delete(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    shut() {
      isOpen = false
    },
    open() {
      isOpen = true
      for (const response of waiting) response.end()
    },
    get waiting() {
      return waiting.size
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
