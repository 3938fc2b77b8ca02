/** For tests of the proxy: misleading addresses, and requests that no HTTP client would send. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import WebSocket from 'ws'

/** Ways to write an address that means `/red` or `/dashboard` to somebody. */
export const TRICKS = [
  '/hooks/red',
  '/hooks/red/',
  '/hooks/red/flows',
  '/hooks/red?x=1',
  '/hooks/RED/flows',
  '/hooks/Red/comms',
  '/hooks/dashboard',
  '/hooks/DashBoard/page1',
  '/hooks/dashboard/socket.io/?EIO=4&transport=polling',
  '/hooks//red/flows',
  '/hooks///red/flows',
  '/hooks//dashboard',
  '/hooks/x//red',
  '/hooks/%72ed/flows',
  '/hooks/%72%65%64',
  '/hooks/%52ED/flows',
  '/hooks/%2572ed/flows',
  '/hooks/%252572ed/flows',
  '/hooks/%64ashboard',
  '/hooks/./red',
  '/hooks/../red',
  '/hooks/x/../red/flows',
  '/hooks/x/./../red',
  '/hooks/%2e/red',
  '/hooks/%2e%2e/red',
  '/hooks/.%2e/red',
  '/hooks/..%2fred',
  '/hooks/..%2Fred/flows',
  '/hooks/%2e%2e%2fred',
  '/hooks/%252e%252e%252fred',
  '/hooks/x/%2e%2e/%2e%2e/red',
  '/hooks/..\\red',
  '/hooks/..%5cred',
  '/hooks/\\red',
  '/hooks/%5cred',
  '/hooks/%255cred',
  '/hooks/%2fred',
  '/hooks/%2f%2fred',
  '/hooks/%252fred',
  '/hooks/red%2fflows',
  '/hooks/red%2Fcomms',
  '/hooks/red%00',
  '/hooks/%00/red',
  '/hooks/x%0d%0a/red',
  '/hooks/x#/red',
  '/hooks/x%23/../red',
  '/hooks/r%',
  '/hooks/%zz/red',
  '/hooks/%c0%af/red',
]

/** One request whose path is sent exactly as given. */
export function askExactly(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const request = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** The status by which an upgrade of exactly this path is answered. */
export function upgradeExactly(url: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const opening = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    const request = httpRequest({ hostname, port, path, headers: { ...opening, ...headers }, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    request.on('error', reject)
    request.end()
  })
}

/** Sends text over a plain connection; answers with everything that came until the other side closed it. */
export function sayRaw(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    // a reset is an end too
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

/** Opens a WebSocket: the open socket with what it said so far, or the status by which it was refused. */
export function openSocket(
  url: string,
  path: string,
  { headers = {}, protocols = [] }: { headers?: Record<string, string>; protocols?: string[] } = {},
): Promise<{ socket: WebSocket; said: string[]; status: 101 } | { socket?: undefined; status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols, { headers })
    const said: string[] = []
    socket.on('message', (message) => said.push(String(message)))
    socket.on('open', () => resolve({ socket, said, status: 101 }))
    socket.on('unexpected-response', (request, response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      response.on('end', () => {
        request.destroy()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    socket.on('error', reject)
  })
}
