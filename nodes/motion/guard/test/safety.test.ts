/** What happens between two moments that each look safe: news, hold and beats that come just then. */
import { expect, test } from 'vitest'
import type { Interlock } from '../../machine.ts'
import { controls, type Rig, type RigOptions, rig, tempDir, until, wire, writeProgram } from './rig.ts'

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

/** Looks in every turn of the loop. */
async function inTheTurnThat(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
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
  const moved = expect(it.guard.act({ kind: 'jog', by: { X: 50 }, feedMmPerMin: 3000 }, { by: 'x' })).rejects.toMatchObject({ code: 'stopped' })
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
