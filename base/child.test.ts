import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { type ChildMessage, readJsonLines } from './child.ts'

const PROGRAM = `
import { underLauncher } from ${JSON.stringify(join(import.meta.dirname, 'child.ts'))}
const launcher = await underLauncher({ onShutdown: async () => {}, onLauncherGone: async () => {} })
launcher.onNote(() => {
  process.stderr.write('nobody reads this\\n', () => process.stdout.write('nor this\\n', () => setImmediate(() => launcher.note('still here'))))
})
launcher.ready()
`

test('a child lives on when nobody reads what it prints any more', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pipe = child.stdio[3] as Duplex
  const told: unknown[] = []
  const exited = new Promise<never>((_, reject) => child.once('exit', (code, signal) => reject(new Error(`the child ended: ${signal ?? code}`))))
  const note = new Promise<void>((resolve) => {
    const listen = readJsonLines((raw) => {
      const message = raw as ChildMessage
      if (message.type === 'ready') {
        for (const stream of [child.stdout, child.stderr] as Readable[]) stream.destroy()
        pipe.write('{"type":"note","data":null}\n')
      }
      if (message.type !== 'note') return
      told.push(message.data)
      resolve()
    }, expect.fail)
    pipe.on('data', listen)
  })
  pipe.on('error', () => {})
  pipe.write('{"type":"init","data":null}\n')
  await Promise.race([note, exited])
  expect(told).toEqual(['still here'])
})

test('a child lives on where nothing tells how much memory it holds', async () => {
  const program = `process.memoryUsage.rss = () => { throw new Error('EMFILE') }\n${PROGRAM}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pipe = child.stdio[3] as Duplex
  const ended = new Promise<never>((_, reject) => child.once('exit', (code, signal) => reject(new Error(`the child ended: ${signal ?? code}`))))
  const beat = new Promise<ChildMessage>((resolve) => {
    const listen = readJsonLines((raw) => {
      const message = raw as ChildMessage
      if (message.type === 'heartbeat') resolve(message)
    }, expect.fail)
    pipe.on('data', listen)
  })
  pipe.on('error', () => {})
  pipe.write('{"type":"init","data":null}\n')
  const message = await Promise.race([beat, ended])
  expect(message).toMatchObject({ type: 'heartbeat', lagMs: expect.any(Number), heapBytes: expect.any(Number) })
  expect(message).not.toHaveProperty('rssBytes')
})
