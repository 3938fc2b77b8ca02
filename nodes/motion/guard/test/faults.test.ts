import { SerialPort } from 'serialport'
import { expect, onTestFinished, test } from 'vitest'
import { startVirtualController } from '../../virtual/index.ts'
import { controls, ENVELOPE, guardOn, LONGEST_STEP_MS, RESET, rig, settingsFor, tempDir, until, wire, writeProgram, zigzag } from './rig.ts'

async function running(options: Parameters<typeof rig>[0] = {}, text = zigzag(3000)) {
  const it = await rig({ ...options, machine: { timeScale: 1, ...options.machine } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), text))
  await until(() => it.guard.state().controller === 'run' && (it.guard.state().job?.linesAcknowledged ?? 0) > 3, 'the machine runs')
  return { ...it, jobId }
}

test('a restart nobody asked for ends the job as interrupted, and nothing more of it is sent', async () => {
  const it = await running()
  const before = it.machine.receivedText().length
  it.machine.powerCycle()
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'interrupted', isPositionTrusted: false })
  expect(end.text).toMatch(/restarted by itself at line \d+/)
  const after = () => it.machine.receivedText().slice(before).replaceAll('?', '')
  await until(() => after().endsWith('$G\n'), 'identified again')
  // lines were on their way when it restarted: a reset keeps them from running as whatever the defaults make of them
  const [onTheWay, asked] = after().split(RESET)
  expect(onTheWay).toMatch(/^(G1X[\d.]+Y[\d.]+\n)*$/)
  // offsets and modal state are read once more as soon as it is idle
  expect(asked).toMatch(/^\$I\n\$\$\n(\$#\n\$G\n){1,2}$/)
  expect(it.events.map(({ kind }) => kind)).toContain('controller-restarted')
  expect(it.guard.state().notices.join(' ')).toMatch(/Home it/)
})

test('a restart whose greeting is lost on the line is noticed by the position: a program that was held does not go on by itself', async () => {
  const it = await running()
  const awayMm = () => Math.max(...it.guard.state().machinePositionMm.map(Math.abs))
  await until(() => awayMm() > 1, 'it is away from where a fresh controller believes to be')
  it.guard.hold('tester')
  await until(() => it.guard.state().controller === 'hold' && it.guard.state().isStanding, 'it is held')
  const before = it.machine.receivedText().length
  const line = it.machine as unknown as { transmit: (text: string) => void }
  const transmit = line.transmit.bind(it.machine)
  line.transmit = (text) => text.includes('Grbl') || transmit(text)
  it.machine.powerCycle()
  line.transmit = transmit
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ isPositionTrusted: false })
  expect(end.text).toMatch(/must have restarted unheard/)
  await until(() => it.guard.state().controller === 'idle', 'known again')
  expect(it.machine.receivedText().slice(before)).not.toMatch(/G1/)
})

/** Reads well, and says a place where the machine cannot be. */
const SPOILT = '<Run|MPos:900.000,10.000,0.000|FS:3000,0>\r\n'
/** Waits for another one about as long as outside of tests. */
const PATIENT = { timings: { pollWaitingMs: 100 } }
const programLines = (it: { machine: { receivedText(): string } }) => it.machine.receivedText().match(/G1X/g)?.length ?? 0

test('one report with another position does not end a program: the next one takes it back', async () => {
  const it = await running(PATIENT, zigzag(60))
  it.machine.sayRaw(SPOILT)
  await until(() => it.states.some(({ machinePositionMm: [x] }) => x === 900), 'it was read')
  await until(() => it.guard.state().machinePositionMm[0] !== 900, 'the next one was read')
  it.machine.sayRaw(SPOILT)
  expect(await it.end(it.jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 63, isPositionTrusted: true })
  expect(controls(it.machine)).toBe('')
})

test('nor a jog', async () => {
  const it = await rig({ machine: { timeScale: 1 }, ...PATIENT })
  const { token } = await it.guard.jogStart({ direction: { Y: 1 }, feedMmPerMin: 2000, ttlMs: 60_000, by: 'Anna' })
  await until(() => it.guard.state().controller === 'jog', 'it jogs')
  it.machine.sayRaw(SPOILT.replace('Run', 'Jog'))
  await until(() => it.states.some(({ machinePositionMm: [x] }) => x === 900), 'it was read')
  const { carriage } = it.machine.now()
  await until(() => it.machine.now().carriage[1] > carriage[1] + 20, 'it goes on')
  it.guard.jogEnd(token)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands')
  expect(controls(it.machine)).toBe('')
  expect(it.guard.state().isPositionTrusted).toBe(true)
})

