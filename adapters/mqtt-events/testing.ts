/** A real Mosquitto for tests, where it is installed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where it is, or undefined: what needs it is then skipped. */
export const broker = [process.env.MOSQUITTO, '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(
  (path) => path && existsSync(path),
)

/** A broker of its own, in a folder of its own. */
export async function startBroker(more: (dir: string) => string = () => '', queue = 'max_queued_messages 0') {
  const dir = mkdtempSync(join(tmpdir(), 'cw-mqtt-'))
  const port = await freePort()
  const file = join(dir, 'mosquitto.conf')
  writeFileSync(
    file,
    `listener ${port} 127.0.0.1\n${more(dir) || 'allow_anonymous true\n'}persistence true\npersistence_location ${dir}/\n${queue}\nsys_interval 1\nlog_dest stderr\nuser root\n`,
  )
  let server: ChildProcess | undefined
  const start = async () => {
    const child = spawn(broker as string, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    server = child
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk
        if (said.includes('running')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}: ${said}`)))
    })
  }
  const stop = async () => {
    const ending = server
    server = undefined
    if (!ending) return
    const gone = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGTERM')
    await gone
  }
  await start()
  return {
    dir,
    port,
    start,
    stop,
    async close() {
      await stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Mosquitto cannot choose a port itself, and is started again on the same one: it is none of those that the system gives away
 * meanwhile (Linux: from 32768 on).
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
