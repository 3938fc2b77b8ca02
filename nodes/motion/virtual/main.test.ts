import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { SerialPort } from 'serialport'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ChildMessage, readJsonLines } from '../../../base/child.ts'
import type { VirtualHello, VirtualInit } from './contract.ts'

const dirs: string[] = []
const children: { child: ChildProcess; exited: Promise<unknown> }[] = []
afterEach(async () => {
  for (const { child, exited } of children.splice(0)) {
    child.kill('SIGKILL')
    // it may be writing there
    await exited
  }
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

interface Running {
  child: ChildProcess
  pipe: Duplex
  init: VirtualInit
  port: string
  exited: Promise<number | null>
}

function launch(change: Partial<VirtualInit> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'cw-vm-'))
  dirs.push(dir)
  const init: VirtualInit = {
    machineId: 'm1',
    timeScale: 10,
    socket: join(dir, 'v.sock'),
    orphanTimeoutS: 60,
    envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
    stateFile: join(dir, 'state.json'),
    ...change,
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const pipe = child.stdio[3] as Duplex
  pipe.on('error', () => {})
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  children.push({ child, exited })
  const first = new Promise<ChildMessage>((resolve) => {
    pipe.on(
      'data',
      readJsonLines(
        (message) => {
          if ((message as ChildMessage).type !== 'heartbeat') resolve(message as ChildMessage)
        },
        (line) => {
          throw new Error(line)
        },
      ),
    )
  })
  pipe.write(`${JSON.stringify({ type: 'init', data: init })}\n`)
  return { child, pipe, init, exited, first }
}

async function start(change: Partial<VirtualInit> = {}): Promise<Running> {
  const launched = launch(change)
  const message = await launched.first
  if (message.type !== 'ready') throw new Error(`not ready: ${JSON.stringify(message)}`)
  return { ...launched, port: (message.data as { port: string }).port }
}

async function hello(path: string): Promise<{ socket: Socket; hello: VirtualHello }> {
  const socket = connect(path)
  const line = await new Promise<unknown>((resolve, reject) => {
    socket.on('error', reject)
    socket.on(
      'data',
      readJsonLines(resolve, (bad) => reject(new Error(bad))),
    )
  })
  return { socket, hello: line as VirtualHello }
}

/** Opens the port, asks once, returns the report. */
async function ask(port: string, text: string, until: RegExp): Promise<string> {
  const serial = new SerialPort({ path: port, baudRate: 115200, autoOpen: false })
  await new Promise<void>((resolve, reject) => serial.open((error) => (error ? reject(error) : resolve())))
  let heard = ''
  const answer = new Promise<void>((resolve) =>
    serial.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1')
      if (until.test(heard)) resolve()
    }),
  )
  serial.write(text)
  await answer
  await new Promise<void>((resolve) => serial.close(() => resolve()))
  return heard
}

describe('the process of a virtual controller', () => {
  it('gives its port, answers on it, and tells on its socket who it is', async () => {
    const running = await start()
    expect(await ask(running.port, '?', />/)).toMatch(/^<Idle\|MPos:0\.000,0\.000,0\.000/)
    const { socket, hello: said } = await hello(running.init.socket)
    expect(said).toEqual({ pid: running.child.pid, port: running.port, machineId: 'm1' })
    socket.destroy()
  })

  it('ends at the launcher’s word, keeping its state and removing its socket', async () => {
    const { pipe, exited, port, init } = await start()
    await ask(port, '$110=321\n', /ok/)
    pipe.write(`${JSON.stringify({ type: 'shutdown' })}\n`)
    expect(await exited).toBe(0)
    expect(JSON.parse(readFileSync(init.stateFile, 'utf8'))).toMatchObject({ eeprom: { settings: { 110: 321 } } })
    expect(existsSync(init.socket)).toBe(false)
  })

  it('ignores SIGTERM and SIGINT', async () => {
    const { child, port, pipe, exited } = await start()
    child.kill('SIGTERM')
    child.kill('SIGINT')
    expect(await ask(port, '?', />/)).toContain('<Idle')
    pipe.write(`${JSON.stringify({ type: 'shutdown' })}\n`)
    await exited
  })

  it('without a launcher moves on, and switches itself off after the orphan time', async () => {
    const { pipe, exited, port, init } = await start({ orphanTimeoutS: 1, timeScale: 100 })
    await ask(port, 'G1X50F1000\n', /ok/)
    const begin = performance.now()
    pipe.destroy()
    expect(await exited).toBe(0)
    expect(performance.now() - begin).toBeGreaterThan(900)
    expect(JSON.parse(readFileSync(init.stateFile, 'utf8'))).toMatchObject({ carriage: [50, 0, 0] })
  })

  it('is adopted by a later launcher that connects: it stays while the connection lives', async () => {
    const { pipe, exited, port, init, child } = await start({ orphanTimeoutS: 3 })
    pipe.destroy()
    const { socket, hello: said } = await hello(init.socket)
    expect(said.port).toBe(port)
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect(child.exitCode).toBeNull()
    expect(await ask(port, '?', />/)).toContain('<Idle')
    socket.destroy()
    expect(await exited).toBe(0)
  })

  it('adopted, ends at the word of its new launcher', async () => {
    const { pipe, exited, init } = await start()
    pipe.destroy()
    const { socket } = await hello(init.socket)
    socket.write(`${JSON.stringify({ type: 'shutdown' })}\n`)
    expect(await exited).toBe(0)
  })

  it('takes the place of a killed one and comes back where the carriage was left', async () => {
    const first = await start({ timeScale: 100 })
    await ask(first.port, 'G0X25\n', /ok/)
    await vi.waitFor(() => expect(JSON.parse(readFileSync(first.init.stateFile, 'utf8'))).toMatchObject({ carriage: [25, 0, 0] }), 30_000)
    first.child.kill('SIGKILL')
    await first.exited
    expect(existsSync(first.init.socket)).toBe(true)
    const second = await start({ ...first.init })
    const { socket, hello: said } = await hello(second.init.socket)
    socket.destroy()
    expect(said.pid).toBe(second.child.pid)
    expect(await ask(second.port, '?', />/)).toContain('MPos:0.000,')
    expect(JSON.parse(readFileSync(second.init.stateFile, 'utf8'))).toMatchObject({ carriage: [25, 0, 0] })
  })

  it('refuses to start twice on one socket, and says so', async () => {
    const first = await start()
    const second = launch({ ...first.init })
    expect(await second.first).toMatchObject({ type: 'failed', message: expect.stringContaining('already answers') })
    expect(await second.exited).toBe(1)
    expect(await ask(first.port, '?', />/)).toContain('<Idle')
  })

  it('refuses an init that does not fit', async () => {
    const { first, exited } = launch({ timeScale: 0 })
    expect(await first).toMatchObject({ type: 'failed', message: expect.stringContaining('timeScale') })
    expect(await exited).toBe(1)
  })
})
