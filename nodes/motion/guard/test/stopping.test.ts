import { expect, test } from 'vitest'
import { controls, inTheTurnThat, RESET, rig, tempDir, until, wire, withoutQuestions, writeProgram, zigzag } from './rig.ts'

const LONG = 'G21 G90\nG1 F3000 X300\nY200\nX0\nY0\nX300\nY200\n'

async function running(options: Parameters<typeof rig>[0] = {}, text = LONG) {
  const it = await rig({ ...options, machine: { timeScale: 1, ...options.machine } })
  const program = await writeProgram(await tempDir(), text)
  const { jobId } = await it.start(program)
  await until(() => it.guard.state().controller === 'run', 'the machine runs')
  return { ...it, jobId }
}

test('hold stands at Hold:0 with the job kept; resume runs it to its end', async () => {
  const it = await running({ machine: { timeScale: 10 } })
  it.guard.hold('tester')
  await until(() => it.guard.state().subState === 0 && it.guard.state().controller === 'hold', 'Hold:0')
  expect(it.guard.state()).toMatchObject({ isStanding: true, job: { jobId: it.jobId, phase: 'holding' } })
  const sent = it.guard.state().job!.linesSent
  const place = it.machine.now().carriage
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(it.machine.now().carriage).toEqual(place)
  expect(it.guard.state().job!.linesSent).toBe(sent)
  await it.guard.resume('tester')
  expect(await it.end(it.jobId)).toMatchObject({ state: 'completed', isPositionTrusted: true })
  expect(controls(it.machine)).toBe('!~')
})

test('no line goes out between hold and resume, though the window has room', async () => {
  const it = await running({ machine: { timeScale: 10 } }, zigzag(3000))
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 20, 'some lines')
  it.guard.hold('tester')
  await until(() => it.guard.state().subState === 0, 'Hold:0')
  await new Promise((resolve) => setTimeout(resolve, 100))
  await it.guard.resume('tester')
  await until(() => it.guard.state().controller === 'run', 'runs again')
  it.guard.stop('tester', false)
  await it.end(it.jobId)
  const text = wire(it.machine)
  const between = text.slice(text.indexOf('!') + 1, text.indexOf('~'))
  expect(between).toBe('')
})

test('resume is refused where there is no hold', async () => {
  const it = await rig()
  await expect(it.guard.resume('tester')).rejects.toMatchObject({ code: 'not-held' })
  expect(wire(it.machine)).not.toContain('~')
})

test('resume waits until the machine stands: `~` at Hold:1 would be lost', async () => {
  const it = await running({ machine: { settings: { 120: 20, 121: 20 } } })
  await until(() => it.guard.state().feedMmPerMin > 1000, 'it is fast')
  it.guard.hold('tester')
  await until(() => it.guard.state().subState === 1, 'Hold:1')
  await it.guard.resume('tester')
  await until(() => it.guard.state().controller === 'run', 'runs again')
  const states = it.states.map(({ controller, subState }) => `${controller}${subState ?? ''}`)
  expect(states.indexOf('hold0')).toBeGreaterThan(states.indexOf('hold1'))
  expect(wire(it.machine).match(/~/g)).toHaveLength(1)
})

test('a hold that comes while a resume waits wins', async () => {
  const it = await running({ machine: { settings: { 120: 20, 121: 20 } } })
  await until(() => it.guard.state().feedMmPerMin > 1000, 'it is fast')
  it.guard.hold('first')
  await until(() => it.guard.state().subState === 1, 'Hold:1')
  const resumed = it.guard.resume('tester')
  it.guard.hold('second')
  await expect(resumed).rejects.toMatchObject({ code: 'not-held' })
  expect(wire(it.machine)).not.toContain('~')
})

test('stop: hold, seen standing, reset; nothing more is sent and the position is kept', async () => {
  const it = await running({}, zigzag(3000))
  const { sentAt } = it.guard.stop('Anna', false)
  expect(Date.parse(sentAt)).not.toBeNaN()
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'stopped', isPositionTrusted: true })
  expect(end.text).toMatch(/^Stopped by Anna at line \d+ of the file\. The position was kept\.$/)
  const text = wire(it.machine)
  expect(text.slice(text.indexOf('!'))).toBe(`!${RESET}`)
  await until(() => it.guard.state().controller === 'idle', 'idle again')
  expect(it.machine.now()).toMatchObject({ state: 'Idle', isMoving: false })
  const { position, carriage } = it.machine.now()
  expect(position.map((v) => Math.round(v * 1000))).toEqual(carriage.map((v) => Math.round(v * 1000)))
})

test('the reset is not written before the machine stands, however long it brakes', async () => {
  const it = await running({ machine: { settings: { 120: 25, 121: 25 } } })
  await until(() => it.guard.state().feedMmPerMin > 2500, 'it is fast')
  it.guard.stop('tester', false)
  await until(() => it.guard.state().subState === 1, 'braking is seen')
  expect(wire(it.machine)).not.toContain('\x18')
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'stopped', isPositionTrusted: true })
  const bang = it.machine.received.find(({ bytes }) => bytes.includes(0x21))!
  const reset = it.machine.received.find(({ bytes }) => bytes.includes(0x18))!
  // from 50 mm/s at 25 mm/s²: about two seconds
  expect(reset.atMs - bang.atMs).toBeGreaterThan(1000)
})