test.each(['stop', 'hard stop'] as const)('a %s between one and the next does not keep a position that is not certain', async (what) => {
  const it = await running(PATIENT)
  const line = it.machine as unknown as { transmit: (text: string) => void }
  const transmit = line.transmit.bind(it.machine)
  line.transmit = (text) => transmit(text.replaceAll(/<.*>\r\n/g, ''))
  transmit(SPOILT.replace('Run', 'Hold:0'))
  await until(() => it.guard.state().machinePositionMm[0] === 900, 'it was read')
  it.guard.stop('tester', what === 'hard stop')
  if (what === 'stop') transmit(SPOILT.replace('Run', 'Hold:0').repeat(3))
  line.transmit = transmit
  expect(await it.end(it.jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: false })
})

test('two reports with another position end it', async () => {
  const it = await running()
  it.machine.sayRaw(SPOILT + SPOILT)
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'failed', isPositionTrusted: false })
  expect(end.text).toMatch(/must have restarted unheard/)
})

test('while no other report comes behind one with another position nothing is fed, and soon the machine is stopped', async () => {
  const it = await running(PATIENT)
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 30, 'short lines are run and answered')
  const line = it.machine as unknown as { transmit: (text: string) => void }
  const transmit = line.transmit.bind(it.machine)
  // lines are answered, and would be followed by others
  line.transmit = (text) => transmit(text.replaceAll(/<.*>\r\n/g, ''))
  transmit(SPOILT)
  await until(() => it.guard.state().machinePositionMm[0] === 900, 'it was read')
  const [fed, answered] = [programLines(it), it.machine.answered.length]
  await it.machine.waitFor(() => controls(it.machine).includes('!'))
  expect(it.machine.answered.length).toBeGreaterThan(answered)
  line.transmit = transmit
  expect(await it.end(it.jobId)).toMatchObject({ state: 'failed', isPositionTrusted: false })
  expect(programLines(it)).toBe(fed)
})

test('a guard that slept while the machine braked, and is to end, tells that it stands', async () => {
  // the machine goes on meanwhile
  const it = await running({ machine: { longestStepMs: Number.POSITIVE_INFINITY } })
  const closed = it.guard.close('The guard was ended')
  await it.machine.waitFor(() => controls(it.machine) === '!')
  const wakesAt = performance.now() + 3000
  while (performance.now() < wakesAt);
  await closed
  expect(it.ends).toMatchObject([{ state: 'interrupted', text: expect.stringContaining('The machine stands in feed hold') }])
})

test('what was asked for before the guard knew of a restart is not begun after it', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const program = await writeProgram(await tempDir(), zigzag(50))
  await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 3000, ttlMs: 60_000, by: 'Anna' })
  await until(() => it.guard.state().controller === 'jog', 'it jogs')
  // the start waits for the end of the jog; by then the controller is another one
  it.guard.hold('tester')
  const refused = expect(it.start(program)).rejects.toMatchObject({ code: 'stopped-before-start' })
  it.machine.powerCycle()
  await refused
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().job === undefined, 'known again')
  expect(wire(it.machine)).not.toContain('G1X')
  expect(it.ends).toEqual([])
})

