/** A serial port: a real one, or a pseudo-terminal. Alone with it: a second opener is refused (`lock`). */
import { readSync, writeSync } from 'node:fs'
import { SerialPort } from 'serialport'
import { adapterFacts, findAdapter } from './adapter.ts'
import { type Link, type LinkListeners, type LinkOptions, type LinkTarget, linkFailed } from './link.ts'
import { createOutbox } from './outbox.ts'
import { listPorts as listSystemPorts } from './ports.ts'

type SerialTarget = Extract<LinkTarget, { kind: 'serial' }>

/** @throws OperationalError `link-failed`, `adapter-unclear` */
export async function openSerial(target: SerialTarget, listeners: LinkListeners, signal: AbortSignal, options: LinkOptions): Promise<Link> {
  const path = target.adapter ? await findAdapter(target.adapter, options.listPorts ?? listSystemPorts) : target.path
  if (signal.aborted) throw linkFailed(path, new Error('given up'))
  return openPort(path, target, listeners, signal)
}

function openPort(path: string, target: SerialTarget, listeners: LinkListeners, signal: AbortSignal): Promise<Link> {
  const { baudRate, flowControl = 'none' } = target
  const port = new SerialPort({
    path,
    baudRate,
    lock: true,
    // hupcl drops DTR when the port closes, which resets an Arduino at the next open
    hupcl: false,
    rtscts: flowControl === 'rts-cts',
    xon: flowControl === 'xon-xoff',
    xoff: flowControl === 'xon-xoff',
    autoOpen: false,
    highWaterMark: 16 * 1024,
  })
  let isGone = false
  const lose = (reason: string) => {
    if (isGone) return
    isGone = true
    outbox.stop()
    listeners.onLost(reason)
  }
  // a controller with the USB plug itself has no wire that bytes wait in
  const isWire = target.isPaced && !(target.adapter && adapterFacts(target.adapter)?.isNativeUsb)
  const write = createWriter(port, lose)
  const outbox = createOutbox({
    write: (bytes, done) => {
      if (port.isOpen) write(bytes, done)
      else lose('the port is closed')
    },
    ...(isWire ? { bytesPerSecond: baudRate / 10 } : {}),
  })
  const close = () =>
    new Promise<void>((resolve) => {
      isGone = true
      outbox.stop()
      if (!port.isOpen) return resolve()
      port.close(() => resolve())
    })
  return new Promise((resolve, reject) => {
    port.on('error', (error) => lose(error.message))
    port.on('close', (error: Error | null) => lose(error ? `the port went away (${error.message})` : 'the port was closed'))
    // before the first read
    port.once('open', () => readInLoop(port))
    // without a reader a vanished peer is noticed only at the next write
    port.on('data', listeners.onData)
    port.open(async (error) => {
      if (error) {
        isGone = true
        return reject(linkFailed(path, error))
      }
      await setModemLines(port, target)
      if (signal.aborted) {
        await close()
        return reject(linkFailed(path, new Error('given up')))
      }
      if (isGone) {
        await close()
        return reject(linkFailed(path, new Error('it went away as soon as it was open')))
      }
      resolve({
        send: outbox.send,
        urgent: outbox.urgent,
        keepBack: outbox.keepBack,
        discard: outbox.discard,
        stop: outbox.stop,
        close,
        where: path,
        get isOpen() {
          return !isGone && port.isOpen
        },
      })
    })
  })
}

/**
 * Hands bytes to the system in the same turn of the event loop where it takes them at once: the library's own write goes
 * through a thread, which on a busy computer comes late, and a stop must not. What is not taken at once goes through the
 * library, and everything after it, so that the order stays.
 */
function createWriter(port: SerialPort, lose: (reason: string) => void): (bytes: Uint8Array, done: () => void) => void {
  let queued = 0
  const throughLibrary = (bytes: Uint8Array, done: () => void) => {
    queued += 1
    port.write(bytes, (error) => {
      queued -= 1
      if (error) lose(error.message)
      else done()
    })
  }
  return (bytes, done) => {
    const descriptor = unixBinding(port)?.fd
    if (descriptor === undefined || queued > 0) return throughLibrary(bytes, done)
    let written = 0
    try {
      written = writeSync(descriptor, bytes)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // the port is opened without blocking: full is EAGAIN
      if (code !== 'EAGAIN' && code !== 'EINTR') return lose(message)
    }
    if (written < bytes.length) throughLibrary(bytes.subarray(written), done)
    // a turn later: a real-time byte of this turn has one piece in front of it, not the whole queue
    else setImmediate(done)
  }
}

/** What `@serialport/bindings-cpp` has on Linux and macOS. */
interface UnixBinding {
  fd: number
  isOpen: boolean
  poller: { once(event: 'readable', listener: (error?: Error | null) => void): void }
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>
}

function unixBinding(port: SerialPort): UnixBinding | undefined {
  const binding = port.port as Partial<UnixBinding> | undefined
  return typeof binding?.fd === 'number' && typeof binding.poller?.once === 'function' && typeof binding.read === 'function'
    ? (binding as UnixBinding)
    : undefined
}

/**
 * Reads in the event loop itself, when there is something to read. The library reads through a thread, twice for every
 * answer, and takes a terminal whose other end is gone (it reads as nothing, without an error) for a reason to read again at
 * once, for ever (`unix-read.js`): a loss that nobody hears of, and a whole processor. Here that is the end of the port.
 */
function readInLoop(port: SerialPort): void {
  const binding = unixBinding(port)
  if (!binding) return
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      // asked again after every wait: the poller of a closed port is freed memory
      if (!binding.isOpen) throw Object.assign(new Error('Port is not open'), { canceled: true })
      await new Promise<void>((resolve, reject) => binding.poller.once('readable', (failure) => (failure ? reject(failure) : resolve())))
      if (!binding.isOpen) continue
      try {
        // opened without blocking
        const bytesRead = readSync(binding.fd, buffer, offset, length, null)
        if (bytesRead > 0) return { bytesRead, buffer }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EAGAIN' || code === 'EINTR') continue
        throw Object.assign(error as Error, { disconnect: true })
      }
      throw Object.assign(new Error('its other end is gone'), { disconnect: true })
    }
  }
}

/**
 * A pseudo-terminal has no modem lines, some adapters have not all of them: bytes go through all the same. With RTS/CTS
 * the RTS line belongs to the flow control.
 */
function setModemLines(port: SerialPort, { dtr = 'leave', rts = 'leave', flowControl }: SerialTarget): Promise<void> {
  const isRtsFree = flowControl !== 'rts-cts'
  const lines = {
    ...(dtr === 'leave' ? {} : { dtr: dtr === 'on' }),
    ...(rts === 'leave' || !isRtsFree ? {} : { rts: rts === 'on' }),
  }
  if (Object.keys(lines).length === 0) return Promise.resolve()
  // `set` writes every line: one that is not named would fall to its default
  const { dtr: isDtr = true, rts: isRts = true } = lines as { dtr?: boolean; rts?: boolean }
  return new Promise((resolve) => {
    port.set({ dtr: isDtr, rts: isRts }, () => resolve())
  })
}
