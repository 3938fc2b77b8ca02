/** What Grbl 1.1 does that a guard may take for something else. */
import { expect, test } from 'vitest'
import { RESET, rig, tempDir, until, writeProgram, zigzag } from './rig.ts'

/** It dwells by the clock on the wall, as the guard reckons with: a dwell that stood still with this process would be too long. */
const BY_THE_CLOCK = { timeScale: 1, longestStepMs: Number.POSITIVE_INFINITY }

test('a dwell behind a long move is no answer that was lost', async () => {
  const it = await rig({ machine: BY_THE_CLOCK, timings: { pollMovingMs: 40 } })
  // 2.4 s of motion: longer than a line that an idle controller has not answered is waited for
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21 G90\nG1 X40 F1000\nG4 P2\nG1 X41\nM2\n'))
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(it.states.some(({ controller, machinePositionMm }) => controller === 'idle' && machinePositionMm[0] === 40)).toBe(true)
})

test('nor is one in front of which the machine was held', async () => {
  const it = await rig({ machine: BY_THE_CLOCK, timings: { pollMovingMs: 40 } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21 G90\nG1 X10 F200\nG4 P0.3\nG1 X11\nM2\n'))
  await until(() => it.guard.state().controller === 'run', 'runs')
  it.guard.hold('x')
  await until(() => it.guard.state().subState === 0, 'held')
  await new Promise((resolve) => setTimeout(resolve, 2200))
  await it.guard.resume('x')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
})

test('while $13 changes the unit of reports, no position is shown wrong', async () => {
  const it = await rig()
  await it.guard.command('G0 X50 Y20', 'x')
  await until(() => it.guard.state().machinePositionMm[0] === 50, 'there')
  const from = it.states.length
  for (const value of ['1', '0', '1']) {
    await it.guard.writeFirmwareSettings([{ number: 13, value }], 'x')
    await it.guard.command(`$13=${value}`, 'x')
  }
  const places = it.states.slice(from).map(({ machinePositionMm }) => machinePositionMm)
  expect(places.filter(([x = 0, y = 0]) => Math.abs(x - 50) > 0.01 || Math.abs(y - 20) > 0.01)).toEqual([])
  expect(it.guard.state().workOffsetMm.every((value) => value === 0)).toBe(true)
})

test('a stop right behind $13 reads the unit before the machine is ready', async () => {
  const it = await rig()
  await it.guard.command('G0 X50', 'x')
  await until(() => it.guard.state().machinePositionMm[0] === 50, 'there')
  const from = it.states.length
  const written = it.guard.writeFirmwareSettings([{ number: 13, value: '1' }], 'x').catch(() => {})
  await until(() => it.machine.receivedText().includes('$13=1\n'), 'on its way')
  it.guard.stop('x', false)
  await written
  const ready = () =>
    it.guard.command('G0 X60', 'x').then(
      () => true,
      () => false,
    )
  await until(ready, 'ready')
  await until(() => Math.abs((it.guard.state().machinePositionMm[0] ?? 0) - 60) < 0.01, 'there')
  expect(it.states.slice(from).filter(({ machinePositionMm: [x = 0] }) => x < 49.99)).toEqual([])
})

test('other steps per mm make the position worth nothing, since the controller reckons it anew', async () => {
  const it = await rig()
  await it.guard.command('G0 X50', 'x')
  await it.guard.writeFirmwareSettings([{ number: 110, value: '4000' }], 'x')
  expect(it.guard.state().isPositionTrusted).toBe(true)
  await it.guard.writeFirmwareSettings([{ number: 100, value: '80' }], 'x')
  expect(it.guard.state().isPositionTrusted).toBe(false)
  expect(it.guard.state().notices.join()).toMatch(/\$100 is another one now/)
})

test('a homing that failed says why, though the controller restarts itself behind it', async () => {
  const it = await rig({ machine: { timeScale: 1000, settings: { 22: 1 } } })
  it.machine.setSwitchFault('X', 'dead')
  await expect(it.guard.home('x')).rejects.toMatchObject({ code: 'homing-failed', message: expect.stringContaining('no switch was found') })
  await until(() => it.guard.state().controller === 'alarm', 'locked')
  expect(it.guard.state()).toMatchObject({ alarm: { code: 9 }, isPositionTrusted: false })
  expect(it.events.map(({ kind }) => kind)).not.toContain('controller-restarted')
})

test('a reset right behind a critical alarm is thrown away by the firmware, and is written again', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  it.machine.trip(2)
  await until(() => it.guard.state().alarm?.code === 2, 'locked')
  await it.guard.unlock('x')
  await until(() => it.guard.state().controller === 'idle', 'unlocked')
  expect(it.machine.receivedText().split(RESET)).toHaveLength(3)
  expect(it.guard.state().notices).toEqual([])
})

test('so it is when the alarm comes in the middle of a stop', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), zigzag(2000)))
  await until(() => it.guard.state().controller === 'run', 'runs')
  it.guard.stop('x', false)
  it.machine.trip(1)
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: false })
  await until(() => it.guard.state().controller === 'alarm' && it.guard.state().lease === undefined, 'reset')
  await it.guard.unlock('x')
  await until(() => it.guard.state().controller === 'idle', 'unlocked')
})

test('a controller that a jog cancel has left idle and deaf is set free, and nothing moves', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  it.machine.strandJogCancel()
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 2000, ttlMs: 60_000, by: 'x' })
  await until(() => it.guard.state().feedMmPerMin > 1000, 'fast')
  it.guard.jogEnd(token)
  await it.machine.waitFor((machine) => machine.receivedText().includes('\x85') && machine.now().state === 'Idle')
  const { carriage } = it.machine.now()
  expect(await it.guard.command('G4 P0', 'x')).toEqual({ answer: 'ok' })
  expect(it.machine.now().carriage).toEqual(carriage)
  expect(it.machine.receivedText().split('\x85').at(-1)).toContain('~')
  expect(it.machine.receivedText()).not.toContain(RESET)
})

test('so it is by a guard that slept meanwhile', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  it.machine.strandJogCancel()
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 2000, ttlMs: 60_000, by: 'x' })
  await until(() => it.guard.state().feedMmPerMin > 1000, 'fast')
  it.guard.jogEnd(token)
  await until(() => it.guard.traffic(0).some(({ direction, text }) => direction === 'sent' && text === ''), 'it is asked whether it answers')
  const wakesAt = performance.now() + 2500
  while (performance.now() < wakesAt);
  expect(await it.guard.command('G4 P0', 'x')).toEqual({ answer: 'ok' })
  expect(it.machine.receivedText()).not.toContain(RESET)
})

test('one that answers after a jog is sent no cycle start', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 2000, ttlMs: 60_000, by: 'x' })
  it.guard.jogEnd(token)
  await until(() => it.guard.state().lease === undefined && it.guard.state().controller === 'idle', 'over')
  expect(await it.guard.command('G4 P0.6', 'x')).toEqual({ answer: 'ok' })
  expect(it.machine.receivedText()).not.toContain('~')
})
