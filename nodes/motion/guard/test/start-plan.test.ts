import { expect, test } from 'vitest'
import { type Program, type Rig, rig, tempDir, until, wire, writeProgram } from './rig.ts'

const lines = (it: Rig) => it.machine.answered.map(({ line }) => line).filter((line) => !line.startsWith('$'))
const plan = (it: Rig, { path, sha256 }: Program, fromLine: number) => it.guard.planStart({ path, sha256, programName: 'part.nc', fromLine, by: 'tester' })

const PART = `(part)
G20 G90 G17 G54
T3
M3 S6000
M8
G0 Z0.5
G0 X1 Y1
G1 Z-0.1 F10
X2
G2 X3 Y2 I0 J1
X4 Y3 I0 J1
G91
G1 X0.1
Y0.1
G90
M5
M30
`

test('a start at a line is worked out, shown, and changes nothing', async () => {
  const it = await rig({ guarding: { safeZMm: 18 } })
  const program = await writeProgram(await tempDir(), PART)
  const before = lines(it).length
  const found = await plan(it, program, 10)
  expect(found).toMatchObject({ fromLine: 10, tool: 0, spindle: { turn: 'cw', rpm: 6000 } })
  expect(found.modal).toEqual(expect.arrayContaining(['G1', 'G20', 'G90', 'G54', 'M3', 'M8', 'T3', 'S6000']))
  expect(found.lines.map(({ text }) => text)).toEqual([
    'G21G90G94',
    'G54',
    'G53G0Z18',
    'G53G0X50.8Y25.4',
    'T3',
    'S6000M3',
    'G4P4',
    'M8',
    'G53G1Z-2.54F300',
    'F254',
    'G17G20G90G94',
  ])
  expect(found.approachMm.map((point) => point.map((value) => Math.round(value * 100) / 100))).toEqual([
    [0, 0, 0],
    [0, 0, 18],
    [50.8, 25.4, 18],
    [50.8, 25.4, -2.54],
  ])
  expect(found.lines.every(({ says }) => says.length > 3)).toBe(true)
  expect(Date.parse(found.expiresAt)).toBeGreaterThan(Date.now() + 60_000)
  expect(lines(it)).toHaveLength(before)
})

test('the planned start sends the way first, then the program from the line with its modes and motion', async () => {
  const it = await rig({ guarding: { safeZMm: 18 } })
  const program = await writeProgram(await tempDir(), PART)
  // line 11 is an arc by the mode of the line before it
  const { planId, fromLine } = await plan(it, program, 11)
  expect(fromLine).toBe(11)
  const { jobId, totalLines } = await it.start(program, { options: { planId } })
  expect(totalLines).toBe(7)
  await until(() => it.guard.state().job?.fromLine === 11, 'it says where it began')
  expect(await it.end(jobId)).toMatchObject({ state: 'completed', linesAcknowledged: 7 })
  const heard = lines(it)
  expect(heard.slice(heard.indexOf('G17G20G90G94'))).toEqual(['G17G20G90G94', 'G4P0.01', 'G2X4Y3I0J1', 'G91', 'G1X0.1', 'Y0.1', 'G90', 'M5', 'M30', 'G4P0.01'])
  const [x = 0, y = 0, z = 0] = it.guard.state().machinePositionMm
  expect([x, y, z].map((value) => Math.round(value * 100) / 100)).toEqual([104.14, 78.74, -2.54])
})

test('lines that begin with / are left out of the plan and of the start, and a plan is for one of the two', async () => {
  const it = await rig({ guarding: { safeZMm: 18 } })
  const program = await writeProgram(await tempDir(), 'G21 G90\nG0 X1 Y1 Z1\n/G0 X50\nG1 Y5 F600\nY6\n')
  const planned = (blockDelete: boolean) =>
    it.guard.planStart({ path: program.path, sha256: program.sha256, programName: 'part.nc', fromLine: 4, blockDelete, by: 'tester' })
  const [with_, without] = [await planned(false), await planned(true)]
  expect(with_.lines.map(({ text }) => text)).toContain('G53G0X50Y1')
  expect(without.lines.map(({ text }) => text)).toContain('G53G0X1Y1')
  await expect(it.start(program, { options: { planId: without.planId } })).rejects.toMatchObject({
    code: 'plan-stale',
    message: expect.stringMatching(/begin with \//),
  })
  const { jobId } = await it.start(program, { options: { planId: without.planId, blockDelete: true } })
  expect(await it.end(jobId)).toMatchObject({ state: 'completed' })
  expect(it.guard.state().machinePositionMm?.slice(0, 2)).toEqual([1, 6])
})

test('a plan is good for the machine as it was, for its program, and only until a program runs', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), PART)
  const { planId } = await plan(it, program, 10)
  const other = await writeProgram(await tempDir(), `${PART}(other)\n`)
  await expect(it.start(other, { options: { planId } })).rejects.toMatchObject({ code: 'plan-stale', message: expect.stringMatching(/another program/) })
  await it.guard.act({ kind: 'jog', by: { X: 1 }, feedMmPerMin: 3000 }, { by: 'tester' })
  await expect(it.start(program, { options: { planId } })).rejects.toMatchObject({ code: 'plan-stale', message: expect.stringMatching(/machine has moved/) })
  await it.guard.act({ kind: 'jog', by: { X: -1 }, feedMmPerMin: 3000 }, { by: 'tester' })
  await it.guard.act({ kind: 'set-offset', workOffset: 'G55', offsetMm: { X: 1 } }, { by: 'tester' })
  await expect(it.start(program, { options: { planId } })).rejects.toMatchObject({ code: 'plan-stale' })
  const second = await plan(it, program, 10)
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21\nG90\n'))
  await it.end(jobId)
  await expect(it.start(program, { options: { planId: second.planId } })).rejects.toMatchObject({ code: 'plan-stale' })
  await expect(it.start(program, { options: { planId: 'no such plan' } })).rejects.toMatchObject({ code: 'plan-stale' })
  expect(wire(it.machine)).not.toContain('G53')
})

