/** A line between a browser and a server as a workshop's Wi-Fi is: what is sent waits, and comes all the same; or the line is dead. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `stalled`: nothing passes, and all of it passes later. `cut`: every connection breaks, and none can be made. */
type LineMode = 'good' | 'stalled' | 'cut'

export interface WeakLine {
  readonly port: number
  set(mode: LineMode): void
  close(): Promise<void>
}

export async function weakLine(target: number): Promise<WeakLine> {
  let mode: LineMode = 'good'
  const sockets = new Set<Socket>()
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (piece: Buffer) => void to.write(piece))
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (mode === 'cut') return near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket)
    pass(near, far)
    pass(far, near)
    if (mode === 'stalled') far.pause()
    else near.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      mode = next
      for (const socket of sockets) {
        if (next === 'cut') socket.destroy()
        else if (next === 'stalled') socket.pause()
        else socket.resume()
      }
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
