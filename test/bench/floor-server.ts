/** The floor of `bench stop`: a bare HTTP server that writes one byte to a serial port. Prints its URL. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SerialPort } from 'serialport'

const port = new SerialPort({ path: process.argv[2] as string, baudRate: 115_200, hupcl: false })
await new Promise<void>((resolve, reject) => {
  port.once('open', resolve)
  port.once('error', reject)
})
port.resume()
const bytes: Record<string, string> = { '/stop': '!', '/reset': '\x18' }
const server = createServer((request, response) => {
  port.write(bytes[request.url ?? ''] ?? '?')
  request.resume()
  request.on('end', () => response.end('{}'))
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
