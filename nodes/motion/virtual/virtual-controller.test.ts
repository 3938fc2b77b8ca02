import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { SerialPort } from 'serialport'
import { afterEach, describe, expect, it } from 'vitest'
import { ownTime } from '../../../base/own-time.ts'
import { startVirtualController, type VirtualController, type VirtualControllerOptions } from './index.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function virtual(options: VirtualControllerOptions = {}): Promise<VirtualController> {
  const controller = await startVirtualController(options)
  cleanups.push(() => controller.close())
  return controller
}

/** The other end of the wire. */
interface Wire {
  send(text: string): void
  text(): string
  /** Resolves when everything heard so far matches. */
  hears(pattern: RegExp | string, timeoutMs?: number): Promise<void>
  close(): Promise<void>
  closed: Promise<unknown>
}

async function openSerial(path: string): Promise<Wire> {
  const port = new SerialPort({ path, baudRate: 115200, autoOpen: false })
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())))
  // a close may overtake a write that is on its way, which then fails (EBADF)
  port.on('error', () => {})
  const close = () => new Promise<void>((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve()))
  cleanups.push(close)
  return wire({ stream: port, send: (text) => port.write(Buffer.from(text, 'latin1')), close })
}

function wire(options: { stream: NodeJS.EventEmitter; send: (text: string) => void; close: () => Promise<void> }): Wire {
  let heard = ''
  const listeners = new Set<() => void>()
  options.stream.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
    for (const listener of [...listeners]) listener()
  })
  const closed = new Promise((resolve) => options.stream.once('close', resolve))
  return {
    send: options.send,
    close: options.close,
    closed,
    text: () => heard,
    hears: (pattern, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not heard: ${pattern} in ${JSON.stringify(heard.slice(-500))}`)), timeoutMs)
        const look = () => {
          if (typeof pattern === 'string' ? !heard.includes(pattern) : !pattern.test(heard)) return
          clearTimeout(timer)
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
  }
}

const tempDir = () => {
  const dir = mkdtempSync(join(tmpdir(), 'cw-virtual-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
const count = (text: string, what: string) => text.split(what).length - 1

describe('over a pty', () => {
  it('talks to serialport both ways without echo', async () => {
    const controller = await virtual()
    const port = await openSerial(controller.port)
    port.send('$I\n')
    await port.hears(/ok\r\n/)
    expect(port.text()).toBe('[VER:1.1h.20190830:]\r\n[OPT:VNM,15,128]\r\nok\r\n')
    expect(controller.receivedText()).toBe('$I\n')
    expect(controller.answered).toMatchObject([{ line: '$I', answer: 'ok' }])
  })

  it('passes every byte unchanged', async () => {
    const controller = await virtual()
    const port = await openSerial(controller.port)
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
    port.send(all)
    await controller.waitFor(() => controller.receivedText().length === 256)
    expect(controller.receivedText()).toBe(all)
  })

  it('is not reset by opening, and goes on while nobody is there', async () => {
    const controller = await virtual({ timeScale: 20 })
    const first = await openSerial(controller.port)
    first.send('G1X100F1000\n')
    await first.hears('ok')
    await first.close()
    await controller.waitFor(() => controller.now().state === 'Idle' && controller.now().position[0] === 100)
    const second = await openSerial(controller.port)
    second.send('?')
    await second.hears(/<Idle\|MPos:100\.000,0\.000,0\.000/)
    expect(second.text()).not.toContain('Grbl')
  })

  it('can be opened again and again, also after the other side was gone in the middle of a stream', async () => {
    const controller = await virtual({ timeScale: 50 })
    for (let i = 1; i <= 5; i++) {
      const port = await openSerial(controller.port)
      port.send(`G0X${i}\n`.repeat(5))
      await port.close()
    }
    const port = await openSerial(controller.port)
    port.send('\x18')
    await port.hears("Grbl 1.1h ['$' for help]")
  })

  it('neither blocks nor keeps what nobody reads', async () => {
    const controller = await virtual({ timeScale: 1000 })
    const opened = await openSerial(controller.port)
    opened.send('$J=G91X1F5000\n')
    await opened.hears('ok')
    await opened.close()
    // answers far beyond any terminal buffer, with nobody listening
    const asker = connectRaw(controller)
    for (let i = 0; i < 400; i++) asker('$$\n')
    const port = await openSerial(controller.port)
    port.send('$I\n')
    await port.hears('[OPT:VNM,15,128]')
  })

  it('goes on while the cable is pulled, and answers again at a new port', async () => {
    const controller = await virtual({ timeScale: 20 })
    const port = await openSerial(controller.port)
    port.send('G1X50F1000\n')
    await port.hears('ok')
    const before = openSync(controller.port, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY)
    cleanups.push(() => closeSync(before))
    await controller.unplug()
    // the far side is hung up: the end of the stream, not "nothing yet"
    expect(readSync(before, Buffer.alloc(1))).toBe(0)
    await port.close()
    await controller.waitFor(() => controller.now().position[0] === 50)
    await controller.plug()
    const again = await openSerial(controller.port)
    again.send('?')
    await again.hears('<Idle|MPos:50.000')
  })
})

/** Feeds bytes as the wire would, without needing anybody to read the answers. */
function connectRaw(controller: VirtualController): (text: string) => void {
  const inside = controller as unknown as { onData(bytes: Buffer): void }
  return (text) => inside.onData(Buffer.from(text, 'latin1'))
}

describe('over TCP, where there is no pty', () => {
  it('gives host:port, serves one at a time, and serves the next after it', async () => {
    const controller = await virtual({ link: 'tcp' })
    const [host = '', port = ''] = controller.port.split(':')
    expect(host).toBe('127.0.0.1')
    const open = async () => {
      const socket = connect(Number(port), host)
      await new Promise((resolve) => socket.once('connect', resolve))
      const close = () =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve())
          socket.end()
        })
      return wire({ stream: socket, send: (text) => socket.write(text, 'latin1'), close })
    }
    const first = await open()
    first.send('$I\n')
    await first.hears('ok')
    const refused = await open()
    await refused.closed
    await first.close()
    await controller.waitFor(() => true)
    const second = await open()
    second.send('?')
    await second.hears('<Idle')
    await second.close()
  })

  it('is what CELLWRIGHT_NO_PTY=1 asks for', async () => {
    process.env.CELLWRIGHT_NO_PTY = '1'
    try {
      expect((await virtual()).port).toMatch(/^127\.0\.0\.1:\d+$/)
    } finally {
      delete process.env.CELLWRIGHT_NO_PTY
    }
  })
})

describe('time', () => {
  it('runs as fast as the scale says', async () => {
    const controller = await virtual({ timeScale: 10 })
    const port = await openSerial(controller.port)
    const begin = performance.now()
    const own = ownTime()
    port.send('G4P3\n')
    await port.hears('ok')
    expect(performance.now() - begin).toBeGreaterThan(295)
    // far from the 3000 ms of real time, also on a busy computer
    expect(own()).toBeLessThan(1500)
  })

  it('shows the position advancing, then standing', async () => {
    const controller = await virtual({ timeScale: 10, longestStepMs: 25 })
    const port = await openSerial(controller.port)
    port.send('G1X60F300\n')
    const seen: number[] = []
    for (let i = 0; i < 10; i++) {
      port.send('?')
      await port.hears(new RegExp(`(<[^>]*>\\s*(ok\\s*)?){${i + 1}}`))
      await later(20)
    }
    for (const found of port.text().matchAll(/MPos:([\d.]+)/g)) seen.push(Number(found[1]))
    expect(seen).toHaveLength(10)
    for (let i = 2; i < 10; i++) expect(seen[i]).toBeGreaterThan(seen[i - 1]!)
    await controller.waitFor(() => controller.now().state === 'Idle')
    expect(controller.now().position[0]).toBe(60)
  })

  it('costs no processor time while the machine stands', async () => {
    const controller = await virtual({ timeScale: 1000 })
    const port = await openSerial(controller.port)
    port.send('!G1X1F1\n?')
    await port.hears('<Hold:0')
    const before = process.cpuUsage()
    await later(500)
    const used = process.cpuUsage(before)
    expect((used.user + used.system) / 1000).toBeLessThan(100)
  })

  it('streams thousands of lines by character counting without losing one', async () => {
    const controller = await virtual({ timeScale: 1000 })
    const port = await openSerial(controller.port)
    const lines = Array.from({ length: 5000 }, (_, i) => `G1X${(100 + 50 * Math.cos(i / 50)).toFixed(3)}Y${(100 + 50 * Math.sin(i / 50)).toFixed(3)}F3000\n`)
    const inFlight: number[] = []
    let window = 0
    for (const line of lines) {
      while (window + line.length > 127) {
        const answered = count(port.text(), 'ok\r\n')
        if (answered > lines.length - 1) break
        const acknowledged = answered - (sent - inFlight.length)
        if (acknowledged > 0) for (const length of inFlight.splice(0, acknowledged)) window -= length
        else await later(1)
      }
      port.send(line)
      inFlight.push(line.length)
      window += line.length
      sent++
    }
    await controller.waitFor(() => controller.answered.length === 5000, 60_000)
    expect(controller.answered.every(({ answer }) => answer === 'ok')).toBe(true)
    expect(controller.now().lostBytes).toEqual({ overflow: 0, eeprom: 0, eepromLines: 0 })
    await controller.waitFor(() => controller.now().state === 'Idle')
  })
  let sent = 0
})

describe('faults', () => {
  it('an unasked restart says the banner and loses the queue', async () => {
    const controller = await virtual({ timeScale: 5 })
    const port = await openSerial(controller.port)
    port.send('G1X100F1000\n')
    await port.hears('ok')
    await controller.waitFor(() => controller.now().position[0] > 5)
    controller.powerCycle()
    await port.hears("Grbl 1.1h ['$' for help]")
    expect(controller.now()).toMatchObject({ state: 'Idle', position: [0, 0, 0] })
    expect(controller.now().carriage[0]).toBeGreaterThan(5)
  })

  it('stopped answering hears nothing, says nothing and moves on; then answers again', async () => {
    const controller = await virtual({ timeScale: 20 })
    const port = await openSerial(controller.port)
    port.send('G1X50F1000\n')
    await port.hears('ok')
    controller.stopAnswering()
    port.send('?$I\n')
    await controller.waitFor(() => controller.receivedText().endsWith('$I\n'))
    await controller.waitFor(() => controller.now().position[0] === 50)
    expect(port.text()).toBe('ok\r\n')
    controller.answerAgain()
    port.send('?')
    await port.hears('<Idle')
    expect(port.text()).not.toContain('VER')
  })

  it('an alarm stops the motion and is told', async () => {
    const controller = await virtual()
    const port = await openSerial(controller.port)
    port.send('G1X100F1000\n')
    await port.hears('ok')
    controller.trip(1)
    await port.hears('ALARM:1\r\n[MSG:Reset to continue]')
    expect(controller.now()).toMatchObject({ state: 'Alarm', isMoving: false })
  })
})

describe('the state file', () => {
  it('brings EEPROM and carriage back, and machine position 0', async () => {
    const stateFile = join(tempDir(), 'machine', 'm1.json')
    const controller = await startVirtualController({ stateFile, timeScale: 100 })
    const port = await openSerial(controller.port)
    port.send('G10L2P1X7\n')
    await port.hears('ok')
    port.send('G0X50Y20\n')
    await controller.waitFor(() => controller.now().position[0] === 57 && controller.now().state === 'Idle')
    await controller.close()
    const again = await virtual({ stateFile })
    expect(again.now()).toMatchObject({ position: [0, 0, 0], carriage: [57, 20, 0] })
    const second = await openSerial(again.port)
    second.send('$#\n')
    await second.hears('[G54:7.000,0.000,0.000]')
  })

  it('is written when the EEPROM changes, so that a killed process loses nothing of it', async () => {
    const stateFile = join(tempDir(), 'm1.json')
    const controller = await virtual({ stateFile })
    const port = await openSerial(controller.port)
    port.send('$110=777\n')
    await port.hears('ok')
    expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toMatchObject({ eeprom: { settings: { 110: 777 } } })
  })

  it('that is damaged is an EEPROM with a wrong checksum: error:7, then defaults', async () => {
    for (const damage of ['{"version":1', '{"version":1,"carriage":[0,0]}', '']) {
      const stateFile = join(tempDir(), 'm1.json')
      writeFileSync(stateFile, damage)
      const controller = await virtual({ stateFile })
      const port = await openSerial(controller.port)
      port.send('$$\n')
      await port.hears('$110=5000.000')
    }
  })

  it('gives the settings of the envelope', async () => {
    const controller = await virtual({ envelopeMm: { min: [-10, 0, 5], max: [90, 50, 25] } })
    const port = await openSerial(controller.port)
    port.send('$$\n')
    await port.hears('$130=100.000\r\n$131=50.000\r\n$132=20.000')
    // nearest to 0,0,0 inside
    expect(controller.now().carriage).toEqual([0, 0, 5])
  })
})

it('leaves no terminal open when it is closed, whatever was plugged meanwhile', async () => {
  // where the descriptors of a process can be looked at
  if (process.platform !== 'linux') return
  const terminals = async () => {
    const links = await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
    return links.filter((link) => link.startsWith('/dev/pts/') || link === '/dev/ptmx').length
  }
  const before = await terminals()
  // descriptors with gaps between them, as a process with much to do has them
  const held = Array.from({ length: 40 }, () => openSync('/dev/null', constants.O_RDONLY))
  for (const [index, fd] of held.entries()) if (index % 9 === 0) closeSync(fd)
  const controller = await startVirtualController()
  await controller.unplug()
  await controller.plug()
  expect(await terminals()).toBeGreaterThan(before)
  await controller.close()
  for (const [index, fd] of held.entries()) if (index % 9 !== 0) closeSync(fd)
  // those of the tests before may go meanwhile
  await expect.poll(terminals).toBeLessThanOrEqual(before)
})
