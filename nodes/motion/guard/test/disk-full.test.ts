/** The disk under the journal is full: a limit on the size of files, set by the kernel, stands for it. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { newId } from '../../../../base/ids.ts'
import { openRpc } from '../../../../base/rpc.ts'
import type { MachineState } from '../../machine.ts'
import { startVirtualController } from '../../virtual/index.ts'
import { type GuardInit, guardNotices, guardRpc, type JobEnd } from '../contract.ts'
import { readJournal } from '../journal-reader.ts'
import { ENVELOPE, settingsFor, tempDir, until, writeProgram, zigzag } from './rig.ts'

const MAIN = join(import.meta.dirname, '..', 'main.ts')
const hasLimits = process.platform === 'linux' && existsSync('/usr/bin/prlimit')

const dial = (path: string) =>
  new Promise<Socket | undefined>((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })

/** A guard process whose files may not grow beyond a size. */
async function guardWithLimit(init: GuardInit, blocksOf512: number) {
  // without the signal being ignored the kernel would end the process instead of refusing the write
  const child = spawn('/bin/sh', ['-c', `trap '' XFSZ; ulimit -S -f ${blocksOf512}; exec "$0" "$1"`, process.execPath, MAIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, CELLWRIGHT_LOG_LEVEL: 'silent' },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const pipe = child.stdio[3] as Duplex
  pipe.on('error', () => {})
  pipe.write(`${JSON.stringify({ type: 'init', data: init })}\n`)
  let dialled: Socket | undefined
  // the file is there a moment before somebody listens
  await until(async () => {
    dialled = await dial(init.socket)
    return dialled !== undefined
  }, 'it listens')
  const socket = dialled as Socket
  const ends: JobEnd[] = []
  let state: MachineState | undefined
  const guard = openRpc({
    socket,
    serves: guardNotices,
    handlers: {
      requests: {},
      notifications: {
        state: (next) => {
          state = next
        },
        jobEnded: (end) => ends.push(end),
        event: () => {},
      },
    },
    calls: guardRpc,
  })
  onTestFinished(() => guard.close())
  state = (await guard.call('hello', { token: init.token, as: 'gateway' })).state
  return { child, guard, ends, state: () => state as MachineState }
}

test.runIf(hasLimits)('a disk that is full under the journal: the job goes on, a new one is refused, and with room again nothing is torn', async () => {
  const machine = await startVirtualController({ timeScale: 40, envelopeMm: ENVELOPE })
  onTestFinished(() => machine.close())
  const dir = await tempDir()
  const init: GuardInit = {
    machineId: 'm1',
    settings: settingsFor({ kind: 'virtual', timeScale: 40 }),
    virtualPort: machine.port,
    socket: join(dir, 'g.sock'),
    token: 'correct horse battery staple',
    journalDir: join(dir, 'journal'),
    orphanTimeoutS: 60,
    isRestart: false,
  }
  // 24 kB: enough for a start, not for a program
  const { child, guard, ends, state } = await guardWithLimit(init, 48)
  await until(() => state().controller === 'idle' && state().firmware !== undefined, 'ready')
  const start = async (lines: number) => {
    const { path, sha256 } = await writeProgram(dir, zigzag(lines))
    const jobId = newId('job')
    await guard.call('startJob', { jobId, programName: 'part.nc', path, sha256, by: 'tester', whenRequesterGone: 'finish' })
    return jobId
  }
  const first = await start(400)
  await until(() => /journal cannot be written.*Make room/.test(state().notices.join()), 'told')
  await until(() => ends.length > 0, 'the end of the job', 20_000)
  expect(ends[0]).toMatchObject({ jobId: first, state: 'completed', linesAcknowledged: 403 })
  // the list of jobs is a file of its own, and small: so it must be full, too
  let refused: unknown
  for (let i = 0; i < 60 && refused === undefined; i += 1) {
    const before = ends.length
    await start(1).catch((error) => {
      refused = error
    })
    if (refused === undefined) await until(() => ends.length > before, 'the end of a short job')
  }
  expect(refused).toMatchObject({ code: 'journal-failed', message: expect.stringMatching(/Make room/) })
  expect(machine.now().isMoving).toBe(false)
  execFileSync('/usr/bin/prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
  await until(() => !/journal cannot/.test(state().notices.join()), 'the notice is gone')
  const last = await start(5)
  await until(() => ends.some(({ jobId }) => jobId === last), 'the end of the last job')
  // it reads the controller's state again after a program, and is not ended then
  await until(
    () =>
      guard.call('end', {}).then(
        () => true,
        () => false,
      ),
    'it may end',
  )
  await until(() => child.exitCode !== null, 'the process ended')
  const kinds: string[] = []
  let program = 0
  for await (const entry of readJournal(init.journalDir)) {
    if (entry.kind === 'torn') throw new Error(`a torn line of ${entry.bytes} bytes in ${(await readdir(init.journalDir)).join()}`)
    kinds.push(entry.record.kind)
    if (entry.record.kind === 'program' && entry.record.jobId === first) program = Math.max(program, entry.record.sent)
  }
  // everything was kept in memory and is there, whole and in order
  expect(program).toBe(403)
  expect(kinds).not.toContain('gap')
})
