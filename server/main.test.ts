/** The gateway as the launcher sees it: a process with a pipe. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ChildMessage, readJsonLines } from '../base/child.ts'
import { readConfig } from './config.ts'
import { startTestPostgres, type TestPostgres } from './store/testing.ts'
import { ask } from './testing.ts'

let postgres: TestPostgres
let dir: string
const children: ChildProcess[] = []
beforeAll(async () => {
  postgres = await startTestPostgres()
  dir = mkdtempSync(join(tmpdir(), 'cw-main-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(async () => {
  await postgres?.close()
  // what was killed last may still write
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
})

function launch(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'inherit', process.env.CELLWRIGHT_TEST_LOG ? 'inherit' : 'ignore', 'pipe'],
  })
  children.push(child)
  const pipe = child.stdio[3] as Duplex
  const messages: ChildMessage[] = []
  pipe.on(
    'data',
    readJsonLines(
      (message) => messages.push(message as ChildMessage),
      () => {},
    ),
  )
  pipe.on('error', () => {})
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const say = (message: unknown) => pipe.write(`${JSON.stringify(message)}\n`)
  const at = (name: string) => join(dir, name)
  const data = {
    config: readConfig({ CELLWRIGHT_PORT: '0', CELLWRIGHT_DATA: at('data'), ...env }),
    runDir: dir,
    database: postgres.database,
    isEmbeddedDatabase: true,
    processToken: 'p',
    guardToken: 'g',
    runtimeSocket: at('r.sock'),
    connectorSocket: at('c.sock'),
    runtimeHttpSocket: at('h.sock'),
  }
  const got = async (type: ChildMessage['type']) => {
    await expect.poll(() => messages.find((message) => message.type === type)).toBeDefined()
    return messages.find((message) => message.type === type) as { data?: unknown; message?: string }
  }
  return { child, pipe, messages, exited, say, data, got }
}

test('starts under the launcher, says where it is and how set-up begins, and ends when told', async () => {
  const one = launch()
  one.say({ type: 'init', data: one.data })
  one.say({ type: 'note', data: { kind: 'processes', processes: [{ name: 'runtime', state: 'running', restarts: 2 }], isSafeMode: false } })
  const { url, setupUrl } = (await one.got('ready')).data as { url: string; setupUrl: string }
  expect((await ask(`${url}/healthz`)).status).toBe(200)
  expect(setupUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup\?code=[0-9a-f]{24}$/)
  expect(one.messages).toContainEqual({ type: 'note', data: { kind: 'machines', machines: [] } })
  one.child.kill('SIGTERM')
  one.child.kill('SIGINT')
  expect((await ask(`${url}/healthz`)).status).toBe(200)
  expect(existsSync(join(dir, 'data', 'cli-access.json'))).toBe(true)
  one.say({ type: 'shutdown' })
  expect(await one.exited).toBe(0)
  expect(existsSync(join(dir, 'data', 'cli-access.json'))).toBe(false)
})

test('the printed set-up address stays valid over a restart', async () => {
  const codes = []
  for (let i = 0; i < 2; i += 1) {
    const one = launch()
    one.say({ type: 'init', data: one.data })
    codes.push(new URL(((await one.got('ready')).data as { setupUrl: string }).setupUrl).searchParams.get('code'))
    one.say({ type: 'shutdown' })
    await one.exited
  }
  expect(codes[0]).toBe(codes[1])
})

test('ends by itself when the launcher is gone', async () => {
  const one = launch()
  one.say({ type: 'init', data: one.data })
  await one.got('ready')
  one.pipe.destroy()
  expect(await one.exited).toBe(0)
})

test('what a person must put right is told to the launcher', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const one = launch({ CELLWRIGHT_PORT: String((other.address() as AddressInfo).port) })
  one.say({ type: 'init', data: one.data })
  expect((await one.got('failed')).message).toMatch(/CELLWRIGHT_PORT/)
  expect(await one.exited).toBe(1)
  other.close()
  const wrong = launch()
  wrong.say({ type: 'init', data: { config: {} } })
  expect((await wrong.got('failed')).message).toMatch(/launcher passed/)
})
