/**
 * The process of one virtual controller. As a real machine it knows neither guard nor launcher: it goes on
 * when either dies. Only the launcher's word, or a long time without any launcher, switches it off.
 */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { readJsonLines, underLauncher } from '../../../base/child.ts'
import { messageOf, OperationalError } from '../../../base/errors.ts'
import { createLog } from '../../../base/log.ts'
import { checker } from '../../../base/schema.ts'
import type { VirtualController } from './api.ts'
import { type VirtualHello, VirtualInit, type VirtualReady } from './contract.ts'
import { demoScene } from './demo-scene.ts'
import { startVirtualController } from './virtual-controller.ts'

const init = checker(VirtualInit)
/** A guard asks for the state many times a second. */
const GUARD_GONE_MS = 2000

/** Connections of launchers, and the call when there has been none for a while. */
interface Presence {
  /** Resolves when nobody has been connected for this long, counted from the call. */
  absence(timeoutS: number): Promise<void>
  close(): Promise<void>
}

/** Anybody who connects is told who lives here; as long as somebody is connected, a launcher is there. */
async function listenForLaunchers(options: { path: string; hello: VirtualHello; onShutdown: () => void; onBad: (line: string) => void }): Promise<Presence> {
  const { path, hello, onShutdown, onBad } = options
  const connections = new Set<Socket>()
  let onCountChange = () => {}
  const server = createServer((socket) => {
    connections.add(socket)
    onCountChange()
    socket.write(`${JSON.stringify(hello)}\n`)
    socket.on(
      'data',
      readJsonLines((message) => {
        if ((message as { type?: unknown } | null)?.type === 'shutdown') onShutdown()
        else onBad(JSON.stringify(message))
      }, onBad),
    )
    // a connection that breaks is a launcher that died: 'close' follows
    socket.on('error', () => {})
    socket.on('close', () => {
      connections.delete(socket)
      onCountChange()
    })
  })
  await listen(server, path)
  return {
    absence: (timeoutS) =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined
        onCountChange = () => {
          clearTimeout(timer)
          if (connections.size === 0) timer = setTimeout(resolve, timeoutS * 1000)
        }
        onCountChange()
      }),
    async close() {
      for (const socket of connections) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Listens, taking the place of a dead process' socket but never of a living one's. */
async function listen(server: Server, path: string): Promise<void> {
  const attempt = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    await attempt()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (await isAnswered(path))
      throw new OperationalError({ code: 'already-running', message: `A virtual controller already answers at ${path}.`, cause: error })
    rmSync(path, { force: true })
    await attempt()
  }
  if (process.platform !== 'win32') chmodSync(path, 0o600)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

let controller: VirtualController | undefined
let presence: Presence | undefined
let orphanTimeoutS = 0
let log = createLog('virtual')

async function switchOff(): Promise<void> {
  await controller?.close()
  await presence?.close()
}

const launcher = await underLauncher({
  onShutdown: switchOff,
  async onLauncherGone() {
    if (presence) {
      log.warn({ orphanTimeoutS }, 'the launcher is gone: the machine stays on and waits for another')
      await presence.absence(orphanTimeoutS)
      // its guard waits as long, then brings it to rest: a machine that went off under it would look like a lost link
      while ((controller?.silentMs ?? GUARD_GONE_MS) < GUARD_GONE_MS) await presence.absence(1)
      log.warn('no launcher came: switching off')
    }
    await switchOff()
  },
})

try {
  const settings = init.parse(launcher.init, 'What the launcher passed')
  const { machineId, timeScale, envelopeMm, stateFile, socket } = settings
  log = createLog(`virtual:${machineId}`)
  orphanTimeoutS = settings.orphanTimeoutS
  controller = await startVirtualController({ timeScale, envelopeMm, stateFile, keepsLog: false, scene: demoScene(envelopeMm) })
  presence = await listenForLaunchers({
    path: socket,
    hello: { pid: process.pid, port: controller.port, machineId },
    onShutdown: () => {
      switchOff().then(
        () => process.exit(0),
        (error) => {
          log.error({ err: error }, 'could not switch off cleanly')
          process.exit(1)
        },
      )
    },
    onBad: (line) => log.warn({ line: line.slice(0, 200) }, 'not a message for a virtual controller'),
  })
  log.info({ port: controller.port, timeScale }, 'the virtual controller is on')
  launcher.ready({ port: controller.port } satisfies VirtualReady)
} catch (error) {
  log.error({ err: error }, 'could not start')
  launcher.failed(messageOf(error))
  process.exit(1)
}
