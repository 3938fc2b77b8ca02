import { expect, test } from 'vitest'
import type { ProbeCycle } from '../../action.ts'
import type { Guarding } from '../../machine.ts'
import type { VirtualControllerOptions } from '../../virtual/index.ts'
import { type Rig, rig, settingsFor, until, wire } from './rig.ts'

const touch = { feedMmPerMin: 300, fineFeedMmPerMin: 60, maxTravelMm: 20, retractMm: 2 }
const tool = { diameterMm: 4, lengthMm: 0, end: 'ball' as const }
/** A block on the table with its corner at (100, 100), 60 by 40, its top at -30. */
const block = { kind: 'box' as const, min: [100, 100] as [number, number], max: [160, 140] as [number, number], topMm: -30 }

async function probing(
  scene: NonNullable<VirtualControllerOptions['scene']>,
  { guarding, settings = {} }: { guarding?: Guarding; settings?: VirtualControllerOptions['settings'] } = {},
) {
  const it = await rig({
    machine: { timeScale: 50, scene: { tool, ...scene }, ...(settings ? { settings } : {}) },
    settings: () => ({ ...settingsFor({ kind: 'virtual', timeScale: 50 }), ...(guarding ? { guarding } : {}) }),
  })
  return it
}
const probe = async (it: Rig, cycle: ProbeCycle) => (await it.guard.act({ kind: 'probe', probe: cycle }, { by: 'tester' })).probe!
const goTo = (it: Rig, X: number, Y: number, Z: number) =>
  it.guard.act({ kind: 'go-to', to: { X, Y, Z }, frame: 'machine', feedMmPerMin: 5000 }, { by: 'tester' })

test('a touch plate sets Z0 at the top of the work, and leaves the modal state as it was', async () => {
  const it = await probing({ solids: [{ ...block, topMm: -20 }] })
  await it.guard.act({ kind: 'line', line: 'G1 F777' }, { by: 'tester' })
  await it.guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { X: 1, Y: 2, Z: 3 } }, { by: 'tester' })
  await goTo(it, 120, 120, -10)
  const { modal } = it.guard.state()
  const result = await probe(it, { cycle: 'touch-plate', plateThicknessMm: 10, workOffset: 'G54', ...touch })
  expect(result.foundMm!.Z).toBeCloseTo(-33, 2)
  expect(result.setText).toContain('G54')
  expect(it.guard.state().offsetsMm!.G54![2]).toBeCloseTo(-30, 2)
  expect(it.guard.state().offsetsMm!.G54!.slice(0, 2)).toEqual([1, 2])
  expect(it.guard.state().modal).toEqual(modal)
  expect(it.guard.state().machinePositionMm[2]).toBeCloseTo(-18, 1)
})

test('a tool length and G92 in force are reckoned with when an offset is set', async () => {
  const it = await probing({ solids: [block] })
  await it.guard.act({ kind: 'tool-length', lengthMm: 7 }, { by: 'tester' })
  await it.guard.act({ kind: 'line', line: 'G92 Z5' }, { by: 'tester' })
  await goTo(it, 120, 120, -20)
  await probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 4, workOffset: 'G54', ...touch })
  await goTo(it, 120, 120, -30)
  expect(it.guard.state().workPositionMm[2]).toBeCloseTo(0, 2)
})

test('a corner sets X and Y at the edges of the work', async () => {
  const it = await probing({ solids: [block] })
  await goTo(it, 106, 106, -25)
  const result = await probe(it, { cycle: 'corner', x: 'left', y: 'front', clearanceMm: 12, depthMm: 9, tipDiameterMm: 4, workOffset: 'G55', ...touch })
  expect(result.foundMm!.X).toBeCloseTo(100, 2)
  const [x, y, z] = it.guard.state().offsetsMm!.G55!
  expect(x).toBeCloseTo(100, 2)
  expect(y).toBeCloseTo(100, 2)
  expect(z).toBe(0)
  expect(it.guard.state().machinePositionMm).toEqual([106, 106, -25])
})

test('with reports in inches the same places are found', async () => {
  const it = await probing({ solids: [block] }, { settings: { 13: 1 } })
  await it.guard.act({ kind: 'line', line: 'G20' }, { by: 'tester' })
  await goTo(it, 90, 120, -35)
  const { modal } = it.guard.state()
  const result = await probe(it, { cycle: 'edge', axis: 'X', side: '+', tipDiameterMm: 4, workOffset: 'G54', ...touch })
  expect(result.foundMm!.X).toBeCloseTo(100, 1)
  expect(it.guard.state().offsetsMm!.G54![0]).toBeCloseTo(100, 1)
  expect(it.guard.state().modal).toEqual(modal)
})

