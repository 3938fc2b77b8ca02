import { expect, test } from 'vitest'
import type { MachineAction } from '../../action.ts'
import type { Guarding } from '../../machine.ts'
import { RESET, type Rig, type RigOptions, rig, settingsFor, tempDir, until, wire, writeProgram } from './rig.ts'

const by = { by: 'tester' }
const guarded = (guarding: Guarding, options: RigOptions = {}): RigOptions => ({
  ...options,
  settings: () => ({ ...settingsFor({ kind: 'virtual', timeScale: options.machine?.timeScale ?? 20 }), guarding }),
})
const act = (it: Rig, action: MachineAction) => it.guard.act(action, by)
const at = async (it: Rig, x: number, y: number, z: number) => {
  await act(it, { kind: 'go-to', to: { X: x, Y: y, Z: z }, frame: 'machine', feedMmPerMin: 5000 })
  expect(it.guard.state().machinePositionMm).toEqual([x, y, z])
}

test('a jog moves by what was asked, changes no modal state and answers when it stands', async () => {
  const it = await rig()
  const { modal } = it.guard.state()
  await act(it, { kind: 'jog', by: { X: 12.5, Y: 3 }, feedMmPerMin: 2000 })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [12.5, 3, 0] })
  expect(it.guard.state().modal).toEqual(modal)
  expect(wire(it.machine)).toContain('$J=G91G21X12.5Y3F2000\n')
  // steps of an inch to the last digit: again and again they add up
  await act(it, { kind: 'jog', by: { X: 0.00254, Y: -0.0254 }, feedMmPerMin: 248.92 })
  expect(wire(it.machine)).toContain('$J=G91G21X0.00254Y-0.0254F248.92\n')
})

test('a jog or move out of the travel or through a keep-out box is refused, and nothing is sent', async () => {
  const it = await rig(guarded({ keepOut: [{ id: 'vice', name: 'Vice', min: [50, -1, -80], max: [60, 100, -20], isActive: true }] }))
  await at(it, 10, 10, -30)
  const before = wire(it.machine).length
  await expect(act(it, { kind: 'jog', by: { Y: -11 }, feedMmPerMin: 100 })).rejects.toMatchObject({ code: 'outside-envelope' })
  await expect(act(it, { kind: 'jog', by: { X: 100 }, feedMmPerMin: 100 })).rejects.toMatchObject({
    code: 'keep-out',
    message: expect.stringContaining('"Vice"'),
  })
  await expect(act(it, { kind: 'go-to', to: { X: 90 }, frame: 'machine', feedMmPerMin: 100 })).rejects.toMatchObject({ code: 'keep-out' })
  expect(wire(it.machine).slice(before)).not.toContain('J')
  expect(it.guard.state().lease).toBeUndefined()
})

test.each([
  ['jog', { kind: 'jog', by: { X: -20 }, feedMmPerMin: 1000 }],
  ['move', { kind: 'go-to', to: { X: 20, Y: -20 }, frame: 'work', feedMmPerMin: 1000 }],
] satisfies [string, MachineAction][])('a %s is not reckoned from one report that was spoilt on the way and reads well', async (_what, action) => {
  const it = await rig()
  await at(it, 10, 10, -30)
  const line = it.machine as unknown as { transmit: (text: string) => void }
  const transmit = line.transmit.bind(it.machine)
  for (const spoilt of [1, 2, 3]) {
    let reports = 0
    line.transmit = (text) => {
      if (text.includes('MPos:')) reports += 1
      transmit(reports === spoilt ? text.replace('MPos:10.000,10.000', 'MPos:80.000,-20.000') : text)
    }
    const before = wire(it.machine).length
    await expect(act(it, action)).rejects.toMatchObject({ code: 'outside-envelope' })
    expect(wire(it.machine).slice(before)).not.toContain('J')
    line.transmit = transmit
  }
})

test('with a safe height the way to a place behind a box leads over it', async () => {
  const it = await rig(guarded({ safeZMm: 5, keepOut: [{ id: 'vice', name: 'Vice', min: [50, -1, -80], max: [60, 100, -20], isActive: true }] }))
  await at(it, 10, 10, -30)
  await at(it, 90, 10, -30)
  expect(wire(it.machine)).toMatch(/J=G53G90G21Z5F5000\n(.*\n)*?\$J=G53G90G21X90F5000\n(.*\n)*?\$J=G53G90G21Z-30F5000/)
})

