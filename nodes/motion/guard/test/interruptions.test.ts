import { expect, test } from 'vitest'
import type { MachineState } from '../../machine.ts'
import { rigWithPendant } from './pendant.ts'
import { type Rig, rig, tempDir, until, wire, writeProgram } from './rig.ts'

/** What a job waits for. */
async function question(it: Rig): Promise<NonNullable<NonNullable<MachineState['job']>['waitingFor']>> {
  await until(() => it.guard.state().job?.phase === 'waiting', 'the program waits')
  const waitingFor = it.guard.state().job?.waitingFor
  if (!waitingFor) throw new Error('it waits for nothing')
  return waitingFor
}

const run = async (it: Rig, text: string, options = {}) => (await it.start(await writeProgram(await tempDir(), text), { options })).jobId
const lines = (it: Rig) => it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))
const answer = (it: Rig, jobId: string, name: 'go-on' | 'skip-line' | 'stop' | 'measure-tool') => it.guard.answerJob({ jobId, answer: name, by: 'tester' })

test('M0 runs the machine empty and waits; the comment beside it is shown, spindle and coolant stay', async () => {
  const it = await rig()
  const jobId = await run(it, 'G21 G90\nM3 S8000\nM8\nG1 F3000 X20\nM0 (turn the part)\nX30\nM30\n')
  const asked = await question(it)
  expect(asked).toMatchObject({ kind: 'program-stop', line: 5, answers: ['go-on', 'stop'] })
  expect(asked.text).toMatch(/line 5 \(M0\): turn the part\. The spindle is on\./)
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [20, 0, 0] })
  expect(lines(it)).not.toContain('M5')
  expect(it.events).toContainEqual(expect.objectContaining({ kind: 'program-waits' }))
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 7, totalLines: 7 })
  expect(lines(it)).not.toContain('M0')
  expect(it.guard.state().machinePositionMm[0]).toBe(30)
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'nothing-to-answer' })
})

test('a move in the line of an M0 is made before the stop', async () => {
  const it = await rig()
  const jobId = await run(it, 'G21 G90\nG0 X12 M0\nG0 X0\n')
  await question(it)
  expect(it.guard.state().machinePositionMm[0]).toBe(12)
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesSent: 3, linesAcknowledged: 3 })
})

test.each([
  [true, 1],
  [false, 0],
])('M1 stops the program only where optional stop is asked for (%s)', async (optionalStop, waits) => {
  const it = await rig()
  const jobId = await run(it, 'G21\nG0 X5\nM1\nG0 X6\nM01\n', { optionalStop })
  for (let i = 0; i < waits * 2; i += 1) {
    expect(await question(it)).toMatchObject({ kind: 'optional-stop', line: i === 0 ? 3 : 5 })
    await answer(it, jobId, 'go-on')
    await until(() => it.guard.state().job?.phase !== 'waiting', 'it goes on')
  }
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 5, totalLines: 5 })
  expect(lines(it).join()).not.toContain('M1')
})

test('block delete leaves lines with / out when it is asked for, and runs them otherwise', async () => {
  const it = await rig()
  const text = 'G21 G90\nG0 X5\n/G0 Y7\nG0 X6\n'
  const first = await run(it, text, { blockDelete: true })
  expect(await it.end(first)).toMatchObject({ state: 'completed', totalLines: 3 })
  expect(it.guard.state().machinePositionMm).toEqual([6, 0, 0])
  const second = await run(it, text)
  expect(await it.end(second)).toMatchObject({ state: 'completed', totalLines: 4 })
  expect(it.guard.state().machinePositionMm).toEqual([6, 7, 0])
  expect(wire(it.machine)).not.toContain('/')
})

const TWO_TOOLS = 'G21 G90 G54\nT1 M6\nM3 S9000\nG0 X10 Y10 Z5\nG1 Z0 F600\nX40\nG91\nM6 T2\nG1 Y5\nG90\nX10\nM5\nM30\n'

test('a manual tool change without a place for it: the tool is lifted out of the work to the safe height, and comes back', async () => {
  const it = await rig({ guarding: { toolChange: { kind: 'manual' }, safeZMm: 18 } })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const jobId = await run(it, TWO_TOOLS)
  expect(await question(it)).toMatchObject({ kind: 'tool-change', tool: 2 })
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [40, 10, 18] })
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(lines(it)).toContain('G53G1Z0F300')
  expect(it.guard.state().machinePositionMm).toEqual([10, 15, 0])
})

