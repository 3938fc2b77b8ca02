import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { readJsonLines } from '../../../../base/child.ts'
import { newId } from '../../../../base/ids.ts'
import { openRpc, type RpcPeer } from '../../../../base/rpc.ts'
import type { MachineState } from '../../machine.ts'
import { startVirtualController } from '../../virtual/index.ts'
import { type GuardInit, guardNotices, guardRpc, type JobEnd } from '../contract.ts'
import { readJournal } from '../journal-reader.ts'
import { controls, ENVELOPE, LONGEST_STEP_MS, settingsFor, tempDir, until, writeProgram, zigzag } from './rig.ts'

const TOKEN = 'correct horse battery staple'
const MAIN = join(import.meta.dirname, '..', 'main.ts')

interface GuardProcess {
  child: ChildProcess
  pipe: Duplex
  errors: string[]
  exited: Promise<number | string>
}

/** A guard process as the launcher starts it; resolves when it says that it is ready. */
async function startGuard(init: unknown, options: { mayFail?: true } = {}): Promise<GuardProcess> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, CELLWRIGHT_LOG_LEVEL: 'warn' } })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const errors: string[] = []
  child.stderr?.on('data', (text) => errors.push(String(text)))
  const exited = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'gone')))
  const pipe = child.stdio[3] as Duplex
  // the other end may be killed at any moment
  pipe.on('error', () => {})
  const isReady = new Promise<void>((resolve, reject) => {
    pipe.on(
      'data',
      readJsonLines(
        (message) => {
          if ((message as { type: string }).type === 'ready') resolve()
        },
        (line) => reject(new Error(line)),
      ),
    )
    exited.then((how) => (options.mayFail ? resolve() : reject(new Error(`the guard ended (${how}): ${errors.join('')}`))))
  })
  pipe.write(`${JSON.stringify({ type: 'init', data: init })}\n`)
  await isReady
  return { child, pipe, errors, exited }
}

interface Caller {
  guard: RpcPeer<typeof guardRpc>
  states: MachineState[]
  ends: JobEnd[]
}

async function call(socketPath: string, hello: { token: string; as: 'gateway' | 'launcher' } | undefined): Promise<Caller> {
  const socket = connect(socketPath)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const states: MachineState[] = []
  const ends: JobEnd[] = []
  const guard = openRpc({
    socket,
    serves: guardNotices,
    handlers: { requests: {}, notifications: { state: (state) => states.push(state), jobEnded: (end) => ends.push(end), event: () => {} } },
    calls: guardRpc,
  })
  onTestFinished(() => guard.close())
  if (hello) states.push((await guard.call('hello', hello)).state)
  return { guard, states, ends }
}

async function shop(timeScale = 5) {
  const machine = await startVirtualController({ timeScale, envelopeMm: ENVELOPE, longestStepMs: LONGEST_STEP_MS })
  onTestFinished(() => machine.close())
  const dir = await tempDir()
  const init: GuardInit = {
    machineId: 'm1',
    settings: settingsFor({ kind: 'virtual', timeScale }),
    virtualPort: machine.port,
    socket: join(dir, 'guard.sock'),
    token: TOKEN,
    journalDir: join(dir, 'journal'),
    orphanTimeoutS: 60,
    isRestart: false,
  }
  const gateway = () => call(init.socket, { token: TOKEN, as: 'gateway' })
  const ready = async ({ guard }: Caller) => {
    await until(async () => {
      const { controller, firmware } = await guard.call('state', {})
      return controller === 'idle' && firmware !== undefined
    }, 'ready for work')
  }
  const run = async ({ guard }: Caller, text: string, whenRequesterGone: 'finish' | 'hold' = 'finish') => {
    const program = await writeProgram(dir, text)
    const jobId = newId('job')
    const { path, sha256 } = program
    const motions = machine.motions.length
    await guard.call('startJob', { jobId, programName: 'part.nc', path, sha256, by: 'tester', whenRequesterGone })
    await until(() => machine.motions.length > motions, 'it moves')
    return jobId
  }
  /** So many lines are written down as answered, and the line that a later start could go on at: a kill takes neither back. */
  const noted = (lines: number) =>
    until(async () => {
      let [acknowledged, line] = [0, 0]
      for await (const entry of readJournal(init.journalDir)) {
        if (entry.kind !== 'record') continue
        if (entry.record.kind === 'acknowledged') acknowledged = entry.record.acknowledged
        if (entry.record.kind === 'progress') line = entry.record.line
      }
      return acknowledged > lines && line > 2
    }, 'well under way')
  return { machine, dir, init, gateway, ready, run, noted }
}