test('a move goes up before it goes along, and along before it goes down', async () => {
  const it = await rig()
  await at(it, 10, 10, -30)
  await at(it, 20, 20, -10)
  const moves = [...wire(it.machine).matchAll(/\$J=G53G90G21(\S+?)F/g)].map(([, words]) => words)
  expect(moves).toEqual(['X10Y10', 'Z-30', 'Z-10', 'X20Y20'])
})

test('a place in work coordinates takes the offset in force', async () => {
  const it = await rig()
  await at(it, 50, 40, -20)
  await act(it, { kind: 'set-here', workOffset: 'G54', here: { X: 0, Y: 0, Z: 1 } })
  expect(it.guard.state()).toMatchObject({ workPositionMm: [0, 0, 1], offsetsMm: { G54: [50, 40, -21] } })
  await act(it, { kind: 'go-to', to: { X: 10, Z: 3 }, frame: 'work', feedMmPerMin: 5000 })
  expect(it.guard.state()).toMatchObject({ machinePositionMm: [60, 40, -18], workPositionMm: [10, 0, 3] })
})

test('a move that a hold cancels ends with an error, and its further pieces are not sent', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  await at(it, 5, 0, 0)
  const moved = act(it, { kind: 'go-to', to: { X: 300, Z: -50 }, frame: 'machine', feedMmPerMin: 1500 })
  const ended = expect(moved).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'jog', 'it moves')
  it.guard.hold('Anna')
  await ended
  await until(() => it.guard.state().lease === undefined, 'the machine is given back')
  expect(it.guard.state().machinePositionMm[0]).toBeLessThan(290)
  expect(wire(it.machine)).not.toContain('Z-50')
})

test('offsets: set in machine coordinates, selected, G92 cleared, tool length set and taken away', async () => {
  const it = await rig()
  await act(it, { kind: 'set-offset', workOffset: 'G55', offsetMm: { X: 10.1234, Y: 20 } })
  expect(it.guard.state().offsetsMm!.G55).toEqual([10.123, 20, 0])
  await act(it, { kind: 'select-offset', workOffset: 'G55' })
  expect(it.guard.state()).toMatchObject({ modal: expect.arrayContaining(['G55']), workPositionMm: [-10.123, -20, 0] })
  await act(it, { kind: 'line', line: 'G92 X5' })
  expect(it.guard.state().offsetsMm!.G92).not.toEqual([0, 0, 0])
  await act(it, { kind: 'clear-g92' })
  expect(it.guard.state().offsetsMm!.G92).toEqual([0, 0, 0])
  await act(it, { kind: 'tool-length', lengthMm: 12.5 })
  expect(it.guard.state()).toMatchObject({ offsetsMm: { TLO: [0, 0, 12.5] }, workPositionMm: [-10.123, -20, -12.5] })
  await act(it, { kind: 'tool-length', lengthMm: null })
  expect(it.guard.state().offsetsMm!.TLO).toEqual([0, 0, 0])
  await expect(act(it, { kind: 'select-offset', workOffset: 'G59.1' })).rejects.toMatchObject({ code: 'not-supported' })
})

test('an offset that somebody moved since it was reckoned from is not set', async () => {
  const it = await rig()
  const set = (X: number, from: number) => act(it, { kind: 'set-offset', workOffset: 'G55', offsetMm: { X }, expectedMm: { X: from } })
  await set(10, 0)
  await set(9.988, 10)
  await expect(set(9.95, 47.3)).rejects.toMatchObject({ code: 'offset-moved', message: expect.stringContaining('G55 X is at 9.988 mm') })
  expect(it.guard.state().offsetsMm!.G55).toEqual([9.988, 0, 0])
})

