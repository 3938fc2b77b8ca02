/** Over a real pseudo-terminal and a real socket, with lines as gauges send them. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { checker } from '../../base/schema.ts'
import { openPort, type Port } from '../../nodes/motion/virtual/port.ts'
import type { RunningConnector, TagValue } from '../contract.ts'
import { type EventSource, eventConformance } from '../event-conformance.ts'
import type { AnyConnector } from '../index.ts'
import { portOfAdapter } from '../ports/list.ts'
import { machinePorts } from '../ports/machines.ts'
import { eventGateway } from '../testing-events.ts'
import { serialGauge } from './index.ts'
import { Settings } from './settings.ts'

const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: 30_000 })
/** As on a machine that has no time for this process. */
const standStill = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const hasPty = process.platform !== 'win32'

/** The other end of a serial line: under a name that stays, as /dev/serial/by-id gives it. */
async function ptyLine() {
  const dir = mkdtempSync(join(tmpdir(), 'cw-gauge-'))
  const path = join(dir, 'gauge')
  const asked: string[] = []
  let port: Port | undefined
  const plugIn = async () => {
    port = await openPort({ kind: 'pty', onData: (bytes) => void asked.push(bytes.toString('latin1')) })
    symlinkSync(port.name, path)
  }
  const pullOut = async () => {
    rmSync(path, { force: true })
    await port?.close()
    port = undefined
  }
  await plugIn()
  return {
    path,
    asked,
    send: (text: string) => port?.write(text),
    plugIn,
    pullOut,
    async close() {
      await pullOut()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A serial device server: one that listens at a time. */
async function deviceServer() {
  const sockets = new Set<Socket>()
  let onAsk: (text: string) => void = () => {}
  const make = () =>
    createServer((socket) => {
      sockets.add(socket)
      socket.on('data', (bytes) => onAsk(bytes.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    })
  let server = make()
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port)))
  const port = await listen(0)
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    port,
    send(text: string) {
      for (const socket of sockets) socket.write(text, 'latin1')
    },
    onAsk(listener: (text: string) => void) {
      onAsk = listener
    },
    stop,
    async start() {
      server = make()
      await listen(port)
    },
  }
}

// the name of an event goes along as the channel of a reading
const NAMED = { format: 'generic', pattern: '(?<value>[0-9.]+) (?<unit>mm) (?<channel>[a-z0-9-]+)', ends: 'lf' }
const nameOf: EventSource['nameOf'] = ({ payload }) => (payload as { channel: string }).channel
const lines = (names: readonly string[]) => names.map((name) => `12.345 mm ${name}\r\n`).join('')
/** A terminal takes 4,096 bytes at once. */
const inPieces = async (names: readonly string[], send: (text: string) => void) => {
  for (let at = 0; at < names.length; at += 50) {
    send(lines(names.slice(at, at + 50)))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// no machine is wired to this server
machinePorts.tell([])

eventConformance(serialGauge as unknown as AnyConnector, async () => {
  const device = await deviceServer()
  return {
    settings: { line: 'tcp', host: '127.0.0.1', port: device.port, ...NAMED },
    happen: (names) => inPieces(names, device.send),
    nameOf,
    isOrdered: true,
    vanish: device.stop,
    comeBack: device.start,
    keeps: false,
    close: device.stop,
  }
})

if (hasPty)
  eventConformance(serialGauge as unknown as AnyConnector, async () => {
    const line = await ptyLine()
    return {
      settings: { line: 'serial', path: line.path, ...NAMED },
      happen: (names) => inPieces(names, line.send),
      nameOf,
      isOrdered: true,
      vanish: line.pullOut,
      comeBack: line.plugIn,
      keeps: false,
      close: line.close,
    }
  })

describe.skipIf(!hasPty)('a gauge on a serial port', () => {
  let line: Awaited<ReturnType<typeof ptyLine>>
  let gateway: ReturnType<typeof eventGateway>
  let running: RunningConnector | undefined
  const settings = (more: object) => checker(Settings).parse({ path: line.path, ...more }, 'settings')
  const start = async (more: object) => {
    running = await serialGauge.start({ settings: settings(more), secrets: {}, context: gateway.context })
  }
  beforeEach(async () => {
    line = await ptyLine()
    gateway = eventGateway()
  })
  afterEach(async () => {
    gateway.end()
    await running?.close()
    running = undefined
    await line.close()
  })
  const values = () => gateway.events.filter(({ subject }) => subject !== 'refused').map(({ text }) => text)
  const codes = () =>
    gateway.events.filter(({ subject }) => subject === 'refused').map(({ payload }) => (payload as { refused: { code: string } }).refused.code)

  it('tells each reading with its unit, the line and the time', async () => {
    await start({ format: 'mitutoyo' })
    line.send('01A+0000.123\r')
    await eventually(values).toEqual(['0.123 mm'])
    expect(gateway.events[0]?.payload).toEqual({
      value: 0.123,
      decimals: 3,
      unit: 'mm',
      channel: '1',
      raw: '01A+0000.123',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
    expect(gateway.events[0]?.subject).toBe('reading/1')
  })
  it('tells two lines that come at once as two readings, and one of two that have run into each other as none', async () => {
    await start({ format: 'mitutoyo' })
    line.send('01A+0000.001\r01A+0000.002\r')
    line.send('01A+0000.00301A+0000.004\r01A+0000.005\r')
    await eventually(values).toEqual(['0.001 mm', '0.002 mm', '0.005 mm'])
    await eventually(codes).toEqual(['line-unknown'])
  })
  it('makes no value of half a line, nor of what comes after it', async () => {
    await start({ format: 'mark-10' })
    line.send('-18.')
    await eventually(codes).toEqual(['line-half'])
    line.send('78 lbFin\r\n')
    line.send('-3.5 lbFin\r\n')
    await eventually(values).toEqual(['-3.5 lbFin'])
    expect(gateway.problems.map(({ reason }) => reason).join()).toContain('stopped in the middle')
  })
  it('counts garbage and tells of it without a flood', async () => {
    await start({ format: 'mark-10' })
    const watched: TagValue[] = []
    await running?.tags?.watch(['refused'], (value) => void watched.push(value))
    line.send('\u0003\u0007@\r\n'.repeat(200))
    line.send('1.5 N\r\n')
    await eventually(values).toEqual(['1.5 N'])
    expect(watched.at(-1)?.value).toBe(200)
    expect(codes().length).toBeLessThan(5)
    expect(gateway.problems.length).toBeLessThan(5)
  })
  it('shows its newest reading as a live value, and says when nobody can know it', async () => {
    await start({ format: 'mark-10' })
    const watched: TagValue[] = []
    await running?.tags?.watch(['value', 'reading'], (value) => void watched.push(value))
    expect(watched).toEqual([
      { tag: 'value', value: null, quality: 'bad', at: null },
      { tag: 'reading', value: null, quality: 'bad', at: null },
    ])
    line.send('1.5 N\r\n')
    await eventually(() => watched.find(({ tag, value }) => tag === 'value' && value === 1.5)?.quality).toBe('good')
    await line.pullOut()
    await eventually(() => watched.findLast(({ tag }) => tag === 'value')).toMatchObject({ value: 1.5, quality: 'bad' })
    await line.plugIn()
    await eventually(() => watched.findLast(({ tag }) => tag === 'value')).toMatchObject({ value: 1.5, quality: 'good' })
  })
  it('answers who asks, and tells that reading to nobody else', async () => {
    await start({ format: 'mark-10', answerSeconds: 60 })
    const asking = running?.ask?.(new AbortController().signal)
    await eventually(() => line.asked.join('')).toBe('?\r')
    line.send('12.5 N\r\n')
    expect(await asking).toMatchObject({ value: 12.5, unit: 'N', raw: '12.5 N' })
    line.send('13 N\r\n')
    await eventually(values).toEqual(['13 N'])
  })
  it('says when a gauge does not answer, answers with half a line, or cannot be asked', async () => {
    const { signal } = new AbortController()
    await start({ format: 'mark-10', answerSeconds: 0.2 })
    await expect(running?.ask?.(signal)).rejects.toMatchObject({ code: 'no-answer' })
    await running?.close()
    await start({ format: 'mark-10', answerSeconds: 60 })
    const asking = running?.ask?.(signal)
    asking?.catch(() => {})
    await eventually(() => line.asked.join('')).toBe('?\r?\r')
    line.send('12.')
    await expect(asking).rejects.toMatchObject({ code: 'line-half' })
    await running?.close()
    await start({ format: 'mitutoyo' })
    await expect(running?.ask?.(signal)).rejects.toMatchObject({ code: 'no-request' })
  })
  it('gives what waits for a reading an answer when the plug is pulled', async () => {
    await start({ format: 'mark-10', answerSeconds: 60 })
    const asking = running?.ask?.(new AbortController().signal)
    asking?.catch(() => {})
    await eventually(() => line.asked.join('')).toBe('?\r')
    await line.pullOut()
    await expect(asking).rejects.toMatchObject({ code: 'gauge-lost' })
  })
  it('keeps nothing for flows that are deployed later', async () => {
    gateway.context.events = () => Promise.reject(Object.assign(new Error('nobody waits'), { code: 'nobody-listens', kind: 'operational' }))
    await start({ format: 'mark-10' })
    const watched: TagValue[] = []
    await running?.tags?.watch(['value'], (value) => void watched.push(value))
    line.send('7 N\r\n')
    await eventually(() => watched.at(-1)?.value).toBe(7)
    expect(gateway.states.filter(({ state }) => state === 'failing')).toEqual([])
  })
  it('has its port alone, and says who may have it', async () => {
    await start({ format: 'mark-10' })
    const other = await serialGauge
      .start({ settings: settings({ format: 'mark-10' }), secrets: {}, context: eventGateway().context })
      .catch((error: unknown) => error)
    expect(other).toMatchObject({ code: 'gauge-taken' })
    // a look at a connection that runs is no other program
    expect((await serialGauge.check(settings({ format: 'mark-10' }), {}))[0]).toMatchObject({ code: 'gauge-running' })
  })
  it('never opens the port of a machine, not even by a link to it, and none at all before it knows which those are', async () => {
    onTestFinished(() => machinePorts.tell([]))
    const link = join(line.path, '..', 'usb-gauge')
    symlinkSync(line.path, link)
    machinePorts.tell([{ machineId: 'm1', name: 'Router', path: realpathSync(line.path) }])
    for (const path of [line.path, link, realpathSync(line.path)]) {
      const opened = serialGauge.start({ settings: settings({ path, format: 'mark-10' }), secrets: {}, context: gateway.context })
      await expect(opened).rejects.toMatchObject({ code: 'port-of-machine', details: { blanks: { where: path, machine: 'Router' } } })
      await expect(serialGauge.check(settings({ path }), {})).rejects.toMatchObject({ code: 'port-of-machine' })
    }
    machinePorts.forget()
    await expect(start({ format: 'mark-10' })).rejects.toMatchObject({ code: 'machine-ports-unknown' })
    machinePorts.tell([])
    await start({ format: 'mark-10' })
  })
  it('does not open a port again that has become a machine’s while the gauge was unplugged', async () => {
    onTestFinished(() => machinePorts.tell([]))
    await start({ format: 'mark-10' })
    await line.pullOut()
    await eventually(() => gateway.states.at(-1)?.code).toBe('gauge-lost')
    // before it is there: it is looked for again at any moment
    machinePorts.tell([{ machineId: 'm1', name: 'Router', path: line.path }])
    await line.plugIn()
    await eventually(() => gateway.states.at(-1)?.code).toBe('port-of-machine')
    machinePorts.tell([])
    await eventually(() => gateway.states.at(-1)?.state).toBe('running')
  })
  it('says what to correct before it begins', async () => {
    await expect(serialGauge.check(settings({ path: '' }), {})).rejects.toMatchObject({ code: 'port-missing' })
    await expect(serialGauge.check(settings({ path: '/dev/no-such-gauge' }), {})).rejects.toMatchObject({ code: 'gauge-away' })
    await expect(serialGauge.check(settings({ line: 'tcp' }), {})).rejects.toMatchObject({ code: 'host-missing' })
    await expect(serialGauge.check(settings({ format: 'generic', pattern: '(?<value>(1+)+)' }), {})).rejects.toMatchObject({ code: 'pattern-slow' })
  })
})

describe('a gauge, while this server stands still', () => {
  let gateway: ReturnType<typeof eventGateway>
  const start = async (onSocket: (socket: Socket) => void, more: object = {}) => {
    const server = createServer((socket) => onSocket(socket.on('error', () => {})))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    gateway = eventGateway()
    const settings = checker(Settings).parse({ line: 'tcp', host: '127.0.0.1', port, format: 'mark-10', ...more }, 'settings')
    const running = await serialGauge.start({ settings, secrets: {}, context: gateway.context })
    onTestFinished(async () => {
      gateway.end()
      await running.close()
      await new Promise((resolve) => server.close(resolve))
    })
    return running
  }
  it('tells no reading as one of now that was sent before anybody listened', async () => {
    const { promise: connected, resolve } = Promise.withResolvers<Socket>()
    await start((socket) => {
      resolve(socket)
      // the other side knows by then that it is connected
      setImmediate(() =>
        setImmediate(() => {
          socket.write('7 N\r\n')
          standStill(300)
        }),
      )
    })
    const socket = await connected
    socket.write('8 N\r\n')
    await eventually(() => gateway.events.map(({ text }) => text)).toEqual(['8 N'])
  })
  it('is heard when it has answered meanwhile', async () => {
    const running = await start(
      (socket) =>
        socket.on('data', () => {
          socket.write('12.5 N\r\n')
          standStill(1_200)
        }),
      { answerSeconds: 1 },
    )
    expect(await running.ask?.(new AbortController().signal)).toMatchObject({ value: 12.5 })
  })
})

describe('a gauge by its USB adapter', () => {
  const list = async () => [
    { path: '/dev/ttyUSB0', vendorId: '0403', productId: '6001', serialNumber: 'A1' },
    { path: '/dev/ttyUSB1', vendorId: '0403', productId: '6001', serialNumber: 'B2' },
    { path: '/dev/ttyUSB2', vendorId: '1a86', productId: '7523' },
  ]
  it('is found wherever it is plugged in', async () => {
    expect(await portOfAdapter('0403:6001:B2', list)).toBe('/dev/ttyUSB1')
    expect(await portOfAdapter('1A86:7523', list)).toBe('/dev/ttyUSB2')
  })
  it('is not guessed where several are alike, or none is there', async () => {
    await expect(portOfAdapter('0403:6001', list)).rejects.toMatchObject({ code: 'adapter-twice' })
    await expect(portOfAdapter('0403:6001:C3', list)).rejects.toMatchObject({ code: 'adapter-missing' })
  })
})