test('bore and boss: centre and diameter', async () => {
  const it = await probing({
    solids: [
      { kind: 'bored-box', min: [100, 100], max: [160, 160], topMm: -30, bore: { centre: [130, 130], diameterMm: 30 } },
      { kind: 'cylinder', centre: [250, 130], diameterMm: 24, topMm: -30 },
    ],
  })
  await goTo(it, 133, 126, -20)
  await goTo(it, 133, 126, -40)
  const bore = await probe(it, { cycle: 'bore', diameterMm: 30, tipDiameterMm: 4, workOffset: 'G54', ...touch })
  expect(bore.foundMm!.X).toBeCloseTo(130, 1)
  expect(bore.foundMm!.Y).toBeCloseTo(130, 1)
  expect(bore.diameterMm).toBeCloseTo(30, 1)
  await goTo(it, 251, 129, -20)
  const boss = await probe(it, { cycle: 'boss', diameterMm: 24, clearanceMm: 8, depthMm: 15, tipDiameterMm: 4, ...touch })
  expect(boss.pointsMm).toHaveLength(4)
  expect(boss.diameterMm).toBeCloseTo(24, 1)
  expect(it.guard.state().machinePositionMm[0]).toBeCloseTo(250, 1)
})

test('the angle of an edge', async () => {
  const it = await probing({ solids: [{ ...block, angleDeg: 3 }] })
  await goTo(it, 115, 90, -35)
  const result = await probe(it, { cycle: 'angle', along: 'X', side: '+', distanceMm: 30, tipDiameterMm: 4, ...touch })
  expect(result.angleDeg).toBeCloseTo(3, 1)
})

test('tool lengths at the setter: a longer tool gets its difference to the reference, remembered over a restart', async () => {
  const setter = { atMm: [20, 20, -20] as [number, number, number], maxTravelMm: 50, feedMmPerMin: 500 }
  const guarding: Guarding = {
    toolChange: { kind: 'probe-length', setter },
    safeZMm: 10,
    // the setter is kept clear of everything but this
    keepOut: [{ id: 'setter', name: 'Tool setter', min: [10, 10, -80], max: [30, 30, -25], isActive: true }],
  }
  const it = await probing({ solids: [{ kind: 'cylinder', centre: [20, 20], diameterMm: 10, topMm: -55 }] }, { guarding })
  await expect(probe(it, { cycle: 'tool-length', isReference: false })).rejects.toMatchObject({ code: 'no-tool-reference' })
  await probe(it, { cycle: 'tool-length', isReference: true })
  it.machine.setTool({ diameterMm: 6, lengthMm: 12.5, end: 'flat' })
  const next = await it.restart()
  const result = await probe(next, { cycle: 'tool-length', isReference: false })
  expect(result.toolLengthMm).toBeCloseTo(12.5, 2)
  expect(next.guard.state().offsetsMm!.TLO![2]).toBeCloseTo(12.5, 2)
  expect(next.guard.state().machinePositionMm[2]).toBe(10)
})

test('a height map tells how far it is, and what it found', async () => {
  const it = await probing({ solids: [{ ...block, surface: { tilt: { at: [100, 100], x: 0.02, y: 0 } } }] })
  await it.guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { X: 110, Y: 110, Z: -30 } }, { by: 'tester' })
  await goTo(it, 110, 110, -20)
  const result = await probe(it, { cycle: 'height-map', minMm: [0, 0], maxMm: [40, 20], columns: 3, rows: 2, clearanceZMm: 4, ...touch })
  expect(result.heightMap!.heightsMm).toHaveLength(6)
  expect(result.heightMap!.heightsMm[2]! - result.heightMap!.heightsMm[0]!).toBeCloseTo(0.8, 1)
  expect(it.events.filter(({ kind, text }) => kind === 'probe' && text.startsWith('Point'))).toHaveLength(6)
})

test('a probe that touches nothing goes back to where it began, sets nothing and needs no unlock', async () => {
  const it = await probing({ solids: [block] })
  await goTo(it, 50, 50, 0)
  const { modal, offsetsMm } = it.guard.state()
  await expect(probe(it, { cycle: 'touch-plate', plateThicknessMm: 10, workOffset: 'G54', ...touch })).rejects.toMatchObject({
    code: 'probe-failed',
    message: expect.stringContaining('20 mm'),
  })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [50, 50, 0], modal, offsetsMm })
})

test('something in the way ends the cycle; the tool goes back and up', async () => {
  const it = await probing({ solids: [block] })
  await goTo(it, 115, 115, -25)
  // the edge is 15 mm away: 5 mm of clearance ends over the work, and the way down meets it
  await expect(
    probe(it, { cycle: 'corner', x: 'left', y: 'front', clearanceMm: 5, depthMm: 9, tipDiameterMm: 4, workOffset: 'G54', ...touch }),
  ).rejects.toMatchObject({ code: 'probe-failed', message: expect.stringContaining('should be free') })
  expect(it.guard.state()).toMatchObject({ controller: 'idle' })
  expect(it.guard.state().machinePositionMm[2]).toBe(-25)
  expect(it.guard.state().offsetsMm!.G54).toEqual([0, 0, 0])
})