test('a manual tool change: never M6, spindle off, parked, a person asked, everything put back before the next line', async () => {
  const it = await rig({ guarding: { toolChange: { kind: 'manual', parkMm: [200, 150, 15] } } })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const jobId = await run(it, TWO_TOOLS)
  const asked = await question(it)
  // tool 1 was in the spindle: only the second change asks
  expect(asked).toMatchObject({ kind: 'tool-change', line: 8, tool: 2, answers: ['go-on', 'stop'] })
  expect(asked.text).toMatch(/Put tool 2 into the spindle in place of tool 1\..*starts again at 9000 rpm/)
  expect(it.guard.state()).toMatchObject({ controller: 'idle', machinePositionMm: [200, 150, 15] })
  const before = lines(it)
  expect(before.slice(-6)).toEqual(['M5', 'G21G90G94', 'G53G0Z19', 'G53G0X200Y150', 'G53G0Z15', 'G4P0.01'])
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 13, totalLines: 13 })
  const after = lines(it).slice(before.length)
  expect(after).toEqual([
    'G21G90G94',
    'G54',
    'G53G0Z19',
    'G53G0X40Y10',
    'S9000M3',
    'G4P4',
    'M9',
    'G53G1Z0F300',
    'F600',
    'G17G21G91G94',
    'G4P0.01',
    'T2',
    'G1Y5',
    'G90',
    'X10',
    'M5',
    'M30',
    'G4P0.01',
  ])
  expect(lines(it).join()).not.toMatch(/M6/)
  expect(it.guard.state()).toMatchObject({ tool: 2, machinePositionMm: [10, 15, 0], partsCount: 1 })
})

test('go-on is refused while an interlock is open, the machine is held or somebody moves it, and the question stays', async () => {
  const it = await rig({ guarding: { interlocks: [{ id: 'door', name: 'door', ttlS: 60, whenUnsafe: 'refuse' }] } })
  const text = 'G21 G90\nG0 X5\nM0\nG0 X6\n'
  await expect(run(it, text)).rejects.toMatchObject({ code: 'interlock-open' })
  it.guard.setInterlock('door', true)
  const jobId = await run(it, text)
  await question(it)
  it.guard.setInterlock('door', false)
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'interlock-open' })
  it.guard.setInterlock('door', true)
  it.guard.hold('tester')
  await until(() => it.guard.state().controller === 'hold', 'held')
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'machine-not-idle' })
  expect(it.guard.state().job?.phase).toBe('waiting')
  await it.guard.resume('tester')
  await until(() => it.guard.state().controller === 'idle', 'idle again')
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
})

test('while the program waits the machine may be jogged and touched off; then the rest is checked anew and the tool goes back', async () => {
  const it = await rig({ guarding: { toolChange: { kind: 'manual' }, safeZMm: 18 } })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const jobId = await run(it, 'G21 G90\nG0 X10 Y10 Z10\nT2 M6\nG1 X20 F900\nZ-5\nM30\n')
  await question(it)
  await expect(it.guard.home('tester')).rejects.toMatchObject({ code: 'machine-busy' })
  await it.guard.act({ kind: 'jog', by: { X: 30, Z: -12 }, feedMmPerMin: 3000 }, { by: 'tester' })
  await it.guard.act({ kind: 'set-here', workOffset: 'G54', here: { Z: 4 } }, { by: 'tester' })
  expect(it.guard.state()).toMatchObject({ machinePositionMm: [40, 10, 6], job: { phase: 'waiting' } })
  const before = lines(it).length
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  // Z 10 of the work is Z 12 of the machine now: the tool must not stand lower than it was meant to
  expect(lines(it).slice(before)).toEqual(expect.arrayContaining(['G53G0Z18', 'G53G0X10', 'G53G1Z12F300']))
  expect(it.guard.state()).toMatchObject({ machinePositionMm: [20, 10, -3], tool: 2 })
})

test('an offset with which the rest of the program would leave the machine is refused before anything moves', async () => {
  const it = await rig()
  const jobId = await run(it, 'G21 G90\nG0 X10\nM0\nG0 X380\n')
  await question(it)
  await it.guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { X: 30 } }, { by: 'tester' })
  const heard = it.machine.answered.length
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'outside-envelope', details: expect.objectContaining({ line: 4 }) })
  expect(lines(it).slice(heard).join()).not.toMatch(/X/)
  expect(it.guard.state().job?.phase).toBe('waiting')
  await it.guard.act({ kind: 'set-offset', workOffset: 'G54', offsetMm: { X: 5 } }, { by: 'tester' })
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(it.guard.state().machinePositionMm[0]).toBe(385)
})

test('stop is an answer, and a stop ends the job while it waits; where to go on is kept', async () => {
  const it = await rig()
  const text = `G21 G90\nF2000\n${Array.from({ length: 60 }, (_, i) => `G1 X${i + 1}`).join('\n')}\nM0\nG0 X0\n`
  const jobId = await run(it, text)
  await question(it)
  await answer(it, jobId, 'stop')
  expect(await it.end(jobId)).toMatchObject({ state: 'stopped', isPositionTrusted: true })
  // run empty at the stop: all before it is done, and the M0 is not
  expect(it.guard.state().resumable).toMatchObject({ jobId, line: 64, text: 'G0X0' })
})

