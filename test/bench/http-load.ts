/** A plain HTTP/1.1 load over kept connections: costs so little itself that it measures the server. */
import { createConnection } from 'node:net'

export interface Load {
  url: string
  path: string
  body: string
  headers: Record<string, string>
  connections: number
  ms: number
}

/** One request after the other on each connection. @throws Error when an answer is not 200 */
export async function load({ url, path, body, headers, connections, ms }: Load): Promise<{ perSecond: number; latenciesMs: number[] }> {
  const { hostname, port, host } = new URL(url)
  const all = { host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }
  const request = `POST ${path} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`
  const latenciesMs: number[] = []
  const begun = performance.now()
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = createConnection({ host: hostname, port: Number(port), noDelay: true })
          let answer = ''
          let sentAt = 0
          const send = () => {
            sentAt = performance.now()
            socket.write(request)
          }
          socket.setEncoding('latin1')
          socket.once('connect', send)
          socket.once('error', reject)
          socket.on('data', (chunk) => {
            answer += chunk
            if (!isWhole(answer)) return
            const now = performance.now()
            if (!answer.startsWith('HTTP/1.1 200')) {
              socket.destroy()
              reject(new Error(`${url}${path} answered: ${answer.slice(0, 500)}`))
              return
            }
            latenciesMs.push(now - sentAt)
            answer = ''
            if (now - begun < ms) send()
            else {
              socket.end()
              resolve()
            }
          })
        }),
    ),
  )
  return { perSecond: latenciesMs.length / ((performance.now() - begun) / 1000), latenciesMs }
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /^content-length: *(\d+)/im.exec(answer.slice(0, head))
  if (length) return answer.length >= head + 4 + Number(length[1])
  return answer.endsWith('0\r\n\r\n')
}