test('offsets are millimetres also while the controller is in inches', async () => {
  const it = await rig()
  await act(it, { kind: 'line', line: 'G20' })
  await at(it, 25.4, 0, 0)
  await act(it, { kind: 'set-here', workOffset: 'G54', here: { X: 12.7 } })
  expect(it.guard.state().offsetsMm!.G54![0]).toBeCloseTo(12.7, 3)
  await act(it, { kind: 'set-offset', workOffset: 'G56', offsetMm: { X: 100 } })
  expect(it.guard.state().offsetsMm!.G56![0]).toBeCloseTo(100, 3)
  expect(it.guard.state().modal).toContain('G20')
})

test.each([
  [137, 100],
  [55, 200],
  [199, 10],
])('overrides go from what is reported to %i %% and then to %i %%', async (first, second) => {
  const it = await rig()
  await act(it, { kind: 'override', feed: first, spindle: 105 })
  expect(it.guard.state().overridesPercent).toEqual({ feed: first, rapid: 100, spindle: 105 })
  await act(it, { kind: 'override', feed: second, rapid: 25 })
  expect(it.guard.state().overridesPercent).toEqual({ feed: second, rapid: 25, spindle: 105 })
})

test('an override that a stop overtakes ends with it: a reset sets overrides back', async () => {
  const it = await rig()
  // many bytes with a gap behind each, so that the stop comes between them, and its banner well behind its reset
  it.machine.delayAnswers(60)
  const asked = act(it, { kind: 'override', feed: 195, spindle: 195 }).catch((error: unknown) => error)
  await it.guard.stop('anna', false)
  expect(await asked).toMatchObject({ code: 'override-failed', message: expect.stringContaining('reset') })
  it.machine.delayAnswers(0)
  await expect.poll(() => it.guard.state().overridesPercent).toEqual({ feed: 100, rapid: 100, spindle: 100 })
  await it.machine.waitFor(() => it.machine.receivedText().includes(RESET))
  expect(it.machine.receivedText().split(RESET).at(-1)).toMatch(/^[?$#G\n]*$/)
})

test('a safety door that a stop overtakes is told at once: the reset takes it away', async () => {
  const it = await rig()
  await it.start(await writeProgram(await tempDir(), 'G21 G90\nG1 F300 X100\nX0\n'))
  await until(() => it.machine.now().isMoving, 'the program runs')
  const door = act(it, { kind: 'safety-door' }).catch((error: unknown) => error)
  await it.guard.stop('anna', true)
  expect(await door).toMatchObject({ code: 'controller-refused', message: expect.stringContaining('meanwhile') })
})

test('an override works while somebody else has the machine, and is refused only under a lease that is over', async () => {
  const it = await rig()
  const { token } = it.guard.takeLease({ holder: 'flow', ttlMs: 60_000, by: 'flow' })
  await act(it, { kind: 'override', feed: 90 })
  expect(it.guard.state().overridesPercent.feed).toBe(90)
  await expect(it.guard.act({ kind: 'override', feed: 80 }, { by: 'x', lease: token - 1 })).rejects.toMatchObject({ code: 'lease-stale' })
})

test('spindle and coolant are switched and shown; a speed outside the range is refused', async () => {
  const it = await rig()
  await act(it, { kind: 'spindle', turn: 'cw', rpm: 12000 })
  await until(() => it.guard.state().accessories?.spindle === 'cw', 'the spindle turns')
  expect(it.guard.state().spindleRpm).toBe(12000)
  await act(it, { kind: 'coolant', isFloodOn: true, isMistOn: true })
  await expect.poll(() => it.guard.state().accessories).toEqual({ spindle: 'cw', isFloodOn: true, isMistOn: true })
  await act(it, { kind: 'coolant', isFloodOn: false, isMistOn: false })
  await act(it, { kind: 'spindle', turn: 'off' })
  await expect.poll(() => it.guard.state().accessories).toEqual({ spindle: 'off', isFloodOn: false, isMistOn: false })
  await expect(act(it, { kind: 'spindle', turn: 'cw', rpm: 50000 })).rejects.toMatchObject({ code: 'line-refused' })
})

test('in an alarm nothing but unlock and homing is taken', async () => {
  const it = await rig()
  it.machine.trip(3)
  await until(() => it.guard.state().controller === 'alarm', 'the alarm')
  await expect(act(it, { kind: 'jog', by: { X: 1 }, feedMmPerMin: 100 })).rejects.toMatchObject({ code: 'machine-not-idle' })
  await expect(act(it, { kind: 'line', line: 'G0 X1' })).rejects.toMatchObject({ code: 'machine-not-idle' })
  await expect(act(it, { kind: 'set-here', workOffset: 'G54', here: { X: 0 } })).rejects.toMatchObject({ code: 'machine-not-idle' })
  await expect(it.guard.jogStart({ direction: { X: 1 }, feedMmPerMin: 100, ttlMs: 300, by: 'x' })).rejects.toMatchObject({ code: 'machine-not-idle' })
  await act(it, { kind: 'unlock' })
  expect(it.guard.state().controller).toBe('idle')
})

test('where it can be homed, it goes to no place before it was; a jog is possible', async () => {
  const it = await rig({ machine: { settings: { 22: 1 } } })
  await act(it, { kind: 'unlock' })
  expect(it.guard.state().isPositionTrusted).toBe(false)
  await expect(act(it, { kind: 'go-to', to: { X: 5 }, frame: 'machine', feedMmPerMin: 100 })).rejects.toMatchObject({ code: 'position-not-trusted' })
  await act(it, { kind: 'jog', by: { X: 1 }, feedMmPerMin: 1000 })
})

test('homing single axes is refused by a controller that homes all together', async () => {
  const it = await rig({ machine: { settings: { 22: 1 } } })
  await expect(act(it, { kind: 'home', axes: ['Z'] })).rejects.toMatchObject({ code: 'not-supported' })
  await act(it, { kind: 'home' })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', isPositionTrusted: true })
})

test('the safety door stops a move, and the machine stands as with an open door', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const moved = act(it, { kind: 'go-to', to: { X: 300 }, frame: 'machine', feedMmPerMin: 1500 })
  const ended = expect(moved).rejects.toMatchObject({ code: 'stopped' })
  await until(() => it.guard.state().controller === 'jog', 'it moves')
  await act(it, { kind: 'safety-door' })
  await ended
  expect(it.guard.state()).toMatchObject({ controller: 'door', isStanding: true })
})

test('the machine belongs to a line until its move is done', async () => {
  const it = await rig({ machine: { timeScale: 1 } })
  const moved = act(it, { kind: 'line', line: 'G1 X20 F3000' })
  await until(() => it.guard.state().controller === 'run', 'it moves')
  expect(it.guard.state().lease).toMatchObject({ kind: 'work', holder: 'tester' })
  await expect(act(it, { kind: 'jog', by: { X: 1 }, feedMmPerMin: 100 })).rejects.toMatchObject({ code: 'machine-busy' })
  expect(await moved).toMatchObject({ answer: 'ok' })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [20, 0, 0] })
  expect(it.guard.state().modal).toContain('G1')
})

