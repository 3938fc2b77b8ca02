/** A Redis of a test's own, on a Unix socket, that keeps nothing on the disk: killed, it begins empty. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** The program, where it is installed. */
export function redisProgram(): string | undefined {
  const name = process.env.REDIS_SERVER ?? 'redis-server'
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return name
  } catch {
    return undefined // not installed here
  }
}

export interface TestRedis {
  url: string
  /** Forgets everything. */
  wipe(): Promise<void>
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again, empty. */
  start(): Promise<void>
  close(): Promise<void>
}

export async function startTestRedis(program: string): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-redis-'))
  const url = join(dir, 'redis.sock')
  let server: ChildProcess
  const start = async () => {
    const child = spawn(program, ['--port', '0', '--unixsocket', url, '--dir', dir, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    server = child
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => /ready to accept connections/i.test(String(chunk)) && resolve())
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    })
  }
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    url,
    async wipe() {
      const client = new Redis(url)
      await client.flushall()
      await client.quit()
    },
    kill,
    start,
    async close() {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
