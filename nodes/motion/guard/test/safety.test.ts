/** What happens between two moments that each look safe: news, hold and beats that come just then. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Interlock } from '../../machine.ts'
import { controls, inTheTurnThat, type Rig, type RigOptions, rig, tempDir, until, wire, writeProgram } from './rig.ts'

const DOOR: Interlock = { id: 'door', name: 'Cell door', ttlS: 60, whenUnsafe: 'hold' }
const COOLANT: Interlock = { id: 'coolant', name: 'Coolant level', ttlS: 60, whenUnsafe: 'refuse' }
const LONG = 'G21 G90\nG1 F3000 X300\nY200\nX0\nY0\n'

/** A rig whose interlocks were told to be safe. */
async function interlocked(options: RigOptions = {}): Promise<Rig> {
  const it = await rig({ machine: { timeScale: 1 }, ...options, guarding: { interlocks: [DOOR, COOLANT], ...options.guarding } })
  it.guard.setInterlock('door', true)
  it.guard.setInterlock('coolant', true)
  return it
}

test.each([
  ['door', 'stopped-before-start'],
  ['coolant', 'interlock-open'],
])('an interlock (%s) that opens while the begin of a job is written down keeps its first line from being sent', async (id, code) => {
  const it = await interlocked()
  const startJob = it.journal.startJob.bind(it.journal)
  it.journal.startJob = async (start) => {
    await startJob(start)
    it.guard.setInterlock(id, false)
  }
  await expect(it.start(await writeProgram(await tempDir(), LONG), { jobId: 'job_a' })).rejects.toMatchObject({ code })
  expect(wire(it.machine)).not.toContain('X300')
  expect(it.guard.state().job).toBeUndefined()
  // its begin is written down, so its end is told
  expect(it.ends).toMatchObject([{ jobId: 'job_a', linesSent: 0 }])
})

test('a program that is being looked at does not begin any more when nobody is there to watch', async () => {
  const it = await rig()
  const started = it.start(await writeProgram(await tempDir(), LONG))
  const ended = expect(started).rejects.toMatchObject({ code: 'stopped-before-start' })
  await inTheTurnThat(() => it.guard.state().job !== undefined)
  it.guard.holdIfMoving('The server is gone')
  await ended
  expect(wire(it.machine)).not.toContain('X')
})

test('an interlock that opens between the check of a move and its line keeps the line from being sent', async () => {
  const it = await interlocked()
  const moved = expect(it.guard.act({ kind: 'jog', by: { X: 50 }, feedMmPerMin: 3000 }, { by: 'x' })).rejects.toMatchObject({
    code: expect.stringMatching(/^(stopped|machine-not-idle)$/),
  })
  await inTheTurnThat(() => it.guard.state().lease?.kind === 'work')
  it.guard.setInterlock('door', false)
  await moved
  expect(wire(it.machine)).not.toContain('$J')
})

async function held(): Promise<{ it: Rig; jobId: string }> {
  const it = await interlocked()
  const { jobId } = await it.start(await writeProgram(await tempDir(), LONG))
  await until(() => it.guard.state().controller === 'run', 'it runs')
  it.guard.hold('x')
  await until(() => it.guard.state().subState === 0, 'it stands')
  return { it, jobId }
}

test('an interlock that opens just when a resume is asked for keeps the machine in hold', async () => {
  const { it } = await held()
  const resumed = expect(it.guard.resume('x')).rejects.toMatchObject({ code: expect.stringMatching(/interlock-open|not-held/) })
  it.guard.setInterlock('door', false)
  await resumed
  expect(controls(it.machine)).not.toContain('~')
  expect(it.guard.state()).toMatchObject({ controller: 'hold', subState: 0 })
})

test('an interlock that opens just behind the byte of a resume holds the machine again', async () => {
  const { it } = await held()
  const resumed = it.guard.resume('x').catch(() => {})
  await inTheTurnThat(() => it.guard.traffic(0).some(({ text }) => text === 'cycleStart'))
  it.guard.setInterlock('door', false)
  await resumed
  await until(() => it.guard.state().subState === 0 && controls(it.machine).endsWith('!'), 'it stands again')
  expect(controls(it.machine)).toMatch(/^!~!+$/)
})

