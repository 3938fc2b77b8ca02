/** The wire to a gauge: a serial port that is opened for this server alone, or a socket of a serial device server. */
import { readSync } from 'node:fs'
import { connect } from 'node:net'
import { SerialPort } from 'serialport'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { portOfAdapter } from '../ports/list.ts'
import { machinePorts } from '../ports/machines.ts'
import type { Settings } from './settings.ts'

export interface Wire {
  /** What was opened. */
  readonly where: string
  /** Resolves when the system has taken it. @throws OperationalError gauge-lost */
  write(text: string): Promise<void>
  /** Lets go of it; never fails. */
  close(): Promise<void>
}

export interface WireListeners {
  onData: (bytes: Uint8Array) => void
  /** Once, when it is gone for whatever reason but {@link Wire.close}. */
  onLost: (reason: string) => void
}

const CONNECT_MS = 5_000
/** Open in this process: a look at the settings of a connection that runs must not say that another program has its port. */
const open = new Map<string, number>()
const count = (where: string, by: number) => void open.set(where, (open.get(where) ?? 0) + by)

/** @throws OperationalError adapter-…; UserError port-missing, host-missing */
async function placeOf(settings: Settings): Promise<string> {
  if (settings.line === 'tcp') {
    if (!settings.host) throw new UserError({ code: 'host-missing', message: 'Enter the name or address of the serial device server.' })
    return `${settings.host}:${settings.port}`
  }
  const path = settings.adapter ? await portOfAdapter(settings.adapter) : settings.path
  if (!path) throw new UserError({ code: 'port-missing', message: 'Enter the serial port of the gauge, or its USB adapter.' })
  return path
}

/** Where it is, and whether a connection of this process has it open already. @throws as {@link openWire} */
export async function placeIsOpen(settings: Settings): Promise<{ where: string; isOpen: boolean }> {
  const where = await placeOf(settings)
  return { where, isOpen: (open.get(where) ?? 0) > 0 }
}

/**
 * Opens it, unless it is the port of a machine.
 * @throws UserError what to correct, port-of-machine; OperationalError gauge-away, gauge-taken, adapter-…, machine-ports-unknown
 */
export async function openWire(settings: Settings, listeners: WireListeners): Promise<Wire> {
  const where = await placeOf(settings)
  let isCounted = false
  const over = () => {
    if (isCounted) count(where, -1)
    isCounted = false
  }
  const told: WireListeners = {
    onData: listeners.onData,
    onLost(reason) {
      over()
      listeners.onLost(reason)
    },
  }
  isCounted = true
  count(where, 1)
  try {
    const wire = settings.line === 'tcp' ? await openTcp(settings, told) : await openSerial(where, settings, told)
    return {
      ...wire,
      async close() {
        await wire.close()
        over()
      },
    }
  } catch (error) {
    over()
    throw error
  }
}

async function openSerial(path: string, settings: Settings, { onData, onLost }: WireListeners): Promise<Wire> {
  const device = await machinePorts.requireFree(path)
  const [dataBits, parity, stopBits] = settings.frame
  const port = new SerialPort({
    path: device,
    baudRate: settings.baudRate,
    dataBits: dataBits === '7' ? 7 : 8,
    parity: parity === 'E' ? 'even' : parity === 'O' ? 'odd' : 'none',
    stopBits: stopBits === '2' ? 2 : 1,
    lock: true,
    autoOpen: false,
  })
  let isGone = false
  const lose = (reason: string) => {
    if (isGone) return
    isGone = true
    port.close(() => {})
    onLost(reason)
  }
  port.on('error', (error) => lose(error.message))
  port.on('close', (error: Error | null) => lose(error?.message ?? 'the port was closed'))
  port.once('open', () => noticeEnd(port))
  port.on('data', onData)
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (!error) return resolve()
      isGone = true
      reject(openTrouble(path, error))
    })
  })
  return {
    where: path,
    write: (text) =>
      new Promise((resolve, reject) => {
        if (isGone || !port.isOpen) return reject(lost(path))
        port.write(text, 'latin1', (error) => (error ? reject(lost(path, error)) : resolve()))
      }),
    close: () =>
      new Promise((resolve) => {
        isGone = true
        if (port.isOpen) port.close(() => resolve())
        else resolve()
      }),
  }
}

