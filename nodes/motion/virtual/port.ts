/**
 * The wire to whoever drives the controller: a pseudo-terminal pair, TCP on the loopback, or a WebSocket. Like a UART
 * it knows nobody at the other end: what nobody reads is lost, and closing and opening the far side changes nothing
 * here. A pty has no DTR line, so opening it resets nothing.
 */
import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { ReadStream } from 'node:tty'
import { type WebSocket, WebSocketServer } from 'ws'
import { OperationalError } from '../../../base/errors.ts'
import type { PersonalityName } from './controller/personality.ts'

export type LinkKind = 'pty' | 'tcp' | 'websocket'

export interface Port {
  /** What the other side opens: a device path, `host:port` or `ws://…`. */
  readonly name: string
  /** Sends what fits; the rest is lost. */
  write(text: string): void
  /** Stops reading, so that the other side's buffer fills up, or goes on. */
  setReading(isReading: boolean): void
  close(): Promise<void>
}

export interface PortOptions {
  onData: (bytes: Buffer) => void
  /** @defaultValue `tcp` on Windows and with `CELLWRIGHT_NO_PTY=1`, otherwise `pty` */
  kind?: LinkKind
  /** Whose habits the frames of a WebSocket have. @defaultValue grbl */
  personality?: PersonalityName
}

export async function openPort(options: PortOptions): Promise<Port> {
  if (options.kind === 'websocket') return openWebSocket(options)
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
  const device = statSync(name).rdev
  closeSpares({ device, except: slave, after: masterFd })
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
  if (fdOf(hold) !== undefined && fdOf(hold) !== holdFd) closeSync(holdFd)
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
    setReading(isReading) {
      if (isReading) master.resume()
      else master.pause()
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

/**
 * libuv opens a terminal anew for itself (`uv_tty_init`) and leaves the descriptor it was given to whoever opened that; for the
 * slave of a pair nobody does, and every pair would keep one, and the terminal with it.
 */
function closeSpares({ device, except, after }: { device: number; except: ReadStream; after: number }): void {
  const own = fdOf(except)
  if (own === undefined) return
  // openpty and libuv take the lowest descriptors that are free, with any gap between them; nobody else can have opened this terminal yet
  for (let fd = 3; fd <= Math.max(own, after) + 8; fd += 1) {
    try {
      if (fd !== own && fd !== after && fstatSync(fd).rdev === device) closeSync(fd)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error
    }
  }
}

/** The descriptor that a stream really reads from, where it can be known. */
function fdOf(stream: ReadStream): number | undefined {
  const fd = (stream as unknown as { _handle?: { fd?: number } })._handle?.fd
  return fd !== undefined && fd >= 0 ? fd : undefined
}

/** Unread bytes beyond this are lost, as a terminal's buffer would lose them. */
const UNREAD_BYTES = 16_384

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
    server.once('error', (cause) => reject(notOpened(cause)))
    server.listen(0, '127.0.0.1', () => {
      resolve({
        name: `127.0.0.1:${portOf(server.address())}`,
        write(text) {
          if (peer && peer.writableLength < UNREAD_BYTES) peer.write(text, 'latin1')
        },
        setReading(isReading) {
          if (isReading) peer?.resume()
          else peer?.pause()
        },
        async close() {
          peer?.destroy()
          await new Promise<void>((done) => server.close(() => done()))
        },
      })
    })
  })
}

/**
 * FluidNC says its answers in binary frames and whose page is whose in text frames (WSChannel.cpp); grblHAL has text
 * frames only. Both take either.
 */
function openWebSocket({ onData, personality }: PortOptions): Promise<Port> {
  let peer: WebSocket | undefined
  const isFluid = personality === 'fluidnc'
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => offered.values().next().value ?? false })
  server.on('connection', (socket) => {
    if (peer) {
      socket.close(1013)
      return
    }
    peer = socket
    if (isFluid) for (const tag of ['currentID', 'CURRENT_ID', 'activeID', 'ACTIVE_ID']) socket.send(`${tag}:1`)
    socket.on('message', (data, isBinary) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)])
      // a text frame is UTF-8: what was one byte above 0x7F for the sender arrives as two
      if (isFluid && !isBinary && bytes.toString().startsWith('PING:')) socket.send('PING:60000:60000')
      else onData(bytes)
    })
    // a broken connection is a pulled cable: 'close' follows
    socket.on('error', () => {})
    socket.on('close', () => {
      peer = undefined
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(notOpened(cause)))
    server.once('listening', () => {
      resolve({
        name: `ws://127.0.0.1:${portOf(server.address())}/`,
        write(text) {
          if (peer && peer.bufferedAmount < UNREAD_BYTES) peer.send(isFluid ? Buffer.from(text, 'latin1') : text)
        },
        setReading(isReading) {
          if (isReading) peer?.resume()
          else peer?.pause()
        },
        async close() {
          for (const client of server.clients) client.terminate()
          await new Promise<void>((done) => server.close(() => done()))
        },
      })
    })
  })
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (!address || typeof address === 'string') throw new Error('a server without a port')
  return address.port
}

function notOpened(cause: Error): OperationalError {
  return new OperationalError({ code: 'port-not-opened', message: `The virtual controller cannot listen on 127.0.0.1: ${cause.message}.`, cause })
}