test('a stranger is refused everything, also with a wrong token', async () => {
  const { init, machine, gateway, ready } = await shop()
  await startGuard(init)
  await ready(await gateway())
  const stranger = await call(init.socket, undefined)
  await expect(stranger.guard.call('state', {})).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(stranger.guard.call('stop', { by: 'x', hard: true })).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(stranger.guard.call('command', { line: 'G0X1', by: 'x' })).rejects.toMatchObject({ code: 'unauthorized' })
  for (const token of ['', 'wrong', `${TOKEN} `]) {
    await expect(stranger.guard.call('hello', { token, as: 'gateway' })).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(stranger.guard.call('hold', { by: 'x' })).rejects.toMatchObject({ code: 'unauthorized' })
  }
  expect(controls(machine)).toBe('')
  expect(stranger.states).toEqual([])
})

test('runs a job for a gateway, which hears of every change and of the end', async () => {
  const { init, gateway, ready, run } = await shop(100)
  await startGuard(init)
  const caller = await gateway()
  await ready(caller)
  const jobId = await run(caller, zigzag(500))
  await until(() => caller.ends.length > 0, 'the end')
  expect(caller.ends[0]).toMatchObject({ jobId, state: 'completed', linesAcknowledged: 503 })
  expect(caller.states.some(({ job }) => job?.phase === 'streaming')).toBe(true)
  expect(await caller.guard.call('jobStatus', { jobId })).toMatchObject({ state: 'completed' })
  const bad = await caller.guard.call('command', { line: `G0X${'1'.repeat(10_000)}`, by: 'x' }).catch((error: unknown) => error)
  expect(bad).toMatchObject({ code: 'line-refused' })
})

