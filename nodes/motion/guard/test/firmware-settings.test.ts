import { expect, test } from 'vitest'
import { rig, until, wire } from './rig.ts'

const find = (settings: { number: number }[], number: number) => settings.find((setting) => setting.number === number)

test('settings are shown with names and units, beside the backup that the first look made', async () => {
  const it = await rig()
  const settings = await it.guard.firmwareSettings()
  expect(find(settings, 110)).toEqual({ number: 110, value: '5000.000', name: 'X highest rate', unit: 'mm/min', backup: '5000.000', isDrifted: false })
  expect(it.guard.state().settingsDrift).toBe(0)
  expect(it.guard.state().lease).toBeUndefined()
})

test('what is written is read back, counts for the guard at once, and is no drift', async () => {
  const it = await rig()
  const settings = await it.guard.writeFirmwareSettings(
    [
      { number: 110, value: '3000' },
      { number: 22, value: '1' },
    ],
    'Anna',
  )
  expect(find(settings, 110)).toMatchObject({ value: '3000.000', isDrifted: false })
  expect(it.guard.state()).toMatchObject({ settingsDrift: 0, abilities: { hasHoming: true, maxRateMmPerMin: [3000, 5000, 2000] } })
  expect(wire(it.machine)).toContain('$110=3000\n')
})

test('a setting changed behind the back of the guard is drift: told once, shown until it is kept', async () => {
  const it = await rig()
  await it.guard.act({ kind: 'line', line: '$111=1234' }, { by: 'engineer' })
  expect(it.guard.state().settingsDrift).toBe(1)
  expect(it.guard.state().notices.join()).toMatch(/\$111 \(Y highest rate\) is not as kept/)
  const next = await it.restart()
  await until(() => next.events.some(({ kind }) => kind === 'settings-drift'), 'told at the start')
  expect(find(await next.guard.firmwareSettings(), 111)).toMatchObject({ backup: '5000.000', isDrifted: true })
  await next.guard.backupFirmwareSettings('Anna')
  expect(next.guard.state()).toMatchObject({ settingsDrift: 0 })
  expect(next.guard.state().notices.join()).not.toContain('$111')
})

test('unknown numbers, values that are no values and what the controller refuses are not written', async () => {
  const it = await rig()
  await expect(it.guard.writeFirmwareSettings([{ number: 999, value: '1' }], 'x')).rejects.toMatchObject({ code: 'setting-unknown' })
  await expect(it.guard.writeFirmwareSettings([{ number: 110, value: '1\nG0X9' }], 'x')).rejects.toMatchObject({ code: 'setting-refused' })
  await expect(it.guard.writeFirmwareSettings([{ number: 110, value: '5!' }], 'x')).rejects.toMatchObject({ code: 'setting-refused' })
  expect(wire(it.machine)).not.toMatch(/\$\d+=/)
  // soft limits need homing
  await expect(it.guard.writeFirmwareSettings([{ number: 20, value: '1' }], 'x')).rejects.toMatchObject({
    code: 'setting-refused',
    message: expect.stringContaining('Soft limits need homing'),
  })
})

test('settings are not written into a machine that moves', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const { token } = await it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 3000, ttlMs: 60_000, by: 'x' })
  await expect(it.guard.writeFirmwareSettings([{ number: 110, value: '3000' }], 'x')).rejects.toMatchObject({ code: 'machine-busy' })
  expect(await it.guard.firmwareSettings()).not.toHaveLength(0)
  it.guard.jogEnd(token)
  await until(() => it.guard.state().lease === undefined, 'it stands')
})