test('a pulled cable ends the job as interrupted; when it is back nothing is sent that moves', async () => {
  const it = await running()
  await it.machine.unplug()
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'interrupted', isPositionTrusted: false })
  expect(end.text).toMatch(/The link to the controller was lost .* lines not acknowledged.*spindle may be on/)
  expect(it.guard.state()).toMatchObject({ link: 'lost', controller: 'unknown', isStanding: false })
  expect(() => it.guard.hold('tester')).toThrow(expect.objectContaining({ code: 'link-down' }))
  await expect(it.start(await writeProgram(await tempDir(), 'G0X1\n'))).rejects.toMatchObject({ code: 'link-down' })
  const before = it.machine.receivedText().length
  await it.machine.plug()
  await it.guard.virtualPortChanged(it.machine.port)
  await until(() => it.guard.state().link === 'connected' && it.guard.state().controller === 'idle', 'back')
  await until(() => it.guard.state().notices.every((text) => !/busy with/.test(text)), 'identified')
  const after = it.machine.receivedText().slice(before).replaceAll('?', '')
  expect(after).toMatch(/^(\$[I$#G]\n)*$/)
  expect(it.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['link-lost', 'link-back']))
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

test('a quiet link that comes back at the same place keeps the position, at another place it does not', async () => {
  const it = await rig()
  await it.machine.unplug()
  await until(() => it.guard.state().link === 'lost', 'lost')
  await it.machine.plug()
  await it.guard.virtualPortChanged(it.machine.port)
  await until(() => it.guard.state().controller === 'idle', 'back')
  expect(it.guard.state().isPositionTrusted).toBe(true)
  await it.guard.command('G0 X20', 'tester')
  await until(() => it.guard.state().machinePositionMm[0] === 20 && it.guard.state().isStanding, 'moved')
  await it.machine.unplug()
  await until(() => it.guard.state().link === 'lost', 'lost')
  it.machine.powerCycle()
  await it.machine.plug()
  await it.guard.virtualPortChanged(it.machine.port)
  await until(() => it.guard.state().controller === 'idle', 'back')
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

test('a controller that answers nothing any more is a lost link', async () => {
  const it = await running({ timings: { silenceMs: 300 } })
  it.machine.stopAnswering()
  const end = await it.end(it.jobId)
  expect(end.state).toBe('interrupted')
  expect(end.text).toMatch(/does not answer any more/)
})

test('silence while homing is not a lost link', async () => {
  const it = await rig({ machine: { timeScale: 4, settings: { 22: 1 } }, timings: { silenceMs: 200 } })
  const since = performance.now()
  await it.guard.home('tester')
  expect(performance.now() - since).toBeGreaterThan(400)
  expect(it.events.map(({ kind }) => kind)).not.toContain('link-lost')
  expect(it.guard.state()).toMatchObject({ link: 'connected', controller: 'idle', isPositionTrusted: true })
})

test('an alarm ends the job as failed, in words; a critical one is left by unlock with a reset first', async () => {
  const it = await running()
  it.machine.trip(1)
  const end = await it.end(it.jobId)
  expect(end).toMatchObject({ state: 'failed', isPositionTrusted: false })
  expect(end.text).toMatch(/limit switch was hit in motion \(ALARM:1\), at line \d+/)
  expect(it.guard.state()).toMatchObject({ controller: 'alarm', alarm: { code: 1 } })
  // Grbl answers nothing now, and that is no lost link
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(it.guard.state().link).toBe('connected')
  await it.guard.unlock('tester')
  await until(() => it.guard.state().controller === 'idle', 'unlocked')
  expect(it.guard.state()).not.toHaveProperty('alarm')
  const text = wire(it.machine)
  expect(text.slice(text.lastIndexOf(RESET))).toBe(`${RESET}$X\n`)
})

test('a machine that can be homed starts no program before its position is certain', async () => {
  const it = await rig({ machine: { timeScale: 50, settings: { 22: 1 } } })
  expect(it.guard.state()).toMatchObject({ controller: 'alarm', isPositionTrusted: false })
  const program = await writeProgram(await tempDir(), 'G21 G91\nG0 X-1\n')
  await expect(it.start(program)).rejects.toMatchObject({ code: 'machine-not-idle' })
  await it.guard.unlock('tester')
  await expect(it.start(program)).rejects.toMatchObject({ code: 'position-not-trusted' })
  await it.guard.home('tester')
  expect(it.guard.state().isPositionTrusted).toBe(true)
})

test('a guard that finds its controller at work leaves it alone, and takes no answer for its own', async () => {
  const machine = await startVirtualController({ timeScale: 2, envelopeMm: ENVELOPE, longestStepMs: LONGEST_STEP_MS })
  onTestFinished(() => machine.close())
  // whoever was here before left lines in the controller and went without a word
  const before = new SerialPort({ path: machine.port, baudRate: 115_200, lock: true, hupcl: false })
  before.write('G21 G91\nG1 X120 F3000\nX-100\nG1 Y30\nX10\n')
  await machine.waitFor((m) => m.now().isMoving)
  await new Promise<void>((resolve) => before.close(() => resolve()))
  const heard = machine.receivedText().length
  const it = await guardOn(machine, {}, 'nothing')
  await until(() => it.guard.state().controller === 'run', 'seen running')
  expect(it.guard.state()).toMatchObject({ link: 'connected', isStanding: false })
  await until(() => it.guard.state().notices.join().includes('busy with what it was sent before'), 'told')
  await expect(it.guard.startJob({ jobId: 'job_x', programName: 'x', path: 'x', sha256: '', by: 'x', whenRequesterGone: 'finish' })).rejects.toMatchObject({
    code: 'machine-not-idle',
  })
  expect(machine.receivedText().slice(heard)).toMatch(/^\?*$/)
  await until(() => it.guard.state().firmware !== undefined, 'identified when it is idle')
  expect(machine.now()).toMatchObject({ state: 'Idle', isMoving: false })
  expect(it.guard.state()).toMatchObject({ firmware: 'Grbl 1.1h', machinePositionMm: [30, 30, 0] })
})

for (const [line, state, told] of [
  ['$C', 'check', 'in check mode'],
  ['$SLP', 'sleep', 'sleeps'],
] as const)
  test(`a controller found after ${line} is told of as that, and left alone until a stop resets it`, async () => {
    const machine = await startVirtualController({ timeScale: 50, envelopeMm: ENVELOPE })
    onTestFinished(() => machine.close())
    const before = new SerialPort({ path: machine.port, baudRate: 115_200, lock: true, hupcl: false })
    before.write(`${line}\n`)
    await machine.waitFor((m) => m.now().state.toLowerCase() === state)
    await new Promise<void>((resolve) => before.close(() => resolve()))
    const it = await guardOn(machine, {}, 'nothing')
    await until(() => it.guard.state().controller === state, 'seen')
    await until(() => it.guard.state().notices.join().includes(told), 'told')
    it.guard.stop('tester', false)
    await until(() => it.guard.state().firmware !== undefined, 'known')
    expect(it.guard.state().notices.join()).not.toContain(told)
  })

test('a controller found in hold is told of as held; stop clears its buffer, keeping the position', async () => {
  const machine = await startVirtualController({ timeScale: 2, envelopeMm: ENVELOPE, longestStepMs: LONGEST_STEP_MS })
  onTestFinished(() => machine.close())
  const before = new SerialPort({ path: machine.port, baudRate: 115_200, lock: true, hupcl: false })
  before.write('G21 G91\nG1 X100 F3000\nY100\n')
  await machine.waitFor((m) => m.now().isMoving)
  before.write('!')
  await machine.waitFor((m) => m.now().state.startsWith('Hold:0'))
  await new Promise<void>((resolve) => before.close(() => resolve()))
  const it = await guardOn(machine, {}, 'nothing')
  await until(() => it.guard.state().notices.join().includes('in hold'), 'told')
  expect(it.guard.state()).toMatchObject({ controller: 'hold', subState: 0, isStanding: true })
  it.guard.stop('tester', false)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().firmware !== undefined, 'cleared and identified')
  expect(it.guard.state()).toMatchObject({ isPositionTrusted: true })
  expect(machine.now().carriage[1]).toBe(0)
})

test('a serial port that resets the controller waits for a person after a restart of the guard', async () => {
  const it = await rig()
  const dir = await tempDir()
  await it.guard.close('make room')
  const waiting = await guardOn(
    it.machine,
    {
      dir,
      isRestart: true,
      timings: { bootMs: 50 },
      settings: (machine) => settingsFor({ kind: 'serial', path: machine.port, baudRate: 115_200, resetsOnOpen: true }),
    },
    'nothing',
  )
  expect(waiting.guard.state()).toMatchObject({ link: 'waiting-for-person' })
  const before = it.machine.receivedText().length
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(it.machine.receivedText().length).toBe(before)
  expect(() => waiting.guard.stop('tester', false)).toThrow(expect.objectContaining({ code: 'link-down' }))
  waiting.guard.connect('tester')
  await until(() => waiting.guard.state().controller === 'idle', 'connected')
})

test('a port that another program holds is told of, and taken when it is free', async () => {
  const it = await rig()
  const second = await guardOn(it.machine, {}, 'nothing')
  await until(() => second.guard.state().notices.length > 0, 'a notice')
  expect(second.guard.state().notices[0]).toMatch(/cannot be opened.*Another program has it open/)
  await it.guard.close('done')
  await until(() => second.guard.state().controller === 'idle', 'taken over')
})

test('works over TCP as over a port', async () => {
  const it = await rig({ machine: { timeScale: 50, link: 'tcp' } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), zigzag(300)))
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 303 })
})