/** What `@serialport/bindings-cpp` has on Linux and macOS. */
interface UnixBinding {
  fd: number
  isOpen: boolean
  poller: { once(event: 'readable', listener: (error?: Error | null) => void): void }
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>
}

/**
 * A terminal whose other end is gone reads as nothing, without an error: an adapter that was pulled out, too. The library takes that
 * for a reason to read again at once, for ever (`unix-read.js`). Here it is the end of the port.
 */
function noticeEnd(port: SerialPort): void {
  const binding = port.port as unknown as Partial<UnixBinding> | undefined
  if (typeof binding?.fd !== 'number' || typeof binding.poller?.once !== 'function') return
  const unix = binding as UnixBinding
  const readable = () => new Promise<void>((resolve, reject) => unix.poller.once('readable', (error) => (error ? reject(error) : resolve())))
  unix.read = async (buffer, offset, length) => {
    for (;;) {
      // asked again after every wait: the poller of a closed port is freed memory
      if (!unix.isOpen) throw Object.assign(new Error('Port is not open'), { canceled: true })
      await readable()
      if (!unix.isOpen) continue
      try {
        const bytesRead = readSync(unix.fd, buffer, offset, length, null)
        if (bytesRead > 0) return { bytesRead, buffer }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // opened without blocking
        if (code === 'EAGAIN' || code === 'EINTR') continue
        throw Object.assign(error as Error, { disconnect: true })
      }
      throw Object.assign(new Error('its other end is gone'), { disconnect: true })
    }
  }
}

function openTrouble(path: string, error: Error): Error {
  const reason = error.message.replace(/^Error:?\s+/, '').replace(/\.$/, '')
  const details = { blanks: { where: path, reason } }
  if (/permission/i.test(reason))
    return new UserError({
      code: 'port-denied',
      message: `This server may not open ${path}. Give its account access to serial ports (on Linux the group dialout), then restart it.`,
      details,
      cause: error,
    })
  if (/lock/i.test(reason))
    return new OperationalError({
      code: 'gauge-taken',
      message: `Another program has ${path} open: a machine, another connection, or a program of the gauge's maker. Close it there, or enter the right port.`,
      details,
      cause: error,
    })
  return new OperationalError({
    code: 'gauge-away',
    message: `${path} cannot be opened: ${reason}. Check that the gauge is plugged in, and that this is its port.`,
    details,
    cause: error,
  })
}

const lost = (where: string, cause?: unknown) =>
  new OperationalError({
    code: 'gauge-lost',
    message: `The line to the gauge at ${where} is lost. It is opened again by itself; check the plug.`,
    details: { blanks: { where, reason: cause ? messageOf(cause) : '–' } },
    cause,
  })

async function openTcp({ host, port }: Settings, { onData, onLost }: WireListeners): Promise<Wire> {
  const where = `${host}:${port}`
  const socket = connect({ host: host ?? '', port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 })
  let isGone = false
  let isOpen = false
  return new Promise((resolve, reject) => {
    const lose = (reason: string) => {
      if (isGone) return
      isGone = true
      socket.destroy()
      if (isOpen) return onLost(reason)
      reject(
        new OperationalError({
          code: 'gauge-away',
          message: `${where} cannot be reached: ${reason}. Check address and port, and that the device server is on.`,
          details: { blanks: { where, reason } },
        }),
      )
    }
    socket.setTimeout(CONNECT_MS, () => isOpen || lose(`no answer within ${CONNECT_MS / 1000} s`))
    socket.on('error', (error) => lose(error.message))
    socket.on('end', () => lose('it closed the connection'))
    socket.on('close', () => lose('it closed the connection'))
    socket.on('data', (bytes) => isGone || onData(bytes))
    socket.on('connect', () => {
      isOpen = true
      socket.setTimeout(0)
      resolve({
        where,
        write: (text) =>
          new Promise((done, fail) => {
            if (isGone) return fail(lost(where))
            socket.write(text, 'latin1', (error) => (error ? fail(lost(where, error)) : done()))
          }),
        async close() {
          isGone = true
          socket.destroy()
        },
      })
    })
  })
}