test('a hold while it homes stops it, since a homing controller obeys no hold', async () => {
  const it = await rig({ machine: { timeScale: 1, settings: { 22: 1 } } })
  const homed = expect(it.guard.home('x')).rejects.toMatchObject({ code: 'homing-failed' })
  await until(() => it.guard.state().controller === 'home', 'it homes')
  await new Promise((resolve) => setTimeout(resolve, 100))
  it.guard.hold('x')
  await homed
  await until(() => it.guard.state().controller === 'alarm', 'it was reset')
  expect(it.machine.now().isMoving).toBe(false)
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

/** This process does nothing for a while, as when the host was asleep. */
function sleep(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('beats that come in a heap after their time do not bring a jog or a lease back', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 600, ttlMs: 150, by: 'x' })
  sleep(300)
  expect(() => it.guard.jogBeat(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands')
  const lease = it.guard.takeLease({ holder: 'cell', ttlMs: 150, by: 'x' })
  sleep(300)
  expect(() => it.guard.beatLease(lease.token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  await until(() => it.guard.state().lease === undefined, 'nobody has it')
})

test('a guard that slept while the machine braked looks at it before it resets: the position is kept', async () => {
  // the machine goes on meanwhile
  const it = await rig({ machine: { timeScale: 1, settings: { 120: 50, 121: 50 }, longestStepMs: Number.POSITIVE_INFINITY } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), LONG))
  await until(() => it.guard.state().feedMmPerMin > 2500, 'it is fast')
  it.guard.stop('x', false)
  await it.machine.waitFor(() => controls(it.machine) === '!')
  sleep(3000)
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: true })
  expect(controls(it.machine)).toBe('!\x18')
})

test('a guard that slept over the first answers of a controller in alarm does not take it for dead', async () => {
  const it = await rig({ machine: { settings: { 22: 1 } } }, 'nothing')
  await inTheTurnThat(() => it.guard.traffic(0).some(({ text }) => text === '$I'))
  sleep(2500)
  await until(() => it.guard.state().firmware !== undefined, 'it is known')
  expect(it.guard.state().notices.join()).not.toMatch(/answer/)
  await it.guard.unlock('x')
  expect(controls(it.machine)).toBe('')
})

test('what a guard was told last is on the disk when it has ended', async () => {
  const it = await rig({ guarding: { maxCommandsPerS: 1000 } })
  for (let tool = 1; tool <= 300; tool += 1) await it.guard.act({ kind: 'tool-is', tool }, { by: 'x' })
  await it.guard.close('The test ended')
  expect(JSON.parse(await readFile(join(it.dir, 'journal', 'remembered.json'), 'utf8'))).toMatchObject({ tool: 300 })
})

async function question(it: Rig) {
  await until(() => it.guard.state().job?.phase === 'waiting', 'the program waits')
  return it.guard.state().job?.waitingFor
}
const answer = (it: Rig, jobId: string, name: 'go-on' | 'skip-line' | 'stop' | 'measure-tool') => it.guard.answerJob({ jobId, answer: name, by: 'x' })
const lines = (it: Rig) => it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))
const run = async (it: Rig, text: string) => (await it.start(await writeProgram(await tempDir(), text))).jobId

test('a refused line is not gone on without where the program without it would leave the machine', async () => {
  const it = await rig({ machine: { timeScale: 2 }, guarding: { onLineError: 'ask' } })
  // without the fourth line everything behind it would be incremental
  const behind = Array.from({ length: 60 }, (_, i) => `X${200 + i}`).join('\n')
  const jobId = await run(it, `G21 G91\nG1 F3000 X5\nG4 P0.1\nG90 G4 P0.6\n${behind}\n`)
  await until(() => it.machine.answered.at(-1)?.line === 'G4P0.1', 'the line is next')
  it.machine.loseAnswers(1)
  it.machine.sayRaw('error:20\r\n')
  expect((await question(it))?.answers).toContain('go-on')
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'outside-envelope' })
  expect(it.guard.state()).toMatchObject({ job: { phase: 'waiting' }, isStanding: true })
  expect(controls(it.machine)).toBe('!')
  await answer(it, jobId, 'stop')
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped' })
})

test('a refused line is not left out where the program without it would leave the machine', async () => {
  const it = await rig({ machine: { personality: 'grblhal' }, guarding: { onLineError: 'ask' } })
  const jobId = await run(it, 'G21 G91\nG1 F3000 X5\nG90 G81 X5 Y0 Z-1 R1\nG80\nG1 X300\nX310\n')
  expect(await question(it)).toMatchObject({ line: 3, answers: ['skip-line', 'stop'] })
  await expect(answer(it, jobId, 'skip-line')).rejects.toMatchObject({ code: 'outside-envelope' })
  await answer(it, jobId, 'stop')
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped' })
})

test('two stops in a row do not lose the motion mode the program is in', async () => {
  const it = await rig()
  const jobId = await run(it, 'G21 G90\nG0 Z5\nG0 X20\nM0\nM0\nX30\nM30\n')
  await question(it)
  await it.guard.act({ kind: 'jog', by: { X: 15 }, feedMmPerMin: 3000 }, { by: 'x' })
  await answer(it, jobId, 'go-on')
  await until(() => it.guard.state().job?.waitingFor?.line === 5, 'the second stop')
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  // the way back ended with a slow move down: without its word the move would be one, too
  expect(lines(it)).toContain('G0X30')
})