test('a dwell is not a lost answer; an answer that never comes is noticed, and the machine stopped', async () => {
  // it dwells by the clock on the wall, as the guard reckons with
  const it = await rig({ machine: { timeScale: 1, longestStepMs: Number.POSITIVE_INFINITY }, timings: { lostAnswerMs: 400 } })
  const text = 'G21\nG4 P1.2\nG0 X2\n'
  const first = await it.start(await writeProgram(await tempDir(), text))
  expect(await it.end(first.jobId)).toMatchObject({ state: 'completed' })
  const second = await it.start(await writeProgram(await tempDir(), text))
  await until(() => wire(it.machine).split('G4P1.2').length === 3, 'the dwell has begun again')
  const answered = it.machine.answered.length
  it.machine.stopAnswering()
  await it.machine.waitFor(({ answered: all }) => all.length > answered)
  it.machine.answerAgain()
  const end = await it.end(second.jobId)
  expect(end.state).toBe('failed')
  expect(end.text).toMatch(/an answer was lost/)
})

test('an answer that a guard finds behind a report when it wakes is not lost', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const line = it.machine as unknown as { transmit: (text: string) => void }
  const transmit = line.transmit.bind(it.machine)
  let said = ''
  line.transmit = (text) => {
    if (!it.machine.receivedText().includes('G21G90\n')) return transmit(text)
    // asked for just before the lines came
    said ||= '<Idle|MPos:0.000,0.000,0.000|FS:0,0>\r\n'
    said += text
  }
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21 G90\nG1 X5 F600\n'))
  await until(() => said.includes('ok'), 'it has answered')
  const wakesAt = performance.now() + 2000
  while (performance.now() < wakesAt);
  line.transmit = transmit
  transmit(said)
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
})

