import { expect, onTestFinished, test } from 'vitest'
import { ownTime } from '../../../../base/own-time.ts'
import type { Interlock } from '../../machine.ts'
import { controls, type Rig, type RigOptions, rig, settingsFor, tempDir, until, wire, writeProgram } from './rig.ts'

const DOOR: Interlock = { id: 'door', name: 'Cell door', ttlS: 60, whenUnsafe: 'hold' }
const COOLANT: Interlock = { id: 'coolant', name: 'Coolant level', ttlS: 60, whenUnsafe: 'refuse' }
const LONG = 'G21 G90\nG1 F3000 X300\nY200\nX0\nY0\n'

function interlocked(interlocks: Interlock[], machine: RigOptions['machine'] = { timeScale: 1 }): Promise<Rig> {
  return rig({ machine, settings: () => ({ ...settingsFor({ kind: 'virtual', timeScale: machine?.timeScale ?? 1 }), guarding: { interlocks } }) })
}
const jogBy = (it: Rig, x: number) => it.guard.act({ kind: 'jog', by: { X: x }, feedMmPerMin: 3000 }, { by: 'x' })

test('an interlock nobody has told of is unknown, which counts as unsafe: nothing that moves is taken', async () => {
  const it = await interlocked([DOOR, COOLANT])
  expect(it.guard.state().interlocks).toMatchObject([
    { id: 'door', state: 'unknown' },
    { id: 'coolant', state: 'unknown' },
  ])
  const open = { code: 'interlock-open', message: expect.stringContaining('"Cell door" is not known') }
  await expect(jogBy(it, 1)).rejects.toMatchObject(open)
  await expect(it.guard.act({ kind: 'line', line: 'G0 X1' }, { by: 'x' })).rejects.toMatchObject(open)
  await expect(it.guard.act({ kind: 'spindle', turn: 'cw', rpm: 1000 }, { by: 'x' })).rejects.toMatchObject(open)
  await expect(it.guard.home('x')).rejects.toMatchObject(open)
  await expect(it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 100, ttlMs: 300, by: 'x' })).rejects.toMatchObject(open)
  const program = await writeProgram(await tempDir(), LONG)
  await expect(it.start(program)).rejects.toMatchObject(open)
  expect(wire(it.machine)).not.toContain('X')
  // what moves nothing is taken
  await it.guard.act({ kind: 'set-here', workOffset: 'G54', here: { X: 0 } }, { by: 'x' })
  await it.guard.act({ kind: 'spindle', turn: 'off' }, { by: 'x' })
  it.guard.setInterlock('door', true)
  await expect(jogBy(it, 1)).rejects.toMatchObject({ code: 'interlock-open', message: expect.not.stringContaining('Cell door') })
  it.guard.setInterlock('coolant', true)
  await jogBy(it, 1)
})

test('news of an unsafe interlock holds a running program before anything else happens; safe again, nothing resumes by itself', async () => {
  const it = await interlocked([DOOR], { timeScale: 10 })
  it.guard.setInterlock('door', true)
  const { jobId } = await it.start(await writeProgram(await tempDir(), LONG))
  await until(() => it.guard.state().controller === 'run', 'it runs')
  it.guard.setInterlock('door', false)
  // in the same turn of the loop
  expect(it.guard.traffic(0).some(({ direction, text }) => direction === 'realtime' && text === 'feedHold')).toBe(true)
  await until(() => it.guard.state().subState === 0, 'it stands')
  await expect(it.guard.resume('x')).rejects.toMatchObject({ code: 'interlock-open' })
  it.guard.setInterlock('door', true)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(it.guard.state().controller).toBe('hold')
  await it.guard.resume('x')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(controls(it.machine)).toBe('!~')
  expect(it.events.filter(({ kind }) => kind === 'interlock').map(({ text }) => text)).toEqual([
    '"Cell door" is safe.',
    '"Cell door" is not safe.',
    '"Cell door" is safe.',
  ])
})

test('an interlock that is not told of any more holds the machine when its time is over', async () => {
  const it = await interlocked([{ ...DOOR, ttlS: 0.5 }])
  const tell = () => it.guard.setInterlock('door', true)
  tell()
  const telling = setInterval(tell, 100)
  onTestFinished(() => clearInterval(telling))
  await it.start(await writeProgram(await tempDir(), LONG))
  await until(() => it.guard.state().controller === 'run', 'it runs')
  clearInterval(telling)
  tell()
  const sinceTold = ownTime()
  await it.machine.waitFor((machine) => machine.receivedText().includes('!'))
  expect(sinceTold()).toBeLessThan(700)
  expect(it.guard.state().interlocks).toMatchObject([{ state: 'unknown' }])
})

test('an unsafe interlock ends a jog and a move, and they do not go on when it is safe again', async () => {
  const it = await interlocked([DOOR])
  it.guard.setInterlock('door', true)
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 3000, ttlMs: 60_000, by: 'x' })
  await until(() => it.guard.state().controller === 'jog', 'it jogs')
  it.guard.setInterlock('door', false)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands')
  it.guard.setInterlock('door', true)
  expect(() => it.guard.jogBeat(token)).toThrow(expect.objectContaining({ code: 'lease-stale' }))
  const moved = jogBy(it, 200)
  const ended = expect(moved).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'jog', 'it moves')
  it.guard.setInterlock('door', false)
  await ended
})

test('homing, which obeys no hold, is reset when an interlock opens', async () => {
  const it = await interlocked([DOOR], { timeScale: 1, settings: { 22: 1 } })
  it.guard.setInterlock('door', true)
  const homed = expect(it.guard.home('x')).rejects.toMatchObject({ code: 'homing-failed' })
  await until(() => it.guard.state().controller === 'home', 'it homes')
  await new Promise((resolve) => setTimeout(resolve, 100))
  it.guard.setInterlock('door', false)
  await homed
  await until(() => it.guard.state().lease === undefined && it.guard.state().controller === 'alarm', 'it was reset')
  expect(it.machine.now().isMoving).toBe(false)
  expect(it.guard.state().isPositionTrusted).toBe(false)
})

test('one that only refuses leaves a running program alone', async () => {
  const it = await interlocked([COOLANT], { timeScale: 10 })
  it.guard.setInterlock('coolant', true)
  const { jobId } = await it.start(await writeProgram(await tempDir(), LONG))
  await until(() => it.guard.state().controller === 'run', 'it runs')
  it.guard.setInterlock('coolant', false)
  const { state, text } = await it.end(jobId)
  expect({ state, text }).toMatchObject({ state: 'completed' })
  expect(controls(it.machine)).toBe('')
})

test('an interlock that the machine does not have is refused by name', async () => {
  const it = await interlocked([DOOR])
  expect(() => it.guard.setInterlock('hatch', true)).toThrow(expect.objectContaining({ code: 'interlock-unknown' }))
})