test.each([
  ['a line that does not exist', 'G21 G90\nG0 X1\n', 9, 'line-not-found', undefined],
  ['a place that depends on where the machine stood', 'G21 G91\nG0 X1\nG0 X1\nG90\nG0 X5 Y5 Z5\nG1 X6 F100\n', 3, 'start-line-unsafe', [2, 6]],
  ['a line run more than once', 'G21 G90\nG0 X1 Y1 Z1\no100 repeat [3]\nG1 X2 F100\nX3\no100 endrepeat\nG0 X3\n', 4, 'start-line-unsafe', [2, 7]],
  ['offsets that the program changes before it', 'G21 G90\nG0 X1 Y1 Z1\nG92 X0\nG1 X5 F100\n', 4, 'start-line-unsafe', [3]],
  ['a keep-out box on the way', 'G21 G90\nG0 X300 Y200 Z15\nG1 Z-60 F500\nG1 X310\n', 4, 'keep-out', undefined],
])('refuses %s, and names lines that are good', async (_what, text, fromLine, code, goodLines) => {
  const it = await rig({ guarding: { safeZMm: 18, keepOut: [{ id: 'vice', name: 'vice', min: [280, 180, -80], max: [320, 220, -20], isActive: true }] } })
  const program = await writeProgram(await tempDir(), text)
  const error = await plan(it, program, fromLine).catch((thrown) => thrown)
  expect(error).toMatchObject({ code })
  if (goodLines) expect(error.details.goodLines).toEqual(goodLines)
  expect(wire(it.machine)).not.toMatch(/G0|G1|M3/)
})

test('a comment or an empty line gives the next line that is run', async () => {
  const it = await rig()
  const program = await writeProgram(await tempDir(), 'G21 G90\nG0 X1 Y1 Z1\n(here)\n\nG1 X5 F100\n')
  expect((await plan(it, program, 3)).fromLine).toBe(5)
})

test('a program that was broken off is offered with the line that is not proven done, and goes on from there', async () => {
  const it = await rig({ machine: { timeScale: 10 } })
  const text = `G21 G90 G54\nG0 X0 Y0 Z0\nG1 F3000\n${Array.from({ length: 300 }, (_, i) => `X${((i % 100) + 1).toFixed(1)} Y${Math.floor(i / 100)}`).join('\n')}\nM30\n`
  const program = await writeProgram(await tempDir(), text)
  const { jobId } = await it.start(program)
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 60, 'well under way')
  it.guard.stop('tester', false)
  const end = await it.end(jobId)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().isStanding, 'idle after the stop')
  const { resumable, machinePositionMm } = it.guard.state()
  if (!resumable) throw new Error('nothing to go on with')
  // everything before it is behind the machine, and it is not far behind what was acknowledged
  const done = Number(/X([\d.]+)/.exec(resumable.text)?.[1])
  expect(done).toBeLessThanOrEqual((machinePositionMm[0] ?? 0) + 1)
  expect(resumable).toMatchObject({ jobId, sha256: program.sha256 })
  expect(resumable.line).toBeGreaterThan(end.linesAcknowledged - 45)
  // it outlives the guard
  const next = await it.restart()
  await until(() => next.guard.state().firmware !== undefined, 'ready')
  expect(next.guard.state().resumable).toEqual(resumable)
  const { planId } = await plan(next, program, resumable.line)
  const second = await next.start(program, { options: { planId } })
  expect(await next.end(second.jobId)).toMatchObject({ state: 'completed' })
  expect(next.guard.state()).not.toHaveProperty('resumable')
  expect(next.guard.state().machinePositionMm.slice(0, 2)).toEqual([100, 2])
})

test('offsets that a reset has cleared since the program ran are told, and a tool that was measured must be measured again', async () => {
  const setter = { atMm: [300, 200, 0] as [number, number, number], maxTravelMm: 40, feedMmPerMin: 200 }
  const it = await rig({ guarding: { toolChange: { kind: 'probe-length', setter } } })
  const { jobId } = await it.start(await writeProgram(await tempDir(), 'G21 G90\nG0 X1\n'))
  await it.end(jobId)
  await it.guard.act({ kind: 'tool-length', lengthMm: 3 }, { by: 'tester' })
  const program = await writeProgram(await tempDir(), `G21 G90\nG0 X10 Y10 Z10\nG1 F400\n${Array.from({ length: 100 }, (_, i) => `X${11 + i}`).join('\n')}\n`)
  const second = await it.start(program)
  await until(() => (it.guard.state().job?.linesAcknowledged ?? 0) > 40, 'under way')
  it.guard.stop('tester', false)
  await it.end(second.jobId)
  await until(() => it.guard.state().controller === 'idle' && it.guard.state().isStanding, 'idle after the stop')
  const line = it.guard.state().resumable?.line ?? 0
  await expect(plan(it, program, line)).rejects.toMatchObject({ code: 'tool-not-measured', message: expect.stringMatching(/3\.000 mm.*0\.000 mm now/) })
  await it.guard.act({ kind: 'tool-length', lengthMm: 3 }, { by: 'tester' })
  await it.guard.act({ kind: 'set-offset', workOffset: 'G55', offsetMm: { X: 7 } }, { by: 'tester' })
  expect((await plan(it, program, line)).warnings[0]).toMatch(/^G55 was 0\.000, 0\.000, 0\.000 mm while the program ran, and is 7\.000/)
})
