import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SerialPort } from 'serialport'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newId } from '../../../../base/ids.ts'
import { ownTime } from '../../../../base/own-time.ts'
import { rig, settingsFor, tempDir, until, writeProgram, zigzag } from './rig.ts'

async function running(options: Parameters<typeof rig>[0] = {}, text = zigzag(2000)) {
  const it = await rig({ ...options, machine: { timeScale: 2, ...options.machine } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), text))
  await until(() => it.guard.state().controller === 'run' && (it.guard.state().job?.linesAcknowledged ?? 0) > 3, 'the machine runs')
  return { ...it, jobId }
}

/** The state is known, and not an old one. */
async function knownAfter(it: Awaited<ReturnType<typeof rig>>) {
  const since = ownTime()
  await until(() => {
    const { link, controller, reportedAt } = it.guard.state()
    return link !== 'connected' || (controller !== 'unknown' && Date.now() - Date.parse(reportedAt ?? '') < 1000)
  }, 'a known state')
  return since()
}

test('garbage and half lines from the controller disturb nothing that can be understood', async () => {
  const it = await running({ machine: { timeScale: 20 } }, zigzag(400))
  for (const noise of [
    '\x00\xff\xfe\x80',
    'o',
    '<Run|MPos:1.0',
    'G1X1Y2\n',
    '[MSG:',
    ']\r\n',
    'x'.repeat(5000),
    '\r\n\r\n',
    '<Idle|MPos:nan,nan,nan|FS:0,0>\r\n',
    'okay\r\n',
  ]) {
    it.machine.sayRaw(`${noise}\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const end = await it.end(it.jobId)
  // noise that runs into an answer takes that answer with it: then the job may not be told as completed
  if (end.state === 'completed') expect(end.linesAcknowledged).toBe(end.totalLines)
  else expect(end.text).toMatch(/answer/)
  expect(await knownAfter(it)).toBeLessThan(1000)
})

test('an answer that comes twice ends the job, and never as completed', async () => {
  const it = await running({}, zigzag(150))
  it.machine.doubleAnswers(1)
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'failed' })
  expect(end.text).toMatch(/answer.*twice/)
  expect(await knownAfter(it)).toBeLessThan(1000)
})

test('an answer that does not come ends the job soon after the machine has come to a stand', async () => {
  const it = await running({ machine: { timeScale: 50, settings: { 10: 3 } } }, zigzag(600))
  it.machine.loseAnswers(1)
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'failed' })
  expect(end.text).toMatch(/an answer was lost/)
  const run = await it.start(await writeProgram(await tempDir(), 'G21 G90\nG0 X1\n'))
  expect(await it.end(run.jobId)).toMatchObject({ state: 'completed' })
})

test('a flood of reports holds nothing up: the job goes on, and a stop goes out at once', async () => {
  const it = await running({}, zigzag(3000))
  for (let i = 0; i < 100; i += 1) {
    // more at once than the port holds would take answers with it
    it.machine.flood(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const before = it.guard.state().job?.linesAcknowledged ?? 0
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > before + 5, 'it goes on')
  it.machine.flood(2000)
  const since = ownTime()
  it.guard.stop('tester', false)
  await it.machine.waitFor(({ receivedText }) => receivedText.call(it.machine).includes('!'))
  expect(since()).toBeLessThan(250)
  expect(await it.end(it.jobId)).toMatchObject({ state: 'stopped' })
})

test('a program that opens the port beside the guard and takes its answers ends the job with the truth', async () => {
  const it = await running({ timings: { silenceMs: 800, lostAnswerMs: 2000 } })
  const thief = new SerialPort({ path: it.machine.port, baudRate: 115_200, lock: false, hupcl: false })
  thief.on('data', () => {})
  await once(thief, 'open')
  onTestFinished(() => new Promise<void>((resolve) => thief.close(() => resolve())))
  const end = await it.end(it.jobId)
  expect(['failed', 'interrupted']).toContain(end.state)
  expect(end.text).toMatch(/answer|restarted/)
})

test('a port that another process took while the cable was out is told of, and taken when it is free', async () => {
  const it = await rig()
  await it.machine.unplug()
  await until(() => it.guard.state().link === 'lost', 'lost')
  await it.machine.plug()
  const code = `const {SerialPort}=require('serialport');new SerialPort({path:process.argv[1],baudRate:115200,lock:true,hupcl:false}).on('open',()=>console.log('open'));process.stdin.on('end',()=>process.exit()).resume()`
  const thief = spawn(process.execPath, ['-e', code, it.machine.port], { stdio: ['pipe', 'pipe', 'inherit'], cwd: import.meta.dirname })
  onTestFinished(() => {
    thief.kill('SIGKILL')
  })
  await once(thief.stdout, 'data')
  await it.guard.virtualPortChanged(it.machine.port)
  await until(() => /Another program has it open/.test(it.guard.state().notices.join()), 'told')
  expect(it.guard.state().link).toBe('lost')
  expect(() => it.guard.stop('tester', true)).toThrow(expect.objectContaining({ code: 'link-down' }))
  thief.stdin.end()
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().notices.length === 0, 'taken')
})

test('a link bound to its adapter finds it under the name it has after the cable was out', async () => {
  const names: string[] = []
  const it = await rig({
    settings: (machine) => {
      names.push(machine.port)
      return {
        ...settingsFor({ kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115_200, resetsOnOpen: false, adapter: { vendorId: '1a86', productId: '7523' } }),
      }
    },
    listPorts: async () => names.map((path) => ({ path, vendorId: '1a86', productId: '7523' })),
  })
  expect(it.guard.state()).toMatchObject({ link: 'connected' })
  await it.machine.unplug()
  names.length = 0
  await until(() => /not plugged in/.test(it.guard.state().notices.join()), 'told that it is missing')
  await it.machine.plug()
  names.push(it.machine.port)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().notices.length === 0, 'found again')
})

test('a clock that is set forward or back changes nothing that is measured', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const it = await rig({ machine: { timeScale: 5 }, guarding: { interlocks: [{ id: 'door', name: 'Door', ttlS: 600, whenUnsafe: 'hold' }] } })
  it.guard.setInterlock('door', true)
  const { token } = it.guard.takeLease({ holder: 'flow', ttlMs: 600_000, by: 'flow' })
  const program = await writeProgram(await tempDir(), zigzag(300))
  const jobId = newId('job')
  const since = performance.now()
  await it.guard.startJob({ jobId, programName: 'part.nc', path: program.path, sha256: program.sha256, by: 'flow', whenRequesterGone: 'finish', lease: token })
  for (const hours of [5, -30, 2]) {
    vi.setSystemTime(Date.now() + hours * 3_600_000)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(it.guard.state().lease).toMatchObject({ token })
    expect(it.guard.state().interlocks).toMatchObject([{ state: 'safe' }])
    expect(it.guard.state().link).toBe('connected')
  }
  const end = await it.end(jobId)
  expect(end).toMatchObject({ state: 'completed' })
  expect(end.durationMs).toBeLessThanOrEqual(performance.now() - since)
  expect(end.durationMs).toBeGreaterThan(0)
  it.guard.beatLease(token)
})