test.each([
  ['in mid-program', zigzag(300, 600), /locked by an alarm/],
  // a report tells it, or the answer to what is sent last, whichever comes first
  ['behind its last line', 'G21 G90\nG1 X40 F600\n', /without having named it|locked by an alarm/],
])('a program whose alarm line was garbled %s ends with the truth, and the machine can be used again', async (_when, text, words) => {
  const it = await rig({ machine: { timeScale: 1 }, timings: { lostAnswerMs: 300 } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), text))
  await until(() => it.guard.state().controller === 'run', 'runs')
  it.machine.sayRaw('o')
  it.machine.trip(3)
  expect(await it.end(jobId)).toMatchObject({ state: 'failed', text: expect.stringMatching(words), isPositionTrusted: false })
  await until(
    async () =>
      it.guard.unlock('tester').then(
        () => true,
        () => false,
      ),
    'unlocked',
  )
  await until(() => it.guard.state().controller === 'idle', 'usable')
})

test('a critical alarm that comes with the last report before homing is an alarm, not a homing cycle', async () => {
  const it = await rig({ machine: { settings: { 22: 1 } } })
  it.machine.stopAnswering()
  const before = it.machine.receivedText().length
  const homed = it.guard.home('tester').catch((error) => error)
  // the report that is waited for, and the alarm, arrive in one piece
  await it.machine.waitFor(() => it.machine.receivedText().length > before)
  it.machine.sayRaw('<Alarm|MPos:0.000,0.000,0.000|FS:0,0>\r\nALARM:1\r\n')
  expect(await homed).toMatchObject({ code: 'homing-failed' })
  expect(it.guard.state()).toMatchObject({ controller: 'alarm', alarm: { code: 1 } })
  it.machine.answerAgain()
})