test('a probe that is closed before it has touched anything is not sent anywhere', async () => {
  const it = await probing({ solids: [block] })
  await goTo(it, 120, 120, -25)
  it.machine.setTool({ diameterMm: 4, lengthMm: 6, end: 'ball' })
  await until(() => it.guard.state().pins.includes('P'), 'pin P')
  await expect(probe(it, { cycle: 'touch-plate', plateThicknessMm: 10, ...touch })).rejects.toMatchObject({
    code: 'probe-failed',
    message: expect.stringContaining('closed already'),
  })
  expect(wire(it.machine)).not.toContain('G38')
})

test('a probe stays inside the travel and out of keep-out boxes', async () => {
  const it = await probing({ solids: [] }, { guarding: { keepOut: [{ id: 'vice', name: 'Vice', min: [60, 40, -80], max: [80, 60, 0], isActive: true }] } })
  await goTo(it, 50, 50, -75)
  await expect(probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch })).rejects.toMatchObject({
    code: 'probe-failed',
    message: expect.stringContaining("machine's travel"),
  })
  await expect(probe(it, { cycle: 'surface', axis: 'X', side: '+', tipDiameterMm: 0, ...touch })).rejects.toMatchObject({ code: 'probe-failed' })
  expect(it.guard.state().machinePositionMm).toEqual([50, 50, -75])
})

test('a hold ends the cycle: resumed, the move under way runs out, and nothing goes on by itself', async () => {
  const it = await rig({ machine: { timeScale: 4, scene: { tool, solids: [block] } } })
  await goTo(it, 120, 120, -20)
  const { modal } = it.guard.state()
  const probed = probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch, feedMmPerMin: 100 })
  const ended = expect(probed).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'run', 'it probes')
  it.guard.hold('Anna')
  await until(() => it.guard.state().controller === 'hold' && it.guard.state().subState === 0, 'it is held')
  await it.guard.resume('Anna')
  await ended
  await until(() => it.guard.state().lease === undefined, 'the machine is given back')
  expect(wire(it.machine).match(/G38/g)).toHaveLength(1)
  await until(() => it.guard.state().controller === 'idle', 'it stands')
  await it.guard.act({ kind: 'line', line: 'G4 P0.01' }, { by: 'tester' })
  expect(it.guard.state().modal).toEqual(modal)
})

test('a stop in the middle resets; the modal state is that of a fresh controller', async () => {
  const it = await rig({ machine: { timeScale: 4, scene: { tool, solids: [block] } } })
  await goTo(it, 120, 120, -20)
  const probed = probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch, feedMmPerMin: 100 })
  const ended = expect(probed).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'run', 'it probes')
  it.guard.stop('Anna', false)
  await ended
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().lease === undefined, 'it stands')
  expect(it.guard.state().isPositionTrusted).toBe(true)
})

test('a cycle that ends in an alarm does nothing more; unlocking puts the modal state back', async () => {
  const it = await rig({ machine: { timeScale: 4, scene: { tool, solids: [block] } } })
  await goTo(it, 120, 120, -20)
  await it.guard.act({ kind: 'line', line: 'G1 F500' }, { by: 'tester' })
  const { modal } = it.guard.state()
  const probed = probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch, retractMm: 15 })
  const ended = expect(probed).rejects.toMatchObject({ code: 'machine-not-idle' })
  await until(() => wire(it.machine).includes('G38') && it.machine.now().state === 'Jog', 'it touched and retracts')
  it.machine.trip(3)
  await ended
  const lines = wire(it.machine).split('G38').length
  await it.guard.act({ kind: 'unlock' }, { by: 'tester' })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', modal })
  expect(wire(it.machine).split('G38')).toHaveLength(lines)
})

test.each(['grblhal', 'fluidnc'] as const)('on %s a touch is found and nothing found is no alarm', async (personality) => {
  const it = await rig({ machine: { timeScale: 50, personality, scene: { tool, solids: [block] } } })
  await goTo(it, 120, 120, -20)
  const result = await probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 4, workOffset: 'G54', ...touch })
  expect(result.foundMm!.Z).toBeCloseTo(-30, 2)
  await goTo(it, 50, 50, -20)
  await expect(probe(it, { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 4, workOffset: 'G54', ...touch })).rejects.toMatchObject({
    code: 'probe-failed',
  })
  expect(it.guard.state().controller).toBe('idle')
})
