/**
 * The wire to whoever drives the controller: a pseudo-terminal pair, or TCP on the loopback where there
 * are none. Like a UART it knows nobody at the other end: what nobody reads is lost, and closing and
 * opening the far side changes nothing here. A pty has no DTR line, so opening it resets nothing.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { ReadStream } from 'node:tty'
import { OperationalError } from '../../../base/errors.ts'

export interface Port {
  /** What the other side opens: a device path or `host:port`. */
  readonly name: string
  /** Sends what fits; the rest is lost. */
  write(text: string): void
  close(): Promise<void>
}

export interface PortOptions {
  onData: (bytes: Buffer) => void
  /** @defaultValue `tcp` on Windows and with `CELLWRIGHT_NO_PTY=1`, otherwise `pty` */
  kind?: 'pty' | 'tcp'
}

export async function openPort(options: PortOptions): Promise<Port> {
  const hasNoPty = process.platform === 'win32' || process.env.CELLWRIGHT_NO_PTY === '1'
  if (options.kind === 'tcp' || (options.kind === undefined && hasNoPty)) return openTcp(options)
  let nodePty: NodePty
  try {
    nodePty = ((await import('@lydell/node-pty')) as unknown as { default: NodePty }).default
  } catch (error) {
    // no prebuilt binary for this platform, e.g. Linux with musl: the loopback does as well
    if (options.kind === undefined) return openTcp(options)
    throw error
  }
  return openPty(nodePty, options)
}

interface NodePty {
  open(options: { encoding: null }): unknown
}

/** What `open()` of `@lydell/node-pty` really gives; its type declarations leave `open` out. */
interface PtyPair {
  master: ReadStream
  slave: ReadStream
  _fd: number
  _pty: string
}

function isPtyPair(value: unknown): value is PtyPair {
  const pair = value as Partial<PtyPair> | null
  return typeof pair?._fd === 'number' && typeof pair._pty === 'string' && pair.master instanceof ReadStream && pair.slave instanceof ReadStream
}

function openPty(nodePty: NodePty, { onData }: PortOptions): Port {
  const pair = nodePty.open({ encoding: null })
  if (!isPtyPair(pair)) throw new Error('@lydell/node-pty does not give a pty pair as it used to.')
  const { master, slave, _fd: masterFd, _pty: name } = pair
  // or it would take the bytes that are meant for whoever opens the port
  slave.destroy()
  // Held open and never read: without any opener the master would see the line as hung up, and the terminal
  // would fall back to echoing and translating line ends. serialport sets raw mode itself, others may not.
  const holdFd = openSync(name, constants.O_RDWR | constants.O_NOCTTY)
  let hold: ReadStream
  try {
    hold = new ReadStream(holdFd)
  } catch (error) {
    closeSync(holdFd)
    master.destroy()
    throw error
  }
  hold.setRawMode(true)
  master.on('data', onData)
  let isClosed = false
  return {
    name,
    write(text) {
      if (isClosed) return
      // Straight to the descriptor: the stream's own write would block this process once the buffer of a
      // terminal that nobody reads is full.
      const bytes = Buffer.from(text, 'latin1')
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(masterFd, bytes, at)
      } catch (error) {
        // full: lost, as on a wire
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const closed = new Promise<void>((resolve) => master.once('close', () => resolve()))
      hold.destroy()
      master.destroy()
      await closed
    },
  }
}

/** Unread bytes beyond this are lost, as a terminal's buffer would lose them. */
const TCP_UNREAD_BYTES = 16_384

function openTcp({ onData }: PortOptions): Promise<Port> {
  let peer: Socket | undefined
  const server = createServer((socket) => {
    // one at a time, as a serial port has it
    if (peer) {
      socket.destroy()
      return
    }
    peer = socket
    socket.setNoDelay(true)
    socket.on('data', onData)
    // a broken connection is a pulled cable: 'close' follows
    socket.on('error', () => {})
    socket.on('close', () => {
      peer = undefined
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new OperationalError({ code: 'port-not-opened', message: `The virtual controller cannot listen on 127.0.0.1: ${cause.message}.`, cause })),
    )
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (!address || typeof address === 'string') throw new Error('a TCP server without a port')
      resolve({
        name: `127.0.0.1:${address.port}`,
        write(text) {
          if (peer && peer.writableLength < TCP_UNREAD_BYTES) peer.write(text, 'latin1')
        },
        async close() {
          peer?.destroy()
          await new Promise<void>((done) => server.close(() => done()))
        },
      })
    })
  })
}