test('more commands a second than the machine takes are refused', async () => {
  const it = await rig(guarded({ maxCommandsPerS: 3 }))
  const all = await Promise.allSettled(Array.from({ length: 6 }, () => act(it, { kind: 'tool-is', tool: 4 })))
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(all.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'too-many-commands' } })
  // hold and stop are no commands
  it.guard.hold('tester')
  it.guard.stop('tester', false)
})

test('the tool in the spindle and the parts count are remembered over a restart', async () => {
  const it = await rig()
  await act(it, { kind: 'tool-is', tool: 7 })
  expect(it.guard.state().tool).toBe(7)
  const next = await it.restart()
  expect(next.guard.state()).toMatchObject({ tool: 7, partsCount: 0 })
})

test('what the controller can do is known from its own words', async () => {
  const it = await rig({ machine: { settings: { 10: 3 } } })
  await until(() => it.guard.state().bufferFree !== undefined, 'Bf:')
  expect(it.guard.state()).toMatchObject({
    abilities: { dialect: 'grbl', axes: ['X', 'Y', 'Z'], hasHoming: false, travelMm: [400, 300, 100], spindleRpm: { max: 24000 }, isLaser: false },
    modal: expect.arrayContaining(['G54', 'G21', 'G90']),
    offsetsMm: { G54: [0, 0, 0], G92: [0, 0, 0], TLO: [0, 0, 0] },
    bufferFree: { blocks: expect.any(Number), bytes: expect.any(Number) },
  })
})