test('kill -9 in mid-program: the next guard sends nothing new, and tells that the job was interrupted', async () => {
  const { init, machine, gateway, ready, run, noted } = await shop(2)
  const first = await startGuard(init)
  const before = await gateway()
  await ready(before)
  const jobId = await run(before, zigzag(2000))
  await noted(30)
  first.child.kill('SIGKILL')
  await first.exited
  await startGuard({ ...init, isRestart: true })
  const after = await gateway()
  const end = await after.guard.call('jobStatus', { jobId })
  expect(end).toMatchObject({ jobId, state: 'interrupted', totalLines: 2003 })
  if (!end || !('text' in end)) throw new Error('no end')
  expect(end.text).toMatch(/guard process ended while the program ran/)
  expect(end.linesAcknowledged).toBeGreaterThan(30)
  expect(end.linesSent).toBeGreaterThanOrEqual(end.linesAcknowledged)
  expect(end.linesSent).toBeLessThan(2003)
  // a later start could go on where nothing is in doubt: not behind what was acknowledged, and not far before it
  const { resumable } = await after.guard.call('state', {})
  expect(resumable).toMatchObject({ jobId, programName: 'part.nc' })
  expect(resumable?.line).toBeGreaterThan(2)
  expect(resumable?.line).toBeLessThanOrEqual(end.linesAcknowledged + 1)
  expect(resumable?.text).toBe(zigzag(2000).split('\n')[(resumable?.line ?? 0) - 1]?.replaceAll(' ', ''))
  // what the controller had runs out; then it is asked what it is, and that is all
  await ready(after)
  const lines = machine.receivedText().replaceAll('?', '').split('\n')
  const heard = lines.slice(lines.indexOf('G21G90'))
  const ours = heard.findIndex((line) => line.startsWith('$'))
  const program = zigzag(2000).replaceAll(' ', '').split('\n').slice(1)
  expect(heard.slice(0, ours)).toEqual(program.slice(0, ours))
  expect(heard.slice(ours).join('\n')).toMatch(/^(\$[I$#G]\n)+$/)
  expect((await after.guard.call('state', {})).notices.join()).toMatch(/interrupted/)
  const { path, sha256 } = await writeProgram(await tempDir(), 'G0X1\n')
  const again = after.guard.call('startJob', { jobId, programName: 'x', path, sha256, by: 'x', whenRequesterGone: 'finish' })
  await expect(again).rejects.toMatchObject({ code: 'job-seen' })
})

test('kill -9 in mid-program: after a look at the machine the program goes on from the line that is not proven done', async () => {
  const { init, machine, gateway, ready, dir, noted } = await shop(5)
  const first = await startGuard(init)
  const before = await gateway()
  await ready(before)
  const rows = Array.from({ length: 400 }, (_, i) => `X${(i % 200) + 1} Y${Math.floor(i / 200)}`)
  const program = await writeProgram(dir, `G21 G90\nG0 X0 Y0 Z0\nG1 F4000\n${rows.join('\n')}\nM30\n`)
  const start = { programName: 'part.nc', path: program.path, sha256: program.sha256, by: 'tester', whenRequesterGone: 'finish' as const }
  const jobId = newId('job')
  await before.guard.call('startJob', { ...start, jobId })
  await noted(120)
  first.child.kill('SIGKILL')
  await first.exited
  await startGuard({ ...init, isRestart: true })
  const after = await gateway()
  await ready(after)
  await until(async () => (await after.guard.call('state', {})).isStanding && !machine.now().isMoving, 'the controller has run out')
  const { resumable, partsCount } = await after.guard.call('state', {})
  if (!resumable) throw new Error('nothing to go on with')
  expect(partsCount).toBe(0)
  const plan = await after.guard.call('planStart', {
    path: program.path,
    sha256: program.sha256,
    programName: 'part.nc',
    fromLine: resumable.line,
    by: 'tester',
  })
  expect(plan.fromLine).toBe(resumable.line)
  expect(plan.lines.map(({ text }) => text)).toEqual(expect.arrayContaining(['G21G90G94', 'G53G0Z19', 'F4000', 'G17G21G90G94']))
  const next = newId('job')
  await after.guard.call('startJob', { ...start, jobId: next, options: { planId: plan.planId } })
  await until(() => after.ends.some((end) => end.jobId === next), 'the end')
  expect(after.ends.find((end) => end.jobId === next)).toMatchObject({ state: 'completed', totalLines: 404 - resumable.line + 1 })
  const state = await after.guard.call('state', {})
  expect(state).toMatchObject({ machinePositionMm: [200, 1, 0], partsCount: 1 })
  expect(state).not.toHaveProperty('resumable')
})

test('shutdown holds a moving machine, sees it standing, ends the job and then itself', async () => {
  const { init, machine, gateway, ready, run } = await shop(1)
  const guard = await startGuard(init)
  const caller = await gateway()
  await ready(caller)
  const jobId = await run(caller, 'G21 G90\nG1 F3000 X300\nX0\nX300\n')
  guard.pipe.write('{"type":"shutdown"}\n')
  expect(await guard.exited).toBe(0)
  expect(machine.now().state).toBe('Hold:0')
  expect(controls(machine)).toBe('!')
  await until(() => caller.ends.length > 0, 'the end was told')
  expect(caller.ends).toEqual([
    expect.objectContaining({ jobId, state: 'interrupted', text: expect.stringMatching(/server was shut down at line .*stands in feed hold/) }),
  ])
})

test('a gateway that goes away changes nothing: the job goes on, and a new gateway is told how it stands', async () => {
  const { init, machine, gateway, ready, run } = await shop(2)
  await startGuard(init)
  const first = await gateway()
  await ready(first)
  const jobId = await run(first, 'G21 G90\nG1 F3000 X300\nX0\n')
  first.guard.close()
  const second = await gateway()
  expect(await second.guard.call('jobStatus', { jobId })).toEqual({ state: 'active' })
  await until(() => second.ends.length > 0, 'the end')
  expect(second.ends[0]).toMatchObject({ jobId, state: 'completed' })
  expect(controls(machine)).toBe('')
})

test('without launcher and gateway the machine is held; a new gateway finds the job held and resumes it', async () => {
  const { init, machine, gateway, ready, run } = await shop(1)
  const guard = await startGuard(init)
  const first = await gateway()
  await ready(first)
  const jobId = await run(first, 'G21 G90\nG1 F5000 X300\nX100\n')
  // as a launcher that was killed: its pipe ends and nobody reads what the guard writes
  guard.pipe.destroy()
  guard.child.stderr?.destroy()
  // a gateway is still there: the job goes on
  await until(() => first.states.at(-1)?.controller === 'run', 'runs')
  expect(controls(machine)).toBe('')
  first.guard.close()
  await until(() => machine.now().state === 'Hold:0', 'it is held')
  const second = await gateway()
  await until(() => second.states.at(-1)?.controller === 'hold' && second.states.at(-1)?.subState === 0, 'told that it is held')
  expect(second.states.at(-1)).toMatchObject({ job: { jobId, phase: 'holding' } })
  await second.guard.call('resume', { by: 'tester' })
  await until(() => second.ends.length > 0, 'the end')
  expect(second.ends[0]).toMatchObject({ jobId, state: 'completed' })
  // it reads the controller's state again after a program, and is not ended then
  await until(
    () =>
      second.guard.call('end', {}).then(
        () => true,
        () => false,
      ),
    'it may end',
  )
  expect(await guard.exited).toBe(0)
})

test('nobody comes back: the guard ends after its time-out, the machine held', async () => {
  const { init, machine, gateway, ready, run } = await shop(1)
  const guard = await startGuard({ ...init, orphanTimeoutS: 3 })
  const first = await gateway()
  await ready(first)
  await run(first, 'G21 G90\nG1 F1000 X300\n')
  first.guard.close()
  guard.pipe.destroy()
  expect(await guard.exited).toBe(0)
  expect(machine.now().state).toBe('Hold:0')
  expect(controls(machine)).toBe('!')
})

test('the end is refused while a job runs', async () => {
  const { init, gateway, ready, run } = await shop(1)
  await startGuard(init)
  const caller = await call(init.socket, { token: TOKEN, as: 'launcher' })
  await ready(caller)
  const second = await gateway()
  await run(second, 'G21 G90\nG1 F600 X300\n')
  await expect(caller.guard.call('end', {})).rejects.toMatchObject({ code: 'machine-busy' })
  await second.guard.call('stop', { by: 'tester', hard: false })
  await until(() => caller.ends.length > 0, 'the end of the job')
})

test('a second guard at the same socket gives way; a socket that a killed one left is taken', async () => {
  const { init, dir } = await shop()
  await writeFile(join(dir, 'guard.sock'), 'stale')
  const first = await startGuard(init)
  const second = await startGuard({ ...init, journalDir: join(dir, 'other') }, { mayFail: true })
  expect(await second.exited).toBe(1)
  expect(second.errors.join('')).toMatch(/Another guard answers/)
  first.child.kill('SIGKILL')
  await first.exited
  await startGuard(init)
})

test('an init that is not valid ends the process with the field named', async () => {
  const { init } = await shop()
  const guard = await startGuard({ ...init, settings: { ...init.settings, link: { kind: 'serial' } } }, { mayFail: true })
  expect(await guard.exited).toBe(1)
  expect(guard.errors.join('')).toMatch(/launcher passed to the guard is not valid: .*link/)
})
