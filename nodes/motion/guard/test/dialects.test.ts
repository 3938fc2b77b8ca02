import { expect, test } from 'vitest'
import type { VirtualControllerOptions } from '../../virtual/index.ts'
import { RESET, rig, tempDir, until, wire, writeProgram, zigzag } from './rig.ts'

const PERSONALITIES = ['grbl', 'grblhal', 'fluidnc'] as const
const LINKS = ['pty', 'tcp', 'websocket'] as const

const on = (personality: (typeof PERSONALITIES)[number], more: VirtualControllerOptions = {}) => rig({ machine: { timeScale: 50, personality, ...more } })

for (const personality of PERSONALITIES)
  for (const link of LINKS)
    test(`${personality} over ${link}: is known for what it is, and runs a program to its end`, async () => {
      const it = await on(personality, { link })
      expect(it.guard.state().abilities).toMatchObject({ dialect: personality, axes: ['X', 'Y', 'Z'], rxBytes: personality === 'grblhal' ? 1024 : 128 })
      const { jobId } = await it.start(await writeProgram(await tempDir(), zigzag(150)))
      expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 153 })
      expect(it.machine.now().lostBytes).toEqual({ overflow: 0, eeprom: 0, eepromLines: 0 })
      // nothing above 0x86 before it was known, and nothing at all that this firmware takes for something else
      expect([...wire(it.machine)].filter((char) => char.charCodeAt(0) > 0x7f)).toEqual([])
      expect(it.machine.fullestRx).toBeLessThanOrEqual(personality === 'grblhal' ? 1023 : 127)
    })

test('axes beyond Z are found and shown', async () => {
  const it = await on('grblhal', { axisCount: 5 })
  expect(it.guard.state().abilities).toMatchObject({ axes: ['X', 'Y', 'Z', 'A', 'B'] })
  expect(it.guard.state().machinePositionMm).toHaveLength(5)
})

test('grblHAL refuses every line after one it refused: the guard makes it listen again, and lines go on', async () => {
  const it = await on('grblhal')
  // a code the guard does not know better of: the controller refuses it
  await it.guard.command('$22=1', 'tester').catch(() => undefined)
  const { answer } = await it.guard.command('$999=1', 'tester')
  expect(answer).toMatch(/error:/)
  await it.guard.command('G0 X3', 'tester')
  await until(() => it.guard.state().machinePositionMm[0] === 3, 'it moved')
})

test('codes nobody here knows are told in the words of the controller, which is asked for them once', async () => {
  const it = await on('grblhal')
  const said = wire(it.machine)
  expect(said).toMatch(/\$EA\n\$EE\n\$ES\n/)
  const settings = await it.guard.firmwareSettings()
  expect(settings.find(({ number }) => number === 0)?.name).toBeTruthy()
  it.guard.stop('tester', true)
  const takesLines = () =>
    it.guard.command('G4 P0', 'tester').then(
      () => true,
      () => false,
    )
  await until(async () => wire(it.machine).includes(RESET) && (await takesLines()), 'reset, and at work again')
  const asked = () => wire(it.machine).split('$I\n').length
  const names = wire(it.machine).split('$EA\n').length
  const before = asked()
  it.machine.powerCycle()
  await until(async () => asked() > before && (await takesLines()), 'asked again what it is, and at work again')
  expect(wire(it.machine).split('$EA\n')).toHaveLength(names)
})

test('a controller that counts in inches is shown in millimetres', async () => {
  const it = await on('grbl', { settings: { 13: 1 } })
  await it.guard.command('G21 G0 X25.4', 'tester')
  await until(() => it.guard.state().machinePositionMm[0] === 25.4, 'in mm')
  expect(it.machine.now().position[0]).toBeCloseTo(25.4, 3)
})
