/** Links, pace and faults of a living controller. */
import { connect } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startVirtualController, type VirtualController, type VirtualControllerOptions } from './index.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function virtual(options: VirtualControllerOptions): Promise<VirtualController> {
  const controller = await startVirtualController(options)
  cleanups.push(() => controller.close())
  return controller
}

interface Wire {
  send(text: string): void
  text(): string
  hears(pattern: RegExp | string): Promise<void>
}

async function tcp(controller: VirtualController): Promise<Wire> {
  const [host, port] = controller.port.split(':') as [string, string]
  const socket = connect(Number(port), host)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  cleanups.push(() => void socket.destroy())
  let heard = ''
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
  })
  return listener(
    () => heard,
    (text) => socket.write(text, 'latin1'),
  )
}

function listener(text: () => string, send: (text: string) => void): Wire {
  return {
    send,
    text,
    async hears(pattern) {
      for (let i = 0; i < 1000; i++) {
        if (typeof pattern === 'string' ? text().includes(pattern) : pattern.test(text())) return
        await later(5)
      }
      throw new Error(`not heard: ${pattern} in ${JSON.stringify(text().slice(-300))}`)
    },
  }
}

async function webSocket(controller: VirtualController) {
  const socket = new WebSocket(controller.port)
  const frames: { text: string; isBinary: boolean }[] = []
  socket.on('message', (data: Buffer, isBinary) => frames.push({ text: data.toString('latin1'), isBinary }))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  cleanups.push(() => socket.terminate())
  return {
    socket,
    frames,
    ...listener(
      () => frames.map(({ text }) => text).join(''),
      (text) => socket.send(Buffer.from(text, 'latin1')),
    ),
  }
}

describe('a WebSocket', () => {
  it('carries lines and real-time bytes in binary frames', async () => {
    const controller = await virtual({ link: 'websocket', personality: 'fluidnc' })
    const wire = await webSocket(controller)
    wire.send('G1X10F1000\n')
    wire.send('?\x91')
    await wire.hears(/ok\r\n<(Run|Idle)/)
    expect(controller.receivedText()).toBe('G1X10F1000\n?\x91')
    expect(wire.frames.filter(({ text }) => text.includes('ok')).every(({ isBinary }) => isBinary)).toBe(true)
  })

  it('of FluidNC says in text frames whose page it is: no line of the controller', async () => {
    const wire = await webSocket(await virtual({ link: 'websocket', personality: 'fluidnc' }))
    await wire.hears('CURRENT_ID:1')
    expect(wire.frames.every(({ isBinary }) => !isBinary)).toBe(true)
  })

  it('of grblHAL has text frames, and a byte above 0x7F in one arrives as two', async () => {
    const controller = await virtual({ link: 'websocket', personality: 'grblhal' })
    const wire = await webSocket(controller)
    wire.socket.send('\u0087')
    await controller.waitFor(() => controller.receivedText().length === 2)
    expect(controller.receivedText()).toBe('\xc2\x87')
    await wire.hears('FW:grblHAL')
    expect(wire.frames.at(-1)?.isBinary).toBe(false)
  })

  it('that is pulled is closed for the other side, and there again at a new address', async () => {
    const controller = await virtual({ link: 'websocket' })
    const wire = await webSocket(controller)
    const closed = new Promise((resolve) => wire.socket.once('close', resolve))
    const before = controller.port
    await controller.unplug()
    await closed
    await controller.plug()
    expect(controller.port).not.toBe(before)
    const again = await webSocket(controller)
    again.send('?')
    await again.hears('<Idle')
  })
})

describe('a paced line', () => {
  it('lets bytes in and out at its speed', async () => {
    const controller = await virtual({ link: 'tcp', baud: 115_200, timeScale: 100 })
    const wire = await tcp(controller)
    // 1,152 bytes take 100 ms
    const begun = performance.now()
    wire.send('G4P0\n'.repeat(200) + ' '.repeat(152))
    await controller.waitFor(() => controller.receivedText().length === 1152)
    expect(performance.now() - begun).toBeGreaterThan(98)
    expect(controller.wire()?.toController).toMatchObject({ bytes: 1152 })
    expect(controller.wire()?.toController.busyMs).toBeCloseTo(100, 5)
    await wire.hears(/(ok\r\n){200}/)
    const answers = controller.wire()?.fromController
    expect(answers?.bytes).toBe(800)
    expect((answers?.lastAtMs ?? 0) - (answers?.firstAtMs ?? 0)).toBeGreaterThan(69)
  })

  it('drops without a word what comes faster than it is read', async () => {
    const controller = await virtual({ link: 'tcp', baud: 115_200 })
    const wire = await tcp(controller)
    wire.send(`G4P0.5\n${'G4P0\n'.repeat(100)}`)
    await controller.waitFor(() => controller.receivedText().length === 507)
    expect(controller.now().lostBytes.overflow).toBe(500 - 128)
    expect(controller.fullestRx).toBe(128)
  })

  it('counts a planner that ran empty while the line was free', async () => {
    const controller = await virtual({ link: 'tcp', baud: 115_200, timeScale: 10 })
    const wire = await tcp(controller)
    wire.send('G1X1F3000\n')
    await controller.waitFor(() => controller.now().state === 'Idle' && controller.now().position[0] === 1)
    expect(controller.starvations).toEqual({ all: 1, lineIdle: 1 })
    // the next line is still on its way when the first is done
    wire.send(`G1X1.01\nG1X2${' '.repeat(400)}\n`)
    await controller.waitFor(() => controller.now().position[0] === 2 && controller.now().state === 'Idle')
    expect(controller.starvations).toEqual({ all: 3, lineIdle: 2 })
  })
})