test('a tool that must be measured keeps the program waiting until it was', async () => {
  const setter = { atMm: [300, 200, 0] as [number, number, number], maxTravelMm: 40, feedMmPerMin: 200 }
  const it = await rig({ guarding: { toolChange: { kind: 'probe-length', setter }, safeZMm: 15 } })
  it.machine.setTouchPlate(-20)
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const jobId = await run(it, 'G21 G90\nG0 X10 Y10 Z5\nT2 M6\nG1 X20 F900\nM30\n')
  expect(await question(it)).toMatchObject({ answers: ['measure-tool', 'go-on', 'stop'] })
  await expect(answer(it, jobId, 'go-on')).rejects.toMatchObject({ code: 'tool-not-measured' })
  // without a tool to compare with there is no length
  await expect(answer(it, jobId, 'measure-tool')).rejects.toMatchObject({ code: 'no-tool-reference' })
  await it.guard.act({ kind: 'probe', probe: { cycle: 'tool-length', isReference: true } }, { by: 'tester' })
  it.machine.setTouchPlate(-18)
  await answer(it, jobId, 'measure-tool')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(it.guard.state().offsetsMm?.TLO?.[2]).toBeCloseTo(2, 1)
  expect(it.guard.state().machinePositionMm[0]).toBe(20)
})

test('a macro changes the tool without a person; one that would leave the machine asks instead of running', async () => {
  const it = await rig({
    guarding: { toolChange: { kind: 'macro', lines: ['G21 G90', 'G53 G0 Z10', 'G53 G0 X{tool}0 Y{previous}', 'G4 P0.01 (clamp)'] }, safeZMm: 15 },
  })
  await it.guard.act({ kind: 'tool-is', tool: 1 }, { by: 'tester' })
  const jobId = await run(it, 'G21 G90\nM3 S5000\nG0 X10 Y10 Z5\nT3 M6\nG1 X20 F900\nM30\n')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(lines(it)).toEqual(expect.arrayContaining(['G53G0X30Y1', 'G4P0.01', 'G53G0Z15', 'G53G0X10Y10', 'S5000M3']))
  expect(it.guard.state()).toMatchObject({ tool: 3, machinePositionMm: [20, 10, 5] })
  const next = await run(it, 'G21 G90\nG0 X10\nT99 M6\nG0 X20\nM30\n')
  expect((await question(it)).text).toMatch(/tool change macro is not possible: .*X would reach 990/)
  expect(lines(it).join()).not.toMatch(/X990/)
  await answer(it, next, 'stop')
  expect((await it.end(next)).state).toBe('stopped')
})

test('a controller that changes tools gets M6 alone; its Tool state is acknowledged and left when a person says so', async () => {
  const it = await rig({ machine: { personality: 'grblhal' }, guarding: { toolChange: { kind: 'controller' } } })
  const jobId = await run(it, 'G21 G90\nG0 X10\nT2 M6\nG0 X20\nM30\n')
  expect(await question(it)).toMatchObject({ kind: 'tool-change', tool: 2, line: 3 })
  expect(it.guard.state().controller).toBe('tool')
  await it.machine.waitFor((machine) => machine.receivedText().includes('\xa3'))
  expect(it.machine.receivedText()).not.toContain('X20')
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 5 })
  expect(it.guard.state()).toMatchObject({ tool: 2, machinePositionMm: [20, 0, 0] })
})

test('without a way to change tools a program that asks for one is refused', async () => {
  const it = await rig()
  await expect(run(it, 'G21\nG0 X1\nM6 T2\nG0 X2\n')).rejects.toMatchObject({ code: 'line-refused', details: expect.objectContaining({ line: 3 }) })
})

test('a laser is dark while the program waits, and lit again only behind the way back', async () => {
  const it = await rig({ machine: { settings: { 32: 1 } } })
  const jobId = await run(it, 'G21 G90\nM3 S500\nG1 F3000 X20\nM0\nX30\nM5\n')
  expect((await question(it)).text).not.toMatch(/spindle/)
  expect(lines(it).at(-1)).toBe('M5')
  const before = lines(it).length
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  // no G1 before the laser is on again: it goes out with the next move
  expect(lines(it).slice(before)).toEqual(['G21G90G94', 'G54', 'M9', 'G0', 'S500M3', 'F3000', 'G17G21G90G94', 'G4P0.01', 'G1X30', 'M5', 'G4P0.01'])
})

test('a controller that goes on by a button at the machine needs no second word', async () => {
  const { it, press } = await rigWithPendant({ machine: { personality: 'grblhal' }, guarding: { toolChange: { kind: 'controller' } } })
  const jobId = await run(it, 'G21 G90\nT2 M6\nG0 X20\n')
  await question(it)
  // the pendant's byte does not overtake what the guard has sent
  await it.machine.waitFor((machine) => machine.receivedText().includes('\xa3'))
  press('~')
  await until(() => it.guard.state().controller === 'idle', 'somebody pressed cycle start')
  await answer(it, jobId, 'go-on')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
})