test('a hard stop resets at once and says that the position may be lost', async () => {
  const it = await running()
  it.guard.stop('tester', true)
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'stopped', isPositionTrusted: false })
  expect(end.text).toMatch(/position may be lost/)
  expect(controls(it.machine)).toBe('\x18')
  await until(() => it.guard.state().controller === 'alarm', 'locked')
  expect(it.guard.state()).toMatchObject({ isPositionTrusted: false, alarm: { whatToDo: expect.stringMatching(/home/i) } })
})

test('the stop byte is in front of every line that was not handed out yet', async () => {
  const it = await running({ machine: { timeScale: 50 } }, zigzag(5000))
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 50, 'streaming fast')
  const before = it.machine.receivedText().length
  it.guard.stop('tester', false)
  await it.end(it.jobId)
  // what was with the port already, at most, and not a window full
  const after = withoutQuestions(it.machine.receivedText().slice(before))
  expect(after.indexOf('!')).toBeLessThan(257)
  expect(after.slice(after.indexOf('!'))).toBe('!\x18')
})

test('a stop during the check: the job never begins', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), zigzag(150_000))
  const started = it.start(program)
  const refused = expect(started).rejects.toMatchObject({ code: 'stopped-before-start' })
  await inTheTurnThat(() => it.guard.state().job?.phase === 'checking')
  it.guard.stop('tester', false)
  await refused
  await until(() => it.guard.state().job === undefined, 'free again')
  expect(wire(it.machine)).not.toContain('G1X')
  expect(it.ends).toEqual([])
})

test('a hold during the check: the job never begins, and the machine can be resumed and used', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), zigzag(150_000))
  const refused = expect(it.start(program)).rejects.toMatchObject({ code: 'stopped-before-start' })
  await inTheTurnThat(() => it.guard.state().job?.phase === 'checking')
  it.guard.hold('tester')
  await refused
  await until(() => it.guard.state().controller === 'hold', 'held')
  await it.guard.resume('tester')
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG0X5\n'))
  expect((await it.end(jobId)).state).toBe('completed')
})

test('a resume goes on behind an M0, which never reaches the controller', async () => {
  const it = await rig()
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG0 X5\nM0\nG0 X10\n'))
  await until(() => it.guard.state().job?.phase === 'waiting', 'it waits')
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [5, 0, 0] })
  await it.guard.resume('tester')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 4 })
  expect(it.guard.state().machinePositionMm[0]).toBe(10)
  expect(it.machine.answered.map(({ line }) => line)).not.toContain('M0')
})

test('a door that opens holds the job; resume waits for it to be closed', async () => {
  const it = await running({ machine: { timeScale: 10 } })
  it.machine.setDoor(true)
  await until(() => it.guard.state().controller === 'door' && it.guard.state().subState === 1, 'the door stops it')
  expect(it.guard.state().job?.phase).toBe('holding')
  await expect(it.guard.resume('tester')).rejects.toMatchObject({ code: 'not-held', message: expect.stringMatching(/door is open/) })
  it.machine.setDoor(false)
  await until(() => it.guard.state().subState === 0, 'the door is closed')
  await it.guard.resume('tester')
  expect(await it.end(it.jobId)).toMatchObject({ state: 'completed' })
})

test('a job whose requester is gone goes on or is held, as it was started', async () => {
  const it = await running({ machine: { timeScale: 10 } })
  it.guard.requesterGone(it.jobId)
  expect((await it.end(it.jobId)).state).toBe('completed')
  const { jobId } = await it.start(await writeProgram(await tempDir(), LONG), { whenRequesterGone: 'hold' })
  await until(() => it.guard.state().controller === 'run', 'runs')
  it.guard.requesterGone('job_other')
  expect(wire(it.machine)).not.toContain('!')
  it.guard.requesterGone(jobId)
  await until(() => it.guard.state().job?.phase === 'holding' && it.guard.state().subState === 0, 'held')
})

test('stop in homing resets at once', async () => {
  const it = await rig({ machine: { timeScale: 1, settings: { 22: 1 } } })
  const homed = expect(it.guard.home('tester')).rejects.toMatchObject({ code: 'homing-failed' })
  await until(() => it.guard.state().controller === 'home', 'homing')
  it.guard.stop('tester', false)
  await homed
  await until(() => it.guard.state().controller === 'alarm', 'locked')
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

test('a second stop behind the reset does not leave the controller in hold', async () => {
  const it = await rig()
  for (let round = 0; round < 5; round += 1) {
    const seen = wire(it.machine).length
    it.guard.stop('tester', false)
    await it.machine.waitFor(
      (machine) => machine.receivedText().length > seen && machine.receivedText().lastIndexOf(RESET) > machine.receivedText().lastIndexOf('!'),
    )
    it.guard.stop('tester', false)
    await until(
      () =>
        it.guard.state().controller === 'idle' &&
        it.machine.now().state.startsWith('Idle') &&
        wire(it.machine).lastIndexOf(RESET) > wire(it.machine).lastIndexOf('!'),
      'idle after both stops',
    )
  }
  expect(it.guard.state()).toMatchObject({ isPositionTrusted: true })
})