describe('faults', () => {
  it('lose, double and delay answers', async () => {
    const controller = await virtual({ link: 'tcp' })
    const wire = await tcp(controller)
    controller.loseAnswers(1)
    wire.send('G21\n')
    await controller.waitFor(() => controller.answered.length === 1)
    controller.doubleAnswers(1)
    wire.send('G21\n')
    await wire.hears('ok\r\nok\r\n')
    controller.delayAnswers(100)
    const begun = performance.now()
    wire.send('G21\n')
    await wire.hears(/(ok\r\n){3}/)
    expect(performance.now() - begun).toBeGreaterThan(95)
    expect(wire.text()).toBe('ok\r\n'.repeat(3))
  })

  it('flood, and break off a write to EEPROM', async () => {
    const controller = await virtual({ link: 'tcp' })
    const wire = await tcp(controller)
    controller.flood(50)
    await wire.hears(/(<Idle[^>]*>\r\n){50}/)
    wire.send('$110=777\n')
    await controller.waitFor(() => controller.answered.length === 1)
    controller.brownOut()
    await wire.hears(/error:7\r\n\$0=10\r\n/)
    await wire.hears("Grbl 1.1h ['$' for help]")
    wire.send('$$\n')
    await wire.hears('$110=5000.000')
  })

  it('by seed are the same every time, and end when told', async () => {
    const run = async (seed: number) => {
      const controller = await virtual({ link: 'tcp', faults: { seed, toController: { drop: 0.05, garble: 0.05, duplicate: 0.05 } } })
      const wire = await tcp(controller)
      wire.send('G1X10F1000Y20Z-3\n'.repeat(5))
      await controller.waitFor(() => controller.receivedText().length > 60)
      return controller.receivedText()
    }
    const [one, two, other] = [await run(7), await run(7), await run(8)]
    expect(one).toBe(two)
    expect(one).not.toBe(other)
    const controller = await virtual({ link: 'tcp', faults: { seed: 1, fromController: { drop: 1 } } })
    const wire = await tcp(controller)
    wire.send('G21\n')
    await controller.waitFor(() => controller.answered.length === 1)
    controller.setFaults(undefined)
    wire.send('G21\n')
    await wire.hears('ok\r\n')
    expect(wire.text()).toBe('ok\r\n')
  })

  it('happen by themselves, each of its kind', async () => {
    const controller = await virtual({ link: 'tcp', faults: { seed: 3, perSecond: { restart: 50, limit: 20, door: 20, flood: 10, silence: 5 } } })
    const wire = await tcp(controller)
    await wire.hears(/Grbl 1\.1h[\s\S]*ALARM:1|ALARM:1[\s\S]*Grbl 1\.1h/)
    await wire.hears(/(<[^>]*>\r\n){100}/)
  })
})

describe('what it saw', () => {
  it('has every move with its times and the room that was used', async () => {
    const controller = await virtual({ link: 'tcp', timeScale: 20 })
    const wire = await tcp(controller)
    wire.send('N5G1X10F3000\nG1Y-4\n')
    await controller.waitFor(() => controller.moves.length === 2 && controller.now().state === 'Idle')
    expect(controller.moves).toMatchObject([
      { from: [0, 0, 0], to: [10, 0, 0], lineNumber: 5 },
      { from: [10, 0, 0], to: [10, -4, 0] },
    ])
    expect(controller.motions).toHaveLength(1)
    const [motion] = controller.motions
    // 10 mm and 4 mm at 50 mm/s with their ramps take 0.45 s, in a twentieth of that
    expect((motion?.toMs ?? 0) - (motion?.fromMs ?? 0)).toBeCloseTo(25, -1)
    expect(controller.reached()).toEqual({ min: [0, -4, 0], max: [10, 0, 0] })
  })
})
