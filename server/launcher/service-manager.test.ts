/** What systemd is told, by its own program, at a real datagram socket. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serviceManager } from './service-manager.ts'

const isThere = spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('perl', ['-v']).status === 0
if (!isThere && process.env.CELLWRIGHT_NO_SKIPS) throw new Error('systemd-notify and perl are needed')

let dir: string
let listener: ChildProcess
let heard = ''
const socket = () => join(dir, 'notify')

/** Node has no such sockets: what arrives is printed, an empty line behind each datagram. */
const LISTEN = `use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, pack_sockaddr_un($ARGV[0])) or die $!; $| = 1;
while (defined recv($s, my $text, 4096, 0)) { print "$text\\n\\n" }`

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-notify-'))
  heard = ''
  if (!isThere) return
  listener = spawn('perl', ['-e', LISTEN, socket()], { stdio: ['ignore', 'pipe', 'inherit'] })
  listener.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk
  })
  await expect.poll(() => existsSync(socket())).toBe(true)
})
afterEach(() => {
  listener?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})
const env = (more: NodeJS.ProcessEnv = {}) => ({ PATH: process.env.PATH, NOTIFY_SOCKET: socket(), ...more })
/** What it was told; the barrier, by which the program waits until it was heard, left out. */
const said = () => heard.split('\n').filter((line) => line && !line.startsWith('BARRIER'))

test.skipIf(!isThere)('is told by systemd-notify; what comes meanwhile goes along with the next message', async () => {
  const complaints: string[] = []
  const manager = serviceManager({ env: env(), complain: (text) => complaints.push(text) })!
  manager.tell({ READY: '1', STATUS: 'Runs.' })
  manager.tell({ WATCHDOG: '1', STATUS: 'one' })
  manager.tell({ WATCHDOG: '1', STATUS: 'two\nREADY=1' })
  await manager.told
  await expect.poll(said).toEqual(['READY=1', 'STATUS=Runs.', 'WATCHDOG=1', 'STATUS=two READY=1'])
  expect(complaints).toEqual([])
})

test.skipIf(!isThere)('a manager that went away is complained about once', async () => {
  const complaints: string[] = []
  const manager = serviceManager({ env: env({ NOTIFY_SOCKET: join(dir, 'nobody') }), complain: (text) => complaints.push(text) })!
  for (let tries = 0; tries < 3; tries += 1) {
    manager.tell({ WATCHDOG: '1' })
    await manager.told
  }
  expect(complaints).toHaveLength(1)
})

test('there is none where nobody asked; its watchdog is for the process that it names', () => {
  const complain = () => {}
  expect(serviceManager({ env: {}, complain })).toBeUndefined()
  expect(serviceManager({ env: env({ WATCHDOG_USEC: '120000000' }), complain })?.watchdogMs).toBe(120_000)
  expect(serviceManager({ env: env({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: String(process.pid) }), complain })?.watchdogMs).toBe(120_000)
  expect(serviceManager({ env: env({ WATCHDOG_USEC: '120000000', WATCHDOG_PID: '1' }), complain })?.watchdogMs).toBeUndefined()
  expect(serviceManager({ env: env(), complain })?.watchdogMs).toBeUndefined()
})
