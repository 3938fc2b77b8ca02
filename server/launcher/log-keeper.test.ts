/** Log files that are put aside while somebody writes them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogFile } from './log-files.ts'
import { keepLogs, tidyLogs } from './log-keeper.ts'

let dir: string
const children: ChildProcess[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cw-logs-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

const limits = { fileBytes: 10_000, days: 8 }
const day = 86_400_000
const put = (name: string, text: string | Buffer) => writeFileSync(join(dir, name), text)
const names = () => readdirSync(dir).sort()
const archives = () => names().filter((name) => name.endsWith('.gz'))
const unpacked = (name: string) => gunzipSync(readFileSync(join(dir, name))).toString()

test('a file that is too large is put aside compressed, and whoever writes it goes on in the emptied one', async () => {
  const log = openLogFile(join(dir, 'gateway.log'))
  // a child that appends what it is told, as the product's processes do
  const child = spawn('cat', [], { stdio: ['pipe', log.fd, log.fd] })
  log.close()
  children.push(child)
  const grownTo = (bytes: number) => expect.poll(() => statSync(join(dir, 'gateway.log')).size).toBe(bytes)
  child.stdin?.write('a'.repeat(20_000))
  await grownTo(20_000)
  await tidyLogs(dir, limits, new Date('2026-01-31T12:00:00Z'))
  expect(names()).toEqual(['gateway-20260131T120000Z.log.gz', 'gateway.log'])
  expect(unpacked('gateway-20260131T120000Z.log.gz')).toBe('a'.repeat(20_000))
  expect(statSync(join(dir, 'gateway-20260131T120000Z.log.gz')).mode & 0o777).toBe(0o600)
  child.stdin?.write('later')
  await grownTo(5)
  expect(readFileSync(join(dir, 'gateway.log'), 'utf8')).toBe('later')
})

test('no line is lost or doubled when a process writes all the time', async () => {
  const file = join(dir, 'gateway.log')
  const log = openLogFile(file)
  const count = 20_000
  const script = `for (let n = 0; n < ${count}; n += 100) { require('node:fs').writeSync(1, Array.from({ length: 100 }, (_, i) => (n + i) + '\\n').join('')) }`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', log.fd, 'inherit'] })
  log.close()
  children.push(child)
  const ended = once(child, 'exit')
  let at = Date.parse('2026-01-31T12:00:00Z')
  while (child.exitCode === null) {
    at += 1000
    await tidyLogs(dir, { ...limits, fileBytes: 5000 }, new Date(at))
  }
  await ended
  const lines = [...archives().map(unpacked), readFileSync(file, 'utf8')].join('').trim().split('\n').map(Number)
  expect(archives().length).toBeGreaterThan(0)
  // between the last reading and the cut there is a moment: what is written just then may be missing, never doubled or out of order
  expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
  expect(lines.length).toBeGreaterThan(count * 0.9)
  expect(lines.at(-1)).toBe(count - 1)
})

test('by age: what is old is put aside, and deleted when it is older than its days', async () => {
  put('runtime.log', 'x'.repeat(2000))
  put('silent.log', '')
  const begin = statSync(join(dir, 'runtime.log')).birthtimeMs
  await tidyLogs(dir, limits, new Date(begin + day))
  expect(archives()).toEqual([])
  await tidyLogs(dir, limits, new Date(begin + 2.5 * day))
  expect(archives()).toHaveLength(1)
  put('runtime.log', 'y'.repeat(2000))
  // its lines began when the ones before were put aside
  await tidyLogs(dir, limits, new Date(begin + 3 * day))
  expect(archives()).toHaveLength(1)
  await tidyLogs(dir, limits, new Date(begin + 11 * day))
  expect(archives()).toHaveLength(1)
  expect(unpacked(archives()[0]!)).toBe('y'.repeat(2000))
  expect(existsSync(join(dir, 'silent.log'))).toBe(true)
})

test('files that earlier versions put aside are deleted by their age, and nothing else is', async () => {
  put('gateway.log.2', 'o'.repeat(4000))
  utimesSync(join(dir, 'gateway.log.2'), 1, Date.parse('2026-01-20T00:00:00Z') / 1000)
  put('gateway-20260130T000000Z.log.gz', 'n'.repeat(4000))
  put('another file', 'z')
  await tidyLogs(dir, limits, new Date('2026-01-31T00:00:00Z'))
  expect(names()).toEqual(['another file', 'gateway-20260130T000000Z.log.gz'])
})

test('a file put aside at the start of a process is compressed later', async () => {
  put('gateway-20260130T000000Z.log', 'n'.repeat(4000))
  await tidyLogs(dir, limits, new Date('2026-01-31T00:00:00Z'))
  expect(names()).toEqual(['gateway-20260130T000000Z.log.gz'])
  expect(unpacked('gateway-20260130T000000Z.log.gz')).toBe('n'.repeat(4000))
})

test('what cannot be put aside is complained about once, and stops nothing', async () => {
  const complaints: string[] = []
  const stop = keepLogs({ dir: join(dir, 'nowhere'), limits, everyMs: 5, complain: (text) => complaints.push(text) })
  await expect.poll(() => complaints.length).toBe(1)
  // more rounds come and fail the same way
  const before = performance.now()
  await expect.poll(() => performance.now() - before > 100).toBe(true)
  expect(complaints).toHaveLength(1)
  expect(complaints[0]).toContain('log files could not be put aside')
  stop()
})