const SETTER = { atMm: [300, 200, 0] as [number, number, number], maxTravelMm: 40, feedMmPerMin: 200 }

async function measured(): Promise<Rig> {
  const it = await rig({ guarding: { toolChange: { kind: 'probe-length', setter: SETTER }, safeZMm: 15 } })
  it.machine.setTouchPlate(-20)
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'x' })
  await it.guard.act({ kind: 'probe', probe: { cycle: 'tool-length', isReference: true } }, { by: 'x' })
  it.machine.setTouchPlate(-12)
  await it.guard.act({ kind: 'tool-is', tool: 2 }, { by: 'x' })
  await it.guard.act({ kind: 'probe', probe: { cycle: 'tool-length', isReference: false } }, { by: 'x' })
  return it
}

test('a tool whose measured length a reset has cleared is measured again before a program cuts with it', async () => {
  const it = await measured()
  const program = 'G21 G90\nG0 X10 Y10 Z5\nT2 M6\nG1 X20 F900\nM30\n'
  const first = await run(it, program)
  expect(await it.end(first)).toMatchObject({ state: 'completed' })
  it.guard.stop('x', true)
  const clear = () => it.guard.act({ kind: 'clear-g92' }, { by: 'x' })
  await until(
    () =>
      clear().then(
        () => true,
        () => false,
      ),
    'it was reset',
  )
  expect(it.guard.state().offsetsMm?.TLO?.[2]).toBe(0)
  // the tool is the right one, and 8 mm longer than the controller knows
  await expect(run(it, 'G21 G90\nT2\nG1 X20 F900\nM30\n')).rejects.toMatchObject({ code: 'tool-not-measured' })
  const second = await run(it, program)
  expect(await question(it)).toMatchObject({ kind: 'tool-change', tool: 2, text: expect.stringContaining('its length is not in force') })
  await expect(answer(it, second, 'go-on')).rejects.toMatchObject({ code: 'tool-not-measured' })
  await answer(it, second, 'measure-tool')
  expect(await it.end(second)).toMatchObject({ state: 'completed' })
  expect(it.guard.state().offsetsMm?.TLO?.[2]).toBeCloseTo(8, 1)
})

test('in incremental mode, too, a longer tool goes back to the height in the work, not lower', async () => {
  const it = await measured()
  await it.guard.act({ kind: 'tool-length', lengthMm: 0 }, { by: 'x' })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'x' })
  const jobId = await run(it, 'G21 G90\nG0 X10 Y10 Z5\nG91\nT2 M6\nG1 X20 F900\nM30\n')
  await question(it)
  await answer(it, jobId, 'measure-tool')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  const { machinePositionMm, workPositionMm } = it.guard.state()
  expect(machinePositionMm[2]).toBeCloseTo(13, 1)
  expect(workPositionMm[2]).toBeCloseTo(5, 1)
})

test('of a tool change macro goes out what was checked, and nothing else', async () => {
  const it = await rig({ guarding: { toolChange: { kind: 'macro', lines: ['G0 X5 F100\nY6', 'G81 X7 Y6 Z-1 R1 F300', 'G80'] }, safeZMm: 15 } })
  const jobId = await run(it, 'G21 G90\nG0 X10 Y10 Z5\nT3 M6\nG1 X20 F900\nM30\n')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(lines(it)).toEqual(expect.arrayContaining([expect.stringMatching(/^G0X5/), 'Y6']))
  expect(lines(it).join()).not.toMatch(/G81|X5Y6/)
  const other = await rig({ guarding: { toolChange: { kind: 'macro', lines: ['$H'] } } })
  const next = await run(other, 'G21 G90\nT3 M6\nM30\n')
  expect((await question(other))?.text).toMatch(/do not belong there/)
  expect(wire(other.machine)).not.toContain('$H')
  await answer(other, next, 'stop')
})

test('a door that is opened for a tool change needs no resume; go-on waits until it is closed', async () => {
  const it = await interlocked({ machine: { timeScale: 20 }, guarding: { toolChange: { kind: 'manual' } } })
  const jobId = await run(it, 'G21 G90\nG0 X10 Y10 Z5\nT2 M6\nG1 X20 F900\nM30\n')
  await question(it)
  it.guard.setInterlock('door', false)
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'interlock-open' })
  it.guard.setInterlock('door', true)
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(controls(it.machine)).toBe('')
})