test('the traffic names who asked, leaves status reports out and goes on where it was left', async () => {
  const it = await rig()
  await it.guard.act({ kind: 'line', line: 'G90' }, { by: 'Anna' })
  const lines = it.guard.traffic(0)
  expect(lines).toContainEqual(expect.objectContaining({ direction: 'sent', text: 'G90', by: 'Anna' }))
  expect(lines).toContainEqual(expect.objectContaining({ direction: 'received', text: 'ok' }))
  expect(lines.some(({ text }) => text.startsWith('<') || text === 'status')).toBe(false)
  const last = lines.at(-1)!.seq
  it.guard.hold('tester')
  expect(it.guard.traffic(last)).toEqual([
    expect.objectContaining({ seq: last + 1, direction: 'realtime', text: 'feedHold' }),
    expect.objectContaining({ direction: 'note', text: 'hold', by: 'tester' }),
  ])
})

test('program lines are in the traffic under the name of the one who started the job', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), 'G21 G90\nG1 F3000 X10\nM5\n')
  const { jobId } = await it.start(program)
  await it.end(jobId)
  expect(it.guard.traffic(0)).toContainEqual(expect.objectContaining({ direction: 'sent', text: 'G1F3000X10', by: 'tester' }))
})

test.each([
  ['grblhal', { 22: 3 }],
  ['fluidnc', { 22: 1 }],
] as const)('%s homes single axes; the position is good when all of them were named', async (personality, settings) => {
  const it = await rig({ machine: { personality, settings } })
  await act(it, { kind: 'home', axes: ['Z'] })
  expect(it.guard.state().isPositionTrusted).toBe(false)
  await act(it, { kind: 'home', axes: ['Z', 'X', 'Y'] })
  expect(it.guard.state().isPositionTrusted).toBe(true)
  await expect(act(it, { kind: 'home', axes: ['A'] })).rejects.toMatchObject({ code: 'not-supported' })
})

test('a fourth axis is jogged, sent to places and set; it is never scaled by inches', async () => {
  const it = await rig({ machine: { personality: 'grblhal', axisCount: 4 } })
  expect(it.guard.state().abilities!.axes).toEqual(['X', 'Y', 'Z', 'A'])
  await act(it, { kind: 'line', line: 'G20' })
  await act(it, { kind: 'jog', by: { A: -90 }, feedMmPerMin: 2000 })
  expect(it.guard.state().machinePositionMm[3]).toBeCloseTo(-90, 2)
  await act(it, { kind: 'set-here', workOffset: 'G54', here: { A: 0 } })
  expect(it.guard.state().offsetsMm!.G54![3]).toBeCloseTo(-90, 2)
  await act(it, { kind: 'go-to', to: { A: -10 }, frame: 'work', feedMmPerMin: 2000 })
  expect(it.guard.state().machinePositionMm[3]).toBeCloseTo(-100, 2)
})

test('a machine that stands and that nobody watches is asked less often', async () => {
  const it = await rig({ timings: { pollIdleMs: 20, pollUnwatchedMs: 400 } })
  const polls = () => it.machine.receivedText().split('?').length - 1
  /** How often it was asked meanwhile, for every 400 ms of it. */
  const pace = async () => {
    const [before, since] = [polls(), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, 1000))
    return ((polls() - before) * 400) / (performance.now() - since)
  }
  await until(async () => (await pace()) > 4, 'asked often')
  it.guard.setWatched(false)
  await pace()
  // one of them was on its way when it was counted first
  expect(await pace()).toBeLessThan(2)
  it.guard.setWatched(true)
  await until(async () => (await pace()) > 4, 'asked often again')
})

test('behind a program and behind a reset the modal state is read again', async () => {
  const it = await rig()
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G20 G91\nG1 F30 X0.5\n'))
  await it.end(jobId)
  await until(() => it.guard.state().modal?.includes('G91') === true, 'G91 is seen')
  it.guard.stop('tester', false)
  await until(() => it.guard.state().modal?.includes('G90') === true, 'G90 is seen')
})
